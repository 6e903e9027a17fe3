"""Sites' lives over HTTP, two organisations at once, in any order, against the harness's model."""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.serving import Served
from tests.stateful.reference import EXTERNAL_IDS, METHODS, MPANS, PROPOSITIONS, Model

NOBODY = "00000000-0000-4000-8000-000000000000"
names = (f"organisation-{number}" for number in count())
who = st.sampled_from([0, 1])
mpans, propositions = st.sampled_from(MPANS), st.sampled_from(PROPOSITIONS)
external_ids = st.lists(st.sampled_from(EXTERNAL_IDS), unique=True, max_size=2)


PAUSE = {"proposition": "limited_pause"}
CONSENT = {"gave_boundary_meter_consent_at": "2026-02-02T00:00:00Z"}
TOUCHES: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "/eligibility", None),
    ("PATCH", "", {"address": "7 Canal Row", "email": "a@b"}),
    ("POST", "/meter-consent", CONSENT),
]
SITE, ASSET = "/entities/site/{site}", "/entities/asset/{asset}"
TRESPASSES: list[tuple[str, str, Any]] = [
    *((verb, SITE + path, body) for verb, path, body in TOUCHES),
    ("POST", f"{SITE}/enrol", PAUSE),
    ("POST", f"{SITE}/unenrol", PAUSE),
    ("POST", f"{SITE}/dispatch-consent", {"dispatch_methods": ["vpp_limited_control"]}),
    ("POST", f"{SITE}/dispatch-deconsent", {"dispatch_methods": ["limited_pause"]}),
    ("POST", f"{SITE}/offboard-site-and-assets", None),
    ("DELETE", SITE, None),
    ("GET", ASSET, None),
    ("PATCH", ASSET, {"asset_model": "zappi"}),
    ("DELETE", ASSET, None),
    ("POST", f"{ASSET}/event/plug-in-schedule", {"charging_schedule": []}),
]


def site(mpan: str) -> dict[str, str]:
    return {"mpan": mpan, "postcode": "M1 1AE", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}


def chargers(names: list[str]) -> list[dict[str, str]]:
    return [{"external_id": name, "type": "charger"} for name in names]


class Organisation:
    """An account over HTTP, with the model of what it should see. Shape: `state` is another object after a change."""

    state: object

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.username = next(names)
        self.model = Model()
        form = {"username": self.username, "password": "secret"}
        token = client.post("/auth/token-form", data=form).json()["access_token"]
        self.bearer = {"Authorization": f"Bearer {token}"}
        self.site_ids: dict[str, str] = {}
        self.seen: Any = None
        self.look()

    def call(self, verb: str, path: str, body: Any = None) -> httpx.Response:
        return self.client.request(verb, path, json=body, headers=self.bearer)

    def post(self, expected: int, path: str, body: Any = None) -> None:
        self.send(expected, "POST", path, body)

    def send(self, expected: int, verb: str, path: str, body: Any = None) -> None:
        """A refused call leaves the very same state; any other changes what the model says."""
        before = self.state
        answer = self.call(verb, path, body)
        assert answer.status_code == expected, answer.text
        if expected >= 400:
            assert self.state is before
        self.look()

    def look(self) -> None:
        sites = self.call("GET", "/entities/site?limit=5000").json()["sites"]
        assets = self.call("GET", "/entities/asset?limit=5000").json()["assets"]
        self.seen = (sites, assets)
        self.site_ids = {one["mpan"]: one["id"] for one in sites}

    def path(self, mpan: str, call: str = "") -> str:
        return f"/entities/site/{self.site_ids.get(mpan, NOBODY)}{call}"


class ServedOrganisation(Organisation):
    """One of a server in this process."""

    def __init__(self, client: httpx.Client, served: Served) -> None:
        self._served = served
        super().__init__(client)

    @property
    def state(self) -> object:  # type: ignore[override]  # it is read only
        """The very state that the server keeps of this organisation."""
        hosted = self._served.app.api.worlds.find(self.username)
        assert hosted
        return hosted.world.state


