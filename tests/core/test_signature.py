"""The signature of a delivery against an HMAC computed by hand."""

import re
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockaxle.core.signature import HEADER, signature
from tests.clocks import START

BLOCK = 64
instants = st.datetimes(datetime(1970, 1, 2), timezones=st.just(UTC))


def hmac_by_hand(key: bytes, text: bytes) -> str:
    """RFC 2104."""
    padded = (sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + text).digest()
    return sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()


@pytest.mark.rule("N7", "V4")
@pytest.mark.parametrize(
    ("body", "secret", "digest"),
    [
        (b'{"a":1}', "whsec_test", "f4301464e281b2885f810a55d01f70314ea4e3e06a4f438318df382355986081"),
        (b"", "schlüssel", "80e23320dd1ebce29a7dcca0732a742af70a7211412c035d9f36eb7f994f9409"),
    ],
)
def test_a_signature_is_that_of_openssl(body: bytes, secret: str, digest: str) -> None:
    assert signature(body, secret, at=START) == f"t=1768910400,v1={digest}"
    assert HEADER == "x-axle-sig"


@pytest.mark.property
@pytest.mark.rule("N7", "V4")
@given(st.binary(), st.text(min_size=1), instants)
@example(b"", "ключ 🔑", START)
@example(b"1.", "x" * 200, START)
@example(b"\x00%d%b", "%s", START)
def test_a_header_has_the_instant_and_the_hmac_of_it_with_the_body(body: bytes, secret: str, at: datetime) -> None:
    header = signature(body, secret, at=at)
    found = re.fullmatch(r"t=([0-9]+),v1=([0-9a-f]{64})", header)
    assert found is not None
    assert int(found[1]) == (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert found[2] == hmac_by_hand(secret.encode(), found[1].encode() + b"." + body)


@pytest.mark.property
@pytest.mark.rule("N7")
@given(instants, st.integers(-14 * 60, 14 * 60))
@example(START, 330)
def test_an_offset_does_not_change_the_instant_signed(at: datetime, minutes: int) -> None:
    elsewhere = at.astimezone(timezone(timedelta(minutes=minutes)))
    assert signature(b"{}", "secret", at=elsewhere) == signature(b"{}", "secret", at=at)


@pytest.mark.rule("N7", "V4")
def test_another_body_secret_or_second_is_another_signature() -> None:
    later = START + timedelta(seconds=1)
    cases = [(b"{}", "one", START), (b"{} ", "one", START), (b"{}", "two", START), (b"{}", "one", later)]
    digests = {signature(body, secret, at=at).partition(",")[2] for body, secret, at in cases}
    assert len(digests) == len(cases)
    assert signature(b"{}", "one", at=START + timedelta(microseconds=999_999)) == signature(b"{}", "one", at=START)
