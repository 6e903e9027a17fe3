"""`mockaxle check` at servers that are not the mock: no harm, no false alarm, no traceback, no secret shown."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockaxle.app import App
from mockaxle.harness.finding import Finding
from mockaxle.harness.reports.junit import write_junit
from mockaxle.harness.run import Homes
from mockaxle.serving.listener import serve_in_thread
from mockaxle.world.entries import Exchange
from tests.calling import Caller, onboarding
from tests.commanding import carry_out
from tests.harness.test_causes import result_of
from tests.harness.test_check import suites
from tests.mutants.checking import check, fresh_app

Change = Callable[[str, int, bytes], tuple[int, bytes]]
TOKEN = re.compile(r"mockaxle(?:limited)?-[0-9a-f]{24}-\d+-[0-9a-f]{32}")


class Altering:
    """An app whose answers are changed on their way out. Shape: change takes `POST /path`, status and body."""

    def __init__(self, app: App, change: Change) -> None:
        self._app = app
        self._change = change

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        started: dict[str, Any] = {}

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
                return
            called = f"{scope['method']} {scope['path']}"
            status, body = self._change(called, started["status"], message["body"])
            headers = [(name, value) for name, value in started["headers"] if name != b"content-length"]
            headers.append((b"content-length", b"%d" % len(body)))
            await send({**started, "status": status, "headers": headers})
            await send({**message, "body": body})

        await self._app(scope, receive, sent)


@contextmanager
def foreign(app: App, change: Change | None = None, *, host: str = "127.0.0.1") -> Iterator[str]:
    """A server without the mock's headers; at 0.0.0.0 it passes for one that is not on this machine."""
    served = Altering(app, change) if change else app
    with serve_in_thread(served, host=host) as url:
        yield url


def stranger() -> App:
    return fresh_app(rules_header=False)


def sites_of(app: App) -> int:
    hosted = app.api.worlds.find("checked")
    return len(hosted.world.state.sites) if hosted else 0


def customer(url: str, mpan: str = "1000000000012") -> None:
    """Somebody's home, which no check may touch."""
    token = httpx.post(f"{url}/auth/token-form", data={"username": "checked", "password": "demo"}).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    made = httpx.post(f"{url}/entities/site/onboard", json=onboarding(site={"mpan": mpan}), headers=headers)
    assert made.status_code == 200


def test_without_leave_to_write_nothing_is_sent_that_could_change_anything(tmp_path: Path) -> None:
    app = stranger()
    with foreign(app, host="0.0.0.0") as url:
        customer(url)
        hosted = app.api.worlds.find("checked")
        assert hosted
        before, begun = hosted.world.state, len(hosted.log)
        code, report, printed = check(url, tmp_path, "--seed", "1", "--examples", "5", *suites("auth", "conformance"))
        asked = [entry.request for entry in list(hosted.log)[begun:] if isinstance(entry, Exchange)]
    assert hosted.world.state == before
    sent = {f"{request.method} {request.path}" for request in asked if request.method != "GET"}
    harmless = {"POST /auth/token-form", "POST /entities/site/check-eligibility", "POST /validation/mpan"}
    assert {one for one in sent if not one.startswith("POST /meter/")} <= harmless | unauthorised(hosted.log)
    assert (code, [one for one in report["findings"] if one["level"] == "error"]) == (0, []), printed


def unauthorised(log: Any) -> set[str]:
    """What was refused at the door, or for its role: nothing of it was done."""
    refused = [entry for entry in log if isinstance(entry, Exchange) and entry.response.status in (401, 403)]
    return {f"{entry.request.method} {entry.request.path}" for entry in refused}


def listed(tmp_path: Path, count: int = 2) -> tuple[Path, list[str]]:
    homes, file = Homes((), seed=7), tmp_path / "mpans"
    own = [homes.next() for _ in range(count)]
    file.write_text("\n".join(own))
    return file, own


def test_an_mpan_that_has_a_site_already_is_refused_and_the_site_stays(tmp_path: Path) -> None:
    app = stranger()
    file, own = listed(tmp_path)
    with foreign(app, host="0.0.0.0") as url:
        customer(url, own[1])
        code, _, printed = check(url, tmp_path, "--allow-writes", "--mpans", str(file), *suites("journeys"))
    assert (code, sites_of(app)) == (2, 1)
    assert f"MPAN {own[1]} of --mpans already has a site" in printed


def test_with_leave_and_mpans_a_server_elsewhere_is_checked_and_left_as_it_was(tmp_path: Path) -> None:
    app = stranger()
    file, _ = listed(tmp_path)
    with foreign(app, host="0.0.0.0") as url:
        customer(url)
        writing = ("--allow-writes", "--mpans", str(file), "--seed", "1", "--examples", "5")
        code, report, printed = check(url, tmp_path, *writing)
    assert (code, report["findings"], report["left_behind"], sites_of(app)) == (0, [], [], 1), printed


def created(called: str, status: int, body: bytes) -> tuple[int, bytes]:
    return (201, body) if called.startswith("POST") and status == 200 else (status, body)


