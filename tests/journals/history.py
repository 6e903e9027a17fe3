"""Load on a server that is killed now and then, and the check that nothing it acknowledged is lost or doubled."""

import json
import re
import time
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from random import Random
from threading import Event, Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

USERNAMES = ("alpha", "beta", "gamma")
CLIENTS = 9
OF_A_PROXY = (502, 504)
"""What a proxy answers if the server behind it was killed meanwhile."""

PAUSE = {"proposition": "limited_pause"}
READING = {
    "start_timestamp": "2026-01-20T12:00:00Z",
    "end_timestamp": "2026-01-20T12:30:00Z",
    "label": "charger_consumption_energy_kwh",
}


def scenario(clients: int = CLIENTS) -> str:
    """A scenario in which each client has a site with money to withdraw."""
    return "\n".join(
        f'[[sites]]\nmpan = "{paid_mpan(n)}"\npostcode = "M1 1AE"\nstreet_address = "Paid {n}"\n'
        f'balance_pence = 2345\nbank_account = {{ sort_code = "20-00-00", account_ending = "5678" }}\n'
        'email = "ada@example.org"\n'
        for n in range(clients)
    )


def paid_mpan(client: int) -> str:
    return f"19{client:011}"


class Deed(NamedTuple):
    """A call and what came of it. Shape: answer is None if none came, or if it says that it may not have been done.

    mark is in the query of a call that changes something, so that it is found in the log; refusal is a status that no
    healthy server gives.
    """

    client: int
    username: str
    kind: str
    detail: str
    answer: dict[str, Any] | None
    mark: str = ""
    refusal: int | None = None


class Server:
    """Where the clients find a server, which moves when it is killed; of several, one at random for each call."""

    def __init__(self, port_files: Sequence[Path]) -> None:
        self._port_files, self._draw = port_files, Random(1)

    @property
    def url(self) -> str:
        """Raises: ValueError, FileNotFoundError while there is none."""
        return f"http://127.0.0.1:{int(self._draw.choice(self._port_files).read_text())}"


