"""A test's app or function is a receiver, with a socket of the mock's and without one."""

import asyncio
import hmac
import sys
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockaxle.app import create_app
from mockaxle.client.client import Client
from mockaxle.serving.listener import serve_in_thread
from mockaxle.testing.mock import MockAxle
from mockaxle.testing.world import ControlRefused, World
from tests.deliveries.conftest import partner, partner_server
from tests.deliveries.partners import Partner
from tests.testing.evenings import TEN, clients, plugged_in

__all__ = ["partner", "partner_server"]


@pytest.fixture(params=[True, False], ids=["socket", "in process"])
def axle(request: pytest.FixtureRequest) -> Iterator[World]:
    with MockAxle(socket=request.param) as axle:
        yield axle


def attempted(axle: World) -> list[Any]:
    """The attempts at the plan of a car that is plugged in now, after its receiver was called."""
    plugged_in(axle)
    found: list[Any] = axle.inbox.wait_for(axle.inbox.messages()[-1]["type"], timeout=60)["attempts"]
    return [(one["outcome"], one["status"], one["error"]) for one in found]


ACCEPTED, REFUSED = ("accepted", 200, None), ("refused", 410, None)


@pytest.mark.rule("N21")
@pytest.mark.parametrize(("answer", "attempt"), [(None, ACCEPTED), (410, REFUSED), (httpx.Response(410), REFUSED)])
def test_a_function_is_a_receiver(axle: World, answer: Any, attempt: Any) -> None:
    requests: list[httpx.Request] = []

    def receive(request: httpx.Request) -> Any:
        requests.append(request)
        return answer

    receiver = axle.receiver(receive)
    assert attempted(axle) == [attempt]
    (request,) = requests
    at, _, digest = request.headers["x-axle-sig"].removeprefix("t=").partition(",v1=")
    assert digest == hmac.new(receiver.secret.encode(), at.encode() + b"." + request.content, "sha256").hexdigest()
    assert (str(request.url), request.method) == (receiver.url, "POST")


@pytest.mark.rule("N21")
def test_an_async_function_is_a_receiver(axle: World) -> None:
    async def receive(request: httpx.Request) -> int:
        await asyncio.sleep(0)
        return 410

    axle.receiver(receive, "schedules", "charger")
    assert attempted(axle) == [REFUSED]


@pytest.mark.rule("N21")
def test_an_asgi_app_is_a_receiver(axle: World) -> None:
    async def receive(request: Request) -> Response:
        assert (await request.json())["event_type"] == "asset:dispatch:requested"
        return Response(status_code=202)

    app = Starlette(routes=[Route("/axle/hook", receive, methods=["POST"])])
    assert axle.receiver(app, path="/axle/hook").url.endswith("/axle/hook")
    assert attempted(axle) == [("accepted", 202, None)]


@pytest.mark.rule("N21")
def test_a_url_is_a_receiver_with_a_secret_of_the_test(axle: World, partner: Partner) -> None:
    receiver = axle.receiver(partner.url + "/{external_id}", "schedules", secret="whsec_mine", timeout_ms=60_000)
    assert attempted(axle) == [ACCEPTED]
    assert (receiver.secret, receiver.name, receiver.url) == ("whsec_mine", "receiver", partner.url + "/{external_id}")
    assert len(partner.received) == 1


@pytest.mark.rule("N13", "N21")
def test_a_function_calls_the_mock_before_it_answers(axle: World) -> None:
    def receive(request: httpx.Request) -> int:
        with clients(axle) as client:
            return 200 + int(client.get("/entities/site").json()["total_num_sites"]) + len(axle.inbox.messages())

    axle.receiver(receive)
    assert attempted(axle) == [("accepted", 202, None)]


@pytest.mark.rule("N13", "N21")
def test_an_async_function_calls_the_mock_before_it_answers(axle: World) -> None:
    axle.clock.freeze(TEN)
    bearer = {"Authorization": f"Bearer {axle.token}"}

    async def receive(request: httpx.Request) -> int:
        async with httpx.AsyncClient(base_url=axle.base_url, transport=axle.async_transport, headers=bearer) as client:
            answers = await asyncio.gather(*(client.get("/entities/site") for _ in range(3)))
        return 200 + sum(int(answer.json()["total_num_sites"]) for answer in answers)

    axle.receiver(receive)
    assert attempted(axle) == [("accepted", 203, None)]


@pytest.mark.rule("N21")
def test_an_async_function_that_blocks_its_loop_does_not_block_the_mock(axle: World) -> None:
    async def receive(request: httpx.Request) -> int:
        return 200 + len(axle.inbox.messages())

    axle.receiver(receive, timeout_ms=60_000)
    assert attempted(axle) == [("accepted", 201, None)]


