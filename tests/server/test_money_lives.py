"""Random lives of a home, in which the money always adds up."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.core.exact import rounded
from mockaxle.core.records import Transaction, UserTransactionType
from mockaxle.core.uk_months import final_at
from mockaxle.scenarios.sections import SettingsSection
from tests.commanding import carry_out
from tests.server.homes import Home

PAUSE = {"proposition": "limited_pause"}
LABELS = ("charger_consumption_energy_kwh", "boundary_import_kw", "charger_lifetime_consumption_energy_kwh")
STEPS = [
    "schedule",
    "dispatch",
    "wait",
    "wait",
    "read",
    "plug in",
    "plug out",
    "charge now",
    "leave",
    "return",
    "month",
]
Step = tuple[str, int, int]

steps = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.integers(0, 30),
        st.integers(0, 2),
    ),
    max_size=14,
)
shares = st.decimals(0, 1, places=2)


class Life:
    """A home that lives through steps. With `small`, it waits hour by hour."""

    def __init__(self, *, small: bool = False, **changed: Any) -> None:
        self.home = Home(settings=SettingsSection(cm_pence_per_month=40, signup_bonus_pence=100, **changed))
        methods = {"dispatch_methods": ["cm_infrequent_dispatch"]}
        self.home.caller.post(f"/entities/site/{self.home.site_id}/dispatch-consent", methods)
        self._small = small

    def take(self, step: Step) -> None:
        kind, number, which = step
        home, now = self.home, self.home.clock.at
        if kind == "schedule":
            start = now.replace(minute=0, second=0) + timedelta(hours=1)
            block = {"start_timestamp": start.isoformat(), "end_timestamp": (start + timedelta(hours=12)).isoformat()}
            home.caller.plug_in(home.asset_id, [block])
        elif kind == "wait":
            self.until(now + timedelta(minutes=20 * number))
        elif kind == "month":
            self.until(now + timedelta(days=32))
        elif kind == "read":
            self._read(number, LABELS[which])
        elif kind in ("plug in", "plug out"):
            home.event(kind.replace(" ", "-"))
        elif kind == "dispatch":
            start = now.replace(microsecond=0) + timedelta(minutes=7 * number)
            times = {"start_time": start.isoformat(), "end_time": (start + timedelta(minutes=50)).isoformat()}
            asset = {"asset_id": home.asset_id, "power_kw": which * 4}
            body = {**times, "assets": [asset], "short_notice": True}
            carry_out(home.caller.api.worlds, "acme", "POST /dispatches", body)
        elif kind == "charge now":
            home.event("charge-now", end_at=(now + timedelta(minutes=10 * number)).isoformat())
        else:
            verb, override = ("unenrol", {}) if kind == "leave" else ("enrol", {"override_withdrawal": True})
            home.caller.post(f"/entities/site/{home.site_id}/{verb}", {**PAUSE, **override})

    def until(self, at: datetime) -> None:
        while self._small and self.home.clock.at < at - timedelta(days=1):
            self._go(self.home.clock.at + timedelta(hours=13, minutes=7))
        self._go(at)

    def _go(self, at: datetime) -> None:
        self.home.until(at.isoformat().partition("+")[0])
        self.home.call("/rewards/{site}/info")

    def _read(self, number: int, label: str) -> None:
        """Read something of a half-hour of the last day; a register that would decrease is not taken."""
        end = self.home.clock.at.replace(minute=0, second=0) - timedelta(minutes=30 * (number % 20))
        reading = {"asset_id": self.home.asset_id, "value": number / 4, "label": label}
        times = {"start_timestamp": (end - timedelta(minutes=30)).isoformat(), "end_timestamp": end.isoformat()}
        assert self.home.caller.post("/data/readings", {"readings": [{**reading, **times}]}).status == 200

    @property
    def entries(self) -> tuple[Transaction, ...]:
        return self.home.caller.state.transactions.get(self.home.site_id) or ()


def check_sums(life: Life, share: Decimal) -> None:
    """The balance is the sum of the credits; those of a settled event are its share of the final."""
    entries, now = life.entries, life.home.clock.at
    info = life.home.call("/rewards/{site}/info")
    assert info["current_balance_pence"] == sum(one.credit_pence for one in entries)
    corrected = any(one.type is UserTransactionType.CORRECTION for one in entries)
    assert info["current_balance_pence"] >= 0 or corrected
    spans = sorted((one.start_at, one.end_at or one.start_at) for one in entries if one.basis)
    assert all(one[1] <= other[0] for one, other in pairwise(spans)), "an hour is paid once"
    for event in entries:
        if event.type is not UserTransactionType.FLEX_EVENT:
            continue
        assert (event.final_gbp is not None) == (final_at(event.start_at) <= now)
        paid = event.credit_pence + sum(one.credit_pence for one in entries if one.event_id == event.id)
        if event.final_gbp is not None:
            assert paid == int(rounded(Fraction(event.final_gbp) * Fraction(share) * 100, 0))
        if event.basis is not None and event.basis.measured_kwh is None and event.final_gbp is not None:
            assert event.final_gbp == event.revenue_gbp


@pytest.mark.property
@pytest.mark.rule("B5", "B7", "B9", "W1")
@settings(max_examples=60)
@given(steps, shares, shares)
def test_the_money_adds_up_at_every_instant(life: list[Step], user: Decimal, estimate: Decimal) -> None:
    lived = Life(user_share=user, estimate_share=estimate)
    for step in [*life, ("month", 0, 0), ("month", 0, 0), ("month", 0, 0)]:
        lived.take(step)
        check_sums(lived, user)


@pytest.mark.property
@pytest.mark.rule("B5", "B9")
@settings(max_examples=40)
@given(steps)
def test_one_advance_of_the_clock_equals_many(life: list[Step]) -> None:
    """Down to the ids of the transactions."""
    at_once, slowly = Life(), Life(small=True)
    for step in [*life, ("month", 0, 0), ("month", 0, 0)]:
        at_once.take(step)
        slowly.take(step)
        assert at_once.entries == slowly.entries


@pytest.mark.rule("B3", "B5")
def test_of_a_hundred_sites_those_that_ignore_the_pause_earn_nothing() -> None:
    home = Home()
    sites = [home.site_id]
    chargers = [home.asset_id]
    for number in range(1, 100):
        site = {"mpan": f"20000000{number:05}", "street_address": f"{number} Mill Lane"}
        asset = {"external_id": f"wallbox-{number:03}", "type": "charger", "properties": {"power_kw": 7.4}}
        done = home.caller.onboard(site=site, assets=[asset]).json
        sites.append(done["site"]["site_id"])
        chargers.append(done["assets"][0]["asset_id"])
    for home.asset_id in chargers:
        home.plug_in()
    for home.asset_id in chargers[::10]:
        home.read(3.7, "01:00", "01:30")
    home.until("2026-03-01T00:00:00")
    events = [home.caller.get(f"/entities/site/{site}/flex-events").json["events"] for site in sites]
    finals = [one["final_gross_revenue_gbp"] for (one,) in events]
    assert [number for number, final in enumerate(finals) if final <= 0] == list(range(0, 100, 10))
