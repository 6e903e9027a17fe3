"""Filling a state at once: the same as one by one."""

from datetime import datetime
from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from mockaxle.core.agenda import Agenda, agenda_of
from mockaxle.core.filling import filled
from mockaxle.core.half_hours import start_of
from mockaxle.core.order import CHUNK, TAIL, Order, order_of
from mockaxle.core.records import Asset, AssetType, Site
from mockaxle.core.reference import Reference
from mockaxle.core.state import State, add_asset, add_site, attach
from mockaxle.core.table import PIECE, Table
from tests.clocks import START

EMPTY = State(b"seed", Reference())
HOMES = list(product(["M1 1AE", "m11ae", "SW1A 2AA", None], ["1 Canal Row", "1  canal row", None], ["mpan", "user"]))
SITES = [
    Site(f"s{n}", n, f"{n:013}" if by == "mpan" else None, postcode, street_address=street, user=f"u{n}")
    for n, (postcode, street, by) in enumerate(HOMES)
]


@given(st.lists(st.sampled_from([site.id for site in SITES]), max_size=50))
def test_sites_and_assets_are_added_as_one_by_one(owners: list[str]) -> None:
    assets = [Asset(f"a{n}", n, owner, f"e{n}", AssetType.CHARGER, START) for n, owner in enumerate(owners)]
    state = EMPTY
    for site in SITES:
        state = add_site(state, site)
    for asset in assets:
        state = attach(add_asset(state, asset), asset.site_id, asset_ids=(asset.id,))
    assert filled(EMPTY, SITES, assets=assets) == state._replace(minted=0)


@given(st.integers(0, 3 * CHUNK))
@example(0)
@example(TAIL)
@example(2 * CHUNK)
def test_ids_are_ordered_as_one_by_one(count: int) -> None:
    order = Order()
    for number in range(count):
        order = order.append(str(number))
    assert order_of(list(map(str, range(count)))) == order


@given(st.lists(st.tuples(st.integers(0, 5).map(start_of), st.sampled_from("abc"))))
def test_an_agenda_is_made_as_one_by_one(entries: list[tuple[datetime, str]]) -> None:
    agenda, places = Agenda(), []
    for instant, id in entries:
        agenda, place = agenda.add(instant, id)
        places.append(place)
    assert agenda_of(entries) == (agenda, places)


def test_a_table_of_several_pieces_has_every_entry() -> None:
    entries = {number: str(number) for number in range(2 * PIECE + 1)}
    table = Table.of(entries)
    assert len(table) == len(entries)
    assert all(table.get(number) == text for number, text in entries.items())
