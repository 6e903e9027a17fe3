"""Creation order against a plain list."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockaxle.core.order import CHUNK, TAIL, Order
from mockaxle.core.table import Table


def filled(count: int) -> Order:
    order = Order()
    for number in range(count):
        order = order.append(str(number))
    return order


@pytest.mark.property
@settings(max_examples=60)
@example(3 * CHUNK, set(), range(0), 600, 3)
@example(3 * CHUNK, set(), range(0), 2 * CHUNK + 7, 20)
@example(3 * CHUNK, {0, 600}, range(CHUNK, 2 * CHUNK), 3, 2 * CHUNK)
@given(
    st.integers(0, 3 * CHUNK),
    st.sets(st.integers(0, 3 * CHUNK)),
    st.sampled_from([range(CHUNK - 2, 2 * CHUNK + 2), range(0)]),
    st.integers(0, 3 * CHUNK),
    st.integers(1, 2 * CHUNK),
)
def test_pages_are_slices_of_the_live_ids(count: int, some: set[int], run: range, offset: int, limit: int) -> None:
    order, live = filled(count), [str(n) for n in range(count)]
    for number in sorted({*some, *run}):
        if number < count:
            order = order.drop(str(number), place=number)
            live.remove(str(number))
    assert order.page(offset, limit=limit) == tuple(live[offset : offset + limit])
    assert order.live == len(live)
    in_chunks = [number for number in map(int, live) if number < count - count % TAIL]
    assert len(order.chunks) == len({number // CHUNK for number in in_chunks})
    assert len(order.tail) == len(live) - len(in_chunks)


def test_a_page_near_the_end_does_not_walk_the_beginning() -> None:
    order = filled(5 * CHUNK)
    beheaded = order._replace(chunks=order.chunks.drop(0).drop(1))
    assert beheaded.page(5 * CHUNK - 20, limit=10) == order.page(5 * CHUNK - 20, limit=10)


def test_an_order_is_never_changed_in_place() -> None:
    before = filled(3)
    before.append("x")
    before.drop("1", place=1)
    assert before.page(0, limit=9) == ("0", "1", "2")


def test_a_table_cannot_be_iterated() -> None:
    table: Table[str, int] = Table[str, int]().put("a", 1)
    with pytest.raises(TypeError):
        iter(table)  # type: ignore[call-overload]  # that it cannot is the point
    assert table.get("a") == 1
    assert table.drop("a").get("a") is None
    assert len(table) == 1
