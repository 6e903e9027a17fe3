"""Records of dispatches and of the partner's answers to them. Source: V1, N15, N18."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from mockaxle.core.records import DispatchMethod
from mockaxle.core.table import Table

CONTROLLING = (DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL, DispatchMethod.VPP_LIMITED_CONTROL)
"""The methods in which batteries are dispatched. Source: V5, N3, N15."""

MAX_DISPATCHES, MAX_DISPATCHED = 1_000, 100_000
"""The dispatches of a world, and the assets in all of them."""


class Dispatched(NamedTuple):
    """An asset of a dispatch. Units: power in kW, positive to charge."""

    asset_id: str
    power_kw: float


class Dispatch(NamedTuple):
    """Shape: id is the event's; instants are aware UTC."""

    id: str
    issued_at: datetime
    start_at: datetime
    end_at: datetime
    assets: tuple[Dispatched, ...]


class Callback(NamedTuple):
    """A partner's answer: its status and timestamp as sent, and the instant at which it came. Source: C9, N18."""

    event_id: str
    status: str
    timestamp: datetime
    received_at: datetime


class Dispatches(NamedTuple):
    """The dispatches of a world by number, from 1.

    Shape: `by_asset` has the number of each of an asset's dispatches, with the power. Units: dispatched in assets.
    """

    by_number: Table[int, Dispatch] = Table()
    by_asset: Table[str, tuple[tuple[int, float], ...]] = Table()
    made: int = 0
    dispatched: int = 0

    def put(self, dispatch: Dispatch) -> "Dispatches":
        number, by_asset = self.made + 1, self.by_asset
        for one in dispatch.assets:
            by_asset = by_asset.put(one.asset_id, (*(by_asset.get(one.asset_id) or ()), (number, one.power_kw)))
        by_number, dispatched = self.by_number.put(number, dispatch), self.dispatched + len(dispatch.assets)
        return Dispatches(by_number, by_asset, number, dispatched)

    @property
    def latest(self) -> Dispatch | None:
        return self.by_number.get(self.made)

    def all(self) -> Iterator[Dispatch]:
        found = (self.by_number.get(number) for number in range(1, self.made + 1))
        return (one for one in found if one is not None)

    def of(self, asset_id: str) -> Iterator[tuple[Dispatch, float]]:
        """Yield an asset's dispatches with its power, oldest first. Units: kW, positive to charge."""
        for number, power_kw in self.by_asset.get(asset_id) or ():
            if (found := self.by_number.get(number)) is not None:
                yield found, power_kw
