"""What a serving mock prints."""

from datetime import UTC, datetime

import pytest

from mockaxle.cli.terminal import print_dropped, print_exchange
from mockaxle.exchange import Exchange, Request, Response


def test_an_exchange_is_one_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 1, 20, 12, 0, 5, tzinfo=UTC)
    print_exchange(Exchange(at, None, Request("POST", "/entities/site/onboard"), Response(400, rules=("U7",))))
    assert capsys.readouterr().out == "12:00:05 POST /entities/site/onboard 400 U7\n"


def test_a_path_cannot_write_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 1, 20, tzinfo=UTC)
    print_exchange(Exchange(at, None, Request("GET", "/\x1b[2J\n"), Response(404)))
    assert capsys.readouterr().out == "00:00:00 GET /\\x1b[2J\\n 404\n"


def test_a_world_let_go_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    print_dropped("acme")
    assert "'acme'" in capsys.readouterr().err
