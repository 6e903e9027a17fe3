"""Dispatches: control asks for a time at which assets charge or discharge. Source: N15, N16, N18."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, StrictBool, model_validator

from mockaxle.core.dispatch import NOTICE, Wanted, chosen, dispatch
from mockaxle.core.dispatchable import can_be_dispatched
from mockaxle.core.dispatches import MAX_DISPATCHED, MAX_DISPATCHES, Dispatch, Dispatched
from mockaxle.core.home_assistant import HomeAssistantEvent
from mockaxle.core.records import DispatchMethod
from mockaxle.core.rule_errors import SiteUnknown
from mockaxle.core.state import State, site_at, site_of
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.fields import Instant, Section
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.commands.home_assistant import with_event
from mockaxle.world.commands.refusals import (
    CannotBeDispatched,
    ClockAdvancing,
    NothingToDispatch,
    TooLittleNotice,
    TooManyDispatches,
)
from mockaxle.world.value import World

MAX_ASSETS = 5_000
MAX_POWER_KW = 1_000_000
PowerKw = Annotated[float, Field(ge=-MAX_POWER_KW, le=MAX_POWER_KW, allow_inf_nan=False)]


class DispatchedAsset(Section):
    """Units: power in kW, positive to charge."""

    asset_id: str
    power_kw: PowerKw


class MakeDispatch(Section):
    """The assets of a dispatch, or their power and which ones: all that can be dispatched and fit each condition.

    Units: power in kW, positive to charge. Shape: site is an id or an MPAN; fraction is from 0 to 1.
    """

    start_time: Instant
    end_time: Instant
    short_notice: StrictBool = False
    assets: Annotated[tuple[DispatchedAsset, ...], Field(min_length=1, max_length=MAX_ASSETS)] | None = None
    power_kw: PowerKw | None = None
    site: str | None = None
    postcode: str | None = None
    method: DispatchMethod | None = None
    fraction: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def one_way(self) -> "MakeDispatch":
        conditions = (self.site, self.postcode, self.method, self.fraction)
        is_chosen = self.power_kw is not None and any(one is not None for one in conditions)
        is_listed = self.power_kw is None and all(one is None for one in conditions)
        if (self.assets is None and not is_chosen) or (self.assets is not None and not is_listed):
            raise ValueError("needs either assets, or power_kw with one or more of site, postcode, method, fraction")
        if self.assets is not None and len({one.asset_id for one in self.assets}) < len(self.assets):
            raise ValueError("assets has an asset twice")
        return self


def make_dispatch(world: World, body: MakeDispatch, moment: Moment) -> Done:
    """Make a dispatch, say it to the partner, and publish its Home Assistant event.

    Raises: EventEndsBeforeStart, TooLittleNotice, ClockAdvancing, CannotBeDispatched, NothingToDispatch,
    TooManyDispatches, TooManyEvents.
    """
    _check_notice(body, moment)
    assets = _listed(world.state, body.assets) if body.assets is not None else _chosen(world.state, body)
    _check_room(world, further=len(assets))
    before = world.state.outbox.made
    step = dispatch(world.state, assets, start_at=body.start_time, end_at=body.end_time, now=moment.at)
    messages = [message.id for message in step.state.outbox.after(before)]
    shown = with_event(world._replace(state=step.state), _event(step.value))
    return Done(shown, {"event_id": step.value.id, "assets": _powers(step.value), "messages": messages})


def describe_dispatches(state: State) -> dict[str, Any]:
    """Shape: each dispatch with the callbacks of its assets, in the order in which they came."""
    return {"dispatches": [_described(state, one) for one in state.dispatches.all()]}


def _check_notice(body: MakeDispatch, moment: Moment) -> None:
    """Raises: TooLittleNotice, ClockAdvancing."""
    if moment.is_advancing and body.start_time < moment.at:
        raise ClockAdvancing(f"start_time: {spell_utc(body.start_time)} has passed, and the clock is advancing")
    if not body.short_notice and body.start_time - moment.at < NOTICE:
        raise TooLittleNotice(f"start_time: {spell_utc(body.start_time)} is less than 30 minutes from now")


def _check_room(world: World, *, further: int) -> None:
    """Check that there is room for a dispatch of further assets. Raises: TooManyDispatches."""
    known = world.state.dispatches
    if known.made >= MAX_DISPATCHES or known.dispatched + further > MAX_DISPATCHED:
        raise TooManyDispatches(
            f"A world has at most {MAX_DISPATCHES:,} dispatches, and {MAX_DISPATCHED:,} assets in them"
        )


def _listed(state: State, assets: Sequence[DispatchedAsset]) -> tuple[Dispatched, ...]:
    """Raises: CannotBeDispatched."""
    for one in assets:
        asset = state.assets.get(one.asset_id)
        if asset is None:
            raise CannotBeDispatched(f"There is no asset {one.asset_id!r:.60}")
        if not can_be_dispatched(state, asset):
            methods = ", ".join(site_of(state, asset.site_id).methods_in) or "no method"
            raise CannotBeDispatched(f"The asset {asset.id} is a {asset.type}, and its site is in {methods}")
    return tuple(Dispatched(one.asset_id, one.power_kw) for one in assets)


def _chosen(state: State, body: MakeDispatch) -> tuple[Dispatched, ...]:
    """Raises: NothingToDispatch, CannotBeDispatched."""
    site_id = body.site
    if site_id is not None and (named := site_at(state, site_id)) is not None:
        site_id = named.id
    try:
        wanted = Wanted(body.power_kw or 0.0, site_id, body.postcode, body.method, body.fraction)
        found = chosen(state, wanted)
    except SiteUnknown:
        raise NothingToDispatch(f"There is no site {body.site!r:.60}") from None
    if not found:
        raise NothingToDispatch("No asset that can be dispatched fits the conditions")
    if len(found) > MAX_ASSETS:
        raise CannotBeDispatched(f"{len(found):,} assets fit; a dispatch has at most {MAX_ASSETS:,}")
    return found


def _event(made: Dispatch) -> HomeAssistantEvent:
    """Return the event that Home Assistant shows: an import if the assets charge on the whole. Source: N16, H3."""
    charges = sum(one.power_kw for one in made.assets) >= 0
    return HomeAssistantEvent(made.id, made.start_at, made.end_at, "import" if charges else "export", made.issued_at)


def _described(state: State, made: Dispatch) -> dict[str, Any]:
    return {
        "event_id": made.id,
        "issued_at": spell_utc(made.issued_at),
        "start_time": spell_utc(made.start_at),
        "end_time": spell_utc(made.end_at),
        "assets": _powers(made),
        "callbacks": [
            {
                "asset_id": one.asset_id,
                "status": said.status,
                "timestamp": spell_utc(said.timestamp),
                "received_at": spell_utc(said.received_at),
            }
            for one in made.assets
            for said in state.callbacks.get(one.asset_id) or ()
            if said.event_id == made.id
        ],
    }


def _powers(made: Dispatch) -> list[dict[str, Any]]:
    return [one._asdict() for one in made.assets]
