"""The products suite: the answers and refusals of each product, part by part."""

from collections.abc import Callable
from typing import NamedTuple

from mockaxle.harness.finding import unanswered
from mockaxle.harness.products.admissions import consents, models, serving_types
from mockaxle.harness.products.component_tokens import component_tokens
from mockaxle.harness.products.conventions import paths, verbs
from mockaxle.harness.products.eligibility import businesses, half_hourly_homes, other_meters
from mockaxle.harness.products.instants import instants
from mockaxle.harness.products.log_ins import log_ins
from mockaxle.harness.products.meters import addresses, listed_meters, missing_meters, typed_mpans
from mockaxle.harness.products.prices import prices
from mockaxle.harness.products.readings import readings
from mockaxle.harness.products.refusals import malformed, missing_objects
from mockaxle.harness.products.rewards import rewards, withdrawals
from mockaxle.harness.products.schedules import examples, schedules
from mockaxle.harness.products.sessions import callbacks, events, intents
from mockaxle.harness.products.tariffs import tariffs
from mockaxle.harness.products.unknown_keys import unknown_keys
from mockaxle.harness.run import Judge, NotTestable, Run
from mockaxle.harness.target import NoAnswer

SUITE = "products"


class Part(NamedTuple):
    """Shape: `writes` is false if the part changes nothing at the server."""

    carry_out: Callable[[Judge], None]
    writes: bool = True


PARTS = (
    Part(log_ins, writes=False),
    Part(component_tokens),
    Part(typed_mpans, writes=False),
    Part(listed_meters, writes=False),
    Part(missing_meters, writes=False),
    Part(addresses, writes=False),
    Part(half_hourly_homes),
    Part(other_meters),
    Part(businesses),
    Part(models),
    Part(consents),
    Part(serving_types),
    Part(readings),
    Part(events),
    Part(intents),
    Part(tariffs),
    Part(callbacks),
    Part(prices),
    Part(instants),
    Part(rewards),
    Part(withdrawals),
    Part(schedules),
    Part(examples, writes=False),
    Part(unknown_keys),
    Part(missing_objects),
    Part(malformed),
    Part(paths, writes=False),
    Part(verbs),
)
"""The parts in their order. The last ones call every operation that the others found."""


def products(run: Run) -> None:
    """Carry out every part. Each is tested as far as the profile and the server allow."""
    judge, parts = run.judge(SUITE), [part for part in PARTS if run.may_write or not part.writes]
    if not run.may_write:
        run.untested.append(f"{SUITE}: the parts that write: --allow-writes")
    for number, part in enumerate(parts):
        run.progress.step(number, len(parts))
        _carry_out(judge, part)
    run.progress.step(len(parts), len(parts))


def _carry_out(judge: Judge, part: Part) -> None:
    run, name = judge.run, part.carry_out.__name__.replace("_", " ")
    before = set(run.target.created)
    try:
        part.carry_out(judge)
    except NotTestable as reason:
        run.untested.append(f"{SUITE}: {name}: {reason}")
    except NoAnswer as error:
        run.findings.add(unanswered(SUITE, error))
        run.untested.append(f"{SUITE}: the rest of {name}, after a call without an answer")
    run.take_away_new(before)
