"""The numbers of pages of a long list."""

from typing import NamedTuple

MAX_PAGE = 1_000_000


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


def paging(number: str, *, per_page: int) -> Paging:
    """Read the number of a page; the first one for a text that is no number."""
    is_number = number.isascii() and number.isdigit() and len(number) < 8
    return Paging(min(max(int(number), 1), MAX_PAGE) if is_number else 1, per_page)
