"""The journeys suite: typical uses of the API, one function each. A table of the docs is generated from them."""

from collections.abc import Callable

from mockaxle.harness.finding import unanswered
from mockaxle.harness.journeys import homes, products
from mockaxle.harness.journeys.journey import Journey, JourneyBroken
from mockaxle.harness.run import NotTestable, Run
from mockaxle.harness.target import NoAnswer

SUITE = "journeys"


def journeys(run: Run) -> None:
    """Run every journey whose operations the profile has. Raises: NotTestable."""
    if not run.may_write:
        raise NotTestable("it writes: --allow-writes")
    for number, (name, go) in enumerate(JOURNEYS.items()):
        run.progress.step(number, len(JOURNEYS))
        before = set(run.target.created)
        try:
            go(Journey(run, name))
        except NotTestable as reason:
            run.untested.append(f"{SUITE}: {name}: {reason}")
        except (JourneyBroken, NoAnswer) as error:
            if isinstance(error, NoAnswer):
                run.findings.add(unanswered(SUITE, error))
            run.untested.append(f"{SUITE}: the rest of {name}, after a failed step")
        run.take_away_new(before)
    run.progress.step(len(JOURNEYS), len(JOURNEYS))


JOURNEYS: dict[str, Callable[[Journey], None]] = {
    "first look": products.first_look,
    "sign-up": homes.sign_up,
    "advanced sign-up": homes.advanced_sign_up,
    "opt-out and return": homes.opt_out_and_return,
    "add a battery": homes.add_a_battery,
    "swap a charger": homes.swap_a_charger,
    "move house": homes.move_house,
    "new occupant": homes.new_occupant,
    "component token": products.component_token,
    "address look-up": products.address_look_up,
    "charging session": products.charging_session,
    "prices": products.prices,
    "virtual power plant": products.virtual_power_plant,
    "change of details": homes.change_of_details,
    "site by hand": homes.site_by_hand,
    "readings": products.readings,
    "payments": products.payments,
}
