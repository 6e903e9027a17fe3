"""Checks that the sections of a scenario fit each other."""

from collections.abc import Iterable, Iterator

from mockaxle.core.limits import MAX_SITES
from mockaxle.core.rule_errors import TariffInvalid
from mockaxle.core.sites import is_email
from mockaxle.core.tariffs import read_off_peak
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.problems import Path, Problem
from mockaxle.scenarios.sections import MAX_WINDOWS, PortfolioSection, Scenario


def problems_of(scenario: Scenario) -> Iterator[Problem]:
    """Yield every contradiction between sections; if there are too many entries, only that."""
    sizes = list(_sizes(scenario))
    if sizes:
        yield from sizes
        return
    yield from _windows(scenario)
    yield from _prices(scenario)
    yield from _home_assistant(scenario)
    yield from _names(scenario)
    yield from _receivers(scenario)
    yield from _sites(scenario)
    yield from _assets(scenario)
    yield from _pauses(scenario)
    yield from _tariffs(scenario)
    yield from _withdrawals(scenario)
    yield from _events(scenario)


def first_mpans(portfolio: PortfolioSection) -> range:
    """Return the first twelve digits of a portfolio's MPANs, as numbers."""
    first = int(portfolio.first_mpan)
    return range(first, first + portfolio.count)


def _sizes(scenario: Scenario) -> Iterator[Problem]:
    total = len(scenario.sites) + sum(portfolio.count for portfolio in scenario.portfolios)
    if total > MAX_SITES:
        yield Problem(("portfolios",), f"make {total} sites; a scenario has at most {MAX_SITES}")
    if len(scenario.daily_windows or ()) + len(scenario.single_windows or ()) > MAX_WINDOWS:
        yield Problem(("single_windows",), f"make more than {MAX_WINDOWS} windows, together with the daily ones")
    for number, portfolio in enumerate(scenario.portfolios):
        if first_mpans(portfolio).stop > 10**12:
            yield Problem(("portfolios", number, "first_mpan"), "is too high: the last MPAN exceeds 13 digits")


def _windows(scenario: Scenario) -> Iterator[Problem]:
    daily = [(("daily_windows", n), window.id) for n, window in enumerate(scenario.daily_windows or ())]
    single = [(("single_windows", n), window.id) for n, window in enumerate(scenario.single_windows or ())]
    yield from _repeated((((*path, "id"), id) for path, id in (*daily, *single) if id), "window")


def _receivers(scenario: Scenario) -> Iterator[Problem]:
    names = ((("receivers", number, "name"), one.name) for number, one in enumerate(scenario.receivers))
    yield from _repeated(names, "receiver")


def _prices(scenario: Scenario) -> Iterator[Problem]:
    instants = ((("prices", n, "at"), spell_utc(one.at)) for n, one in enumerate(scenario.prices))
    yield from _repeated(instants, "price")


def _home_assistant(scenario: Scenario) -> Iterator[Problem]:
    """Yield events later than the clock. A dump, which has counters, may contain an event not shown yet."""
    events = [(("home_assistant_events", number), event) for number, event in enumerate(scenario.home_assistant_events)]
    yield from _repeated((((*path, "id"), event.id) for path, event in events if event.id), "event")
    begins_at = scenario.clock.at if scenario.clock and not scenario.counters else None
    withdrawn = scenario.home_assistant_withdrawn
    for path, event in [*events, *([(("home_assistant_withdrawn",), withdrawn)] if withdrawn else [])]:
        if begins_at is not None and event.updated_at is not None and event.updated_at > begins_at:
            text = f"is later than the clock, {spell_utc(begins_at)}; set an earlier instant or leave it out"
            yield Problem((*path, "updated_at"), text)


def _names(scenario: Scenario) -> Iterator[Problem]:
    yield from _repeated(((("meters", n, "mpan"), m.mpan) for n, m in enumerate(scenario.meters or ())), "meter")
    yield from _repeated(((("models", n, "name"), m.name) for n, m in enumerate(scenario.models or ())), "model")
    yield from _repeated(
        ((("accounts", n, "username"), account.username) for n, account in enumerate(scenario.accounts)), "account"
    )
    for number, account in enumerate(scenario.accounts):
        if account.password == "wrong":
            yield Problem(("accounts", number, "password"), "is always refused; use another one")


