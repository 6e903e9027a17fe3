"""The settings of the server under test: those that it reports, those that the user gives, else those of the rules.

A mockaxle reports its settings, market and clock in its control, to the token of the organisation. Other servers have
no such pages. The settings are those on which a judgement depends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mockaxle.client.client import Bounds
from mockaxle.client.errors import Unanswered
from mockaxle.client.log_in import bearer
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.json_values import Json
from mockaxle.harness.optimiser.market import PaidWindow, read_windows

CONTROL = "/__mockaxle/world"
PATIENCE_SECONDS = 10.0

Setting = bool | int | str


@dataclass(frozen=True, slots=True)
class KnownSettings:
    """Decisions on points that the rules leave open, and the market. Units: the pause in minutes.

    Shape: windows is None if the server does not report its market. Source: G9, F2, F7, L5, A8.
    """

    style: str = "contract"
    pause_minutes: int = 30
    strict_time: bool = False
    withdrawal_memory: bool = True
    consent_exempt: bool = False
    windows: tuple[PaidWindow, ...] | None = None

    def changed(self, settings: Mapping[str, Setting]) -> "KnownSettings":
        """Return them with the settings named. Shape: as read by `read_setting`."""
        changes: dict[str, Any] = dict(settings)
        return replace(self, **changes)


class SettingForm(NamedTuple):
    """The texts that a setting may have. Raises: `read` raises ValueError or KeyError."""

    says: str
    read: Callable[[str], Setting]


def _one_of(*words: str) -> SettingForm:
    return SettingForm(" or ".join(words), {word: word for word in words}.__getitem__)


def _minutes(text: str) -> int:
    """Raises: ValueError."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if found % 30 or not 30 <= found <= 240:
        raise ValueError("not a length of a pause")
    return found


TRUTH = SettingForm("true or false", {"true": True, "false": False}.__getitem__)
FORMS: Mapping[str, SettingForm] = {
    "style": _one_of("contract", "wire"),
    "pause_minutes": SettingForm("a multiple of 30 from 30 to 240", _minutes),
    "strict_time": TRUTH,
    "withdrawal_memory": TRUTH,
    "consent_exempt": TRUTH,
}
"""The settings by name, as `docs/control.md` describes them."""


class SettingRefused(Exception):
    """A setting that does not exist, or a value that it cannot have. The text says what is possible."""


def read_setting(name: str, text: str) -> Setting:
    """Raises: SettingRefused."""
    form = FORMS.get(name)
    if form is None:
        raise SettingRefused(f"there is no setting {name!r:.60}; the settings are {', '.join(FORMS)}")
    try:
        return form.read(text)
    except (KeyError, ValueError):
        raise SettingRefused(f"{name} is {form.says}, not {text!r:.60}") from None


def settings_of(account: CheckedAccount, *, given: Mapping[str, Setting]) -> KnownSettings:
    """Ask the server for its settings and its market. Shape: the given settings replace those of the server."""
    market = _control_page(account, "/market")
    windows = None if market is None else read_windows(market.get("windows"))
    return KnownSettings(windows=windows).changed({**_read(_control_page(account, "/settings") or {}), **given})


def now_of(account: CheckedAccount) -> datetime | None:
    """Ask the server for its clock. Shape: aware UTC; None if it does not report the time."""
    try:
        now = datetime.fromisoformat(str((_control_page(account, "/clock") or {}).get("now")))
        return now.astimezone(UTC) if now.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _read(reported: Mapping[str, Json]) -> dict[str, Setting]:
    """Read the settings that have a known name and a possible value."""
    found: dict[str, Setting] = {}
    for name in FORMS.keys() & reported.keys():
        text = str(reported[name])
        try:
            found[name] = read_setting(name, text.lower() if isinstance(reported[name], bool) else text)
        except SettingRefused:
            continue
    return found


def _control_page(account: CheckedAccount, path: str) -> dict[str, Json] | None:
    """Read a page of the world's control; None for anything but a JSON object."""
    target = account.target
    within = Bounds(seconds=max(0.1, min(target.left_seconds(), PATIENCE_SECONDS)))
    try:
        response = target.client.call("GET", CONTROL + path, headers=bearer(account.bearer), within=within)
        found: Json = response.json() if response.status == 200 else None
    except (Unanswered, ValueError):
        return None
    return found if isinstance(found, dict) else None
