"""A held receiver's messages are claimed by a caller, which sends them and reports the answers."""

import asyncio
import hmac
from base64 import b64decode
from itertools import product
from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.core.messages import Message
from mockaxle.deliveries import claims
from mockaxle.deliveries.claims import Claims
from mockaxle.deliveries.sending import Answered
from mockaxle.serving.couriers import WorldDesk
from tests.calling import Caller
from tests.commanding import carrying_out
from tests.deliveries.partners import FULL, NAME, SECRET, TEN, Evening


@pytest.fixture
def listening(evening: Evening) -> Evening:
    """An evening with a held receiver and its first plan."""
    evening.receive(held=True)
    evening.event()
    return evening


def claimable(evening: Evening) -> list[Any]:
    return evening.said("?claimable=true")


def claim(evening: Evening, id: str) -> Any:
    return evening.controller.done("POST", f"/messages/{id}/attempts")


def report(evening: Evening, id: str, *, n: int = 1, **outcome: Any) -> Any:
    return evening.controller.done("PUT", f"/messages/{id}/attempts/{n}", outcome)


def refusal(evening: Evening, id: str, verb: str = "POST", more: str = "", **body: Any) -> tuple[int, str]:
    answer = evening.controller.control(verb, f"/messages/{id}/attempts{more}", body)
    return answer.status_code, answer.json()["detail"]


@pytest.mark.rule("N20", "N1")
def test_a_claim_is_the_signed_request_and_its_report_a_delivery(listening: Evening) -> None:
    assert listening.advance("1h")["attempts"] == 0
    (message,) = claimable(listening)
    claimed = claim(listening, message["id"])
    assert (claimed["attempt"], claimed["url_path"]) == (1, f"/{NAME}")
    body, headers = b64decode(claimed["body_base64"]), claimed["headers"]
    time, _, digest = headers["x-axle-sig"].removeprefix("t=").partition(",v1=")
    assert digest == hmac.new(SECRET.encode(), f"{time}.".encode() + body, "sha256").hexdigest()
    assert headers["Content-Length"] == str(len(body))
    done = report(listening, message["id"], status=204, ms=12)
    assert (done["status"], done["attempts"][0]["status"], done["attempts"][0]["ms"]) == ("accepted", 204, 12)
    (logged,) = listening.logged()
    assert (logged["via"], logged["outcome"], logged["delivery"]) == ("listen", "accepted", message["id"])
    assert claimable(listening) == []
    assert listening.partner.received == []


@pytest.mark.rule("N20", "N10")
def test_a_failed_attempt_can_be_claimed_again_after_the_time_of_a_retry(listening: Evening) -> None:
    (message,) = claimable(listening)
    claim(listening, message["id"])
    report(listening, message["id"], error="nothing listens there")
    assert claimable(listening) == []
    status, why = refusal(listening, message["id"])
    assert (status, "falls due at" in why) == (409, True)
    listening.advance("1m")
    assert claim(listening, message["id"])["attempt"] == 2
    assert report(listening, message["id"], n=2, status=404)["status"] == "refused"


@pytest.mark.rule("N20")
def test_a_claimed_message_is_not_claimed_twice(listening: Evening) -> None:
    (message,) = claimable(listening)
    claim(listening, message["id"])
    status, why = refusal(listening, message["id"])
    assert (status, "is claimed and not reported yet" in why) == (409, True)
    for number in ("2", "7"):
        status, why = refusal(listening, message["id"], "PUT", f"/{number}", status=200)
        assert (status, "is not claimed" in why) == (409, True)
    assert refusal(listening, message["id"], "PUT", "/one", status=200)[0] == 404
    report(listening, message["id"], status=200)
    assert refusal(listening, message["id"], "PUT", "/1", status=200)[0] == 409
    assert "is accepted" in refusal(listening, message["id"])[1]


@pytest.mark.rule("N20")
@pytest.mark.parametrize("body", [{}, {"status": 200, "error": "x"}, {"status": 99}, {"error": ""}, {"ms": 1}])
def test_a_report_has_either_a_status_or_an_error(listening: Evening, body: dict[str, Any]) -> None:
    (message,) = claimable(listening)
    claim(listening, message["id"])
    assert refusal(listening, message["id"], "PUT", "/1", **body)[0] == 422
    report(listening, message["id"], status=200)


@pytest.mark.rule("N20", "N10")
def test_a_message_of_yesterday_is_given_up_when_it_is_claimed(listening: Evening) -> None:
    (message,) = claimable(listening)
    listening.advance("25h")
    status, why = refusal(listening, message["id"])
    assert (status, "24 hours old" in why) == (409, True)
    assert listening.statuses() == ["given_up"]


@pytest.mark.rule("N20")
def test_a_claim_after_a_reset_is_of_the_new_message(listening: Evening) -> None:
    (message,) = claimable(listening)
    claim(listening, message["id"])
    listening.controller.done("POST", "/reset", {"what": ["state"]})
    assert refusal(listening, message["id"], "PUT", "/1", status=200)[0] == 409
    again = Evening(listening.controller, listening.partner)
    again.event()
    (anew,) = claimable(again)
    assert anew["id"] == message["id"]
    assert claim(again, anew["id"])["attempt"] == 1
    assert report(again, anew["id"], status=200)["status"] == "accepted"


