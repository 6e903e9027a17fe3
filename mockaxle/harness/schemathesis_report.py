"""Reads the report of Schemathesis: its calls, broken connections and failed checks."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockaxle.harness.json_values import JsonObject
from mockaxle.recordings.curl import curl_line

BROKEN = frozenset({"ChunkedEncodingError", "ConnectionError", "ConnectTimeout", "ContentDecodingError", "ReadTimeout"})
"""Errors of requests with which Schemathesis reports a call without an answer."""

GIVEN = re.compile(r'(access_token\\*"\s*:\s*\\*")[^"\\]+')


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    operation: str
    status: int


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """Shape: status is None if there was no answer; curl repeats the call."""

    check: str
    operation: str | None
    title: str
    message: str
    status: int | None
    answered: str
    curl: str


@dataclass(frozen=True, slots=True)
class ReportedScenario:
    """Consecutive calls, and the failed checks of their answers."""

    calls: tuple[AnsweredCall, ...]
    failed: tuple[FailedCheck, ...]


@dataclass(frozen=True, slots=True)
class BrokenCall:
    """A call without an answer."""

    operation: str | None
    error: str


def read_events(file: Path) -> Iterator[ReportedScenario | BrokenCall]:
    """Read the events in order; none if there is no file."""
    for kind, event in _events(file) if file.exists() else ():
        if kind == "ScenarioFinished" and event.get("recorder"):
            recorder = event["recorder"]
            yield ReportedScenario(tuple(_answered(recorder)), tuple(_failed(recorder)))
        elif kind == "NonFatalError" and event["value"]["type"] in BROKEN:
            yield BrokenCall(event.get("label"), event["value"]["message"])


def read_archive(file: Path) -> list[JsonObject]:
    """Read the HAR entries. Schemathesis masks secrets of requests, and this function those of answers."""
    if not file.exists():
        return []
    text = GIVEN.sub(r"\1***", file.read_text(encoding="utf-8"))
    try:
        entries: list[JsonObject] = json.loads(text)["log"]["entries"]
    except ValueError:
        return []  # Schemathesis was ended while writing
    return entries


def _events(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events with their kinds."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            with suppress(ValueError):  # Schemathesis was ended while writing
                yield from json.loads(line).items()


def _answered(recorder: dict[str, Any]) -> Iterator[AnsweredCall]:
    for id, case in recorder.get("cases", {}).items():
        response = recorder.get("interactions", {}).get(id, {}).get("response")
        if response:
            yield AnsweredCall(f"{case['value']['method']} {case['value']['path']}", response["status_code"])


def _failed(recorder: dict[str, Any]) -> Iterator[FailedCheck]:
    for id, checks in recorder.get("checks", {}).items():
        interaction = recorder.get("interactions", {}).get(id, {})
        request, response = interaction.get("request", {}), interaction.get("response") or {}
        for check in checks:
            failure = (check.get("failure_info") or {}).get("failure")
            if check["status"] == "failure" and failure:
                yield FailedCheck(
                    check["name"],
                    failure.get("operation"),
                    failure["title"],
                    failure["message"],
                    response.get("status_code"),
                    _text(response.get("content")),
                    _curl(request),
                )


def _curl(request: JsonObject) -> str:
    uri, body = str(request.get("uri", "")), _text(request.get("body"))
    return curl_line(str(request.get("method", "GET")), uri, body=body)


def _text(content: Any) -> str:
    if isinstance(content, dict) and "$base64" in content:
        return b64decode(content["$base64"]).decode("utf-8", "replace")
    return content if isinstance(content, str) else ""
