"""Pages of worlds with odd entries, times and sizes are answered like any others."""

import gzip
import json
import re
from typing import Any

import httpx
import pytest

from tests.inspector.test_pages import said
from tests.inspector.visiting import Partner, Visiting

JSON = {"Content-Type": "application/json"}
READING = {
    "start_timestamp": "2026-01-20T22:00:00Z",
    "end_timestamp": "2026-01-20T22:30:00Z",
    "value": 1.5,
    "label": "boundary_import_kw",
}
FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
MAX_PAGE = 2_000_000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((path, 404) for path in ("/log/0", f"/log/{'9' * 5000}", "/log/-1", "/log/x", "/sites/%ff", "/assets/%00")),
        *((path, 200) for path in ("/log?page=0", "/log?page=x", f"/log?status={'9' * 5000}", "/sites?page=99")),
        *((path, 200) for path in ("/sites?text=%00%ff", "/log?operation=%ff&text=%ff", "?done=nothing")),
    ],
)
def test_an_odd_path_is_answered(visitor: Visiting, path: str, status: int) -> None:
    assert visitor.get(path).status_code == status


def test_every_kind_of_entry_has_a_page(visitor: Visiting, partner: Partner) -> None:
    site_id, asset_id = partner.onboarded()
    partner.client.post("/entities/site/onboard", content=b"\xff\xfe{", headers=JSON)
    partner.client.post("/entities/site/onboard", content=b"[" * 200, headers=JSON)
    partner.control("POST", "/faults", {"kind": "latency", "latency_ms": 1, "count": 1})
    partner.call("GET", "/auth/users/me/")
    partner.control("POST", "/faults", {"kind": "empty", "moment": "after", "count": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        partner.call("GET", "/auth/users/me/")
    partner.control("PUT", "/awkwardness", {})
    partner.call("GET", "/entities/site")
    partner.control("PUT", "/receivers/partner", {"url": "http://127.0.0.1:9/", "kind": "webhooks"})
    partner.call("POST", f"/entities/site/{site_id}/enrol", {"proposition": "full_asset_schedule_control"})
    partner.call("POST", f"/entities/asset/{asset_id}/event/plug-in", {})
    partner.control("POST", "/clock/advance", {"by": "10m"})
    kinds = set()
    for number in range(1, partner.entries() + 1):
        entry = partner.control("GET", f"/log/{number}")
        kinds.add(entry["kind"])
        assert f"entry {number}" in said(visitor.text(f"/log/{number}"))
    assert kinds == {"exchange", "held", "command", "delivery"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"\\ud800"}',
        b'{"\\ud800":1}',
        b"[" * 900 + b"1," * 45_000 + b"1" + b"]" * 900,
        b"[" * 30 + b"1," * 45_000 + b"1" + b"]" * 30,
        b'{"a":' * 90 + b"1" + b"}" * 90,
    ],
)
def test_an_odd_body_has_a_page(visitor: Visiting, partner: Partner, body: bytes) -> None:
    partner.client.post("/entities/site/onboard", content=body, headers=JSON)
    page = visitor.text("/log/2")
    assert "entry 2" in said(page)
    assert len(page) < MAX_PAGE


def test_the_first_calls_are_told_only_where_they_were_made(visitor: Visiting, partner: Partner) -> None:
    for _ in range(3):
        partner.call("GET", "/entities/site")
    partner.onboard({"mpan": "12"})
    assert visitor.get("?done=first-calls").status_code == 200


def test_a_long_body_is_cut(visitor: Visiting, partner: Partner) -> None:
    _, asset_id = partner.onboarded()
    readings = {"readings": [{"asset_id": asset_id, **READING}] * 10_000}
    packed = gzip.compress(json.dumps(readings).encode())
    answer = partner.client.post("/data/readings", content=packed, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 200
    page = visitor.text("/log/3")
    assert len(page) < MAX_PAGE
    assert "more characters" in page
    assert "readings of asset" in page


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (FIRST, LAST),
        ("9999-12-31T00:00:00Z", LAST),
        (FIRST, "0001-01-01T05:00:00Z"),
        ("2026-03-29T00:00:00Z", "2026-03-29T06:00:00Z"),
        ("2026-10-25T00:00:00+01:00", "2026-10-25T06:00:00Z"),
    ],
)
def test_a_schedule_of_any_time_is_shown(visitor: Visiting, partner: Partner, start: str, end: str) -> None:
    _, asset_id = partner.onboarded()
    partner.plug_in(asset_id, [{"start_timestamp": start, "end_timestamp": end}])
    assert "The last schedule" in visitor.text(f"/assets/{asset_id}")


BACKWARDS = [{"start_timestamp": LAST, "end_timestamp": FIRST}]


@pytest.mark.parametrize("schedule", [[], [{"start_timestamp": "x"}], "x", None, BACKWARDS])
def test_a_schedule_of_any_shape_is_shown(visitor: Visiting, partner: Partner, schedule: Any) -> None:
    _, asset_id = partner.onboarded()
    partner.plug_in(asset_id, schedule)
    assert "The last schedule" in visitor.text(f"/assets/{asset_id}")


@pytest.mark.parametrize("at", [FIRST, LAST])
def test_a_clock_at_the_end_of_the_calendar_is_shown(visitor: Visiting, at: str) -> None:
    visitor.do("freeze", at=at)
    made = visitor.client.post(f"{visitor.world}/first-calls", data={"form_key": visitor.form_key})
    page = visitor.client.get(made.headers["location"])
    assert page.status_code == 200
    paths = re.findall(r'<li><a href="([^"]+)">(?:the home|the pause|why a second)', page.text)
    assert [visitor.client.get(path).status_code for path in paths] == [200] * 3
