"""What each step says has happened."""

from datetime import UTC, datetime

from mockaxle.core.assets import AssetChange, AssetDetails, change_asset, create_asset, delete_asset
from mockaxle.core.enrolment import (
    dispatch_consent,
    dispatch_deconsent,
    enrol,
    initialise,
    meter_consent,
    onboard,
    unenrol,
)
from mockaxle.core.events import (
    AssetChanged,
    AssetCreated,
    AssetDeleted,
    AssetFilledIn,
    MeterConsentGiven,
    SiteChanged,
    SiteCreated,
    SiteDeleted,
    SiteEnrolled,
    SiteFilledIn,
    SiteOffboarded,
    SiteUnenrolled,
)
from mockaxle.core.offboarding import delete_site, offboard
from mockaxle.core.records import AssetType, DispatchMethod
from mockaxle.core.site_change import SiteChange, change_site
from mockaxle.core.sites import SiteDetails
from mockaxle.core.state import State
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default

PAUSE, VPP = DispatchMethod.LIMITED_PAUSE, DispatchMethod.VPP_LIMITED_CONTROL
HOME = SiteDetails("1000000000012", "M1 1AE", consent_at=datetime(2026, 1, 5, tzinfo=UTC))
CHARGER = AssetDetails("a", AssetType.CHARGER)


def test_a_life_in_events() -> None:
    state = State(b"seed", blueprint(default()).reference)
    first = onboard(state, HOME, assets=[CHARGER], proposition=PAUSE, override_withdrawal=False)
    site, asset = first.value.initialised.site.id, first.value.initialised.assets[0].id
    assert first.events == (SiteCreated(site), AssetCreated(asset, site), SiteEnrolled(site, PAUSE))
    again = onboard(first.state, HOME, assets=[CHARGER], proposition=PAUSE, override_withdrawal=False)
    assert again.events == ()

    details = SiteDetails("1000000000012", "M1 1AE", street_address="7 Canal Row")
    filled = initialise(first.state, details, assets=[AssetDetails("a", AssetType.CHARGER, power_kw=7.4)])
    assert filled.events == (SiteFilledIn(site, ("street_address",)), AssetFilledIn(asset, ("properties",)))

    left = unenrol(filled.state, site, proposition=PAUSE)
    assert left.events == (SiteUnenrolled(site, PAUSE),)
    assert unenrol(left.state, site, proposition=PAUSE).events == ()
    back = enrol(left.state, site, proposition=PAUSE, override_withdrawal=True, consent_at=None)
    assert back.events == (SiteEnrolled(site, PAUSE),)
    both = dispatch_consent(back.state, site, methods=[PAUSE, VPP])
    assert both.events == (SiteEnrolled(site, VPP),)
    assert dispatch_deconsent(both.state, site, methods=[VPP]).events == (SiteUnenrolled(site, VPP),)
    assert meter_consent(back.state, site, consent_at=datetime(2026, 2, 2, tzinfo=UTC)).events == (
        MeterConsentGiven(site),
    )
    assert offboard(back.state, site).events == (SiteOffboarded(site),)


def test_changes_in_events() -> None:
    state = State(b"seed", blueprint(default()).reference)
    first = initialise(state, HOME, assets=[])
    site = first.value.site.id
    made = create_asset(first.state, CHARGER, site_id=site)
    assert made.events == (AssetCreated(made.value.id, site),)
    changed = change_asset(made.state, made.value.id, change=AssetChange(power_kw=11.0))
    assert changed.events == (AssetChanged(made.value.id, ("power_kw",)),)
    gone = delete_asset(changed.state, made.value.id)
    assert gone.events == (AssetDeleted(made.value.id),)
    patched = change_site(gone.state, site, change=SiteChange(email="a@b"))
    assert patched.events == (SiteChanged(site, ("email",)),)
    assert delete_site(patched.state, site).events == (SiteDeleted(site),)
