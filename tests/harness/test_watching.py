"""The watch predicts every answer about sites and assets: a right one is never reported, a lie by its statement."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from mockaxle.contract.document import load_contract
from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    CHANGE_ASSET,
    CHANGE_SITE,
    CONSENT,
    CREATE_ASSET,
    CREATE_SITE,
    DELETE_ASSET,
    DELETE_SITE,
    ELIGIBILITY,
    ENROL,
    FIND_ASSET,
    INITIALISE,
    LIST_ASSETS,
    LIST_SITES,
    OFFBOARD,
    ONBOARD,
    READ_ASSET,
    READ_SITE,
    REGISTER,
    TRANSACTIONS,
    UNENROL,
)
from mockaxle.harness.watching.checked import Checked
from mockaxle.harness.watching.watch import Watch
from mockaxle.world.entries import Exchange, Principal, Request, Response
from tests.calling import Caller
from tests.mutants.checking import fresh_app

AS_JSON = httpx.Headers({"content-type": "application/json"})
NOW = datetime(2026, 1, 20, tzinfo=UTC)
EXCHANGE = Exchange(NOW, NOW, Principal("checked", "checked", 1), "", Request("GET", "/"), Response(200, b""))
CONSENTED = "gave_boundary_meter_consent_at"
MPAN = "1000000000012"
HOME = {"mpan": MPAN, "postcode": "M1 1AE", CONSENTED: "2026-01-05T09:00:00Z"}
PAUSE = {"proposition": "limited_pause"}

Lie = Callable[[Any], object]
Story = Callable[["Watched"], None]


class Watched:
    """An account of a mock in this process, whose answers a watch sees.

    Shape: lies change the bodies of answers by operation, statuses one status into another.
    """

    def __init__(
        self, lies: Mapping[str, Lie] | None = None, statuses: Mapping[tuple[str, int], int] | None = None
    ) -> None:
        self.caller = Caller(fresh_app().api, "checked", log_in=False)
        self.caller.token = self.caller.log_in("demo").json["access_token"]
        self.lies, self.statuses = lies or {}, statuses or {}
        self.broken: list[Checked] = []
        self.judged: set[str] = set()
        self.watch = Watch(load_contract(), nulls=False, owner="checked", report=self.note)

    def note(self, answer: Answer, checked: Checked) -> None:
        self.judged.add(checked.of)
        if not checked.holds:
            self.broken.append(checked)

    def call(self, operation: str, body: Any = None, query: str = "", **ids: str) -> Any:
        """Return the healthy answer; the watch sees the lie."""
        verb, _, path = operation.partition(" ")
        told = self.caller.call(verb, path.format(**ids) + (f"?{query}" if query else ""), body)
        seen = deepcopy(told.json)
        if told.status < 300 and operation in self.lies:
            self.lies[operation](seen)
        status = self.statuses.get((operation, told.status), told.status)
        answer = Answer(operation, status, AS_JSON, "" if seen is None else str(seen), seen, EXCHANGE, "")
        self.watch.see(MadeCall("checked", operation, ids, dict(parse_qsl(query)), body, {}), answer)
        return told.json


def charger(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"external_id": name, "type": "charger", **more}


def upsert(go: Watched, operation: str = INITIALISE, *assets: Any, **site: Any) -> Any:
    more = PAUSE if operation == ONBOARD else {}
    return go.call(operation, {"site": {**HOME, **site}, "assets": list(assets or (charger(),)), **more})


def filled_in(go: Watched) -> None:
    """A site and a charger get their fields one by one, then equal ones, then others."""
    site_id = upsert(go)["site"]["site_id"]
    filled = charger(properties={"power_kw": 7.4, "capacity_kwh": 40}, asset_model="zappi")
    for asset, site in (
        (charger(properties={"power_kw": 7.4}), {"street_address": "7 Canal Row"}),
        (filled, {"email": "ada@example.org"}),
        (filled, {"street_address": "7 canal  row", "email": "ada@example.org"}),
        (charger(properties={"power_kw": 11}), {"postcode": "LS1 4AP", "email": "bob@example.org"}),
        (charger(), {}),
    ):
        done = upsert(go, INITIALISE, asset, **site)
        go.call(READ_SITE, site_id=site_id)
        go.call(READ_ASSET, asset_id=done["assets"][0]["asset_id"])


def onboarded_again(go: Watched) -> None:
    site_id = upsert(go, ONBOARD)["site"]["site_id"]
    go.call(READ_SITE, site_id=site_id)
    upsert(go, ONBOARD, charger("b"), charger("a"), street_address="7 Canal Row")
    go.call(READ_SITE, site_id=site_id)
    go.call(READ_SITE, site_id=site_id)


def consented(go: Watched) -> None:
    """A site is enrolled with consent, then again, leaves, and gives consent by the other call."""
    site_id = upsert(go)["site"]["site_id"]
    go.call(READ_SITE, site_id=site_id)
    for month in ("02", "03"):
        go.call(ENROL, {**PAUSE, CONSENTED: f"2026-{month}-01T00:00:00Z"}, site_id=site_id)
        go.call(READ_SITE, site_id=site_id)
    go.call(UNENROL, PAUSE, site_id=site_id)
    go.call(READ_SITE, site_id=site_id)
    go.call(ADVISE_OF_CONSENT, {CONSENTED: "2026-04-01T00:00:00Z"}, site_id=site_id)
    go.call(CONSENT, {"dispatch_methods": ["cm_infrequent_dispatch", "vpp_limited_control"]}, site_id=site_id)
    go.call(READ_SITE, site_id=site_id)


def by_hand(go: Watched) -> None:
    """A site and assets are created, changed field by field, and read in every way."""
    site_id = go.call(CREATE_SITE, {**HOME, "street_address": "7 Canal Row", "email": "ada@example.org"})["id"]
    made = go.call(CREATE_ASSET, charger("a", site_id=site_id, properties={"power_kw": 7.4}, serial_number="1"))
    go.call(READ_SITE, site_id=site_id)
    for change in ({"postcode": "LS1 4AP"}, {"address": "1 Park Row"}, {"tariff": {"tariff_type": "smart"}}):
        go.call(CHANGE_SITE, change, site_id=site_id)
        go.call(READ_SITE, site_id=site_id)
        go.call(LIST_SITES, query="postcode=LS1%204AP")
    for properties in ({"capacity_kwh": 40}, {"power_kw": 11}):
        go.call(CHANGE_ASSET, {"properties": properties, "asset_model": "zappi"}, asset_id=made["id"])
        go.call(READ_ASSET, asset_id=made["id"])
        go.call(FIND_ASSET, external_id="a")
    go.call(INITIALISE, {"site": HOME, "assets": [charger("a", asset_model="zappi")]})


def removed(go: Watched) -> None:
    """A site loses an asset, is offboarded, looked for, and onboarded again."""
    made = upsert(go, INITIALISE, charger("a"), charger("b"))
    site_id, (first, second) = made["site"]["site_id"], (one["asset_id"] for one in made["assets"])
    go.call(READ_SITE, site_id=site_id)
    go.call(DELETE_SITE, site_id=site_id)
    go.call(DELETE_ASSET, asset_id=first)
    for operation in (READ_SITE, ELIGIBILITY, OFFBOARD, READ_SITE, ELIGIBILITY, OFFBOARD, TRANSACTIONS):
        go.call(operation, site_id=site_id)
    for asset_id, name in ((first, "a"), (second, "b")):
        go.call(READ_ASSET, asset_id=asset_id)
        go.call(FIND_ASSET, external_id=name)
    go.call(LIST_ASSETS)
    upsert(go)


def refused(go: Watched) -> None:
    """A pump's home is not onboarded, nor filled in."""
    pump = {"external_id": "pump", "type": "heat pump"}
    upsert(go, ONBOARD, pump, street_address="7 Canal Row")
    site_id = upsert(go, INITIALISE, pump)["site"]["site_id"]
    go.call(READ_SITE, site_id=site_id)
    upsert(go, ONBOARD, pump, street_address="7 Canal Row", email="ada@example.org")
    go.call(ENROL, {**PAUSE, CONSENTED: "2026-02-01T00:00:00Z"}, site_id=site_id)
    go.call(READ_SITE, site_id=site_id)
    upsert(go, INITIALISE, pump, email="ada@example.org")


