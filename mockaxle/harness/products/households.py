"""Homes that a part of the suite onboards, and removes at its end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import LIMITED_PAUSE, external_id, home
from mockaxle.harness.json_values import Json
from mockaxle.harness.operations import ONBOARD
from mockaxle.harness.run import NotTestable, Run

INSTALLED_ON = "2025-11-03"
POWER: Mapping[str, Json] = {"charger": {"power_kw": 7.4}, "battery": {"power_kw": 5, "capacity_kwh": 10}}


class Household(NamedTuple):
    """An onboarded home. Shape: asset_ids in the order of its assets; `made` is the answer that created it."""

    mpan: str
    site_id: str
    asset_ids: tuple[str, ...]
    made: Answer


def device(
    run: Run, name: str, *, type: str = "charger", model: str | None = None, is_dated: bool = False
) -> dict[str, Json]:
    """Make the body of an asset, which is named after the run. Shape: is_dated if it has an installation date."""
    body: dict[str, Json] = {"external_id": external_id(run, f"products-{name}"), "type": type}
    details: dict[str, Json] = {
        "properties": POWER.get(type),
        "asset_model": model,
        "installation_date": INSTALLED_ON if is_dated else None,
    }
    return body | {field: value for field, value in details.items() if value is not None}


@contextmanager
def household(run: Run, *assets: dict[str, Json], proposition: str = LIMITED_PAUSE) -> Iterator[Household]:
    """Onboard a home, with a charger unless assets are given; remove it at the end. Raises: NotTestable."""
    run.needs(ONBOARD)
    mpan, devices = run.homes.next(), [*assets] or [device(run, "charger")]
    made = run.main.call(ONBOARD, {"site": home(mpan), "assets": devices, "proposition": proposition})
    site_id = made.text_at("site", "site_id")
    try:
        ids = tuple(str(one.get("asset_id")) for one in made.objects_at("assets"))
        if site_id is None or len(ids) != len(devices):
            raise NotTestable(f"no home could be onboarded: {made.shown}")
        yield Household(mpan, site_id, ids, made)
    finally:
        if site_id is not None:
            run.take_away(run.main, site_id)
