"""Tokens by number: which are kept, and for how long."""

from datetime import timedelta

import pytest

from mockaxle.core.accounts import (
    ORGANISATION,
    Tokens,
    is_revoked,
    issue,
    issue_static,
    numbers_of,
    revoke,
)
from mockaxle.core.limits import MAX_LASTING_TOKENS
from mockaxle.world.token_records import dump_tokens, load_tokens
from tests.clocks import START


def with_static(tokens: Tokens, times: int) -> Tokens:
    for _ in range(times):
        tokens, _ = issue_static(tokens, "ha", now=START)
    return tokens


@pytest.mark.rule("H1")
def test_expired_tokens_are_dropped_behind_one_that_never_expires() -> None:
    tokens, now = with_static(Tokens(), 1), START
    for _ in range(100):
        tokens, _ = issue(tokens, "acme", roles=ORGANISATION, now=now)
        now += timedelta(minutes=30)
    assert (len(tokens.grants), tokens.oldest, tokens.lasting) == (3, 100, (1,))
    assert numbers_of(tokens, "ha") == (1,)


@pytest.mark.rule("H1")
def test_revoked_tokens_are_dropped_when_the_next_one_is_issued() -> None:
    tokens = with_static(Tokens(), 3)
    for number in numbers_of(tokens, "ha"):
        tokens = revoke(tokens, number)
    assert numbers_of(tokens, None) == ()
    tokens = with_static(tokens, 1)
    assert (tokens.lasting, len(tokens.grants)) == ((4,), 1)


@pytest.mark.rule("H1")
def test_tokens_that_never_expire_are_bounded_and_the_oldest_goes() -> None:
    tokens = with_static(Tokens(), MAX_LASTING_TOKENS + 1)
    assert len(tokens.grants) == MAX_LASTING_TOKENS
    assert tokens.grants.get(1) is None
    assert tokens.grants.get(2) is not None


def test_a_revoked_token_stays_revoked_when_it_is_dropped_and_an_expired_one_is_not() -> None:
    tokens, now = Tokens(), START
    for _ in range(3):
        tokens, _ = issue(tokens, "acme", roles=ORGANISATION, now=now)
    tokens = revoke(tokens, 2)
    assert [is_revoked(tokens, number) for number in (1, 2, 3)] == [False, True, False]
    tokens, _ = issue(tokens, "acme", roles=ORGANISATION, now=now + timedelta(hours=2))
    assert (tokens.oldest, tokens.revoked_up_to) == (4, 2)
    assert [is_revoked(tokens, number) for number in (2, 3, 4)] == [True, False, False]


@pytest.mark.rule("H1")
def test_tokens_are_the_same_after_they_were_written_and_read() -> None:
    tokens, _ = issue(with_static(Tokens(), 2), "acme", roles=ORGANISATION, now=START)
    tokens = with_static(revoke(tokens, 2), 2)
    assert load_tokens(dump_tokens(tokens)) == tokens
    tokens = revoke(tokens, 1)._replace(revoked_up_to=2)
    assert load_tokens(dump_tokens(tokens)) == tokens
