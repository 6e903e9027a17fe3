"""A world's log as a file of JSON Lines: the base, then one entry a line."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from mockaxle.client.bounded_json import is_deep
from mockaxle.core.limits import MAX_JSON_DEPTH
from mockaxle.recordings.version_1 import converted
from mockaxle.world.commands.rows import ROW_OF
from mockaxle.world.entries import Command, Delivery, Entry, Exchange, Held, Request, from_json, to_json

ANSWERING = ("core/*.py", "wire/*.py", "server/**/*.py", "world/**/*.py")
"""The files that determine the answers to calls."""

DIGEST_CHARACTERS = 16
FORMAT, VERSION, FORMER = "mockaxle recording", 2, 1
STRICT = ConfigDict(strict=True)
ENTRIES: Mapping[type, TypeAdapter[Any]] = {
    Exchange: TypeAdapter(Exchange, config=STRICT),
    Held: TypeAdapter(Held, config=STRICT),
    Command: TypeAdapter(Command, config=STRICT),
    Delivery: TypeAdapter(Delivery, config=STRICT),
}
HEADER: Mapping[str, TypeAdapter[Any]] = {
    "world": TypeAdapter(str, config=STRICT),
    "base": TypeAdapter(dict[str, Any] | None, config=STRICT),
    "dropped": TypeAdapter(Annotated[int, Field(ge=0)], config=STRICT),
    "made_with": TypeAdapter(dict[str, str], config=STRICT),
}


class RecordingRefused(Exception):
    """A file that is not a recording, or of another version. The text names the line and the reason."""


class Recording(NamedTuple):
    """A world's log and its base. Shape: base as JSON data, or None to use a server's own world.

    `dropped` is the number of entries before it.
    """

    world: str
    base: dict[str, Any] | None
    entries: tuple[Entry, ...]
    dropped: int = 0
    made_with: Mapping[str, str] = MappingProxyType({})


def versions() -> dict[str, str]:
    """Return the versions that may change an answer: of this package, the timezones and the answering code."""
    return {**{name: _version(name) for name in ("mockaxle", "tzdata")}, "sources": _digest_of_sources()}


@cache
def _digest_of_sources() -> str:
    package, found = Path(__file__).parent.parent, sha256()
    for file in sorted(file for room in ANSWERING for file in package.glob(room)):
        found.update(f"{file.relative_to(package).as_posix()}\n".encode() + file.read_bytes())
    return found.hexdigest()[:DIGEST_CHARACTERS]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def write_recording(recording: Recording) -> Iterator[str]:
    """Yield the lines of the file."""
    header = {"format": FORMAT, "version": VERSION, "made_with": versions()}
    yield _line({**header, "world": recording.world, "dropped": recording.dropped, "base": recording.base})
    for entry in recording.entries:
        yield _line(to_json(entry))


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"


def read_recording(text: str) -> Recording:
    """Read a recording written by write_recording. Raises: RecordingRefused."""
    lines = text.removesuffix("\n").split("\n") if text else []
    header = _header(_parsed(lines[0], 1) if lines else None)
    convert = converted if header["version"] == FORMER else lambda line: line
    entries = tuple(_entry(line, number, convert=convert) for number, line in enumerate(lines[1:], start=2))
    return Recording(header["world"], header["base"], entries, header["dropped"], header["made_with"])


def _header(first: Any) -> dict[str, Any]:
    if not isinstance(first, dict) or first.get("format") != FORMAT:
        raise RecordingRefused("line 1 does not begin a recording: mockaxle export --format jsonl writes one")
    if first.get("version") not in (VERSION, FORMER):
        version = first.get("version")
        raise RecordingRefused(
            f"line 1 begins a recording of version {version!r:.20}; this mockaxle reads {FORMER} and {VERSION}"
        )
    if missing := HEADER.keys() - first.keys():
        raise RecordingRefused(f"line 1 lacks {', '.join(sorted(missing))}")
    for name, adapter in HEADER.items():
        try:
            adapter.validate_python(first[name])
        except ValidationError as error:
            raise RecordingRefused(f"line 1 is not valid: {_misfit(error, name)}") from None
    return first


def _entry(line: str, number: int, *, convert: Callable[[Any], Any]) -> Entry:
    data = _parsed(line, number)
    try:
        entry = from_json(convert(data))
        _check(entry)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise RecordingRefused(f"line {number} is not an entry of a log: {in_a_line(error)}") from None
    return entry


def _check(entry: Entry) -> None:
    """Raises: ValueError if no log can contain the entry."""
    try:
        ENTRIES[type(entry)].validate_python(entry)
    except ValidationError as error:
        raise ValueError(_misfit(error, of=type(entry))) from None
    if any(at.utcoffset() is None for at in (entry.at, entry.real_at)):
        raise ValueError("an instant without an offset")
    if isinstance(entry, Command):
        _check_call(entry)
        return
    if isinstance(entry, Delivery):
        return
    if entry.principal is None:
        raise ValueError("it has no principal")
    _check_request(entry.request)


def _check_call(command: Command) -> None:
    """Raises: ValueError for a call that control does not know."""
    if command.key not in ROW_OF:
        raise ValueError(f"there is no command {command.key!r:.60}")
    if command.path.keys() != set(re.findall(r"{(\w+)}", command.key)):
        raise ValueError(f"the path of {command.key} has other values than {', '.join(command.path)!r:.60}")


def _check_request(request: Request) -> None:
    """Raises: ValueError for a request that cannot be sent, or not to the called server."""
    method, path = request.method, request.path
    if not (method.isascii() and method.isalpha()):
        raise ValueError(f"the method {method!r:.20} is not a word")
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"the path {path!r:.40} does not begin with exactly one slash")
    (path + request.query).encode("latin-1")


def _misfit(error: ValidationError, *place: str, of: Any = None) -> str:
    """Describe the first fault and its place. Shape: `of` is the validated type, if it is a tuple's."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ascii(".".join((*place, *_named(first["loc"], of))))[1:-1]
    return f"{where:.100}: {first['msg']:.100}"


def _named(loc: Sequence[str | int], kind: Any) -> Iterator[str]:
    """Yield a place by names of fields; some versions of pydantic number those of tuples."""
    for part in loc:
        fields = getattr(kind, "_fields", ())
        name = fields[part] if fields and isinstance(part, int) else part
        hint = get_type_hints(kind).get(str(name)) if fields else None
        kind = next((one for one in (hint, *get_args(hint)) if hasattr(one, "_fields")), None)
        yield str(name)


def in_a_line(error: Exception) -> str:
    """Describe an error in one line, safe for a terminal."""
    if isinstance(error, KeyError):
        return f"it lacks {error.args[0]!a:.50}"
    return ascii(" ".join(str(error).split()))[1:-1][:200]


def _parsed(line: str, number: int) -> Any:
    try:
        value = json.loads(line)
        is_too_deep = is_deep(value)
        if not is_too_deep:
            json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except RecursionError:
        is_too_deep = True
    except ValueError as error:
        raise RecordingRefused(f"line {number} is not JSON: {error!s:.200}") from None
    if is_too_deep:
        raise RecordingRefused(f"line {number} is nested more than {MAX_JSON_DEPTH} levels deep")
    return value


def differing_versions(recording: Recording) -> Sequence[str]:
    """List the versions with which the recording was made that differ from the present ones."""
    here = versions()
    return [f"{name} {was}, not {here.get(name)}" for name, was in recording.made_with.items() if was != here.get(name)]
