"""Tokens are JWTs that a client may read, and only the mock can write."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from mockaxle.app import create_app
from mockaxle.serving.credentials import address_of
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Request
from tests.calling import Caller
from tests.clocks import START, ManualClock
from tests.commanding import carry_out

WHO = "/auth/users/me/"


def claims_of(token: str | None) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token or "", options={"verify_signature": False})
    return claims


def status_of(caller: Caller, token: str) -> int:
    header = (b"authorization", b"Bearer " + token.encode("latin-1"))
    return caller.send(Request("GET", WHO, headers=(header,))).status


def encoded(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


@pytest.mark.rule("A11")
def test_a_token_says_whose_it_is_and_how_long_it_is_valid(acme: Caller) -> None:
    assert acme.token is not None
    issued = int(START.timestamp())
    assert jwt.get_unverified_header(acme.token)["alg"] == "HS256"
    claims = claims_of(acme.token)
    assert list(claims) == ["w", "sub", "jti", "gen", "kind", "iat", "exp"]
    assert (claims["w"], claims["sub"], claims["jti"]) == (address_of("acme"), "acme", "1")
    assert (claims["kind"], claims["iat"], claims["exp"]) == ("full", issued, issued + 3600)


@pytest.mark.rule("A11")
def test_the_first_40_characters_after_the_first_dot_name_the_world(acme: Caller) -> None:
    first, again = acme.token or "", acme.log_in().json["access_token"]
    names = {token.split(".")[1][:40] for token in (first, again)}
    assert [urlsafe_b64decode(name).decode() for name in names] == [f'{{"w":"{address_of("acme")}']
    other = Caller(acme.api, "other").token or ""
    assert other.split(".")[1][:40] not in names


def set_clock(caller: Caller, at: datetime, *, rate: str) -> None:
    arguments = {"at": at.isoformat(), "rate": rate}
    carry_out(caller.api.worlds, caller.username, "PUT /clock", arguments)


@pytest.mark.rule("A11", "A1")
@pytest.mark.parametrize(("rate", "seconds"), [("0", 3600), ("1", 3600), ("60", 60), ("0.5", 7200)])
def test_a_clients_own_clock_is_not_misled_by_the_worlds(acme: Caller, rate: str, seconds: int) -> None:
    set_clock(acme, datetime(2030, 1, 1, tzinfo=UTC), rate=rate)
    claims = claims_of(acme.log_in().json["access_token"])
    assert (claims["iat"], claims["exp"]) == (START.timestamp(), START.timestamp() + seconds)


@pytest.mark.rule("A11")
def test_a_setting_writes_the_worlds_instants(acme: Caller) -> None:
    begins = datetime(2030, 1, 1, tzinfo=UTC)
    set_clock(acme, begins, rate="60")
    carry_out(acme.api.worlds, "acme", "PATCH /settings", {"token_times": "world"})
    claims = claims_of(acme.log_in().json["access_token"])
    assert (claims["iat"], claims["exp"]) == (begins.timestamp(), (begins + timedelta(hours=1)).timestamp())


@pytest.mark.rule("A11", "A7")
def test_a_component_token_is_limited_and_valid_for_a_day(acme: Caller) -> None:
    body = b"external_user_id=u1&allowed_origin=https://a.example&gave_boundary_meter_consent_at=2026-01-05T09:00:00Z"
    headers = (
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"authorization", f"Bearer {acme.token}".encode()),
    )
    answer = acme.send(Request("POST", "/auth/component-token", headers=headers, body=body))
    claims = claims_of(answer.json["access_token"])
    assert (claims["kind"], claims["exp"] - claims["iat"]) == ("limited", 24 * 3600)


def forged(genuine: str) -> Iterator[str]:
    """What is not the text that the mock gave, letter by letter."""
    head, payload, signature = genuine.split(".")
    claims = claims_of(genuine)
    yield from (genuine[:-1], genuine + "0", genuine + "=", genuine.upper(), f"{genuine}.", f" {genuine}")
    yield from ("x", "a.b.c", "..", ".", "\xe9" * 50, f".{payload[:40]}", f"{head}.{payload[:40]}.{signature}")
    yield f"{head}.{payload}.{signature[:-1]}{chr(ord(signature[-1]) ^ 1)}"
    yield f"{head}.{payload[:20]}*{payload[20:]}.{signature}"
    yield f"{head}.{encoded({**claims, 'jti': '2'})}.{signature}"
    yield f"{head}.{encoded({**claims, 'jti': '9' * 5000})}.{signature}"
    yield f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{payload}."
    yield jwt.encode(claims, "", algorithm="none")
    yield jwt.encode(claims, "0" * 64, algorithm="HS256")
    yield jwt.encode(claims, "0" * 64, algorithm="HS512")


@pytest.mark.rule("A3", "A11", "E2")
def test_a_token_that_the_mock_did_not_give_is_401(acme: Caller) -> None:
    genuine = acme.token or ""
    assert [token for token in forged(genuine) if token != genuine and status_of(acme, token) != 401] == []
    assert status_of(acme, genuine) == 200


@pytest.mark.rule("A11")
def test_another_server_does_not_know_the_token(acme: Caller, clock: ManualClock) -> None:
    elsewhere = Caller(create_app(clock=clock).api, "acme")
    assert status_of(elsewhere, acme.token or "") == 401


@pytest.mark.rule("A11", "W3")
def test_the_text_of_a_link_is_no_token(acme: Caller) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    url = acme.get(f"/rewards/{site_id}/url/balance?redirect_uri=x").json["balance_withdrawal_url"]
    assert status_of(acme, url.rpartition("/")[2]) == 401


@pytest.mark.rule("A11")
def test_a_token_is_of_one_opening_of_a_world_also_where_servers_share_a_key() -> None:
    settings = ServerSettings(signing_key=b"k" * 32)
    here, there = (Caller(create_app(settings).api) for _ in range(2))
    token = here.token or ""
    jwt.decode(token, b"k" * 32, algorithms=["HS256"], options={"verify_exp": False})
    assert [status_of(here, token), status_of(there, token)] == [200, 401]
