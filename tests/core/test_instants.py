"""When assets were created, and since when limited_pause is in force."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mockaxle.core.assets import AssetChange, AssetDetails, change_asset, create_asset, delete_asset
from mockaxle.core.enrolment import (
    dispatch_consent,
    dispatch_deconsent,
    enrol,
    initialise,
    meter_consent,
    onboard,
    register,
    unenrol,
)
from mockaxle.core.records import Asset, AssetType, DispatchMethod, Site
from mockaxle.core.sites import SiteChange, SiteDetails, change_site
from mockaxle.core.state import Outcome, State, asset_named, site_at
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default

PAUSE, VPP = DispatchMethod.LIMITED_PAUSE, DispatchMethod.VPP_LIMITED_CONTROL
MPAN = "1000000000012"
EARLY = datetime(2026, 1, 20, 18, 0, 0, 250_000, tzinfo=UTC)
LATE = EARLY + timedelta(hours=1)
HOME = SiteDetails(MPAN, "M1 1AE", consent_at=datetime(2026, 1, 5, tzinfo=UTC))
CHARGER = AssetDetails("a", AssetType.CHARGER)
ENROL: dict[str, Any] = {"proposition": PAUSE, "override_withdrawal": True}
Step = Callable[[State, str], Outcome[Any]]


def initialised() -> State:
    empty = State(b"seed", blueprint(default()).reference)
    return initialise(empty, HOME, assets=[CHARGER], now=EARLY).state


def site_of(state: State) -> Site:
    site = site_at(state, MPAN)
    assert site
    return site


def asset_of(state: State) -> Asset:
    asset = asset_named(state, "a")
    assert asset
    return asset


@pytest.mark.rule("V5")
def test_an_asset_keeps_the_whole_second_of_its_creation() -> None:
    created_at = EARLY.replace(microsecond=0)
    state = initialised()
    assert asset_of(state).created_at == created_at
    again = initialise(state, HOME, assets=[AssetDetails("a", AssetType.CHARGER, power_kw=7.4)], now=LATE)
    assert asset_of(again.state).created_at == created_at
    changed = change_asset(again.state, asset_of(state).id, change=AssetChange(power_kw=11.0))
    assert (changed.value.power_kw, changed.value.created_at) == (11.0, created_at)


@pytest.mark.rule("V5")
def test_an_asset_that_is_deleted_and_created_again_is_created_anew() -> None:
    state = initialised()
    gone = delete_asset(state, asset_of(state).id).state
    again = create_asset(gone, CHARGER, site_id=site_of(gone).id, now=LATE)
    assert again.value.created_at == LATE.replace(microsecond=0)


ENTERING: dict[str, Step] = {
    "onboard": lambda state, _: onboard(state, HOME, assets=[CHARGER], **ENROL, now=LATE),
    "enrol": lambda state, site_id: enrol(state, site_id, **ENROL, consent_at=None, now=LATE),
    "dispatch-consent": lambda state, site_id: dispatch_consent(state, site_id, methods=[VPP, PAUSE], now=LATE),
}


@pytest.mark.rule("W5")
@pytest.mark.parametrize("enter", ENTERING.values(), ids=ENTERING.keys())
def test_limited_pause_is_in_force_since_the_site_entered_it_last(enter: Step) -> None:
    state = initialised()
    site_id = site_of(state).id
    assert site_of(state).pausing_since is None
    assert site_of(enter(state, site_id).state).pausing_since == LATE
    before = enrol(state, site_id, **ENROL, consent_at=None, now=EARLY).state
    left = unenrol(before, site_id, proposition=PAUSE, now=LATE).state
    assert site_of(left).pausing_since == EARLY
    assert site_of(enter(left, site_id).state).pausing_since == LATE


@pytest.mark.rule("W5", "U11")
def test_a_registered_home_has_both_instants() -> None:
    empty = State(b"seed", blueprint(default()).reference)
    done = register(empty, HOME, asset=CHARGER, methods=[PAUSE], now=LATE).value
    assert (done.site.pausing_since, done.asset.created_at) == (LATE, LATE.replace(microsecond=0))
    done = register(empty, HOME, asset=CHARGER, methods=[VPP], now=LATE).value
    assert done.site.pausing_since is None


STAYING: dict[str, Step] = {
    **ENTERING,
    "initialise": lambda state, _: initialise(state, HOME, assets=[CHARGER], now=LATE),
    "dispatch-deconsent": lambda state, site_id: dispatch_deconsent(state, site_id, methods=[VPP], now=LATE),
    "unenrol": lambda state, site_id: unenrol(state, site_id, proposition=VPP, now=LATE),
    "meter-consent": lambda state, site_id: meter_consent(state, site_id, consent_at=LATE),
    "PATCH": lambda state, site_id: change_site(state, site_id, change=SiteChange(email="a@b")),
}


@pytest.mark.rule("W5")
@pytest.mark.parametrize("call", STAYING.values(), ids=STAYING.keys())
def test_a_call_that_finds_limited_pause_in_force_leaves_its_beginning(call: Step) -> None:
    state = initialised()
    inside = enrol(state, site_of(state).id, **ENROL, consent_at=None, now=EARLY).state
    assert site_of(call(inside, site_of(inside).id).state).pausing_since == EARLY
