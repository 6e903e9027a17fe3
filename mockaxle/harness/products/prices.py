"""Price curves of sites and assets, read twice. Source: P1."""

from collections.abc import Mapping

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import CONSENT, SMART_CHARGING, home
from mockaxle.harness.json_values import Json
from mockaxle.harness.operations import ASSET_PRICES, CREATE_SITE, INITIALISE, SITE_PRICES, UNENROL
from mockaxle.harness.products.households import device, household
from mockaxle.harness.products.judging import accepted, needs_any, refusable
from mockaxle.harness.run import Judge, Run

LISTED = "half_hourly_traded_prices"
TYPES = ("charger", "battery", "heat pump", "electric_vehicle", "hot water tank")
"""The types of asset that can be created. Source: U13."""


def prices(judge: Judge) -> None:
    """Read the curves of a home with a charger, a battery and a heat pump. Raises: NotTestable."""
    run = judge.run
    needs_any(run, SITE_PRICES, ASSET_PRICES)
    devices = [device(run, one, type=one) for one in ("charger", "battery", "heat pump")]
    with household(run, *devices, proposition=SMART_CHARGING) as priced:
        curves: list[Answer] = []
        for _ in range(2):
            if SITE_PRICES in run.keys:
                curves.append(run.main.call(SITE_PRICES, site_id=priced.site_id))
            if ASSET_PRICES in run.keys:
                curves += [run.main.call(ASSET_PRICES, asset_id=one) for one in priced.asset_ids[:2]]
        for answer in curves:
            accepted(judge, answer, of="P1a", title="a price curve cannot be read")
            title = "an enrolled home has no prices"
            judge.expect(bool(priced_at(answer)), answer, of="P1a", title=title, expected="prices")
            _judge_equal(judge, answer, first=priced_at(curves[0]))
        if ASSET_PRICES in run.keys:
            answer = refusable(run).call(ASSET_PRICES, asset_id=priced.asset_ids[2])
            judge.status(answer, 403, of="P1d", title="an asset of another type has a price curve")
        if SITE_PRICES in run.keys and UNENROL in run.keys and priced_at(curves[0]):
            run.main.call(UNENROL, {"proposition": SMART_CHARGING}, site_id=priced.site_id)
            answer, title = run.main.call(SITE_PRICES, site_id=priced.site_id), "a home has no prices after unenrol"
            judge.expect(bool(priced_at(answer)), answer, of="P1g", title=title, expected="prices")
    if SITE_PRICES in run.keys and CREATE_SITE in run.keys:
        _judge_unpriced(judge, run)
    if SITE_PRICES in run.keys and INITIALISE in run.keys and priced_at(curves[0]):
        for type in TYPES:
            _judge_type(judge, type, mpan=priced.mpan)


def priced_at(answer: Answer) -> Mapping[str, Json]:
    """Return the prices of a curve by their instants."""
    listed = answer.objects_at(LISTED)
    return {
        str(one.get("start_timestamp")): one["price_gbp_per_mwh"]
        for one in listed
        if one.get("price_gbp_per_mwh") is not None
    }


def _judge_equal(judge: Judge, answer: Answer, *, first: Mapping[str, Json]) -> None:
    """Check that the half-hours of two curves have the same prices."""
    found = priced_at(answer)
    other = [at for at in found if at in first and found[at] != first[at]]
    title = "a half-hour has another price for another reader, or a moment later"
    judge.expect(not other, answer, of="P1e", title=title, expected=f"the same price at {', '.join(other[:3])}")


def _judge_type(judge: Judge, type: str, *, mpan: str) -> None:
    """Check that a home of an MPAN that had prices has them with an asset of any type, without being enrolled."""
    run = judge.run
    body: Json = {"site": home(mpan), "assets": [device(run, f"priced-{type}", type=type)]}
    site_id = run.main.call(INITIALISE, body).text_at("site", "site_id")
    if site_id is not None:
        answer, title = run.main.call(SITE_PRICES, site_id=site_id), f"a home with a {type} has no prices"
        judge.expect(bool(priced_at(answer)), answer, of="P1h", title=title, expected="prices")
        run.take_away(run.main, site_id)


def _judge_unpriced(judge: Judge, run: Run) -> None:
    """Check that a home without consent has no prices."""
    details = {name: value for name, value in home(run.homes.next()).items() if value != CONSENT}
    site_id = run.main.call(CREATE_SITE, details).text_at("id")
    if site_id is not None:
        answer = run.main.call(SITE_PRICES, site_id=site_id)
        title = "a site that does not participate has prices"
        judge.expect(not priced_at(answer), answer, of="P1c", title=title, expected="no prices")
        run.take_away(run.main, site_id)
