"""Operations that a server does not have: reported in a line each, and not tested."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mockaxle.contract.profiles import selected
from mockaxle.serving.listener import serve_in_thread
from tests.harness.test_check import suites
from tests.harness.test_other_servers import Altering, Change, foreign, sites_of, stranger
from tests.mutants.checking import check

NOT_FOUND = b'{"detail":"Not Found"}'
MISSING = ["GET /meter/search", "POST /meter/by-address", "POST /meter/by-mpan"]


def without_meters(called: str, status: int, body: bytes) -> tuple[int, bytes]:
    """No path below /meter is known, but `GET /meter/search` only by another verb."""
    if called.endswith(" /meter/search"):
        return 405, b'{"detail":"Method Not Allowed"}'
    return (404, NOT_FOUND) if " /meter/" in called else (status, body)


class Guarded:
    """An app that asks for a token before it looks for the path."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        is_open = scope["type"] != "http" or scope["path"] == "/auth/token-form"
        if is_open or b"authorization" in dict(scope["headers"]):
            await self._app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})


def missing_of(report: dict[str, Any]) -> list[str]:
    return [one["operation"] for one in report["not_there"]]


def run(tmp_path: Path, change: Change | None, *options: str) -> tuple[int, dict[str, Any], str]:
    with foreign(stranger(), change) as url:
        return check(url, tmp_path, "--seed", "1", *options)


def test_a_missing_operation_is_a_line_and_its_journey_is_not_tested(tmp_path: Path) -> None:
    code, report, printed = run(tmp_path, without_meters, *suites("journeys"))
    assert (code, set(MISSING) <= set(missing_of(report))) == (1, True), printed
    assert "not there: 7 operations\n" in printed
    assert re.search(r"^  POST /meter/by-mpan +404$", printed, re.MULTILINE)
    assert [one["statements"] for one in report["findings"]] == [["G1f", "G6a"]]
    assert report["why_not"] == "7 operations are not there"
    assert "journeys: address look-up: the server has no GET /meter/search" in report["untested"]


def test_missing_operations_can_be_left_out(tmp_path: Path) -> None:
    code, report, printed = run(tmp_path, without_meters, "--only-present", *suites("journeys"))
    assert (code, report["green"], report["findings"], len(report["not_there"])) == (0, True, [], 7), printed
    assert "not there: 7 operations, left out by --only-present\n" in printed


def test_it_is_missing_as_well_where_every_path_needs_a_token(tmp_path: Path) -> None:
    app = stranger()
    with serve_in_thread(Guarded(Altering(app, without_meters))) as url:
        _, report, printed = check(url, tmp_path, "--seed", "1", *suites("journeys"))
    assert (len(missing_of(report)), sites_of(app)) == (7, 0), printed


def test_a_known_missing_operation_does_not_hide_another(tmp_path: Path) -> None:
    known, options = tmp_path / "known.json", suites("auth")
    titles = [{"rule": "G1", "title": f"{operation} is not there"} for operation in MISSING]
    known.write_text(json.dumps({"findings": [{**titles[0], "also": titles[1:]}]}))
    _, report, _ = run(tmp_path, without_meters, "--baseline", str(known), *options)
    assert (report["why_not"], report["known"]) == ("4 operations are not there", 1)


def everything_at_home(called: str, status: int, body: bytes) -> tuple[int, bytes]:
    """A missing object has the words of an unknown path, and no call needs a token."""
    return (404, NOT_FOUND) if status in (401, 404) else (status, body)


def test_a_missing_object_is_no_missing_operation(tmp_path: Path) -> None:
    """What OPTIONS answers tells them apart."""
    _, report, printed = run(tmp_path, everything_at_home, "--only-present", *suites("journeys"))
    gone = missing_of(report)
    assert [operation for operation in gone if "{" in operation] == [], printed


@pytest.mark.parametrize(
    ("patterns", "excluded", "kept"),
    [
        ((), (), ["GET /a", "GET /a/{id}", "POST /a"]),
        (("GET *",), (), ["GET /a", "GET /a/{id}"]),
        (("* /a",), ("POST *",), ["GET /a"]),
        ((), ("*{id}*",), ["GET /a", "POST /a"]),
    ],
)
def test_operations_are_selected_by_patterns(
    patterns: tuple[str, ...], excluded: tuple[str, ...], kept: list[str]
) -> None:
    assert selected(["GET /a", "GET /a/{id}", "POST /a"], patterns=patterns, excluded=excluded) == kept


def test_a_check_of_some_operations_calls_no_others(tmp_path: Path) -> None:
    options = ("--operations", "* /entities/*", "--exclude", "GET /entities/*/price-curve", *suites("journeys"))
    code, report, printed = run(tmp_path, None, *options)
    operations = {one["operation"] for one in report["operations"]}
    assert (code, all(" /entities/" in one for one in operations)) == (0, True), printed
    assert not any(one.endswith("/price-curve") for one in operations)
    assert any("the selection has no" in reason for reason in report["untested"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--operations", "FETCH *"), "no operation of the profile 'full' matches 'FETCH *'; a pattern is a verb and"),
        (("--exclude", "*"), "--operations and --exclude leave no operation"),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    code, _, printed = check("http://127.0.0.1:1", tmp_path, *options)
    assert (code, said in printed) == (2, True), printed
