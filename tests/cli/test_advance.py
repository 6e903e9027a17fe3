"""`mockaxle advance`."""

from tests.cli.test_serve import run
from tests.serving import Served


def test_it_prints_the_new_time(served: Served) -> None:
    here = ("--url", served.base_url, "--username", "advancing")
    assert run("advance", "2040-01-01T00:00:00Z", *here).stdout.startswith("2040-01-01T00:00:0")
    assert run("advance", "61m", *here).stdout.startswith("2040-01-01T01:01:0")


def test_an_error_is_one_line(served: Served) -> None:
    here = ("--url", served.base_url, "--username", "advancing-wrongly")
    for lapse, words in (
        ("soon", "neither a duration such as 61m"),
        ("1999-01-01T00:00:00Z", "A clock cannot go back"),
    ):
        done = run("advance", lapse, *here)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert words in done.stderr
