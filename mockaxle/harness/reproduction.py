"""Writes the curl lines that repeat a call: first the calls that made what it names, then the call itself.

The lines can be pasted into a shell. A server gives other ids when they are sent again, so an id that an earlier answer
gave is a variable, which the earlier line sets.
"""

import re
from collections.abc import Iterator, Sequence, Set
from shlex import quote
from urllib.parse import parse_qsl

from mockaxle.core.accounts import LOG_IN as LOG_IN_PATH
from mockaxle.harness.account import OTHER_TOKEN
from mockaxle.harness.finding import Finding
from mockaxle.harness.names import NOBODY
from mockaxle.harness.target import MAKES_A_SITE
from mockaxle.recordings.bodies import UNREADABLE, read_json, unpacked
from mockaxle.recordings.curl import curl_line
from mockaxle.recordings.names import NAMES
from mockaxle.recordings.steps import Capture, Namer
from mockaxle.world.entries import Exchange, Request

MPAN = re.compile(r"\b[0-9]{13}\b")
PICK = "import json, sys; print(json.load(sys.stdin){})"
VARIABLE = re.compile(r"\$(BASE|PASSWORD|\w*TOKEN)\b")


class Repeating:
    """Shape: exchanges are those of a run, in order."""

    def __init__(self, exchanges: Sequence[Exchange], *, username: str) -> None:
        self._username = username
        self._writes = [one for one in exchanges if _is_write(one)]
        self._named: dict[int, frozenset[str]] = {}

    def lines(self, finding: Finding) -> tuple[str, ...]:
        """Return the lines of a finding; its own if the run has no exchange of it."""
        if not finding.exchanges:
            return finding.repeat
        *story, last = finding.exchanges
        earlier = [one for one in story if _is_write(one)] if finding.story else self._writes
        calls = [*self._needed_by(last, earlier), last]
        sent = frozenset(name for call in calls for name in NAMES.findall(_sent(call.request)))
        namer = Namer(sent - {NOBODY})
        lines = [line for call in calls[:-1] for line in self._earlier(call, namer)]
        has_other_token = any(OTHER_TOKEN in line for line in finding.repeat[-1:])
        return (*lines, self._line(last, namer, has_other_token=has_other_token))

    def _needed_by(self, last: Exchange, earlier: Sequence[Exchange]) -> list[Exchange]:
        """Return the earlier writes of what a call and they name. Of an MPAN, these are the writes of its last site.

        An upsert names its site by the MPAN; other writes of that site name the id, which those of the MPAN answer.
        """
        named = _names(_sent(last.request))
        first = self._writes_of(named, last, earlier)
        if last.operation not in MAKES_A_SITE:
            return first
        answered = {name for one in first for name in self._all_names(one) if not MPAN.fullmatch(name)}
        return self._writes_of(named | answered, last, earlier)

    def _writes_of(self, names: Set[str], last: Exchange, earlier: Sequence[Exchange]) -> list[Exchange]:
        needed, found = set(names), list[Exchange]()
        for one in reversed([one for one in earlier if one.at < last.at]):
            if needed & self._all_names(one):
                found.append(one)
                needed |= _names(_sent(one.request))
                needed -= set(MPAN.findall(_sent(one.request))) if _creates(one) else set()
        return found[::-1]

    def _all_names(self, write: Exchange) -> frozenset[str]:
        """Return the names in a write and its answer."""
        if id(write) not in self._named:
            text = f"{_sent(write.request)}\n{write.response.body.decode('utf-8', 'replace')}"
            self._named[id(write)] = frozenset(_names(text))
        return self._named[id(write)]

    def _earlier(self, call: Exchange, namer: Namer) -> Iterator[str]:
        """Yield the lines of an earlier call, which set variables for the ids in its answer."""
        line, answer = self._line(call, namer), read_json(call.response.body)
        captures = [] if answer is UNREADABLE else list(namer.captures(answer, call.request.path))
        if len(captures) == 1:
            yield f"{captures[0].name}=$({_silent(line)} | {_pick(captures[0])})"
            return
        yield f"ANSWER=$({_silent(line)})" if captures else line
        yield from (f'{one.name}=$(printf %s "$ANSWER" | {_pick(one)})' for one in captures)

    def _line(self, call: Exchange, namer: Namer, *, has_other_token: bool = False) -> str:
        request, principal = call.request, call.principal
        path = request.path + (f"?{request.query}" if request.query else "")
        text = unpacked(request).decode("utf-8", "replace")
        if request.path == LOG_IN_PATH:
            username = dict(parse_qsl(text, keep_blank_values=True)).get("username", "")
            return curl_line(request.method, path, has_token=False, username=username)
        is_form = (request.header(b"content-type") or b"").startswith(b"application/x-www-form-urlencoded")
        is_own = principal is None or principal.username == self._username
        return curl_line(
            request.method,
            path,
            has_token=principal is not None and principal.token is not None,
            token="TOKEN" if is_own and not has_other_token else OTHER_TOKEN,
            form=dict(parse_qsl(text, keep_blank_values=True)) if is_form else None,
            body="" if is_form else text,
            names=namer.names,
        )


def variables(lines: Sequence[str]) -> str:
    """List the variables of the shell that lines need: `BASE and TOKEN`."""
    names = list(dict.fromkeys(name for line in lines for name in VARIABLE.findall(line)))
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _sent(request: Request) -> str:
    return f"{request.path}?{request.query}\n{unpacked(request).decode('utf-8', 'replace')}"


def _names(text: str) -> set[str]:
    return {*NAMES.findall(text), *MPAN.findall(text)} - {NOBODY}


def _is_write(exchange: Exchange) -> bool:
    return exchange.request.method != "GET" and 200 <= exchange.response.status < 300


def _creates(write: Exchange) -> bool:
    """Tell whether a write created a site: no earlier one concerns its MPAN's present site."""
    answer = read_json(write.response.body)
    site = answer.get("site") if isinstance(answer, dict) else None
    found = isinstance(site, dict) and site.get("site_created") is False
    return write.operation in MAKES_A_SITE and not found


def _silent(line: str) -> str:
    """Print no progress."""
    return line.replace("curl ", "curl -s ", 1)


def _pick(capture: Capture) -> str:
    """Write the command that prints a value of an answer. A server's key may have quotes."""
    return f"python3 -c {quote(PICK.format(''.join(f'[{part!r}]' for part in capture.place)))}"