class Http(RuleBasedStateMachine):
    """Shape: `organisation` makes one that has called nothing."""

    organisation: Callable[[], Organisation]

    def __init__(self) -> None:
        super().__init__()
        self.organisations = [self.organisation() for _ in range(2)]

    @rule(who=who, mpan=mpans, names=external_ids)
    def initialise(self, who: int, mpan: str, names: list[str]) -> None:
        one, body = self.organisations[who], {"site": site(mpan), "assets": chargers(names)}
        expected = one.model.initialise(mpan, names)
        one.post(expected, "/entities/site/initialise", body)
        self.repeat(one, expected, "/entities/site/initialise", body)

    @rule(who=who, mpan=mpans, names=external_ids, proposition=propositions, override=st.booleans())
    def onboard(self, who: int, mpan: str, names: list[str], proposition: str, override: bool) -> None:
        one = self.organisations[who]
        expected = one.model.onboard(mpan, names, proposition, override=override)
        body = {"site": site(mpan), "assets": chargers(names), "proposition": proposition}
        one.post(expected, "/entities/site/onboard", {**body, "override_withdrawal": override})
        self.repeat(one, expected, "/entities/site/onboard", {**body, "override_withdrawal": override})

    def repeat(self, one: Organisation, expected: int, path: str, body: Any) -> None:
        """An upsert repeated changes nothing."""
        if expected == 200:
            before = one.state
            one.post(200, path, body)
            assert one.state is before

    @rule(who=who, mpan=mpans, proposition=propositions, override=st.booleans())
    def enrol(self, who: int, mpan: str, proposition: str, override: bool) -> None:
        one = self.organisations[who]
        expected = one.model.enrol(mpan, proposition, override=override)
        one.post(expected, one.path(mpan, "/enrol"), {"proposition": proposition, "override_withdrawal": override})

    @rule(who=who, mpan=mpans, proposition=propositions)
    def unenrol(self, who: int, mpan: str, proposition: str) -> None:
        one = self.organisations[who]
        expected = one.model.step("unenrol", mpan, method=proposition)
        one.post(expected, one.path(mpan, "/unenrol"), {"proposition": proposition})

    @rule(who=who, mpan=mpans, methods=st.lists(st.sampled_from(METHODS), unique=True), giving=st.booleans())
    def dispatch(self, who: int, mpan: str, methods: list[str], giving: bool) -> None:
        one = self.organisations[who]
        expected = one.model.dispatch(mpan, methods, giving=giving)
        call = "/dispatch-consent" if giving else "/dispatch-deconsent"
        one.post(expected, one.path(mpan, call), {"dispatch_methods": methods})

    @rule(who=who, mpan=mpans, name=st.sampled_from(EXTERNAL_IDS))
    def add_charger(self, who: int, mpan: str, name: str) -> None:
        one = self.organisations[who]
        expected = one.model.add_charger(mpan, name)
        one.post(expected, "/entities/asset", {**chargers([name])[0], "site_id": one.site_ids.get(mpan, NOBODY)})

    @rule(who=who, name=st.sampled_from(EXTERNAL_IDS))
    def delete_charger(self, who: int, name: str) -> None:
        one = self.organisations[who]
        found = one.call("GET", f"/entities/asset/external-id/{name}")
        owner = one.model.owner(name)
        assert found.status_code == (200 if owner else 404)
        if owner:
            del one.model.homes[owner].assets[name]
            one.send(204, "DELETE", f"/entities/asset/{found.json()['id']}")

    @rule(who=who, mpan=mpans)
    def offboard(self, who: int, mpan: str) -> None:
        one = self.organisations[who]
        expected = one.model.offboard(mpan)
        one.post(expected, one.path(mpan, "/offboard-site-and-assets"))

    @rule(who=who, mpan=mpans)
    def delete(self, who: int, mpan: str) -> None:
        one = self.organisations[who]
        expected = one.model.delete(mpan)
        one.send(expected, "DELETE", one.path(mpan))

    @rule(who=who, mpan=mpans, call=st.sampled_from(TOUCHES))
    def touch(self, who: int, mpan: str, call: tuple[str, str, Any]) -> None:
        one, (verb, path, body) = self.organisations[who], call
        if verb == "PATCH":
            body = {**body, "address": f"{mpan} Canal Row"}  # an address of its own, or E7 refuses it
        one.send(200 if mpan in one.model.homes else 404, verb, one.path(mpan, path), body)

    @rule(who=who, mpan=mpans, call=st.sampled_from(TRESPASSES))
    def trespass(self, who: int, mpan: str, call: tuple[str, str, Any]) -> None:
        """With the other's ids everything is 404, and neither world changes."""
        one, other, (verb, path, body) = self.organisations[who], self.organisations[1 - who], call
        site = next((site for site in other.seen[0] if site["mpan"] == mpan), None)
        if site is None or ("{asset}" in path and not site["asset_ids"]):
            return
        before = other.state
        one.send(404, verb, path.format(site=site["id"], asset=next(iter(site["asset_ids"]), "")), body)
        assert other.state is before

    @invariant()
    def each_sees_its_own_and_no_other(self) -> None:
        for one in self.organisations:
            sites, assets = one.seen
            names = {asset["id"]: asset["external_id"] for asset in assets}
            seen = {s["mpan"]: (s["dispatch_methods"], [names.pop(id) for id in s["asset_ids"]]) for s in sites}
            assert seen == {
                mpan: (sorted(home.methods_in()), list(home.assets)) for mpan, home in one.model.homes.items()
            }
            assert names == {}, "no asset without its site"
        ids = [{one["id"] for kind in organisation.seen for one in kind} for organisation in self.organisations]
        assert not ids[0] & ids[1]


def machine(organisation: Callable[[], Organisation]) -> type[Http]:
    return type("Http", (Http,), {"organisation": staticmethod(organisation)})


@pytest.mark.property
@pytest.mark.rule("L0", "L13", "U1", "U5", "U6", "E4")
def test_calls_in_any_order_agree_with_the_model(served: Served) -> None:
    with httpx.Client(base_url=served.base_url) as client:
        organisation = partial(ServedOrganisation, client, served)
        run_state_machine_as_test(machine(organisation), settings=settings(stateful_step_count=50))
