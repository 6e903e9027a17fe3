"""Calls with schedules that are refused: for the schedule, the charger or the site. Source: F8, F9."""

from collections.abc import Mapping

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import LIMITED_PAUSE, NIGHT, SMART_CHARGING, charger, home
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import DELETE_ASSET, ENROL, INITIALISE, UNENROL
from mockaxle.harness.optimiser.scheduled_home import SUITE, ScheduledHome
from mockaxle.harness.optimiser.schedules import MOST_BLOCKS, SentSchedule, most_blocks, read

START, END = "start_timestamp", "end_timestamp"
INVALID: Mapping[str, tuple[str, int, str]] = {
    "a block that ends before it starts": ("2026-01-21T06:00:00Z/2026-01-20T22:00:00Z", 0, END),
    "a block without length": ("2026-01-20T22:00:00Z/2026-01-20T22:00:00Z", 0, END),
    "a start without an offset": ("2026-01-20T22:00:00/2026-01-21T06:00:00Z", 0, START),
    "an end without an offset": ("2026-01-20T22:00:00Z/2026-01-21T06:00:00", 0, END),
    "a date": ("2026-01-20/2026-01-21T06:00:00Z", 0, START),
    "a word": ("2026-01-20T22:00:00Z/tomorrow", 0, END),
    "an empty text": ("/2026-01-21T06:00:00Z", 0, START),
    "a leap second": ("2026-01-20T22:00:60Z/2026-01-21T06:00:00Z", 0, START),
    "a thirteenth month": ("2026-13-20T22:00:00Z/2026-13-21T06:00:00Z", 0, START),
    "an instant before year 1": ("0001-01-01T00:00:00+05:00/2026-01-21T06:00:00Z", 0, START),
    "two blocks that overlap": (
        "2026-01-20T22:00:00Z/2026-01-21T06:00:00Z, 2026-01-21T05:59:00Z/2026-01-21T08:00:00Z", 1, START,
    ),
    "a block inside another": (
        "2026-01-20T22:00:00Z/2026-01-21T06:00:00Z, 2026-01-21T01:00:00Z/2026-01-21T02:00:00Z", 1, START,
    ),
}  # fmt: skip
"""Wrong schedules, with the block and the field that a refusal names."""


def refusals(of: ScheduledHome) -> None:
    _wrong_schedules(of)
    _wrong_chargers(of)
    _without_limited_pause(of)
    _unenrolled(of)


def _wrong_schedules(of: ScheduledHome) -> None:
    for what, (text, number, name) in INVALID.items():
        answer = of.plug_in(read(text))
        if of.judge.status(answer, 422, of="F8a", title=f"{what} is not refused with 422"):
            place: list[Json] = ["body", "charging_schedule", number, name]
            _named(of, answer, place, title=f"the loc of a refusal is wrong for {what}")
    many: SentSchedule = [*most_blocks(), *read("2030-01-20T22:00:00Z/2030-01-21T06:00:00Z")]
    answer = of.plug_in(many)
    if of.judge.status(answer, 422, of="F8c", title=f"more than {MOST_BLOCKS:,} blocks are not refused with 422"):
        _named(of, answer, ["body", "charging_schedule"], title="the loc of a refusal is wrong for too many blocks")


def _named(of: ScheduledHome, answer: Answer, place: list[Json], *, title: str) -> None:
    """Check the place that a list of items names; a text names none."""
    items = answer.objects_at("detail")
    if items:
        said = any(item.get("loc") == place for item in items)
        of.judge.expect(said, answer, of="F8e", title=title, expected=f"loc {place}")


def _wrong_chargers(of: ScheduledHome) -> None:
    unknown = of.plug_in(NIGHT, asset_id=NOBODY)
    of.judge.status(unknown, 404, of="F9b", title="a schedule of an unknown charger is not refused with 404")
    battery = of.plug_in(NIGHT, asset_id=of.battery_id)
    of.judge.status(battery, 404, of="F9c", title="a schedule of a battery is not refused with 404")


def _without_limited_pause(of: ScheduledHome) -> None:
    """Send schedules of a home that was initialised only, then in Smart Charging, then without its charger."""
    run = of.run
    if INITIALISE not in run.keys:
        return
    if len(run.homes.listed) == 1:
        run.untested.append(f"{SUITE}: a home that never was in limited_pause: it needs 2 MPANs, and --mpans has 1")
        return
    body: JsonObject = {"site": home(run.homes.next()), "assets": [charger(run, "never-optimised")]}
    made = run.main.call(INITIALISE, body)
    site_id, asset_id = made.text_at("site", "site_id"), made.text_at("assets", 0, "asset_id")
    if site_id is None or asset_id is None:
        return
    title = "a site without limited_pause gets its schedule optimised"
    of.judge.status(of.plug_in(NIGHT, asset_id=asset_id), 403, of="F9a", title=title)
    if ENROL in run.keys:
        run.main.call(ENROL, {"proposition": SMART_CHARGING}, site_id=site_id)
        of.judge.status(of.plug_in(NIGHT, asset_id=asset_id), 403, of="F9a", title=title)
    if DELETE_ASSET in run.keys:
        run.main.call(DELETE_ASSET, asset_id=asset_id)
        gone = of.plug_in(NIGHT, asset_id=asset_id)
        of.judge.status(gone, 404, of="F9b", title="a schedule of a deleted charger is not refused with 404")
    run.take_away(run.main, site_id)


def _unenrolled(of: ScheduledHome) -> None:
    """Unenrol the home and send a schedule, then enrol it again and send another."""
    run, body = of.run, {"proposition": LIMITED_PAUSE}
    if UNENROL not in run.keys:
        return
    run.main.call(UNENROL, body, site_id=of.site_id)
    title = "a site that left limited_pause gets its schedule optimised"
    of.judge.status(of.plug_in(NIGHT), 403, of="F9a", title=title)
    if ENROL in run.keys:
        run.main.call(ENROL, body | {"override_withdrawal": True}, site_id=of.site_id)
        of.judge.status(of.plug_in(NIGHT), 200, of="F1a", title="a site that returned gets no answer to a schedule")
