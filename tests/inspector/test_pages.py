"""What the pages show of a world, of its sites and assets, and of its log."""

import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.contract.ledger import load_ledger
from mockaxle.inspector.rendering import ESCAPES, both_times
from mockaxle.inspector.schedule_chart import pauses_of
from mockaxle.scenarios.sections import Scenario
from mockaxle.serving.settings import ServerSettings
from tests.inspector.visiting import HOSTILE, PREFIX, PROXIED, Partner, Visiting, client_of, fresh_name, visiting
from tests.serving import Served

BARE = "1200000000020"
"""An MPAN that is not half-hourly settled."""


class Text(HTMLParser):
    """The text of a page, its tags and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts).split())


def said(page: str) -> str:
    return Text(page).text


def test_a_newcomer_sees_a_home_its_pause_and_a_refusal_by_one_button(visitor: Visiting) -> None:
    assert "This world is empty" in visitor.text("")
    made = visitor.client.post(f"{visitor.world}/first-calls", data={"form_key": visitor.form_key})
    page = visitor.client.get(made.headers["location"]).text
    links = re.findall(r'<li><a href="([^"]+)">(?:the home|the pause|why a second)', page)
    site, asset, refused = (said(visitor.client.get(link).text) for link in links)
    assert "State: Active" in site
    assert re.search(r"Pause: .*01:00 to 01:30 UTC", asset)
    assert "Not eligible for limited_pause: asset_model_not_set" in refused
    assert "Use a half-hourly-settled site" in refused
    assert "This world is empty" not in visitor.text("")


def test_the_first_minute_of_the_start_page_works_as_it_stands(served: Served) -> None:
    page = client_of(served.base_url).get(f"{PREFIX}/", headers={"Accept": "text/html"}).text
    lines = html.unescape(re.search(r'<pre id="first-minute"><code>(.*?)</code>', page, re.DOTALL)[1])  # type: ignore[index]
    assert lines.startswith(f"BASE={served.base_url}\n")


@pytest.mark.rule("L0")
def test_a_site_is_drawn_in_the_vendors_diagram(visitor: Visiting, partner: Partner) -> None:
    site_id, _ = partner.onboarded()
    page = visitor.text(f"/sites/{site_id}")
    assert present_states(page) == {"Active": ["limited_pause"], "Inactive": ["full_asset_schedule_control"]}
    assert "State: Active" in said(page)
    assert arrows_taken(page) == ["onboard"]
    partner.call("POST", f"/entities/site/{site_id}/unenrol", {"proposition": "limited_pause"})
    page = visitor.text(f"/sites/{site_id}")
    assert "State: Inactive" in said(page)
    assert present_states(page) == {"Inactive": ["limited_pause, withdrawn", "full_asset_schedule_control"]}
    assert arrows_taken(page) == ["onboard", "unenrol"]
    entry = re.search(r'<a href="([^"]+)"><text class="arrow-label taken"[^>]*>unenrol', page)
    assert entry is not None
    assert "/unenrol" in visitor.client.get(entry[1]).text
    partner.call("POST", f"/entities/site/{site_id}/offboard-site-and-assets")
    page = visitor.text(f"/sites/{site_id}")
    assert "State: Deleted" in said(page)
    assert present_states(page) == {"Deleted": ["the site"]}


def present_states(page: str) -> dict[str, list[str]]:
    boxes = re.findall(r'<g class="box present" data-state="(\w+)">(.*?)</g>', page, re.DOTALL)
    return {state: re.findall(r'<text class="inside"[^>]*>([^<]*)<', box) for state, box in boxes}


def arrows_taken(page: str) -> list[str]:
    return re.findall(r'<text class="arrow-label taken"[^>]*>(.*?) ✓', page)


@pytest.mark.rule("L0")
@pytest.mark.parametrize(
    ("calls", "taken"),
    [
        (["initialise"], ["Unseen Inactive"]),
        (["initialise", "enrol"], ["Unseen Inactive", "Inactive Active"]),
        (["initialise", "onboard"], ["Unseen Inactive", "Inactive Active"]),
        (["onboard", "onboard"], ["Unseen Active"]),
        (["initialise", "initialise"], ["Unseen Inactive"]),
        (["initialise", "enrol", "enrol", "unenrol"], ["Unseen Inactive", "Inactive Active", "Active Inactive"]),
        (["initialise", "unenrol"], ["Unseen Inactive"]),
        (["initialise", "offboard"], ["Unseen Inactive", "Inactive Deleted"]),
        (["onboard", "offboard"], ["Unseen Active", "Active Deleted"]),
        (["initialise", "dispatch-consent", "dispatch-consent"], ["Unseen Inactive", "Inactive Active"]),
        (["initialise", "dispatch-deconsent"], ["Unseen Inactive"]),
        (["onboard", "dispatch-deconsent", "offboard"], ["Unseen Active", "Active Inactive", "Inactive Deleted"]),
    ],
)
def test_the_arrows_of_the_calls_that_moved_a_site_are_marked(
    visitor: Visiting, partner: Partner, calls: list[str], taken: list[str]
) -> None:
    site_id = ""
    for call in calls:
        answer = lifecycle_call(partner, call, site_id)
        assert answer.status_code == 200, answer.text
        site_id = site_id or answer.json()["site"]["site_id"]
    page = visitor.text(f"/sites/{site_id}")
    arrows = re.findall(r'<path class="arrow taken" data-from="(\w+)" data-to="(\w+)"', page)
    assert sorted(" ".join(ends) for ends in arrows) == sorted(taken)
    count = len(re.findall(r"<li><a [^>]+>(?:onboard|initialise|enrol|unenrol|offboard|dispatch-)", page))
    assert count == len(calls)


def lifecycle_call(partner: Partner, call: str, site_id: str) -> httpx.Response:
    if call == "onboard":
        return partner.onboard()
    if call == "initialise":
        consent = {"gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
        body = {"site": {"mpan": "1000000000012", "postcode": "M1 1AE", **consent}, "assets": [charger()]}
        return partner.call("POST", "/entities/site/initialise", body)
    path = f"/entities/site/{site_id}/{'offboard-site-and-assets' if call == 'offboard' else call}"
    if call.startswith("dispatch"):
        return partner.call("POST", path, {"dispatch_methods": ["limited_pause"]})
    return partner.call("POST", path, None if call == "offboard" else {"proposition": "limited_pause"})


def charger() -> dict[str, Any]:
    return {"external_id": "wallbox-7", "type": "charger", "properties": {"power_kw": 7.4}}


@pytest.mark.rule("Q1")
def test_a_site_that_may_not_enrol_says_why_and_what_to_do(visitor: Visiting, partner: Partner) -> None:
    consent = {"gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
    body = {"site": {"mpan": BARE, "postcode": "SW1A 1AA", **consent}, "assets": [charger()]}
    site_id = partner.call("POST", "/entities/site/initialise", body).json()["site"]["site_id"]
    text = said(visitor.text(f"/sites/{site_id}"))
    assert "State: Inactive" in text
    assert "limited_pause Inactive no Not eligible for limited_pause" in text
    assert "Use a half-hourly-settled site" in text


@pytest.mark.rule("F5")
def test_the_pause_is_drawn_where_the_answer_has_it(visitor: Visiting, partner: Partner) -> None:
    _, asset_id = partner.onboarded()
    answer = partner.plug_in(asset_id).json()["modified_charging_schedule"]
    page = visitor.text(f"/assets/{asset_id}")
    bars = {kind: spans(page, kind) for kind in ("sent", "returned", "pause", "window")}
    ends = [(block["start_timestamp"], block["end_timestamp"]) for block in answer]
    assert [(one[0], one[1]) for one in bars["returned"]] == [tuple(utc(at) for at in pair) for pair in ends]
    assert [(one[0], one[1]) for one in bars["pause"]] == [(utc(ends[0][1]), utc(ends[1][0]))]
    (sent,), (pause,), returned = bars["sent"], bars["pause"], bars["returned"]
    assert pause[2] == pytest.approx(returned[0][2] + returned[0][3], abs=0.02)
    assert pause[2] + pause[3] == pytest.approx(returned[1][2], abs=0.02)
    assert pause[3] / sent[3] == pytest.approx(0.5 / 8, abs=0.001)
    assert "Pause: 21 Jan 2026, 01:00 to 01:30 UTC (01:00 to 01:30 UK time)." in said(page)


def spans(page: str, kind: str) -> list[tuple[str, str, float, float]]:
    found = re.findall(
        rf'<rect class="{kind}" x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)".*?data-start="(.*?)" data-end="(.*?)"', page
    )
    return [(start, end, float(x), float(width)) for x, width, start, end in found]


def utc(text: str) -> str:
    return text.replace("Z", "+00:00")


def test_the_times_of_a_pause_are_told_in_utc_and_in_uk_time(visitor: Visiting, partner: Partner) -> None:
    _, asset_id = partner.onboarded()
    night = [{"start_timestamp": "2026-07-20T22:00:00Z", "end_timestamp": "2026-07-21T06:00:00Z"}]
    partner.plug_in(asset_id, night)
    text = said(visitor.text(f"/assets/{asset_id}"))
    assert "Pause: 21 Jul 2026, 01:00 to 01:30 UTC (02:00 to 02:30 UK time)." in text
    assert "23:00 00:00 01:00" in text


def test_a_time_of_several_days_has_both_days() -> None:
    start = datetime(2026, 6, 30, 23, 15, tzinfo=UTC)
    assert both_times(start, start + timedelta(minutes=30)) == (
        "30 Jun 2026, 23:15 to 23:45 UTC (1 Jul 2026, 00:15 to 00:45 UK time)"
    )
    assert both_times(start, start + timedelta(hours=30, seconds=5)) == (
        "30 Jun 2026, 23:15 to 2 Jul 2026, 05:15:05 UTC (1 Jul 2026, 00:15 to 2 Jul 2026, 06:15:05 UK time)"
    )


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9))),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9))),
)
def test_pauses_are_the_times_that_did_not_come_back(sent: list[tuple[int, int]], back: list[tuple[int, int]]) -> None:
    minutes, origin = timedelta(minutes=1), datetime(2026, 1, 20, tzinfo=UTC)

    def spans_in(pairs: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
        return [(origin + start * minutes, origin + (start + length) * minutes) for start, length in pairs]

    def covered(spans: Iterable[tuple[datetime, datetime]]) -> set[int]:
        return {n for start, end in spans for n in range((start - origin) // minutes, (end - origin) // minutes)}

    pauses = pauses_of(spans_in(sent), spans_in(back))
    assert covered(pauses) == covered(spans_in(sent)) - covered(spans_in(back))
    assert list(pauses) == sorted(pauses)


@pytest.mark.rule("F13")
def test_a_schedule_without_a_pause_says_why(visitor: Visiting, partner: Partner) -> None:
    _, asset_id = partner.onboarded()
    day = [{"start_timestamp": "2026-01-20T10:00:00Z", "end_timestamp": "2026-01-20T16:00:00Z"}]
    partner.plug_in(asset_id, day)
    partner.plug_in(asset_id)
    partner.plug_in(asset_id, day)
    text = said(visitor.text(f"/assets/{asset_id}"))
    assert "No pause. " in text
    assert "no flex window overlaps a block of the schedule" in text
    assert re.search(r"Earlier schedules .*pause 21 Jan 2026, 01:00 to 01:30 UTC.*no pause\.", text)


def test_the_windows_are_those_of_the_time_of_the_schedule(visitor: Visiting, partner: Partner) -> None:
    _, asset_id = partner.onboarded()
    partner.plug_in(asset_id)
    partner.control("DELETE", "/market/windows/night")
    assert len(spans(visitor.text(f"/assets/{asset_id}"), "window")) == 1


@pytest.mark.rule("C8")
def test_a_plan_of_smart_charging_is_drawn(visitor: Visiting, partner: Partner) -> None:
    site_id, asset_id = partner.onboarded()
    partner.call("POST", f"/entities/site/{site_id}/enrol", {"proposition": "full_asset_schedule_control"})
    intent = {"energy_required_kwh": 10, "ready_by": "2030-01-21T07:00:00Z", "charging_mode": "minimise_charging_time"}
    body = {"event_type": "plug_in", "intent": intent, "connector_id": 1}
    answer = partner.call("POST", f"/entities/asset/{asset_id}/event/plug-in", body)
    page = visitor.text(f"/assets/{asset_id}")
    text = said(page)
    assert answer.status_code == 200, answer.text
    assert "plugged in since" in text
    assert "Intent 10.0 kWh by 21 Jan 2030, 07:00" in text
    assert spans(page, "plan")


def test_the_log_filters_as_control_does(visitor: Visiting, partner: Partner) -> None:
    partner.onboarded()
    partner.onboard({"mpan": "12"})
    refused = visitor.text("/log?status=422")
    assert re.findall(r"/log/(\d+)\"", refused)[:1] == ["3"]
    assert "1 entry" in said(refused)
    assert "MPAN must be 13 digits" in said(refused)
    assert "2 entries" in said(visitor.text("/log?operation=POST+/entities/site/onboard"))
    assert "No entries." in said(visitor.text("/log?text=nothing-like-it"))
    assert "No entries." in said(visitor.text("/log?status=teapot&page=-1"))


def test_a_long_log_has_pages(visitor: Visiting, partner: Partner) -> None:
    for _ in range(60):
        partner.call("GET", "/auth/users/me/")
    first, second = visitor.text("/log?text=users"), visitor.text("/log?text=users&page=2")
    assert "Page 1 of 2" in said(first)
    assert html.unescape(re.search(r'rel="next" href="([^"]+)"', first)[1]) == "?text=users&page=2"  # type: ignore[index]
    assert [len(re.findall(r'class="what"', page)) for page in (first, second)] == [50, 10]
    assert visitor.get("/log?page=99999999999").status_code == 200


@pytest.mark.rule("L5", "G9")
def test_an_entry_says_why_and_what_it_changed(visitor: Visiting, partner: Partner) -> None:
    site_id, _ = partner.onboarded()
    partner.call("POST", f"/entities/site/{site_id}/unenrol", {"proposition": "limited_pause"})
    partner.call(
        "POST", f"/entities/site/{site_id}/enrol", {"proposition": "limited_pause", "overide_withdrawal": True}
    )
    unenrolled, refused = said(visitor.text("/log/3")), said(visitor.text("/log/4"))
    assert f"site {site_id} standing in limited_pause in withdrawn" in unenrolled
    assert "has withdrawn from limited_pause" in refused
    assert "withdrawn by entry 3" in refused
    assert "/overide_withdrawal : did you mean override_withdrawal ?" in refused
    assert "What it changed Nothing." in refused
    assert load_ledger()["L5"].statement.split("\n")[0][:60] in refused
    added = said(visitor.text("/log/2"))
    assert f"site {site_id} added" in added
    assert "Rewind to before this" in added


def test_a_command_and_what_it_changed_are_shown(visitor: Visiting, partner: Partner) -> None:
    partner.control("PATCH", "/settings", {"pause_minutes": 60})
    partner.control("POST", "/faults", {"kind": "status", "status": 503, "count": 1})
    assert "settings pause_minutes 30 60" in said(visitor.text("/log/2"))
    assert "POST /faults" in said(visitor.text("/log/3"))
    partner.call("GET", "/entities/site")
    assert "fault" in said(visitor.text("/log"))


def test_code_that_repeats_a_call_can_be_copied(visitor: Visiting, partner: Partner) -> None:
    partner.onboarded()
    page = visitor.text("/log/2")
    snippets = {
        name: html.unescape(text)
        for name, text in re.findall(r'<pre id="copy-(\w+)"><code>(.*?)</code></pre>', page, re.DOTALL)
    }
    assert snippets.keys() == {"curl", "httpx", "pytest"}
    compile(snippets["pytest"], "pytest", "exec")
    names: dict[str, Any] = {}
    exec(compile(snippets["httpx"], "httpx", "exec"), names)
    names["client"].close()
    assert names["answer"].json()["enrolment"]["status"] == "already_enrolled"
    assert snippets["curl"].count("curl ") == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_text(visitor: Visiting, partner: Partner, name: str) -> None:
    site_id, asset_id = partner.onboarded({"street_address": name, "email": "a@example.org"}, external_id=name)
    partner.plug_in(asset_id)
    partner.call("GET", f"/entities/asset/external-id/{name.encode().hex()}?note={name.encode().hex()}")
    partner.control("POST", "/faults", {"kind": "status", "status": 503, "detail": name, "count": 1})
    partner.call("GET", "/entities/site")
    for path in ("", "/sites", f"/sites/{site_id}", f"/assets/{asset_id}", "/log", "/log/2", "/log/5", "/log/6"):
        page = Text(visitor.text(path))
        assert {"script", "img"} & {tag for tag, attributes in page.tags if attributes.get("type") != "module"} == set()
        handlers = [one for _, attributes in page.tags for one in attributes if one.startswith("on")]
        assert handlers == []
        assert all(not (value or "").startswith("javascript:") for _, a in page.tags for value in a.values())
    shown = Text(visitor.text(f"/assets/{asset_id}")).text
    assert name.translate(ESCAPES) in shown


@pytest.mark.parametrize("name", ["a b", "üö", "..", "~x", "x" * 200, "%2F", "a?b#c"])
def test_a_world_of_any_name_has_pages(name: str) -> None:
    accounts = [{"username": "someone", "world": name}]
    with visiting(create_app(scenario=Scenario.model_validate({"accounts": accounts}))) as visitor:
        answer = visitor.log_in("someone")
        page = visitor.client.get(answer.headers["location"])
        assert page.status_code == 200
        assert "World" in page.text
        log = re.search(r'href="([^"]+/log)"', page.text)
        assert log is not None
        assert visitor.client.get(html.unescape(log[1])).status_code == 200


def links(page: str) -> Iterator[str]:
    for tag, attributes in Text(page).tags:
        target = attributes.get("href") if tag in ("a", "link") else attributes.get("src")
        if target and not target.startswith("#"):
            yield target


def test_every_link_of_every_page_leads_somewhere(visitor: Visiting, partner: Partner) -> None:
    site_id, asset_id = partner.onboarded()
    partner.plug_in(asset_id)
    partner.call("POST", f"/entities/site/{site_id}/unenrol", {"proposition": "limited_pause"})
    partner.control("PATCH", "/settings", {"pause_minutes": 60})
    partner.onboard({"mpan": "12"})
    seen, waiting = set[str](), [f"{visitor.world}", f"{PREFIX}/"]
    while waiting:
        path = waiting.pop()
        answer = visitor.client.get(path)
        assert answer.status_code == 200, path
        seen.add(path)
        if not answer.headers["content-type"].startswith("text/html") or path.endswith("/docs"):
            continue
        for link in links(answer.text):
            target = str(httpx.URL(path).join(link)) if not link.startswith("?") else path.partition("?")[0] + link
            is_rule = "/rules/" in target and len([one for one in seen if "/rules/" in one]) > 5
            if target not in seen and target not in waiting and not is_rule:
                waiting.append(target)
    assert len(seen) > 20


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_the_rules_are_open_to_everybody(served: Served, accept: str) -> None:
    client = client_of(served.base_url, Accept=accept, **PROXIED)
    rules, rule = client.get(f"{PREFIX}/rules"), client.get(f"{PREFIX}/rules/f5")
    assert (rules.status_code, rule.status_code) == (200, 200)
    missing = client.get(f"{PREFIX}/rules/F55")
    assert missing.status_code == 404
    assert "F5" in missing.text
    if accept == "application/json":
        assert [one["id"] for one in rules.json()["rules"]] == list(load_ledger())
        told = rule.json()
        assert (told["id"], told["grade"], told["statement"]) == ("F5", "M", load_ledger()["F5"].statement.strip())
        assert "tests/core/test_optimiser.py" in "".join(told["tests"])
        operations = client.get(f"{PREFIX}/rules/U1").json()["operations"]
        assert isinstance(operations, list)


def test_an_answer_links_to_the_pages_of_its_rules(partner: Partner) -> None:
    answer = partner.onboard()
    assert answer.headers["x-mockaxle-rules"] == "L0;D+M, U1;D"
    for link in answer.headers["link"].split(", "):
        target = re.fullmatch(r'<(/__mockaxle/rules/\w+)>; rel="describedby"', link)
        assert target is not None
        assert partner.client.get(target[1]).status_code == 200


def test_the_links_stay_below_the_root_path_and_go_with_the_rules_header() -> None:
    form = {"username": "acme", "password": "x"}
    with visiting(create_app(ServerSettings(root_path="/axle"))) as visitor:
        answer = visitor.client.post("/axle/auth/token-form", data=form)
        assert answer.headers["link"] == '</axle/__mockaxle/rules/A1>; rel="describedby"'
    with visiting(create_app(ServerSettings(rules_header=False))) as visitor:
        assert "link" not in visitor.client.post("/auth/token-form", data=form).headers


def test_a_link_to_nothing_says_so(visitor: Visiting) -> None:
    for path in ("/sites/nothing", "/assets/nothing", "/log/99"):
        answer = visitor.get(path)
        assert (answer.status_code, "Go back" in answer.text) == (404, True)
    assert visitor.client.get(f"{PREFIX}/inspect/{fresh_name()}/x/y").status_code == 404