def test_sites_are_taken_away_whatever_is_wrong_with_the_answers_and_no_token_is_shown(tmp_path: Path) -> None:
    def change(called: str, status: int, body: bytes) -> tuple[int, bytes]:
        return (status, body) if "token-form" in called else created(called, status, body)

    app, archive = stranger(), tmp_path / "har"
    with foreign(app, change) as url:
        options = ("--seed", "1", "--examples", "5", "--report", f"har={archive}", *suites("journeys", "lifecycle"))
        code, report, printed = check(url, tmp_path, *options)
    assert (code, report["left_behind"], sites_of(app)) == (1, [], 0), printed
    assert not TOKEN.search(printed + json.dumps(report) + archive.read_text(encoding="utf-8"))


def test_a_log_in_that_is_answered_otherwise_does_not_tell_its_token(tmp_path: Path) -> None:
    with foreign(stranger(), created) as url:
        code, _, printed = check(url, tmp_path)
    assert (code, "returned 201" in printed) == (2, True)
    assert not TOKEN.search(printed)


def rewriting(pattern: bytes, new: bytes, *, where: str = "") -> Change:
    def change(called: str, status: int, body: bytes) -> tuple[int, bytes]:
        return (status, re.sub(pattern, new, body)) if where in called else (status, body)

    return change


def unknown_event(called: str, status: int, body: bytes) -> tuple[int, bytes]:
    return (404, b'{"detail":"no such event"}') if "/callback/" in called and status == 200 else (status, body)


@pytest.mark.parametrize(
    "change",
    [
        rewriting(b'"postcode":"LS1 4AP"', b'"postcode":"LS14AP"'),
        rewriting(b'"Site [^"]*"', b'"Nichts da"'),
        unknown_event,
    ],
    ids=["postcodes", "texts", "unknown events"],
)
def test_what_the_rules_leave_open_is_no_error(tmp_path: Path, change: Change) -> None:
    with foreign(stranger(), change) as url:
        three = suites("journeys", "idempotency", "lifecycle")
        _, report, printed = check(url, tmp_path, "--seed", "1", "--examples", "5", *three)
    assert [one for one in report["findings"] if one["level"] == "error"] == [], printed
    assert "findings count" not in report["why_not"]


@pytest.mark.parametrize(
    "change",
    [
        rewriting(b'"site_id":"[^"]*"', b'"site_id":7'),
        rewriting(b'"asset_ids":\\[[^]]*\\]', b'"asset_ids":2'),
        rewriting(b'"assets":\\[.*\\]', b'"assets":["a"]'),
        rewriting(b'"start_timestamp":"[^"]*"', b'"start_timestamp":null'),
        rewriting(b'"end_timestamp":"[^"]*"', b'"end_timestamp":"9999-12-31T23:00:00-05:00"'),
        rewriting(b".+", b"null", where="/entities"),
        rewriting(b".+", b"<html>", where="/entities"),
        rewriting(b".+", b"[[]]", where="/entities"),
    ],
    ids=[
        "numbers for ids",
        "a number for a list",
        "texts for objects",
        "null",
        "no such instant",
        "nulls",
        "html",
        "lists",
    ],
)
def test_wrong_json_is_a_finding_and_no_traceback(tmp_path: Path, change: Change) -> None:
    with foreign(stranger(), change) as url:
        names = ("journeys", "auth", "idempotency", "optimiser", "lifecycle")
        code, report, printed = check(url, tmp_path, "--seed", "1", "--examples", "4", *suites(*names))
    assert (code, "Traceback" in printed) == (1, False), printed
    assert report["findings"] or report["never_accepted"]


def test_an_operation_that_dribbles_is_a_finding_and_ends_no_run(tmp_path: Path) -> None:
    """A run that waited for the answer would take ten minutes."""
    app = stranger()
    with foreign(app) as url:
        dribble = {"kind": "dribble", "latency_ms": 600_000, "path": "/entities/site/initialise"}
        Caller(app.api, "checked", log_in=False).log_in("demo")
        carry_out(app.api.worlds, "checked", "POST /faults", dribble)
        code, report, printed = check(url, tmp_path, "--seed", "1", "--time-budget", "15", *suites("journeys"))
        carry_out(app.api.worlds, "checked", "DELETE /faults", {})
    assert (code, [one["title"] for one in report["findings"]]) == (1, ["a call is not answered"]), printed


def test_a_server_that_limits_its_callers_is_asked_again_when_it_says(tmp_path: Path) -> None:
    app = stranger()
    with foreign(app) as url:
        Caller(app.api, "checked", log_in=False).log_in("demo")
        limit = {"kind": "rate_limit", "calls": 150, "per_seconds": 1}
        carry_out(app.api.worlds, "checked", "POST /faults", limit)
        code, report, printed = check(url, tmp_path, "--seed", "1", *suites("auth", "idempotency"))
    assert (code, report["findings"]) == (0, []), printed


def test_one_suite_alone_can_be_clean(tmp_path: Path) -> None:
    with foreign(stranger()) as url:
        code, report, printed = check(url, tmp_path, "--seed", "1", *suites("auth"))
    assert (code, report["green"], report["why_not"]) == (0, True, ""), printed


def test_a_servers_control_characters_break_no_report() -> None:
    came = "500 \x00\x1b\ufffe"
    finding = Finding("auth", "A3a", "a\x1b[2J", "401", came, "GET /")
    report = ElementTree.fromstring(write_junit(result_of(finding)))
    assert report.find(".//failure") is not None
