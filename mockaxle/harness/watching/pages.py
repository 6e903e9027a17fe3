"""Checks the pages of lists: their length, filters, totals and order. Source: U12."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.watching.checked import Checked, equal
from mockaxle.harness.watching.memory import Kind, Known, Memory
from mockaxle.harness.watching.representations import LISTS
from mockaxle.harness.watching.values import same

DEFAULT_LIMIT = 10
FILTERS = ("mpan", "postcode")


class ListedPage(NamedTuple):
    """A page of sites or assets, as asked for and as answered."""

    kind: Kind
    items: list[JsonObject]
    total: int
    limit: int
    offset: int

    @property
    def ids(self) -> list[str]:
        return [str(one.get("id")) for one in self.items]

    @property
    def is_all(self) -> bool:
        return self.offset == 0 and self.total <= self.limit


def paged(memory: Memory, call: MadeCall, *, answer: Answer) -> Iterator[Checked]:
    """Yield the cases of a page."""
    page = _page(call, answer)
    if page is None:
        return
    yield from _sizes(page)
    yield from _numbers(page, answer)
    yield from _filtered(call, page)
    yield from _ordered(memory, page)
    if call.is_full:
        yield from _whole(memory, call, page)


def _page(call: MadeCall, answer: Answer) -> ListedPage | None:
    """Return a page of a list; None if the answer has none, or if its limits are not numbers that a list takes."""
    if call.operation not in LISTS or not answer.is_good:
        return None
    kind = LISTS[call.operation]
    total = answer.value(f"total_num_{kind}s")
    limit, offset = (_number(call, *pair) for pair in (("limit", DEFAULT_LIMIT), ("offset", 0)))
    if isinstance(total, bool) or not isinstance(total, int) or limit < 1 or offset < 0:
        return None  # the document says what is wrong
    return ListedPage(kind, answer.objects_at(f"{kind}s"), total, limit, offset)


def _number(call: MadeCall, name: str, default: int) -> int:
    sent = str(call.query.get(name, default))
    return int(sent) if sent.isascii() and sent.isdecimal() else -1


def _sizes(page: ListedPage) -> Iterator[Checked]:
    count = len(page.items)
    yield Checked("U12b", count <= page.limit, "a page is longer than its limit", f"{page.limit} items at most")
    left = max(0, min(page.limit, page.total - page.offset))
    of = "U12c" if page.offset else "U12b"
    yield equal(of, count, expected=left, title="a page has another number of items than are left")


def _numbers(page: ListedPage, answer: Answer) -> Iterator[Checked]:
    number, count = page.offset // page.limit + 1, -(-page.total // page.limit)
    yield equal("U12g", answer.value("page_number"), expected=number, title=f"page_number of {page.kind}s is wrong")
    yield equal(
        "U12g", answer.value("total_num_pages"), expected=count, title=f"total_num_pages of {page.kind}s is wrong"
    )


def _filtered(call: MadeCall, page: ListedPage) -> Iterator[Checked]:
    for name in (one for one in FILTERS if one in call.query):
        wanted = call.query[name]
        fitting = all(same(name, one.get(name), other=wanted) for one in page.items)
        yield Checked("U12e", fitting, f"a list filtered by {name} has another site", f"sites with {name} {wanted}")


def _ordered(memory: Memory, page: ListedPage) -> Iterator[Checked]:
    ids = page.ids
    yield Checked("U12f", len(set(ids)) == len(ids), f"a page lists one of its {page.kind}s twice", "each once")
    order = {id: number for number, id in enumerate(memory.created)}
    numbers = [order[id] for id in ids if id in order]
    title = f"{page.kind}s are not in the order of their creation"
    yield Checked("U12h", all(one < other for one, other in pairwise(numbers)), title, "the oldest first")


def _whole(memory: Memory, call: MadeCall, page: ListedPage) -> Iterator[Checked]:
    """Compare a list with the known sites or assets that fit its filters."""
    wanted = {name: str(call.query[name]) for name in FILTERS if name in call.query}
    known = [one for one in memory.live(page.kind) if _fits(one, wanted)]
    spelt = all(one.fields.get(name) == value for one in known for name, value in wanted.items())
    of_total, of_items = ("U12e", "U12e") if wanted else ("U12d", "U12f")
    filters = f" filtered by {' and '.join(wanted)}" if wanted else ""
    title = f"the total of {page.kind}s{filters} is too small"
    yield Checked(of_total if spelt else "U9a", page.total >= len(known), title, f"at least {len(known)}")
    absent = {one.id for one in known} - set(page.ids) if page.is_all else set()
    title = f"a list of all {page.kind}s{filters} lacks some"
    yield Checked(of_items if spelt else "U9a", not absent, title, f"{', '.join(sorted(absent))}")


def _fits(one: Known, wanted: dict[str, str]) -> bool:
    """Tell whether a site has the values of filters, however they are spelt."""
    return all(same(name, one.fields.get(name), other=value) for name, value in wanted.items())
