"""Markets to test with."""

from datetime import time, timedelta
from decimal import Decimal

from mockaxle.core.market import DailyWindow, Market
from mockaxle.core.optimiser import Plan, optimise
from mockaxle.core.schedule import read_schedule
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default

DEFAULT = blueprint(default()).reference.market


def daily(start: str, end: str, price: str = "100", timezone: str = "Europe/London") -> DailyWindow:
    return DailyWindow(time.fromisoformat(start), time.fromisoformat(end), Decimal(price), timezone)


def plan(*pairs: tuple[str, str], market: Market = DEFAULT, minutes: int = 30) -> Plan:
    return optimise(read_schedule(pairs), market, pause=timedelta(minutes=minutes))


def spelt(found: Plan) -> list[tuple[str, str]]:
    return [(block.start.text, block.end.text) for block in found.schedule]
