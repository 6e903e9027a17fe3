"""The journeys suite: typical uses of the API, one function each. A table of the docs is generated from them."""

from collections.abc import Callable

from mockaxle.harness import home_journeys, product_journeys
from mockaxle.harness.finding import unanswered
from mockaxle.harness.journey import Journey, JourneyBroken
from mockaxle.harness.run import NotTestable, Run
from mockaxle.harness.target import NoAnswer

SUITE = "journeys"


def journeys(run: Run) -> None:
    """Run every journey whose operations the profile has. Raises: NotTestable."""
    if not run.may_write:
        raise NotTestable("it writes: --allow-writes")
    for number, (name, go) in enumerate(JOURNEYS.items()):
        run.progress.step(number, len(JOURNEYS))
        try:
            go(Journey(run, name))
        except NotTestable as reason:
            run.untested.append(f"{SUITE}: {name}: {reason}")
        except (JourneyBroken, NoAnswer) as error:
            if isinstance(error, NoAnswer):
                run.findings.add(unanswered(SUITE, error))
            run.untested.append(f"{SUITE}: the rest of {name}, after a failed step")
    run.progress.step(len(JOURNEYS), len(JOURNEYS))


JOURNEYS: dict[str, Callable[[Journey], None]] = {
    "first look": product_journeys.first_look,
    "sign-up": home_journeys.sign_up,
    "advanced sign-up": home_journeys.advanced_sign_up,
    "opt-out and return": home_journeys.opt_out_and_return,
    "add a battery": home_journeys.add_a_battery,
    "swap a charger": home_journeys.swap_a_charger,
    "move house": home_journeys.move_house,
    "new occupant": home_journeys.new_occupant,
    "component token": product_journeys.component_token,
    "address look-up": product_journeys.address_look_up,
    "charging session": product_journeys.charging_session,
    "prices": product_journeys.prices,
    "virtual power plant": product_journeys.virtual_power_plant,
    "change of details": home_journeys.change_of_details,
    "site by hand": home_journeys.site_by_hand,
    "readings": product_journeys.readings,
    "payments": product_journeys.payments,
}
