"""Messages of Axle, as the app reads them: envelopes, and the dispatch in one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ev_partner import fields

DISPATCH = "vpp:dispatch:requested"
PLAN = "asset:dispatch:requested"


@dataclass(frozen=True)
class Envelope:
    """What each webhook has. The version is not looked at: a newer one may only add fields."""

    id: str
    event_type: str
    created_at: datetime
    payload: fields.Object


@dataclass(frozen=True)
class Dispatch:
    """An event in which assets run at a given power for a time. Units: kW by asset id, positive to charge."""

    event_id: str
    issued_at: datetime
    start_at: datetime
    end_at: datetime
    power_kw: Mapping[str, float]

    def is_running(self, at: datetime) -> bool:
        return self.start_at <= at < self.end_at


def read_envelope(body: bytes) -> Envelope:
    """Read an envelope of any type. Raises: fields.Unreadable."""
    source = fields.parse(body)
    return Envelope(
        id=fields.text(source, "id"),
        event_type=fields.text(source, "event_type"),
        created_at=fields.instant(source, "created_at"),
        payload=fields.mapping(source, "payload"),
    )


def read_dispatch(payload: fields.Object) -> Dispatch:
    """Read the payload of a dispatch. Raises: fields.Unreadable."""
    assets = fields.mappings(payload, "assets")
    return Dispatch(
        event_id=fields.text(payload, "event_id"),
        issued_at=fields.instant(payload, "issued_timestamp"),
        start_at=fields.instant(payload, "start_time"),
        end_at=fields.instant(payload, "end_time"),
        power_kw={fields.text(asset, "asset_id"): fields.number(asset, "power_kw") for asset in assets},
    )
