"""What a serving mock prints."""

from datetime import UTC, datetime

import pytest

from mockaxle.cli.terminal import DropPrinter, print_delivery, print_exchange
from mockaxle.core.messages import DeliveryOutcome
from mockaxle.world.entries import Delivery, Exchange, Principal, Request, Response, Why


def noon() -> datetime:
    return datetime(2026, 1, 20, 12, 0, 5)


def test_an_exchange_is_one_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    at, acme = datetime(2030, 1, 20, tzinfo=UTC), Principal("acme", "acme", 1)
    refused = Response(400, why=Why(("U7",), "Send consent."))
    print_exchange(Exchange(at, at, acme, None, Request("POST", "/entities/site/onboard"), refused), now=noon)
    assert capsys.readouterr().out == "12:00:05 acme POST /entities/site/onboard 400 U7 (Send consent.)\n"


def test_a_path_cannot_write_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 1, 20, tzinfo=UTC)
    print_exchange(Exchange(at, at, None, None, Request("GET", "/\x1b[2J\n"), Response(404)), now=noon)
    assert capsys.readouterr().out == "12:00:05 - GET /\\x1b[2J\\n 404\n"


def test_a_delivery_is_one_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2030, 1, 20, tzinfo=UTC)
    failed = Delivery(at, at, "id", "partner", 2, DeliveryOutcome.FAILED, "00", None, "ConnectError: \x1b[2J")
    for delivery in (failed, failed._replace(attempt=3, outcome=DeliveryOutcome.ACCEPTED, status=200, error=None)):
        print_delivery(delivery, now=noon)
    assert capsys.readouterr().out.splitlines() == [
        "12:00:05 to partner attempt 2 failed ConnectError: \\x1b[2J",
        "12:00:05 to partner attempt 3 accepted 200",
    ]


@pytest.mark.rule("T5")
def test_a_dropped_world_is_named_with_what_that_means(capsys: pytest.CaptureFixture[str]) -> None:
    DropPrinter()("acme")
    assert capsys.readouterr().err.startswith("mockaxle: dropped world 'acme', its tokens get 401; 1 dropped so far")


def test_many_dropped_worlds_do_not_fill_the_pipe_of_whoever_does_not_read_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_dropped = DropPrinter()
    for number in range(100_000):
        print_dropped(f"stranger-{number}" + "x" * 200)
    said = capsys.readouterr().err
    assert len(said) < 20_000
    assert "65536 dropped so far" in said
