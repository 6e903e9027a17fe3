"""Lists of the records suite: limits, offsets, filters, totals and all pages. Source: U12."""

from mockaxle.harness.answer import Answer
from mockaxle.harness.operations import CHANGE_SITE, INITIALISE, LIST_ASSETS, LIST_SITES
from mockaxle.harness.records.own_sites import OwnSites
from mockaxle.harness.run import Judge, NotTestable
from mockaxle.harness.watching.memory import Kind
from mockaxle.harness.watching.representations import LISTS

SITES = 12
"""More than a page has without a limit."""

POSTCODES = ("LS1 4AP", "DN55 1PT", "DN55 1PT")
PAGES, LONGEST_PAGE, LONGEST_LIST = 6, 5000, 100_000
WRONG: tuple[tuple[str, str, str | int], ...] = (
    ("U12a", "limit", 0),
    ("U12a", "limit", -1),
    ("U12a", "limit", 5001),
    ("U12a", "limit", "ten"),
    ("U12a", "limit", "2.5"),
    ("U12c", "offset", -1),
    ("U12c", "offset", "one"),
)
"""Values that are refused, with their statements."""


def lists(judge: Judge) -> None:
    """Create twelve sites with two assets each, and read their lists in pages."""
    judge.run.needs(INITIALISE, LIST_SITES, LIST_ASSETS)
    with OwnSites(judge, "listed", count=SITES) as own:
        ids: dict[Kind, list[str]] = {"site": [], "asset": []}
        for place in range(SITES):
            home = own.home(place, postcode=POSTCODES[place % len(POSTCODES)])
            made = own.upsert(INITIALISE, home, own.charger(f"{place}"), own.bare(f"{place}-pump", "heat pump"))
            ids["site"].append(own.id(made, "site", "site_id", of="U1a"))
            ids["asset"] += [own.id(made, "assets", number, "asset_id") for number in range(2)]
        for operation, kind in LISTS.items():
            pages = _Pages(own, operation)
            pages.limited()
            pages.refused()
            pages.walked(ids[kind], shortest=5)
        _filtered(own, ids["site"])


class _Pages:
    """Reads the pages of one list, with filters on all of them."""

    def __init__(self, own: OwnSites, operation: str, **filters: str) -> None:
        self._own, self._operation, self._filters = own, operation, filters
        self._kind = LISTS[operation]

    def page(self, **query: str | int) -> Answer:
        return self._own.account.call(self._operation, query={**self._filters, **query})

    def ids(self, answer: Answer) -> list[str]:
        return [str(one.get("id")) for one in answer.objects_at(f"{self._kind}s")]

    def total(self, answer: Answer) -> int:
        found = answer.value(f"total_num_{self._kind}s")
        return found if isinstance(found, int) else 0

    def limited(self) -> None:
        """Read pages of several lengths from several places."""
        for limit in (1, 3, LONGEST_PAGE):
            title = f"a limit of {self._kind}s from 1 to 5000 is refused"
            self._own.judge.status(self.page(limit=limit), 200, of="U12a", title=title)
        total = self.total(self.page())
        for offset in (0, 1, 10, max(0, total - 1), total, total + 7):
            self._own.judge.status(self.page(offset=offset), 200, of="U12c", title="an offset is refused")
        whole, later = self.ids(self.page(limit=4)), self.page(limit=3, offset=1)
        title = f"a page of {self._kind}s does not begin after its offset"
        self._own.judge.expect(self.ids(later) == whole[1:], later, of="U12c", title=title, expected=f"{whole[1:]}")

    def refused(self) -> None:
        for of, name, value in WRONG:
            answer = self._own.refused.call(self._operation, query={name: value})
            title = f"a list of {self._kind}s takes {name} {value}"
            self._own.judge.expect(answer.status >= 400, answer, of=of, title=title, expected="a refusal")

    def walked(self, own_ids: list[str], *, shortest: int) -> None:
        """Read all pages, which hold every item once, and those of this check again. Raises: NotTestable."""
        total = self.total(self.page(limit=1))
        if total > LONGEST_LIST:
            raise NotTestable(f"the account has {total} {self._kind}s, too many to read")
        limit = min(LONGEST_PAGE, max(shortest, -(-total // PAGES)))
        first = self._all(total, limit=limit)
        place = min((first.index(one) for one in own_ids if one in first), default=0)
        second = self._all(total, limit=limit, start=place // limit * limit)
        judge, last = self._own.judge, self.page(limit=limit)
        title = f"the pages of {self._kind}s together do not hold every one once"
        once = len(first) == len(set(first)) and set(own_ids) <= set(first)
        judge.expect(once, last, of="U12f", title=title, expected=f"{len(own_ids)} {self._kind}s of this check, once")
        if self.total(last) == total:
            title = f"the total of {self._kind}s is not their number"
            judge.expect(total == len(first), last, of="U12d", title=title, expected=f"{len(first)}")
        same = [one for one in first if one in own_ids] == [one for one in second if one in own_ids]
        title = f"the pages of {self._kind}s have another order when they are read again"
        judge.expect(same, last, of="U12f", title=title, expected="the same order")

    def _all(self, total: int, *, limit: int, start: int = 0) -> list[str]:
        """Read pages until one is not full, and at most one page beyond the total."""
        found: list[str] = []
        for offset in range(start, total + limit, limit):
            ids = self.ids(self.page(limit=limit, offset=offset))
            found += ids
            if len(ids) < limit:
                break
        return found


def _filtered(own: OwnSites, site_ids: list[str]) -> None:
    """Read the sites of an MPAN and of a postcode, spelt in several ways, and those of none."""
    pages, judge = _Pages(own, LIST_SITES), own.judge
    postcode, other = POSTCODES[:2]
    wanted = site_ids[:: len(POSTCODES)]
    _Pages(own, LIST_SITES, postcode=postcode).walked(wanted, shortest=2)
    total = pages.total(pages.page(limit=1))
    for spelling in (postcode, postcode.replace(" ", ""), postcode.lower()):
        found = pages.page(postcode=spelling)
        title = "the total of sites with a postcode counts others too"
        expected = f"{total - SITES + len(wanted)} at most"
        judge.expect(
            pages.total(found) <= total - SITES + len(wanted), found, of="U12e", title=title, expected=expected
        )
    for place in (0, 1, SITES - 1):
        found = pages.page(mpan=own.mpans[place])
        title = "a list filtered by mpan does not hold its one site"
        judge.expect(pages.ids(found) == [site_ids[place]], found, of="U12e", title=title, expected=site_ids[place])
    pages.page(mpan=own.mpans[0], postcode=postcode)
    nothing = ({"mpan": own.mpans[0], "postcode": other}, {"postcode": "ZE1 0AA"}, {"mpan": "0" * 13})
    for query in nothing:
        found = pages.page(**query)
        title = "a list whose filters fit no site of this check is not as without them"
        absent = not set(pages.ids(found)) & set(site_ids)
        judge.expect(absent, found, of="U12e", title=title, expected="no site of this check")
    if own.has(CHANGE_SITE):
        own.account.call(CHANGE_SITE, {"postcode": other}, site_id=site_ids[0])
        pages.page(postcode=postcode)
        pages.page(postcode=other)