class LoadClient(Thread):
    """Calls until it is stopped, and waits while there is no server."""

    def __init__(self, number: int, server: Server, *, tell: Callable[[Deed], None], stopped: Event) -> None:
        super().__init__()
        self._number, self._server, self._tell, self._stopped = number, server, tell, stopped
        self._username = USERNAMES[number % len(USERNAMES)]
        self._token = ""
        self._steps, self._calls = count(), count()
        self._http = httpx.Client(timeout=20)

    def run(self) -> None:
        self._log_in()
        if not self._stopped.is_set():
            self._withdraw()
        while not self._stopped.is_set():
            self._live(next(self._steps))
        self._http.close()

    def _live(self, step: int) -> None:
        mpan = f"2{self._number}{step:011}"
        answer = self._do("onboard", mpan, "POST", "/entities/site/onboard", json=home(mpan))
        if answer is not None:
            site, asset = answer["site"]["site_id"], answer["assets"][0]["asset_id"]
            reading = {**READING, "asset_id": asset, "value": step}
            self._do("reading", asset, "POST", "/data/readings", json={"readings": [reading]})
            for verb in ("unenrol", "enrol", "unenrol")[: step % 4]:
                more = {"override_withdrawal": True} if verb == "enrol" else {}
                self._do(verb, site, "POST", f"/entities/site/{site}/{verb}", json={**PAUSE, **more})
            self._do("read", site, "GET", f"/entities/site/{site}")
        if step % 5 == 0:
            self._log_in()

    def _log_in(self) -> None:
        form = {"username": self._username, "password": "secret"}
        answer = self._do("token", "", "POST", "/auth/token-form", data=form)
        while answer is None and not self._stopped.is_set():
            answer = self._do("token", "", "POST", "/auth/token-form", data=form)
        self._token = answer["access_token"] if answer else ""

    def _withdraw(self) -> None:
        mpan = paid_mpan(self._number)
        found = self._do("find", mpan, "GET", f"/entities/site?limit=100&mpan={mpan}")
        sites = [one for one in (found or {"sites": []})["sites"] if one["mpan"] == mpan]
        if sites:
            back = "redirect_uri=https%3A%2F%2Fapp.example%2Fback"
            link = self._do("link", mpan, "GET", f"/rewards/{sites[0]['id']}/url/balance?{back}")
            if link is not None:
                place = urlsplit(link["balance_withdrawal_url"]).path
                self._do("withdrawal", sites[0]["id"], "POST", place, data={"action": "withdraw"})

    def _do(self, kind: str, detail: str, verb: str, path: str, **content: Any) -> dict[str, Any] | None:
        """Make a call; return its answer, if it was done."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        mark = f"{self._number}.{next(self._calls)}" if kind in MARKED else ""
        deed = Deed(self._number, self._username, kind, detail, None, mark)
        try:
            place = f"{self._server.url}{path}{f'?mark={mark}' if mark else ''}"
            answer = self._http.request(verb, place, headers=headers, **content)
            if answer.status_code in OF_A_PROXY:
                raise httpx.RemoteProtocolError("the proxy got no answer")
        except (httpx.HTTPError, OSError, ValueError):
            self._tell(deed)
            self._stopped.wait(0.02)
            return None
        if answer.status_code != 200:
            self._tell(deed._replace(refusal=None if answer.status_code == 503 else answer.status_code))
            return None
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        body = answer.json() if is_json and answer.content else {}
        self._tell(deed._replace(answer=body))
        return dict(body)


def home(mpan: str) -> dict[str, Any]:
    site = {"mpan": mpan, "postcode": "M1 1AE", "street_address": mpan}
    charger = {"external_id": mpan, "type": "charger", "properties": {"power_kw": 7.4}}
    consent = {"gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
    return {"site": {**site, **consent}, "assets": [charger], **PAUSE}


class Load:
    """The clients, and what they were told. `wait_for` waits until that many further calls were acknowledged."""

    def __init__(self, *port_files: Path, clients: int = CLIENTS) -> None:
        self.deeds: list[Deed] = []
        self._lock, self._stopped, self._acknowledged = Lock(), Event(), 0
        server = Server(port_files)
        self._clients = [LoadClient(n, server, tell=self._hear, stopped=self._stopped) for n in range(clients)]

    def __enter__(self) -> "Load":
        for one in self._clients:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for one in self._clients:
            one.join()

    def _hear(self, deed: Deed) -> None:
        with self._lock:
            self.deeds.append(deed)
            self._acknowledged += deed.answer is not None

    def wait_for(self, further: int) -> None:
        until, deadline = self._acknowledged + further, time.monotonic() + 60
        while self._acknowledged < until:
            assert time.monotonic() < deadline, "the clients come no further"
            assert any(one.is_alive() for one in self._clients), "all clients have failed"
            self._stopped.wait(0.005)


def problems(deeds: list[Deed], url: str) -> Iterator[str]:
    """Yield what was acknowledged and is not there, or is there twice."""
    yield from (f"{one.kind} {one.detail} was answered with {one.refusal}" for one in deeds if one.refusal)
    for username in USERNAMES:
        own = [deed for deed in deeds if deed.username == username]
        tokens = [deed.answer["access_token"] for deed in own if deed.kind == "token" and deed.answer]
        if tokens:
            yield from _of_world(own, tokens, url)


def _of_world(deeds: list[Deed], tokens: list[str], url: str) -> Iterator[str]:
    with httpx.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {tokens[-1]}"}) as http:
        refused = [n for n, token in enumerate(tokens) if not (_is_valid(http, token) or _has_expired(token))]
        yield from (f"the token {n} is not valid" for n in refused)
        yield from (f"the token {one} was given twice" for one, n in Counter(map(identity, tokens)).items() if n > 1)
        if http.get("/auth/users/me/").status_code == 200:
            yield from _of_sites(deeds, http)
            yield from _of_log(deeds, http)


def identity(token: str) -> tuple[int, str]:
    """Return the opening and the number of a token; its text depends on the time as well."""
    claims = _claims(token)
    return claims["gen"], claims["jti"]


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def _has_expired(token: str) -> bool:
    """Tell whether an hour has passed since a token was given, as in a long run of kills."""
    return bool(_claims(token)["exp"] <= time.time())


def _is_valid(http: httpx.Client, token: str) -> bool:
    return http.get("/auth/users/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def _of_sites(deeds: list[Deed], http: httpx.Client) -> Iterator[str]:
    sites, offset = dict[str, Any](), 0
    while page := http.get("/entities/site", params={"limit": 100, "offset": offset}).json()["sites"]:
        sites |= {one["id"]: one for one in page}
        offset += len(page)
    onboarded = {d.answer["site"]["site_id"]: d.detail for d in deeds if d.kind == "onboard" and d.answer}
    if len(onboarded) < sum(d.kind == "onboard" and d.answer is not None for d in deeds):
        yield "two homes have one id"
    for id, mpan in onboarded.items():
        if sites.get(id, {}).get("mpan") != mpan:
            yield f"the home {mpan} is lost"
    for id, state in _enrolments(deeds).items():
        methods = bool(sites.get(id, {}).get("dispatch_methods"))
        if state is not None and methods != state:
            yield f"the site {id} was {'enrolled' if state else 'unenrolled'} last, and is not"
    for deed in deeds:
        if deed.kind == "withdrawal" and deed.answer is not None:
            found = http.get(f"/rewards/{deed.detail}/transactions").json()["transactions"]
            if [one["transaction_type"] for one in found].count("withdrawal") != 1:
                yield f"the withdrawal from {deed.detail} is lost or doubled"


def _enrolments(deeds: list[Deed]) -> dict[str, bool | None]:
    """Whether each site is enrolled, by the last call about it; None if that one got no answer."""
    last: dict[str, bool | None] = {}
    for deed in deeds:
        if deed.kind == "onboard" and deed.answer:
            last[deed.answer["site"]["site_id"]] = True
        elif deed.kind in ("enrol", "unenrol"):
            last[deed.detail] = None if deed.answer is None else deed.kind == "enrol"
    return last


def _of_log(deeds: list[Deed], http: httpx.Client) -> Iterator[str]:
    """Compare the log with the changes: the acknowledged ones are there, each once, in the order of their client.

    A log that is full has lost its first entries by right.
    """
    entries, last = list[Any](), 0
    while page := http.get("/__mockaxle/world/log", params={"after": last, "limit": 1000}).json()["entries"]:
        entries += page
        last = page[-1]["number"]
    begins_at = 1 if len(entries) < FULL_LOG else entries[0]["number"]
    if [one["number"] for one in entries] != list(range(begins_at, begins_at + len(entries))):
        yield f"the log has gaps, or does not begin with {begins_at}"
    logged = re.findall(r'"query": "mark=([0-9.]+)"', http.get("/__mockaxle/world/recording").text)
    yield from (f"the call {mark} is in the log {n} times" for mark, n in Counter(logged).items() if n > 1)
    for client in {deed.client for deed in deeds}:
        sent = [deed.mark for deed in deeds if deed.client == client and deed.mark]
        kept = {deed.mark for deed in deeds if deed.client == client and deed.mark and deed.answer is not None}
        found = [mark for mark in logged if mark in set(sent)]
        if begins_at > 1 and found:
            sent = sent[sent.index(found[0]) :]
            kept &= set(sent)
        yield from (f"the acknowledged call {mark} is not in the log" for mark in sorted(kept - set(found)))
        if found != [mark for mark in sent if mark in set(found)]:
            yield f"the log has the calls of the client {client} in another order"


FULL_LOG = 8000
"""A log of so many entries may have lost its first ones to its limits, 10,000 entries and 16 MB."""

MARKED = ("onboard", "reading", "enrol", "unenrol")
