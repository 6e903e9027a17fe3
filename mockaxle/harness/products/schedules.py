"""Schedules of batteries and of today, and the examples of the vendor's calls. Source: C6, G3, V5, V6."""

from mockaxle.harness.bodies import SMART_CHARGING
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import BATTERY_SCHEDULE, DISPATCH_EXAMPLE, PROFILE_EXAMPLE, TODAYS_SCHEDULE
from mockaxle.harness.products.households import device, household
from mockaxle.harness.products.judging import accepted, needs_any, refusable
from mockaxle.harness.run import Judge

OTHERS = ("charger", "electric_vehicle", "heat pump")


def schedules(judge: Judge) -> None:
    """Read the schedules of a battery, and of assets that are none. Raises: NotTestable."""
    run = judge.run
    needs_any(run, BATTERY_SCHEDULE, TODAYS_SCHEDULE)
    devices = [device(run, one, type=one) for one in ("battery", *OTHERS)]
    with household(run, *devices, proposition=SMART_CHARGING) as home:
        battery, *others = home.asset_ids
        if BATTERY_SCHEDULE in run.keys:
            for _ in range(2):
                answer = run.main.call(BATTERY_SCHEDULE, asset_id=battery)
                accepted(judge, answer, of="V5a", title="the schedule of a battery cannot be read")
            for one in (*others, NOBODY):
                answer = refusable(run).call(BATTERY_SCHEDULE, asset_id=one)
                judge.status(answer, 404, of="V5b", title="an asset that is not a battery is not 404")
        for one in home.asset_ids if TODAYS_SCHEDULE in run.keys else ():
            answer = run.main.call(TODAYS_SCHEDULE, asset_id=one)
            accepted(judge, answer, of="G3a", title="today's schedule of an asset cannot be read")
    if BATTERY_SCHEDULE in run.keys:
        with household(run, device(run, "charger"), device(run, "battery", type="battery")) as home:
            answer = refusable(run).call(BATTERY_SCHEDULE, asset_id=home.asset_ids[1])
            judge.status(answer, 403, of="V5c", title="a battery outside smart charging has a schedule")


def examples(judge: Judge) -> None:
    """Read each example twice. Raises: NotTestable."""
    run = judge.run
    needs_any(run, DISPATCH_EXAMPLE, PROFILE_EXAMPLE)
    for operation in (DISPATCH_EXAMPLE, PROFILE_EXAMPLE):
        for _ in range(2 if operation in run.keys else 0):
            answer = run.main.call(operation)
            accepted(judge, answer, of="V6a", title="an example cannot be read")
