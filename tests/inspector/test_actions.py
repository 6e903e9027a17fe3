"""The buttons of the pages: each is a call of control, with a question before something is destroyed."""

import html
import re

import pytest

from mockaxle.inspector.actions import ACTIONS
from tests.inspector.test_pages import said
from tests.inspector.visiting import PREFIX, Partner, Visiting
from tests.serving import Served

WINDOW = {"from_time": "03:00", "to_time": "04:00", "timezone": "UTC", "price_gbp_per_mwh": "120.5"}
FAULT = {"kind": "status", "operation": "GET /entities/site", "status": "418", "count": "2", "moment": "after"}


def test_every_action_has_a_form(visitor: Visiting, partner: Partner) -> None:
    visitor.do("snapshot", name="evening")
    visitor.do("add-fault", **FAULT)
    pages = visitor.text("") + visitor.text("/log/1")
    assert set(re.findall(rf'action="{visitor.world}/do/([a-z-]+)"', pages)) == ACTIONS.keys()


def test_the_clock_is_set(visitor: Visiting, partner: Partner) -> None:
    visitor.do("freeze", at="2030-01-20T22:00:00Z")
    assert "20 Jan 2030, 22:00 (UK), frozen" in said(visitor.text(""))
    done = visitor.do("advance", by="90m")
    assert "The clock was advanced." in said(visitor.client.get(done.headers["location"]).text)
    visitor.do("advance", by="1440s")
    visitor.do("advance", by="2030-01-21T01:00:00Z")
    assert partner.control("GET", "/clock")["now"] == "2030-01-21T01:00:00+00:00"
    visitor.do("run", rate="2.5")
    assert partner.control("GET", "/clock")["rate"] == 2.5


def test_the_market_is_changed(visitor: Visiting, partner: Partner) -> None:
    visitor.do("add-window", **WINDOW)
    windows = {one["id"]: one for one in partner.control("GET", "/market")["windows"]}
    assert windows["w1"]["price_gbp_per_mwh"] == 120.5
    visitor.do("drop-window", id="w1")
    assert "w1" not in {one["id"] for one in partner.control("GET", "/market")["windows"]}


def test_faults_come_and_go(visitor: Visiting, partner: Partner) -> None:
    visitor.do("add-fault", **FAULT)
    assert partner.call("GET", "/entities/site").status_code == 418
    assert "status 418 for GET /entities/site: matched 1 calls, affected 1" in said(visitor.text(""))
    (fault,) = partner.control("GET", "/faults")["faults"]
    visitor.do("drop-fault", id=fault["id"])
    assert partner.call("GET", "/entities/site").status_code == 200


def test_assets_are_dispatched_and_plans_made_anew(visitor: Visiting, partner: Partner) -> None:
    assert visitor.do("replan").status_code == 303
    site_id, asset_id = partner.onboarded()
    partner.call("POST", f"/entities/site/{site_id}/enrol", {"proposition": "full_asset_schedule_control"})
    form = {"start_time": "2040-01-20T17:00:00Z", "end_time": "2040-01-20T17:30:00Z", "power_kw": "5"}
    assert visitor.do("dispatch", **form).status_code == 303
    visitor.do(
        "dispatch",
        **{**form, "start_time": "2040-01-21T17:00:00Z", "end_time": "2040-01-21T18:00:00Z", "site": site_id},
    )
    dispatches = partner.control("GET", "/dispatches")["dispatches"]
    assert len(dispatches) == 2
    assert asset_id in str(dispatches[0])


@pytest.mark.parametrize("action", [name for name, action in ACTIONS.items() if action.destroys])
def test_what_destroys_something_asks_first(visitor: Visiting, partner: Partner, action: str) -> None:
    visitor.do("snapshot", name="evening")
    partner.onboarded()
    form = {"name": "evening", "before": "2"}
    asked = visitor.do(action, **form)
    assert asked.status_code == 200
    assert "Are you sure?" in asked.text
    assert "1 site:" in visitor.text("/sites")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', asked.text))
    fields |= {"confirmed": "yes"}
    done = visitor.client.post(f"{visitor.world}/do/{action}", data={n: html.unescape(v) for n, v in fields.items()})
    assert done.status_code == 303
    assert "0 sites:" in visitor.text("/sites")


def test_a_rewind_leads_to_before_the_entry(visitor: Visiting, partner: Partner) -> None:
    partner.onboarded()
    partner.onboarded({"mpan": "2000000000019"}, external_id="other")
    visitor.do("rewind", before="3", confirmed="yes")
    assert "1 site:" in visitor.text("/sites")
    assert "POST /rewind" in visitor.text("/log/3")


def test_a_fork_tells_its_log_in_once(visitor: Visiting, served: Served, partner: Partner) -> None:
    partner.onboarded()
    page = visitor.do("fork")
    assert page.status_code == 200
    username, password = re.findall(r"<dd><code>(.*?)</code></dd>", page.text)
    forked = Visiting(served.base_url)
    assert forked.log_in(username, html.unescape(password)).status_code == 303
    assert "1 site:" in forked.text("/sites")
    assert password not in visitor.text("/log")


def test_a_fork_comes_from_the_page_that_the_visitor_may_see(visitor: Visiting) -> None:
    assert (
        visitor.client.post(f"{PREFIX}/inspect/another/do/fork", data={"form_key": visitor.form_key}).status_code == 404
    )


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("advance", {"by": "soon"}, "not a duration such as 61m"),
        ("advance", {"by": "2001-01-01T00:00:00Z"}, "The clock is at"),
        ("freeze", {"at": "yesterday"}, "at: "),
        ("run", {"rate": "fast"}, "rate: "),
        ("add-window", {**WINDOW, "from_time": "25:00"}, "from_time: "),
        ("add-window", {**WINDOW, "timezone": "Mars/Olympus"}, "timezone: "),
        ("drop-window", {"id": "w9"}, "no window"),
        ("drop-window", {"id": "../../clock"}, "no window"),
        ("add-fault", {"kind": "status", "status": "200"}, "status: "),
        ("add-fault", {"kind": "latency"}, "latency_ms"),
        ("drop-fault", {"id": "f9"}, "no fault"),
        ("dispatch", {"start_time": "x", "end_time": "y", "power_kw": "z"}, "power_kw: "),
        ("snapshot", {"name": ""}, "name: "),
        ("restore", {"name": "none", "confirmed": "yes"}, "no snapshot"),
        ("rewind", {"before": "99", "confirmed": "yes"}, "no entry 99"),
        ("nothing", {}, "no such button"),
    ],
)
def test_a_refused_action_says_why_and_changes_nothing(
    visitor: Visiting, partner: Partner, action: str, fields: dict[str, str], words: str
) -> None:
    before = partner.entries()
    answer = visitor.do(action, **fields)
    assert answer.status_code in (404, 409, 422)
    assert words in said(answer.text)
    assert f'href="{visitor.world}"' in answer.text
    assert partner.entries() == before


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "http://[", "/docs", "/__mockaxle/inspect/another"]
)
def test_an_action_leads_back_to_a_page_of_its_world_only(visitor: Visiting, back: str) -> None:
    assert visitor.do("freeze", back=back).headers["location"] == f"{visitor.world}?done=freeze"
    assert visitor.do("freeze", back=f"{visitor.world}/log").headers["location"] == f"{visitor.world}/log?done=freeze"
