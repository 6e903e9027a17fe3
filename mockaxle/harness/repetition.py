"""The repetition suite: calls every operation until it was accepted often, since some faults show once in ten answers.

The watch looks at each answer; answers that should not depend on time are also compared with the first of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from mockaxle.harness.addresses import NEED_AN_ADDRESS, POSTCODE
from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import LIMITED_PAUSE, SMART_CHARGING, charger, external_id, home, onboarding
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.operations import (
    BALANCE,
    BATTERY_SCHEDULE,
    CHECK_ELIGIBILITY,
    COMPONENT_TOKEN,
    CREATE_ASSET,
    CREATE_SITE,
    DELETE_ASSET,
    DELETE_SITE,
    DISPATCH_EXAMPLE,
    ELIGIBILITY,
    ENROL,
    FIND_ASSET,
    FLEX_EVENTS,
    HOME_ASSISTANT,
    INITIALISE,
    METER_BY_MPAN,
    METER_BY_REF,
    OFFBOARD,
    ONBOARD,
    PLUG_IN_SCHEDULE,
    PROFILE_EXAMPLE,
    READ_INTENT,
    REGISTER,
    SEARCH_METERS,
    SEND_READINGS,
    TRANSACTIONS,
    UNENROL,
    WHO,
)
from mockaxle.harness.run import NotTestable, Run
from mockaxle.harness.samples import sample
from mockaxle.harness.target import LOG_IN, Counts
from mockaxle.harness.watching.values import unordered

SUITE = "repetition"
MANY = 40
"""Acceptances, after which a fault of one answer in ten has shown with a probability of 98 %."""

REFUSALS = 3
"""Refusals in a row after which an operation is given up; another suite judges why."""

EVENT_ID = "11111111-1111-4111-8111-111111111111"

STEADY: Mapping[str, str] = {
    WHO: "A5a",
    ELIGIBILITY: "Q1a",
    CHECK_ELIGIBILITY: "Q5c",
    METER_BY_MPAN: "Q8a",
    METER_BY_REF: "Q9a",
    SEARCH_METERS: "Q9a",
    BALANCE: "W1a",
    TRANSACTIONS: "W2a",
    FLEX_EVENTS: "W4a",
    READ_INTENT: "C4e",
    DISPATCH_EXAMPLE: "V6a",
    PROFILE_EXAMPLE: "V6a",
    PLUG_IN_SCHEDULE: "F7a",
}
"""Operations whose answers stay the same, with their statements; the watch compares sites and assets."""


def repetition(run: Run) -> None:
    """Raises: NotTestable."""
    if not run.may_write:
        raise NotTestable("it writes: --allow-writes")
    run.needs(ONBOARD)
    home_ = _Home.made(run)
    left_out = {HOME_ASSISTANT, DELETE_SITE, DELETE_ASSET, OFFBOARD, *run.without_data}
    keys = [key for key in run.keys if key not in left_out]
    for number, key in enumerate(keys):
        run.progress.step(number, len(keys))
        _repeat(run, key, act=partial(home_.call, key))
    run.progress.step(len(keys), len(keys))
    run.take_away(run.main, home_.site_id)


def _repeat(run: Run, key: str, *, act: Callable[[], Answer]) -> None:
    """Call an operation until it was accepted often, and compare its answers."""
    first, refused = None, 0
    while run.target.counts.get(key, Counts()).accepted < MANY and refused < REFUSALS:
        answer = act()
        if not answer.is_good:
            refused += 1
            continue
        first, refused = first or answer, 0
        if key in STEADY:
            title = f"{key} answers the same call differently"
            same = unordered(answer.json) == unordered(first.json)
            run.judge(SUITE).expect(same, answer, of=STEADY[key], title=title, expected=first.shown)


@dataclass(slots=True)
class _Home:
    """A home with a charger and a battery, in both propositions, for calls that may be repeated."""

    run: Run
    site_id: str
    asset_id: str
    battery_id: str
    mpan: str
    ref: str
    _count: int = 0

    @classmethod
    def made(cls, run: Run) -> "_Home":
        """Raises: NotTestable."""
        mpan = run.homes.next()
        battery: JsonObject = {"external_id": external_id(run, "steady-battery"), "type": "battery"}
        body = onboarding(run, mpan, name="steady") | {"assets": [charger(run, "steady"), battery]}
        made = run.main.call(ONBOARD, body)
        site_id, ids = made.text_at("site", "site_id"), [one.get("asset_id") for one in made.objects_at("assets")]
        if site_id is None or len(ids) != 2:
            raise NotTestable(f"no home could be onboarded: {made.shown}")
        if ENROL in run.keys:
            run.main.call(ENROL, {"proposition": SMART_CHARGING}, site_id=site_id)
        ref = ""
        if SEARCH_METERS in run.keys:
            found = run.main.call(SEARCH_METERS, query={"postcode": POSTCODE})
            ref = found.text_at(0, "ref") or ""
            run.without_data |= set() if ref else NEED_AN_ADDRESS
        return cls(run, site_id, str(ids[0]), str(ids[1]), mpan, ref)

    def call(self, key: str) -> Answer:
        special = _SPECIAL.get(key)
        return special(self) if special is not None else self.plain(key)

    def plain(self, key: str, body: Json = None, *, query: dict[str, str | int] | None = None) -> Answer:
        """Call an operation with the document's example, or another body, on this home."""
        run, usual = self.run, sample(self.run, key)
        battery = key == BATTERY_SCHEDULE or key.endswith("{asset_id}/price-curve")
        ids = {"site_id": self.site_id, "asset_id": self.battery_id if battery else self.asset_id}
        ids |= {"mpan": self.mpan, "meter_ref": self.ref, "provider": "myenergi", "event_id": EVENT_ID}
        named = {name: value for name, value in ids.items() if "{" + name + "}" in key}
        sent = usual.body if body is None else body
        return run.main.call(key, sent, form=usual.form, query=query or usual.query, ids=named)

    def name(self) -> str:
        self._count += 1
        return external_id(self.run, f"steady-{self._count}")


