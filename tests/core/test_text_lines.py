"""Where a line of a text starts."""

from hypothesis import given
from hypothesis import strategies as st

from mockaxle.core.text_lines import STEP, start_of_line


@given(
    st.lists(st.sampled_from([b"", b"a", b"\n" * 7, b"b" * (STEP - 1), b"\n" * STEP]), max_size=6), st.integers(1, 9)
)
def test_a_line_starts_after_those_before_it(pieces: list[bytes], line: int) -> None:
    text = b"\n".join(pieces)
    before = text.split(b"\n")[: line - 1]
    assert start_of_line(text, line) == min(sum(len(one) + 1 for one in before), len(text))