@pytest.mark.rule("N21")
def test_an_error_of_the_app_is_a_broken_connection(axle: World) -> None:
    def wrong(request: httpx.Request) -> None:
        raise ValueError("no such\n charger \ud800")

    async def no_answer(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError(scope["path"])

    axle.receiver(wrong)
    assert attempted(axle) == [("failed", None, "ValueError: no such charger ?")]
    (entry,) = [one for one in axle.log.entries() if "delivery" in one]
    assert entry["error"] == "ValueError: no such charger ?"
    axle.receiver(no_answer, path="/x")
    axle.control("POST", "/replan")
    axle.clock.advance("5s")
    assert axle.inbox.messages()[1]["attempts"][0]["error"] == "LookupError: /x"


@pytest.mark.parametrize("answer", [True, 99, "ok", {}])
def test_an_answer_that_is_no_status_is_an_error(axle: World, answer: Any) -> None:
    axle.receiver(lambda request: answer)
    said = f"TypeError: a receiver returns a status, an httpx.Response or None, not {answer!r}"
    assert attempted(axle) == [("failed", None, said)]


@pytest.mark.rule("N9", "N21")
def test_an_app_has_as_long_as_a_server(axle: World) -> None:
    async def hanging(request: httpx.Request) -> None:
        await asyncio.Event().wait()

    axle.receiver(hanging, timeout_ms=1)
    assert attempted(axle) == [("failed", None, "no complete answer within 1 ms")]


@pytest.mark.rule("N19", "N21")
def test_a_body_that_is_cut_ends_with_a_disconnect_and_reaches_no_function(axle: World) -> None:
    received: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        received.append([await receive(), await receive()])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    axle.awkward_deliveries("cut")
    axle.receiver(app)
    plugged_in(axle)
    axle.clock.advance("1h")
    kinds = [[(one["type"], one.get("more_body")) for one in both] for both in received]
    assert kinds[0] == [("http.request", True), ("http.disconnect", None)]
    axle.receiver(received.append)
    axle.control("POST", "/replan")
    axle.clock.advance("1h")
    assert [type(one) for one in received[len(kinds) :]] == [httpx.Request]


@pytest.mark.rule("N21")
def test_a_function_that_exits_ends_its_attempt_only(axle: World) -> None:
    axle.receiver(lambda request: sys.exit(3), kind="schedules")
    plugged_in(axle)
    message = axle.inbox.wait_for("schedule")
    assert message["attempts"][0]["error"] == "RuntimeError: SystemExit: 3"


@pytest.mark.rule("N21")
def test_a_receiver_ends_with_its_block(axle: World) -> None:
    received: list[httpx.Request] = []
    with axle.receiver(received.append) as receiver:
        attempted(axle)
    axle.control("POST", "/replan")
    axle.clock.advance("1h")
    assert (len(received), axle.control("GET", "/receivers")) == (1, {"receivers": []})
    receiver.remove()
    with axle.receiver(received.append):
        axle.load("empty-market")


@pytest.mark.rule("N2", "N21")
def test_nobody_else_can_name_the_host_of_an_app(axle: World) -> None:
    for host in ("receiver-1.mockaxle.invalid", "mockaxle.invalid", "partner.invalid"):
        with pytest.raises(ControlRefused, match=f"{host} is "):
            axle.receiver(f"http://{host}/")
    url = axle.receiver(lambda request: None).url
    axle.control("DELETE", "/receivers/receiver")
    axle.receiver(url).remove()


@pytest.mark.rule("N21")
def test_a_refused_receiver_leaves_no_host(axle: World) -> None:
    with pytest.raises(ControlRefused, match="the URL needs"):
        axle.receiver(lambda request: None, kind="schedules", path="/hook")
    with pytest.raises(ControlRefused, match=r"receiver-1\.mockaxle\.invalid is no receiver of this process"):
        axle.receiver("http://receiver-1.mockaxle.invalid/")


@pytest.mark.rule("N21")
def test_an_app_that_is_removed_while_messages_wait_is_not_called(axle: World) -> None:
    axle.receiver(lambda request: 503)
    attempted(axle)
    url = axle.control("GET", "/receivers")["receivers"][0]["url"]
    assert axle._apps is not None
    axle._apps.drop(httpx.URL(url).host)
    axle.clock.advance("1m")
    assert "is no receiver of this process" in axle.inbox.messages()[0]["attempts"][1]["error"]


@pytest.mark.rule("N21")
def test_an_app_at_the_mock_of_another_process_is_refused() -> None:
    with serve_in_thread(create_app()) as url, Client(url) as client:
        world = World(url, "test", "demo", client)
        with pytest.raises(ValueError, match="pass a URL: the mock runs in another process"):
            world.receiver(lambda request: None)


@pytest.mark.parametrize("given", [7, None, lambda: None, lambda one, two: None])
def test_what_is_no_receiver_is_refused(axle: World, given: Any) -> None:
    with pytest.raises(ValueError, match="a receiver is a URL, an ASGI app, or a callable that takes an httpx"):
        axle.receiver(given)


@pytest.mark.rule("N21")
def test_a_fork_has_receivers_too(axle: World) -> None:
    received: list[httpx.Request] = []
    fork = axle.fork()
    fork.receiver(received.append)
    assert attempted(fork) == [ACCEPTED]
    assert len(received) == 1


@pytest.mark.rule("N13", "N21")
@pytest.mark.parametrize("is_async", [False, True])
def test_a_mock_ends_while_an_app_is_called(is_async: bool) -> None:
    called, ended = Event(), Event()

    async def endless(request: httpx.Request) -> None:
        called.set()
        await asyncio.Event().wait()

    def waiting(request: httpx.Request) -> None:
        called.set()
        ended.wait(60)

    app: Callable[[httpx.Request], Any] = endless if is_async else waiting
    for socket in (True, False):
        with MockAxle(socket=socket) as axle:
            axle.receiver(app)
            plugged_in(axle)
            assert called.wait(60)
        called.clear()
    ended.set()
