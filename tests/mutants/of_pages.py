"""Faults of lists: U12."""

from collections.abc import Callable
from typing import Any

from mockaxle.harness.operations import LIST_ASSETS, LIST_SITES
from tests.mutants.planting import BY_HAND, Fault, add, fault, in_answers, is_tenth, nth
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal

LISTS = (LIST_SITES, LIST_ASSETS)
DEFAULT_LIMIT, MAX_LIMIT = 10, 5000


def asking(name: str, statement: str, *of: str, change: Callable[[Call], Call], also: tuple[str, ...] = ()) -> None:
    """Register a fault that asks the mock for another page."""

    async def answer(call: Call, mock: Mock) -> Reply:
        return await mock(change(call))

    add(Fault(name, statement, BY_HAND, also, frozenset(of), answer))


def limit_of(call: Call) -> int:
    return int(call.asked.get("limit", DEFAULT_LIMIT))


def offset_of(call: Call) -> int:
    return int(call.asked.get("offset", 0))


def with_offset(call: Call, offset: int) -> Call:
    return call.asking(offset=offset) if offset_of(call) != offset else call


def instead_of(limit: int | None, call: Call, *, take: int) -> Call:
    return call.asking(limit=take) if call.asked.get("limit") == (None if limit is None else str(limit)) else call


asking("a_limit_of_0_is_taken", "U12a", LIST_SITES, change=lambda call: instead_of(0, call, take=1), also=("G1c",))
asking(
    "a_limit_of_5001_is_taken",
    "U12a",
    LIST_ASSETS,
    change=lambda call: instead_of(MAX_LIMIT + 1, call, take=MAX_LIMIT),
    also=("G1c",),
)
asking("a_page_has_20_items", "U12b", LIST_SITES, change=lambda call: instead_of(None, call, take=20), also=("U12g",))
asking("a_limit_of_assets_is_ignored", "U12b", LIST_ASSETS, change=lambda call: call.asking(limit=MAX_LIMIT))
asking("a_page_of_sites_has_one_more", "U12b", LIST_SITES, change=lambda call: call.asking(limit=limit_of(call) + 1))
asking("an_offset_of_sites_is_ignored", "U12c", LIST_SITES, change=lambda call: call.asking(offset=None))
asking(
    "an_offset_counts_from_1",
    "U12c",
    LIST_SITES,
    change=lambda call: with_offset(call, max(0, offset_of(call) - 1)),
    also=("U12f",),
)
asking(
    "a_negative_offset_is_taken",
    "U12c",
    LIST_SITES,
    change=lambda call: with_offset(call, max(0, offset_of(call))),
    also=("G1c",),
)
asking("the_filter_by_mpan_is_ignored", "U12e", LIST_SITES, change=lambda call: call.asking(mpan=None))
asking("the_filter_by_postcode_is_ignored", "U12e", LIST_SITES, change=lambda call: call.asking(postcode=None))
asking(
    "two_filters_are_one",
    "U12e",
    LIST_SITES,
    change=lambda call: call.asking(postcode=None) if "mpan" in call.asked else call,
)


@fault("U12a", *LISTS)
async def a_limit_of_5000_is_refused(call: Call, mock: Mock) -> Reply:
    return refusal(422, []) if call.asked.get("limit") == str(MAX_LIMIT) else await mock(call)


@in_answers("U12d", LIST_SITES)
def the_total_of_sites_is_that_of_the_page(said: Any, call: Call, seen: Seen) -> None:
    said["total_num_sites"] = len(said["sites"])


@in_answers("U12d", LIST_ASSETS)
def the_total_of_assets_is_one_more(said: Any, call: Call, seen: Seen) -> None:
    said["total_num_assets"] += 1


@fault("U12d", LIST_SITES)
async def the_total_counts_filtered_sites_too(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    every = await mock.quietly(call.asking(mpan=None, postcode=None))
    return reply.saying({**reply.json, "total_num_sites": every.json["total_num_sites"]}) if reply.is_good else reply


@in_answers("U12f", LIST_SITES, also=("U12b", "U12d", "U12e"))
def the_last_site_is_left_out(said: Any, call: Call, seen: Seen) -> None:
    if offset_of(call) + len(said["sites"]) == said["total_num_sites"]:
        said["sites"] = said["sites"][:-1]


@in_answers("U12f", LIST_ASSETS, also=("U12b", "U12c"))
def the_first_item_of_a_later_page_is_left_out(said: Any, call: Call, seen: Seen) -> None:
    if offset_of(call):
        said["assets"] = said["assets"][1:]


@in_answers("U12f", LIST_SITES, also=("U12b",))
def a_page_repeats_its_first_site(said: Any, call: Call, seen: Seen) -> None:
    if len(said["sites"]) > 1:
        said["sites"][1] = said["sites"][0]


def turned(name: str, of: str, items: str) -> None:
    """Register a fault whose order of items is another one in every other answer."""

    async def answer(call: Call, mock: Mock) -> Reply:
        if nth(mock.seen) % 2:
            return await mock(call)
        reply = await mock(call.asking(offset=0, limit=MAX_LIMIT))
        page = await mock.quietly(call)
        turned = reply.json[items][::-1][offset_of(call) : offset_of(call) + limit_of(call)]
        return page.saying({**page.json, items: turned}) if page.is_good else page

    add(Fault(name, "U12f", BY_HAND, ("U12h",), frozenset((of,)), answer))


turned("the_order_of_sites_changes", LIST_SITES, "sites")


@in_answers("U12e", LIST_SITES)
def a_known_mpan_is_sometimes_not_listed(said: Any, call: Call, seen: Seen) -> None:
    if "mpan" in call.asked and is_tenth(seen):
        said |= {"sites": [], "total_num_sites": 0, "total_num_pages": 0}
