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
class SchedulePlanned:
    """A charging schedule was answered; `paused` says whether it came back with a pause."""

    asset_id: str
    paused: bool


Event = SiteCreated | SiteFilledIn | AssetCreated | AssetFilledIn | SiteEnrolled | SchedulePlanned
