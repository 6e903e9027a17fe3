"""Other people's libraries take what is delivered: Stripe's verifier its signature, an OCPP library its plan."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.core.signature import HEADER, signature
from tests.deliveries.partners import SECRET, Evening, Received
from tests.programs import needed_module

KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=200)


def verify(request: Received) -> Any:
    stripe = needed_module("stripe")
    return stripe.WebhookSignature.verify_header(request.body.decode(), request.headers[HEADER], SECRET, tolerance=300)


@pytest.mark.rule("V4", "N7")
@given(st.text(), KEYS, st.integers(0, 2**33))
def test_stripes_verifier_accepts_every_signature(body: str, secret: str, seconds: int) -> None:
    stripe = needed_module("stripe")
    header = signature(body.encode(), secret, at=datetime.fromtimestamp(seconds, UTC))
    assert stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(body + "x", header, secret, tolerance=None)


@pytest.mark.rule("V4", "N7", "N10")
def test_stripes_verifier_accepts_every_message_on_each_attempt(evening: Evening) -> None:
    needed_module("stripe")
    evening.partner.statuses = [500, 503, 200]
    evening.receive(name="plans")
    evening.receive(name="hook", kind="webhooks")
    evening.event()
    battery = {"external_id": "b", "type": "battery", "properties": {"capacity_kwh": 10}, "site_id": evening.site_id}
    made = evening.controller.call("POST", "/entities/asset", battery).json()["id"]
    dispatch = {"start_time": "2040-01-21T12:00:00Z", "end_time": "2040-01-21T13:00:00Z"}
    evening.controller.done("POST", "/dispatches", {**dispatch, "assets": [{"asset_id": made, "power_kw": -5}]})
    evening.advance("1h")
    assert evening.statuses() == ["accepted"] * 3
    assert [verify(request) for request in evening.partner.received] == [True] * 5
    assert all(
        abs(int(request.headers[HEADER][2:].split(",")[0]) - time.time()) < 300 for request in evening.partner.received
    )


@pytest.mark.rule("N8", "C6")
@pytest.mark.parametrize(("style", "fits"), [("contract", True), ("wire", False)])
def test_an_ocpp_library_takes_a_plan_unless_it_is_in_wire_style(evening: Evening, style: str, fits: bool) -> None:
    messages = needed_module("ocpp.messages")
    evening.controller.done("PATCH", "/settings", {"style": style})
    evening.receive()
    evening.event()
    evening.advance()
    sent = messages.Call(unique_id="1", action="SetChargingProfile", payload=evening.said()[0]["body"])
    if fits:
        asyncio.run(messages.validate_payload(sent, ocpp_version="1.6"))
    else:
        with pytest.raises(needed_module("ocpp.exceptions").OCPPError):
            asyncio.run(messages.validate_payload(sent, ocpp_version="1.6"))
    (entry,) = evening.logged()
    hint = evening.controller.done("GET", f"/log/{entry['number']}")["explanation"]["hint"]
    assert (hint is None) is fits
