"""The queue of due instants against heapq and a sorted list."""

from datetime import timedelta
from heapq import heappop, heappush
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.core.due_queue import Due, DueQueue, queue_of
from tests.clocks import START

MANY = 100_000
dues = st.tuples(st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes)), st.integers(1, 9))


class Counted(int):
    """A number that counts how often it is compared."""

    comparisons = 0

    def __lt__(self, other: int) -> bool:
        Counted.comparisons += 1
        return int(self) < int(other)


def due(number: int) -> Due:
    return (START, Counted(number))


def filled(numbers: list[int]) -> DueQueue:
    queue = DueQueue()
    for number in numbers:
        queue = queue.put(due(number))
    return queue


@pytest.mark.property
@pytest.mark.rule("N11")
@given(st.lists(dues | st.none(), max_size=60))
def test_puts_and_removals_in_any_order_agree_with_heapq(steps: list[Due | None]) -> None:
    queue, heap = DueQueue(), list[Due]()
    for step in steps:
        if step is not None:
            queue = queue.put(step)
            heappush(heap, step)
        elif heap:
            queue = queue.without_first()
            heappop(heap)
        assert (queue.first, queue.size) == (heap[0] if heap else None, len(heap))
    assert list(queue) == sorted(heap)


@pytest.mark.property
@given(st.lists(dues), st.lists(dues))
def test_a_queue_of_entries_is_one_to_which_they_were_put(entries: list[Due], more: list[Due]) -> None:
    queue = queue_of(entries)
    assert (list(queue), queue.size) == (sorted(entries), len(entries))
    for one in more:
        queue = queue.put(one)
    assert list(queue) == sorted([*entries, *more])


@pytest.mark.property
@given(st.lists(dues), st.lists(dues), st.randoms(use_true_random=False))
def test_queues_are_equal_if_their_entries_are(entries: list[Due], others: list[Due], random: Random) -> None:
    shuffled, queue = random.sample(entries, len(entries)), DueQueue()
    for one in shuffled:
        queue = queue.put(one)
    assert queue == queue_of(entries)
    assert (queue == queue_of(others)) is (sorted(entries) == sorted(others))
    assert queue != sorted(entries)


@pytest.mark.property
@given(st.lists(dues, min_size=1), dues)
def test_an_older_queue_is_unchanged(entries: list[Due], added: Due) -> None:
    older = queue_of(entries)
    newer = older.put(added)
    without = newer.without_first()
    assert (list(older), older.size) == (sorted(entries), len(entries))
    assert list(newer) == sorted([*entries, added])
    assert list(without) == sorted([*entries, added])[1:]


def test_an_empty_queue_has_no_first_entry_to_remove() -> None:
    assert (DueQueue().first, list(DueQueue()), queue_of([])) == (None, [], DueQueue())
    with pytest.raises(AssertionError, match="the queue is empty"):
        DueQueue().without_first()


@pytest.mark.parametrize(
    "numbers", [range(MANY), range(MANY, 0, -1), [1] * MANY], ids=["ascending", "descending", "equal"]
)
def test_a_hundred_thousand_entries_are_put_and_removed_in_order(numbers: list[int]) -> None:
    assert [number for _, number in filled(numbers)] == sorted(numbers)
    assert list(queue_of(map(due, numbers))) == [(START, number) for number in sorted(numbers)]


@pytest.mark.parametrize("ordered", [True, False])
def test_the_comparisons_of_a_step_grow_with_the_logarithm_of_the_size(ordered: bool) -> None:
    for size in (10, 1_000, MANY):
        numbers = list(range(0, 2 * size, 2))
        queue = queue_of(map(due, numbers)) if ordered else filled(Random(size).sample(numbers, size))
        for number in (-1, 1, size + 1, 2 * size):
            Counted.comparisons = 0
            queue.put(due(number))
            assert Counted.comparisons <= size.bit_length() + 1
        Counted.comparisons = 0
        queue.without_first()
        assert Counted.comparisons <= 2 * size.bit_length()
