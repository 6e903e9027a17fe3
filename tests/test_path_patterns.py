"""Path patterns with `*`: what they match, and that no pattern takes more than linear time."""

import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockaxle.core.limits import MAX_PATTERN
from mockaxle.world.faults import path_fits

CPU_SECONDS = 0.02
"""How long a match is repeated, at least, to measure what one takes."""


@given(st.text("ab/", max_size=12), st.text("ab/*", max_size=8))
@example("ab", "ab*ab")
@example("aba", "ab*ba")
@example("", "")
@example("a\nb", "a*b")
def test_a_star_stands_for_anything(path: str, pattern: str) -> None:
    assert path_fits(path, pattern) == fnmatchcase(path, pattern)


def test_nothing_but_a_star_is_a_wildcard() -> None:
    assert not path_fits("/entities/site", "/entities/sit?")
    assert path_fits("/a[b].+", "/a[b].*")


def cost(path: str, pattern: str) -> float:
    """Units: seconds of CPU for one match."""
    began, matches = time.thread_time(), 0
    while (spent := time.thread_time() - began) < CPU_SECONDS:
        path_fits(path, pattern)
        matches += 1
    return spent / matches


@pytest.mark.rule("T1")
@pytest.mark.parametrize(("pattern", "length"), [
    ("*a*a*b", 1_000), ("*" * MAX_PATTERN, 20_000), ("*" + "a" * (MAX_PATTERN - 2) + "b*", 20_000),
])  # fmt: skip
def test_a_path_of_twice_the_length_takes_at_most_three_times_as_long(pattern: str, length: int) -> None:
    once, twice = (min(cost("a" * length * times, pattern) for _ in range(3)) for times in (1, 2))
    assert twice <= 3 * once