def registered(go: Watched) -> None:
    body = {"site": HOME, "asset": charger(), "dispatch_consent": {"dispatch_methods": []}}
    site_id = go.call(REGISTER, body)["site"]["id"]
    go.call(READ_SITE, site_id=site_id)
    go.call(REGISTER, body)
    go.call(READ_SITE, site_id=site_id)


def listed(go: Watched) -> None:
    for number in range(12):
        go.call(INITIALISE, {"site": {**HOME, "mpan": f"10000000000{number:02}"}, "assets": [charger(f"{number}")]})
    for query in ("", "limit=3", "limit=3&offset=3", "offset=30", "limit=5000", "limit=0", "limit=x", "offset=-1"):
        go.call(LIST_SITES, query=query)
        go.call(LIST_ASSETS, query=query)
    for query in ("postcode=M11AE", "postcode=M1%201AE&limit=2", f"mpan={MPAN}", "mpan=0000000000000"):
        go.call(LIST_SITES, query=query)


STORIES = (filled_in, onboarded_again, consented, by_hand, removed, refused, registered, listed)


@pytest.mark.parametrize("story", STORIES)
def test_a_right_answer_is_never_reported(story: Story) -> None:
    go = Watched()
    story(go)
    assert go.broken == []
    assert len(go.judged) > 10


