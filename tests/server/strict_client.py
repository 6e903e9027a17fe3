"""A client that takes too much for granted, as hand-written ones do: each of its habits breaks on one awkwardness."""

from collections.abc import Callable, Mapping

from mockaxle.world.awkwardness import Awkward
from tests.calling import Answer

SITE_FIELDS = {"id", "mpan", "postcode", "address", "asset_ids", "dispatch_methods", "markets"}
SITE_FIELDS |= {"gave_boundary_meter_consent_at"}
DISPATCH_METHODS = {"limited_pause", "full_asset_schedule_control", "cm_infrequent_dispatch", "vpp_limited_control"}


class TakenForGranted(Exception):
    """An answer that is not as it was before."""


def fields(answer: Answer) -> None:
    """Breaks on a field that is absent."""
    if missing := SITE_FIELDS - answer.json.keys():
        raise TakenForGranted(missing)


def values(answer: Answer) -> None:
    """Breaks on null."""
    if any(value is None for value in answer.json.values()):
        raise TakenForGranted("null")


def no_others(answer: Answer) -> None:
    """Breaks on a field that it does not know."""
    if unknown := answer.json.keys() - SITE_FIELDS:
        raise TakenForGranted(unknown)


def column(answer: Answer) -> None:
    """Breaks on a text that does not fit its database's column."""
    if len(answer.json.get("address") or "") > 255:
        raise TakenForGranted("address")


def every_page(answer: Answer) -> None:
    """Breaks on a page without sites before the last."""
    if not answer.json["sites"] and answer.json["total_num_sites"]:
        raise TakenForGranted("an empty page")


def each_once(answer: Answer) -> None:
    """Breaks on a site that it saw before."""
    ids = [site["id"] for site in answer.json["sites"]]
    if len(ids) != len(set(ids)):
        raise TakenForGranted("a site twice")


def consent_date(answer: Answer) -> None:
    """Breaks on an instant that is not spelt as ever."""
    if not answer.json["gave_boundary_meter_consent_at"].endswith(":00+00:00"):
        raise TakenForGranted("instant")


def first_key(answer: Answer) -> None:
    """Breaks on keys in another order."""
    if list(answer.json) != [name for name in ORDER if name in answer.json]:
        raise TakenForGranted("order")


ORDER: tuple[str, ...] = ("id", "mpan", "postcode", "address", "asset_ids", "markets", "dispatch_methods")
ORDER += ("gave_boundary_meter_consent_at",)


def methods(answer: Answer) -> None:
    """Breaks on a dispatch method that it does not know."""
    if unknown := set(answer.json["dispatch_methods"]) - DISPATCH_METHODS:
        raise TakenForGranted(unknown)


HABITS: Mapping[Awkward, Callable[[Answer], None]] = {
    Awkward.ABSENT: fields,
    Awkward.NULL: values,
    Awkward.EXTRA: no_others,
    Awkward.LONG: column,
    Awkward.EMPTY_PAGE: every_page,
    Awkward.FULL_PAGE: each_once,
    Awkward.DATETIMES: consent_date,
    Awkward.REORDERED: first_key,
    Awkward.UNKNOWN_ENUM: methods,
}
PAGES = (Awkward.EMPTY_PAGE, Awkward.FULL_PAGE)
"""Which habit breaks on what, and which of them are about lists."""
