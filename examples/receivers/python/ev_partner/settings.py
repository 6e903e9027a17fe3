"""What the app is configured with."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """Where Axle is, the account at it, and the secret of its messages."""

    secret: str = field(repr=False)
    axle_url: str = "http://127.0.0.1:2953"
    username: str = "demo"
    password: str = field(default="demo", repr=False)
    report_seconds: float = 1.0


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises: KeyError without AXLE_SECRET."""
    return Settings(
        secret=environment["AXLE_SECRET"],
        axle_url=environment.get("AXLE_URL", Settings.axle_url),
        username=environment.get("AXLE_USERNAME", Settings.username),
        password=environment.get("AXLE_PASSWORD", "demo"),
        report_seconds=float(environment.get("REPORT_SECONDS", Settings.report_seconds)),
    )
