"""Tariffs that are accepted and refused, by each way. Source: C3."""

from collections.abc import Iterator

from mockaxle.harness.bodies import SMART_CHARGING
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import EVENT
from mockaxle.harness.products.households import device, household
from mockaxle.harness.products.judging import needs_any, refusable
from mockaxle.harness.run import Judge

LONDON = "Europe/London"
RIGHT = ("00:30-04:30", "20:00-24:00", "00:30-04:30,13:00-16:00", "00:00-06:59,07:00-08:00,22:15-23:45")
ZONES = (LONDON, "Europe/Paris", "America/New_York", "UTC")
WRONG = (
    "00:30",
    "00:30/04:30",
    "night",
    "00:30-04:30;13:00-16:00",
    "00:30-04:61",
    "25:00-26:00",
    "00:30-",
    "00:30-04:30,",
)
"""Texts of off_peak_times, of which those are not ranges of times."""

DAYS = ("Mon 00:30-04:30", "Sat-Sun 00:30-04:30", "00:30-04:30 (weekdays)", "Monday: 00:30-04:30")
NO_ZONES = ("Europe/Nowhere", "London", "+01:00", "GMT+25", "")
DECIDED = (("23:30-05:30", 200), ("", 400), ("04:30-04:30", 400), ("00:30-04:30,04:00-06:00", 400))
"""A range that wraps midnight, an empty text, an empty range and an overlap, with the status decided by the mock."""


def tariffs(judge: Judge) -> None:
    """Send right and wrong tariffs. Raises: NotTestable."""
    run = judge.run
    needs_any(run, *(operation for operation, _ in _ways({})))
    with household(run, device(run, "driver"), proposition=SMART_CHARGING) as home:
        for texts, zones, of, status, what in (
            (RIGHT, ZONES[:1], "C3a", 200, "right off-peak times"),
            (RIGHT[:1], ZONES, "C3b", 200, "a right timezone"),
            (WRONG, ZONES[:1], "C3a", 400, "wrong off-peak times"),
            (DAYS, ZONES[:1], "C3c", 400, "off-peak times of some days"),
            (RIGHT[:1], NO_ZONES, "C3b", 400, "a wrong timezone"),
        ):
            title = f"{what}: not {status}"
            for text, zone in ((text, zone) for text in texts for zone in zones):
                _judge(judge, home.asset_ids[0], text, zone=zone, of=of, status=status, title=title)
        for text, status in DECIDED:
            title = f"off-peak times that wrap midnight, overlap or are empty: not {status}"
            _judge(judge, home.asset_ids[0], text, zone=LONDON, of="C3d", status=status, title=title)


def _judge(judge: Judge, asset_id: str, text: str, *, zone: str, of: str, status: int, title: str) -> None:
    """Send a tariff by every way."""
    for operation, body in _ways({"off_peak_times": text, "timezone": zone}):
        if operation in judge.run.keys:
            answer = refusable(judge.run).call(operation, body, asset_id=asset_id)
            judge.status(answer, status, of=of, title=title)


def _ways(tariff: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    yield f"{EVENT}/tariff-update", {"tariff": tariff}
    yield f"{EVENT}/plug-in", {"tariff": tariff}
    yield EVENT, {"event_type": "plug_in", "tariff": tariff}