def without(name: str) -> Lie:
    return lambda found: found.pop(name, None)


def changed(**values: Any) -> Lie:
    return lambda found: found.update(values)


def in_site(**values: Any) -> Lie:
    return lambda found: found["site"].update(values)


def in_assets(**values: Any) -> Lie:
    return lambda found: [one.update(values) for one in found["assets"]]


def doubled(name: str) -> Lie:
    """One item twice instead of two."""
    return lambda found: found.update({name: [*found[name][1:2], *found[name][1:]]})


def popped(name: str) -> Lie:
    return lambda found: found[name] and found[name].pop()


LIES: tuple[tuple[Story, str, Lie, str], ...] = (
    (filled_in, INITIALISE, in_site(fields_updated=[]), "U3b"),
    (filled_in, INITIALISE, in_assets(fields_updated=["properties"]), "U3b"),
    (filled_in, INITIALISE, in_site(site_created=True), "U2b"),
    (filled_in, INITIALISE, in_site(warnings=["postcode"]), "U2c"),
    (filled_in, INITIALISE, in_assets(warnings=[]), "U3d"),
    (filled_in, READ_SITE, without("address"), "U3a"),
    (filled_in, READ_ASSET, changed(properties={"power_kw": 7.4}), "U3e"),
    (filled_in, READ_SITE, changed(email="ada@example.org"), "U10d"),
    (onboarded_again, ONBOARD, lambda found: found["enrolment"].update(status="enrolled"), "L0a"),
    (onboarded_again, ONBOARD, lambda found: found["assets"].reverse(), "U2d"),
    (onboarded_again, READ_SITE, without("postcode"), "U1a"),
    (onboarded_again, READ_SITE, without("address"), "L0l"),
    (onboarded_again, READ_SITE, changed(dispatch_methods=[], markets=[]), "U1b"),
    (onboarded_again, READ_SITE, changed(markets=[]), "L13b"),
    (onboarded_again, READ_SITE, popped("asset_ids"), "L13d"),
    (onboarded_again, READ_SITE, without("asset_ids"), "L13c"),
    (consented, READ_SITE, changed(**{CONSENTED: HOME[CONSENTED]}), "U4a"),
    (consented, ADVISE_OF_CONSENT, without(CONSENTED), "L0q"),
    (consented, CONSENT, changed(dispatch_methods=["cm_infrequent_dispatch"]), "L12a"),
    (by_hand, CREATE_SITE, without("address"), "U10c"),
    (by_hand, CREATE_SITE, changed(postcode="LS1 4AP"), "U10f"),
    (by_hand, CREATE_ASSET, changed(type="battery"), "U13d"),
    (by_hand, READ_ASSET, changed(serial_number="1"), "U13c"),
    (by_hand, CHANGE_SITE, changed(postcode="M1 1AE"), "U14a"),
    (by_hand, CHANGE_SITE, without(CONSENTED), "U14b"),
    (by_hand, READ_SITE, changed(tariff={"tariff_type": "dynamic"}), "U14c"),
    (by_hand, CHANGE_ASSET, changed(properties={"capacity_kwh": 40}), "U14b"),
    (by_hand, LIST_SITES, lambda found: found["sites"].clear(), "U12e"),
    (by_hand, FIND_ASSET, changed(id="11111111-1111-1111-1111-111111111111"), "U13d"),
    (by_hand, INITIALISE, in_assets(fields_updated=["asset_model"]), "U14a"),
    (removed, OFFBOARD, lambda found: found["site"].update(asset_ids=[]), "L6e"),
    (removed, OFFBOARD, lambda found: found["asset"].update(id="11111111-1111-1111-1111-111111111111"), "L6e"),
    (removed, INITIALISE, in_site(site_created=False), "L7a"),
    (refused, INITIALISE, in_site(site_created=False), "U1d"),
    (refused, INITIALISE, in_site(fields_updated=[]), "U1d"),
    (registered, REGISTER, lambda found: found["site"].update(dispatch_methods=["limited_pause"]), "U11b"),
    (registered, READ_SITE, without("postcode"), "U11d"),
    (listed, LIST_SITES, popped("sites"), "U12b"),
    (listed, LIST_SITES, changed(total_num_sites=3), "U12d"),
    (listed, LIST_SITES, changed(total_num_pages=7), "U12g"),
    (listed, LIST_ASSETS, lambda found: found["assets"].reverse(), "U12h"),
    (listed, LIST_ASSETS, doubled("assets"), "U12f"),
)

