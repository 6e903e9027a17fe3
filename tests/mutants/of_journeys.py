"""Faults that a user's journey runs into."""

from typing import Any

from mockaxle.core import assets, meters, readings, rewards
from mockaxle.core.errors import BrokenGzip
from mockaxle.core.order import Page
from mockaxle.core.records import DispatchMethod, Standing
from mockaxle.core.rule_errors import MpanInvalid, NoMeter, SiteUnknown
from mockaxle.core.state import Outcome, asset_of, put_site, site_of
from mockaxle.server import surface
from tests.mutants.planting import Planter, found_by


@found_by("journeys", "R2")
def register_decrease_accepted(planter: Planter) -> None:
    planter.setattr(readings._Ledger, "enter", lambda self, reading: None)


@found_by("journeys", "R1")
def gzip_ignored(planter: Planter) -> None:
    planter.setattr(surface, "unpacked", lambda request, *, limit: request)


@found_by("journeys", "R1")
def gzip_refused(planter: Planter) -> None:
    def refuse(request: Any, *, limit: int) -> Any:
        if request.header(b"content-encoding"):
            raise BrokenGzip("it is packed")
        return request

    planter.setattr(surface, "unpacked", refuse)


@found_by("journeys", "U12")
def page_number_zero_based(planter: Planter) -> None:
    planter.setattr(Page, "number", property(lambda page: page.offset // page.limit))


@found_by("journeys", "L6")
def payments_outlive_the_site(planter: Planter) -> None:
    balance = rewards.balance_of

    def known(state: Any, site_id: str, *, now: Any) -> Any:
        try:
            return balance(state, site_id, now=now)
        except SiteUnknown:
            return rewards.Balance(0, 0, 1000, 0, 0)

    planter.setattr(rewards, "balance_of", known)


@found_by("journeys", "A7")
def component_token_sees_all(planter: Planter) -> None:
    planter.setattr(surface, "confined", lambda call, key: call)


@found_by("journeys", "Q9")
def refs_lead_nowhere(planter: Planter) -> None:
    def none(state: Any, ref: str) -> Any:
        raise NoMeter(ref)

    planter.setattr(meters, "by_ref", none)


@found_by("journeys", "Q10")
def a_good_mpan_is_invalid(planter: Planter) -> None:
    def refuse(state: Any, mpan: str) -> None:
        raise MpanInvalid(("no",))

    planter.setattr(meters, "validate", refuse)


@found_by("journeys", "U14")
def patch_changes_nothing(planter: Planter) -> None:
    planter.setattr(
        assets, "change_asset", lambda state, asset_id, *, change: Outcome(state, asset_of(state, asset_id))
    )


@found_by("journeys", "L9")
def a_new_asset_unenrols(planter: Planter) -> None:
    create = assets.create_asset

    def alone(state: Any, details: Any, *, site_id: str, now: Any) -> Any:
        done = create(state, details, site_id=site_id, now=now)
        site = site_of(done.state, site_id)
        out = site._replace(standings=site.moved(DispatchMethod.LIMITED_PAUSE, Standing.OUT))
        return Outcome(put_site(done.state, out), done.value)

    planter.setattr(assets, "create_asset", alone)
