"""A world's log as a file: what it began with, then an entry a line, as JSON Lines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any, NamedTuple

from mockaxle.exchange import Entry, Exchange, from_json, to_json

FORMAT, VERSION = "mockaxle recording", 1


class RecordingRefused(Exception):
    """A file that is no recording, or none of this version; says which line and why."""


class Recording(NamedTuple):
    """A world's log and what it began with. Shape: base in JSON's types, or None where a server's own world is meant.

    `dropped` entries came before it.
    """

    world: str
    base: dict[str, Any] | None
    entries: tuple[Entry, ...]
    dropped: int = 0
    made_with: Mapping[str, str] = MappingProxyType({})


def versions() -> dict[str, str]:
    """What may change an answer: this package's version, and that of the timezones."""
    return {name: _version(name) for name in ("mockaxle", "tzdata")}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def write_recording(recording: Recording) -> Iterator[str]:
    """The lines of the file."""
    told = {"format": FORMAT, "version": VERSION, "made_with": versions()}
    yield _line({**told, "world": recording.world, "dropped": recording.dropped, "base": recording.base})
    for entry in recording.entries:
        yield _line(to_json(entry))


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"


def read_recording(text: str) -> Recording:
    """The recording that write_recording wrote. Raises: RecordingRefused."""
    lines = [line for line in text.split("\n") if line]
    header = _header(_parsed(lines[0], 1) if lines else None)
    entries = tuple(_entry(line, number) for number, line in enumerate(lines[1:], start=2))
    return Recording(header["world"], header["base"], entries, header["dropped"], header["made_with"])


def _header(first: Any) -> dict[str, Any]:
    if not isinstance(first, dict) or first.get("format") != FORMAT:
        raise RecordingRefused("it is no recording: mockaxle export writes one, --format jsonl")
    if first.get("version") != VERSION:
        raise RecordingRefused(
            f"it is a recording of version {first.get('version')!r:.20}; this mockaxle reads {VERSION}"
        )
    if missing := {"world", "base", "dropped", "made_with"} - first.keys():
        raise RecordingRefused(f"line 1 lacks {', '.join(sorted(missing))}")
    if not isinstance(first["dropped"], int) or not isinstance(first["made_with"], dict):
        raise RecordingRefused("line 1 is not as mockaxle writes it")
    return first


def _entry(line: str, number: int) -> Entry:
    try:
        entry = from_json(_parsed(line, number))
        if entry.at.tzinfo is None or (isinstance(entry, Exchange) and entry.principal is None):
            raise ValueError("an instant without an offset, or nobody who calls")
        return entry
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingRefused(f"line {number} is no entry of a log: {error!r:.100}") from None


def _parsed(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordingRefused(f"line {number} is no JSON: {error}") from None


def differing_versions(recording: Recording) -> Sequence[str]:
    """What the recording was made with that is not what runs here."""
    here = versions()
    return [f"{name} {was}, not {here.get(name)}" for name, was in recording.made_with.items() if was != here.get(name)]
