"""Sites' lives as pure steps, in any order, against the harness's model."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mockaxle.core import assets, enrolment
from mockaxle.core.assets import AssetDetails
from mockaxle.core.errors import Refusal
from mockaxle.core.records import AssetType, DispatchMethod
from mockaxle.core.sites import SiteDetails
from mockaxle.core.state import Outcome, State, asset_named, assets_at, site_at, sites_in
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default
from mockaxle.server.refusals import STATUS
from tests.stateful.reference import EXTERNAL_IDS, METHODS, MPANS, PROPOSITIONS, Model

CONSENT_AT = datetime(2026, 1, 5, tzinfo=UTC)
NOW = datetime(2026, 1, 20, tzinfo=UTC)
mpans, propositions = st.sampled_from(MPANS), st.sampled_from(PROPOSITIONS)
external_ids = st.lists(st.sampled_from(EXTERNAL_IDS), unique=True, max_size=2)
methods = st.lists(st.sampled_from(METHODS), unique=True)


def details(mpan: str) -> SiteDetails:
    return SiteDetails(mpan, "M1 1AE", consent_at=CONSENT_AT)


def chargers(names: list[str]) -> list[AssetDetails]:
    return [AssetDetails(name, AssetType.CHARGER) for name in names]


class Steps(RuleBasedStateMachine):
    """Every step is tried on the state and on the model, and both must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.state = State(b"seed", blueprint(default()).reference)

    def do(self, expected: int, step: Any, *arguments: Any, **named: Any) -> None:
        """A refused step leaves the very same state; any other is the next one."""
        status = expected if expected == 204 else 200
        try:
            outcome: Outcome[Any] = step(self.state, *arguments, **named)
            self.state = outcome.state
        except Refusal as refusal:
            status = STATUS[type(refusal)]
        assert status == expected

    def site_id(self, mpan: str) -> str:
        site = site_at(self.state, mpan)
        return site.id if site else "nobody"

    @rule(mpan=mpans, names=external_ids)
    def initialise(self, mpan: str, names: list[str]) -> None:
        expected = self.model.initialise(mpan, names)
        self.do(expected, enrolment.initialise, details(mpan), assets=chargers(names), now=NOW)
        if expected == 200:
            before = self.state
            self.do(200, enrolment.initialise, details(mpan), assets=chargers(names), now=NOW)
            assert self.state is before

    @rule(mpan=mpans, names=external_ids, proposition=propositions, override=st.booleans())
    def onboard(self, mpan: str, names: list[str], proposition: str, override: bool) -> None:
        expected = self.model.onboard(mpan, names, proposition, override=override)
        named = {"proposition": DispatchMethod(proposition), "override_withdrawal": override, "now": NOW}
        self.do(expected, enrolment.onboard, details(mpan), assets=chargers(names), **named)
        if expected == 200:
            before = self.state
            self.do(200, enrolment.onboard, details(mpan), assets=chargers(names), **named)
            assert self.state is before

    @rule(mpan=mpans, proposition=propositions, override=st.booleans())
    def enrol(self, mpan: str, proposition: str, override: bool) -> None:
        expected = self.model.enrol(mpan, proposition, override=override)
        named = {"proposition": DispatchMethod(proposition), "override_withdrawal": override, "consent_at": None}
        self.do(expected, enrolment.enrol, self.site_id(mpan), **named, now=NOW)

    @rule(mpan=mpans, proposition=propositions)
    def unenrol(self, mpan: str, proposition: str) -> None:
        expected = self.model.step("unenrol", mpan, method=proposition)
        named = {"proposition": DispatchMethod(proposition), "now": NOW}
        self.do(expected, enrolment.unenrol, self.site_id(mpan), **named)

    @rule(mpan=mpans, named=methods, giving=st.booleans())
    def dispatch(self, mpan: str, named: list[str], giving: bool) -> None:
        expected = self.model.dispatch(mpan, named, giving=giving)
        step = enrolment.dispatch_consent if giving else enrolment.dispatch_deconsent
        methods = [DispatchMethod(method) for method in named]
        self.do(expected, step, self.site_id(mpan), methods=methods, now=NOW)

    @rule(mpan=mpans, name=st.sampled_from(EXTERNAL_IDS))
    def add_charger(self, mpan: str, name: str) -> None:
        expected = self.model.add_charger(mpan, name)
        self.do(expected, assets.create_asset, chargers([name])[0], site_id=self.site_id(mpan), now=NOW)

    @rule(name=st.sampled_from(EXTERNAL_IDS))
    def delete_charger(self, name: str) -> None:
        owner, asset = self.model.owner(name), asset_named(self.state, name)
        if owner:
            del self.model.homes[owner].assets[name]
        self.do(200 if owner else 404, assets.delete_asset, asset.id if asset else "nobody")

    @rule(mpan=mpans)
    def offboard(self, mpan: str) -> None:
        expected = self.model.offboard(mpan)
        self.do(expected, enrolment.offboard, self.site_id(mpan))

    @rule(mpan=mpans)
    def delete(self, mpan: str) -> None:
        expected = self.model.delete(mpan)
        self.do(expected, enrolment.delete_site, self.site_id(mpan))

    @invariant()
    def the_state_is_the_models(self) -> None:
        for mpan in MPANS:
            site, home = site_at(self.state, mpan), self.model.homes.get(mpan)
            assert (site is None) == (home is None)
            if site and home:
                assert [str(s) for s in site.standings] == [home.standings[method] for method in METHODS]
                assert list(site.methods_in) == sorted(home.methods_in())
                assert [asset.external_id for asset in assets_at(self.state, site)] == list(home.assets)

    @invariant()
    def every_look_up_agrees(self) -> None:
        state, homes = self.state, self.model.homes
        count = sum(len(home.assets) for home in homes.values())
        assert len(state.sites) == len(state.site_ids) == state.site_order.live == len(homes)
        assert len(state.assets) == len(state.asset_ids) == state.asset_order.live == count
        listed = state.site_order.page(0, limit=9)
        assert tuple(site.id for site in sites_in(state, "m11ae")) == listed
        assert all(state.assets.get(id) is not None for id in state.asset_order.page(0, limit=9))


@pytest.mark.property
@pytest.mark.rule("L0", "U1", "U5", "U6")
def test_steps_in_any_order_agree_with_the_model() -> None:
    count = max(200, settings().max_examples)
    run_state_machine_as_test(Steps, settings=settings(max_examples=count, stateful_step_count=50))