@pytest.mark.rule("N20", "N1")
def test_only_a_held_receivers_messages_are_claimed_and_only_others_sent(evening: Evening) -> None:
    evening.receive()
    evening.event()
    evening.advance()
    (message,) = evening.said()
    assert "is not held" in refusal(evening, message["id"])[1]
    evening.receive(held=True)
    answer = evening.controller.control("POST", f"/messages/{message['id']}/send")
    assert (answer.status_code, "Claim the message" in answer.json()["detail"]) == (409, True)
    assert claimable(evening) == []


@pytest.mark.rule("N19", "N20")
def test_a_claim_is_awkward_as_drawn(listening: Evening) -> None:
    listening.controller.done("PUT", "/awkward-deliveries", {"kinds": ["cut"], "count": 1})
    listening.controller.done("POST", "/replan")
    (message,) = claimable(listening)
    claimed = claim(listening, message["id"])
    assert len(b64decode(claimed["body_base64"])) == int(claimed["headers"]["Content-Length"]) // 2
    assert report(listening, message["id"], error="broken")["attempts"][0]["awkward"] == "cut"
    assert claim(listening, message["id"])["attempt"] == 2


@pytest.mark.rule("N20", "N2")
def test_a_held_receiver_may_be_anywhere_since_the_mock_does_not_call_it(evening: Evening) -> None:
    elsewhere = {"url": "http://partner.example/{asset_id}", "kind": "schedules", "secret": SECRET}
    assert evening.controller.control("PUT", "/receivers/far", elsewhere).status_code == 422
    evening.controller.done("PUT", "/receivers/far", {**elsewhere, "held": True})
    assert evening.controller.control("PUT", "/receivers/far", elsewhere).status_code == 422
    malformed = {**elsewhere, "url": "ftp://partner.example/{asset_id}", "held": True}
    assert evening.controller.control("PUT", "/receivers/far", malformed).status_code == 422


@pytest.mark.rule("N20")
def test_a_claimed_message_is_neither_listed_nor_sent(listening: Evening) -> None:
    (message,) = claimable(listening)
    claim(listening, message["id"])
    assert claimable(listening) == []
    listening.receive()
    answer = listening.controller.control("POST", f"/messages/{message['id']}/send")
    assert (answer.status_code, "is claimed" in answer.json()["detail"]) == (409, True)
    assert report(listening, message["id"], status=200)["status"] == "accepted"


def test_a_call_waits_for_a_message_that_can_be_claimed(listening: Evening) -> None:
    (message,) = listening.said("?claimable=true&wait=60&receiver=partner")
    assert listening.said("?claimable=true&receiver=another") == []
    assert message["status"] == "held"


class Listening:
    """A world with a held receiver and its first plan, whose claims fail at once if they are not reported."""

    async def begin(self) -> None:
        app = create_app()
        self.worlds, caller = app.api.worlds, Caller(app.api, "listener")
        hosted = self.worlds.find("listener")
        assert hosted is not None
        self.hosted = hosted
        await self.carry_out("PUT /clock", {"at": TEN, "rate": 0})
        caller.token = caller.log_in().json["access_token"]
        hosted.secrets["listen"] = SECRET
        body = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules", "held": True}
        await self.carry_out("PUT /receivers/{name}", body, name="listen")
        asset_id = caller.onboard(proposition=FULL).json["assets"][0]["asset_id"]
        caller.post(f"/entities/asset/{asset_id}/event/plug-in", {})
        self.claims = Claims(WorldDesk(self.worlds, hosted), seconds=0)

    async def carry_out(self, key: str, body: Any, **path: str) -> None:
        await carrying_out(self.worlds, "listener", key, body, **path)

    @property
    def message(self) -> Message:
        (found,) = self.hosted.world.state.outbox.after(0)
        return found

    async def come_to_be_due(self) -> None:
        """Let the unreported attempt fail, and the time of the retry come."""
        tried = len(self.message.attempts)
        while len(self.message.attempts) == tried:
            await self.hosted.changed.wait(30)
        await self.carry_out("POST /clock/advance", {"by": "5h"})


@pytest.mark.rule("N20")
def test_an_attempt_that_is_not_reported_in_time_has_failed() -> None:
    async def failed() -> Message:
        listening = Listening()
        await listening.begin()
        await listening.claims.claim(listening.message.id)
        await listening.hosted.changed.wait(30)
        return listening.message

    message = asyncio.run(failed())
    assert [(one.outcome, one.error) for one in message.attempts] == [("failed", "not reported within 0 s")]
    assert (message.status, message.next_at is not None) == ("held", True)
    assert claims.REPORT_SECONDS == 60


@pytest.mark.rule("N20")
@pytest.mark.parametrize("deaths", [*product(["claimed", "sent"], repeat=3)])
def test_a_listener_that_dies_at_any_moment_loses_no_message_and_repeats_what_it_did_not_report(
    deaths: tuple[str, ...],
) -> None:
    async def sent() -> tuple[int, Message]:
        listening, count = Listening(), 0
        await listening.begin()
        for place in (*deaths, "reported"):
            claimed = await listening.claims.claim(listening.message.id)
            count += place != "claimed"
            if place == "reported":
                await listening.claims.report(listening.message.id, claimed.number, answered=Answered(200, None, 1))
            else:
                await listening.come_to_be_due()
        return count, listening.message

    count, message = asyncio.run(sent())
    assert (message.status, count) == ("accepted", 1 + deaths.count("sent"))
    assert [one.outcome for one in message.attempts] == ["failed"] * 3 + ["accepted"]
