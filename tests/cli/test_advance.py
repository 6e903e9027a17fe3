"""`mockaxle advance`."""

from pytest_httpserver import HTTPServer

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


def test_an_advance_that_stops_on_the_way_prints_where_and_fails(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/auth/token-form").respond_with_json({"access_token": "token"})
    stopped = {"now": "2040-01-01T00:30:00+00:00", "reached": False}
    httpserver.expect_request("/__mockaxle/world/clock/advance").respond_with_json(stopped)
    done = run("advance", "61m", "--url", httpserver.url_for("").rstrip("/"))
    assert (done.returncode, done.stdout) == (1, "2040-01-01T00:30:00+00:00\n")
    assert "advance again" in done.stderr