def _log_in(of: _Home) -> Answer:
    return of.run.main.log_in()


def _find(of: _Home) -> Answer:
    return of.run.main.call(FIND_ASSET, external_id=external_id(of.run, "steady"))


def _upsert(key: str) -> Callable[[_Home], Answer]:
    def call(of: _Home) -> Answer:
        body = onboarding(of.run, of.mpan, name="steady")
        body = body if key == ONBOARD else {"site": body["site"], "assets": body["assets"]}
        return of.run.main.call(key, body)

    return call


def _create_asset(of: _Home) -> Answer:
    made = of.run.main.call(CREATE_ASSET, {**charger(of.run, "new"), "external_id": of.name(), "site_id": of.site_id})
    if made.is_good and DELETE_ASSET in of.run.keys:
        of.run.main.call(DELETE_ASSET, asset_id=str(made.value("id")))
    return made


def _create_site(of: _Home) -> Answer:
    made = of.run.main.call(CREATE_SITE, home(of.run.homes.next()))
    if made.is_good and DELETE_SITE in of.run.keys:
        of.run.main.call(DELETE_SITE, site_id=str(made.value("id")))
    return made


def _register(of: _Home) -> Answer:
    body: JsonObject = {
        "site": home(of.run.homes.next()),
        "asset": {**charger(of.run, "new"), "external_id": of.name()},
    }
    made = of.run.main.call(REGISTER, {**body, "dispatch_consent": {"dispatch_methods": [LIMITED_PAUSE]}})
    if made.is_good:
        of.run.take_away(of.run.main, str(made.value("site", "id")))
    return made


def _enrol(of: _Home) -> Answer:
    body: JsonObject = {"proposition": LIMITED_PAUSE, "override_withdrawal": True}
    answer = of.plain(ENROL, body)
    if UNENROL in of.run.keys and answer.is_good:
        of.plain(UNENROL, {"proposition": LIMITED_PAUSE})
        of.plain(ENROL, body)
    return answer


def _component_token(of: _Home) -> Answer:
    form = dict(sample(of.run, COMPONENT_TOKEN).form or {})
    return of.run.main.call(COMPONENT_TOKEN, form={**form, "external_user_id": external_id(of.run, "steady-user")})


def _readings(of: _Home) -> Answer:
    usual = sample(of.run, SEND_READINGS).body
    listed = usual.get("readings") if isinstance(usual, dict) else None
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    return of.run.main.call(SEND_READINGS, {"readings": [{**first, "asset_id": of.asset_id}]})


def _search(of: _Home) -> Answer:
    return of.plain(SEARCH_METERS, query={"postcode": POSTCODE})


def _intent(of: _Home) -> Answer:
    answer = of.plain(READ_INTENT)
    if answer.status == 404:
        of.plain("POST /entities/asset/{asset_id}/event/intent")
        answer = of.plain(READ_INTENT)
    return answer


_SPECIAL: Mapping[str, Callable[[_Home], Answer]] = {
    LOG_IN: _log_in,
    FIND_ASSET: _find,
    ONBOARD: _upsert(ONBOARD),
    INITIALISE: _upsert(INITIALISE),
    CREATE_ASSET: _create_asset,
    CREATE_SITE: _create_site,
    REGISTER: _register,
    ENROL: _enrol,
    COMPONENT_TOKEN: _component_token,
    SEND_READINGS: _readings,
    SEARCH_METERS: _search,
    READ_INTENT: _intent,
}