def _sites(scenario: Scenario) -> Iterator[Problem]:
    taken = {digits for portfolio in scenario.portfolios for digits in first_mpans(portfolio)}
    if len(taken) < sum(portfolio.count for portfolio in scenario.portfolios):
        yield Problem(("portfolios",), "share MPANs; set another first_mpan")
    mpans = ((("sites", n, "mpan"), site.mpan) for n, site in enumerate(scenario.sites))
    yield from _repeated(((path, mpan) for path, mpan in mpans if mpan), "site")
    users = ((("sites", n, "user"), site.user) for n, site in enumerate(scenario.sites))
    yield from _repeated(((path, user) for path, user in users if user), "site")
    ids: list[tuple[Path, str | None]] = [(("sites", n, "id"), site.id) for n, site in enumerate(scenario.sites)]
    ids += [(("assets", n, "id"), asset.id) for n, asset in enumerate(scenario.assets)]
    ids += [
        (("sites", n, "transactions", which, "id"), transaction.id)
        for n, site in enumerate(scenario.sites)
        for which, transaction in enumerate(site.transactions)
    ]
    yield from _repeated(((path, id) for path, id in ids if id), "site, asset or transaction")
    for number, site in enumerate(scenario.sites):
        if site.mpan is None and site.user is None:
            yield Problem(("sites", number, "mpan"), "is missing; a site needs mpan or user")
        if site.mpan is not None and int(site.mpan[:12]) in taken:
            yield Problem(("sites", number, "mpan"), f"{site.mpan} is also in a portfolio")
        if site.email is not None and not is_email(site.email):
            yield Problem(("sites", number, "email"), "is not an email address such as ada@example.org")


def _assets(scenario: Scenario) -> Iterator[Problem]:
    sites = {name for site in scenario.sites for name in (site.mpan, site.user, site.id)}
    names = {portfolio.name for portfolio in scenario.portfolios}
    if len(names) < len(scenario.portfolios):
        yield Problem(("portfolios",), "share a name, and therefore external ids")
    external_ids = ((("assets", n, "external_id"), asset.external_id) for n, asset in enumerate(scenario.assets))
    yield from _repeated(external_ids, "asset")
    for number, asset in enumerate(scenario.assets):
        if asset.site not in sites:
            yield Problem(("assets", number, "site"), f"{asset.site!r:.60} is not the MPAN, user or id of a site")
        if asset.external_id.rpartition("-")[0] in names:
            yield Problem(("assets", number, "external_id"), f"{asset.external_id!r:.60} may also be in a portfolio")


def _pauses(scenario: Scenario) -> Iterator[Problem]:
    for number, asset in enumerate(scenario.assets):
        for which, pause in enumerate(asset.pauses):
            if pause.end_at <= pause.start_at:
                yield Problem(("assets", number, "pauses", which, "end_at"), "is not after start_at")


def _tariffs(scenario: Scenario) -> Iterator[Problem]:
    for number, asset in enumerate(scenario.assets):
        tariff = asset.session.tariff if asset.session else None
        try:
            if tariff is not None:
                read_off_peak(tariff.off_peak_times, tariff.timezone)
        except TariffInvalid as invalid:
            yield Problem(("assets", number, "session", "tariff"), invalid.text)


def _withdrawals(scenario: Scenario) -> Iterator[Problem]:
    """Yield withdrawals of a site that has no such transaction. The site may be gone; its withdrawals go on."""
    yield from _repeated(((("withdrawals", n, "id"), one.id) for n, one in enumerate(scenario.withdrawals)), "one")
    paid_out = {site.id: {one.id: one for one in site.transactions} for site in scenario.sites if site.id is not None}
    for number, one in enumerate(scenario.withdrawals):
        if one.site not in paid_out:
            continue
        known = paid_out[one.site].get(one.id)
        if known is None:
            yield Problem(("withdrawals", number, "id"), f"is not a transaction of site {one.site}")
        elif (known.credit_pence, known.payment_status) != (-one.pence, one.status):
            text = f"differs from its transaction: {known.credit_pence} pence, {known.payment_status}"
            yield Problem(("withdrawals", number, "status"), text)


def _events(scenario: Scenario) -> Iterator[Problem]:
    """Yield flex events that end before they start, or that have no estimate."""
    for number, site in enumerate(scenario.sites):
        for which, one in enumerate(site.transactions):
            if one.end_at is not None and one.start_at is not None and one.end_at < one.start_at:
                yield Problem(("sites", number, "transactions", which, "end_at"), "is before start_at")
            if one.basis is not None and (one.revenue_gbp is None or one.end_at is None):
                yield Problem(("sites", number, "transactions", which, "basis"), "needs revenue_gbp and end_at")


def _repeated(named: Iterable[tuple[Path, str]], what: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            yield Problem(path, f"{name!r:.60} is already used by another {what}")
        seen.add(name)
