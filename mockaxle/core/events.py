"""What a step made happen, in the past tense; frozen values without behaviour."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteCreated:
    site_id: str


@dataclass(frozen=True, slots=True)
class SiteFilledIn:
    site_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssetCreated:
    asset_id: str
    site_id: str


@dataclass(frozen=True, slots=True)
class AssetFilledIn:
    asset_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteEnrolled:
    site_id: str
    method: str


@dataclass(frozen=True, slots=True)
class SiteUnenrolled:
    site_id: str
    method: str


@dataclass(frozen=True, slots=True)
class MeterConsentGiven:
    site_id: str


@dataclass(frozen=True, slots=True)
class SiteChanged:
    site_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteDeleted:
    site_id: str


@dataclass(frozen=True, slots=True)
class SiteOffboarded:
    site_id: str


@dataclass(frozen=True, slots=True)
class AssetChanged:
    asset_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssetDeleted:
    asset_id: str


@dataclass(frozen=True, slots=True)
class SchedulePlanned:
    """A charging schedule was answered; `paused` says whether it came back with a pause."""

    asset_id: str
    paused: bool


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """A partner said something of a car that is, or was, plugged in."""

    asset_id: str


@dataclass(frozen=True, slots=True)
class ChargingPlanned:
    asset_id: str


@dataclass(frozen=True, slots=True)
class ReadingsTaken:
    asset_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BalanceWithdrawn:
    site_id: str
    pence: int


@dataclass(frozen=True, slots=True)
class DeviceCloudLinked:
    site_id: str
    provider: str


@dataclass(frozen=True, slots=True)
class SiteTokenGiven:
    site_id: str


Event = (
    SiteCreated
    | SiteFilledIn
    | SiteChanged
    | SiteEnrolled
    | SiteUnenrolled
    | SiteDeleted
    | SiteOffboarded
    | MeterConsentGiven
    | AssetCreated
    | AssetFilledIn
    | AssetChanged
    | AssetDeleted
    | SchedulePlanned
    | SessionChanged
    | ChargingPlanned
    | ReadingsTaken
    | BalanceWithdrawn
    | DeviceCloudLinked
    | SiteTokenGiven
)
