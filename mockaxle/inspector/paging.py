"""The numbers of pages of a long list."""

from typing import NamedTuple

MAX_PAGE, MAX_DIGITS = 1_000_000, 18


class Paging(NamedTuple):
    """Shape: number counts from 1; last is the number of the last page."""

    number: int
    per_page: int
    last: int = 1

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.per_page

    def of(self, total: int) -> "Paging":
        """Return the paging of a list of so many."""
        return self._replace(last=max(1, -(-total // self.per_page)))


def number_in(text: str) -> int | None:
    """Read a number of up to 18 digits; None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def paging(number: str, *, per_page: int) -> Paging:
    """Read the number of a page; the first one for a text that is no number."""
    return Paging(min(max(number_in(number) or 1, 1), MAX_PAGE), per_page)