ENROLLED = {"dispatch_methods": ["limited_pause"], "markets": ["wholesale"]}
LATER: tuple[tuple[Story, str, Lie, str, int], ...] = (
    (refused, READ_SITE, changed(address="7 Canal Row"), "U1d", 1),
    (refused, READ_SITE, changed(**ENROLLED), "L0k", 1),
    (consented, READ_SITE, changed(**{CONSENTED: "2026-03-01T00:00:00Z"}), "L0m", 2),
    (consented, READ_SITE, changed(**ENROLLED), "L3c", 3),
    (by_hand, READ_SITE, changed(**ENROLLED), "L0j", 1),
)
"""Lies that begin after a number of right answers."""


@pytest.mark.parametrize(("story", "operation", "lie", "statement", "after"), [*((*row, 0) for row in LIES), *LATER])
def test_a_lie_is_reported_by_its_statement(story: Story, operation: str, lie: Lie, statement: str, after: int) -> None:
    calls = count()
    go = Watched({operation: lambda found: next(calls) >= after and lie(found)})
    story(go)
    assert statement in {one.of for one in go.broken}, go.broken


STATUSES = (
    (removed, READ_SITE, 404, 200, "L6a"),
    (removed, OFFBOARD, 404, 400, "L6d"),
    (removed, TRANSACTIONS, 404, 403, "L6c"),
    (removed, ELIGIBILITY, 404, 400, "E4b"),
    (removed, FIND_ASSET, 404, 200, "L6b"),
    (removed, READ_ASSET, 404, 200, "L8b"),
    (removed, DELETE_ASSET, 204, 404, "U1a"),
    (consented, READ_SITE, 200, 404, "U1a"),
    (consented, UNENROL, 200, 404, "L0d"),
    (by_hand, READ_SITE, 200, 404, "U10f"),
)


@pytest.mark.parametrize(("story", "operation", "healthy", "status", "statement"), STATUSES)
def test_a_wrong_status_is_reported_by_its_statement(
    story: Story, operation: str, healthy: int, status: int, statement: str
) -> None:
    go = Watched(statuses={(operation, healthy): status})
    story(go)
    assert statement in {one.of for one in go.broken}, go.broken


def test_what_was_forgotten_is_not_judged() -> None:
    go = Watched({READ_SITE: changed(postcode="LS1 4AP")})
    site_id = upsert(go)["site"]["site_id"]
    go.watch.forget()
    go.call(READ_SITE, site_id=site_id)
    assert go.broken == []


def test_another_accounts_answers_are_compared_with_the_document_only() -> None:
    go = Watched()
    site_id = upsert(go)["site"]["site_id"]
    other = {"id": site_id, "postcode": "LS1 4AP", "dispatch_methods": [], "markets": [], "asset_ids": []}
    answer = Answer(READ_SITE, 200, AS_JSON, "", other, EXCHANGE, "")
    go.watch.see(MadeCall("other", READ_SITE, {"site_id": site_id}, {}, None, {}), answer)
    assert go.broken == []
