"""Network faults over a real socket, as httpx, requests and curl meet them; the server outlives them all."""

import gc
import os
import socket
import subprocess
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest
import requests
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from tests.calling import onboarding
from tests.control.controlling import Controller, controllers
from tests.programs import needed
from tests.serving import Served, serving

WHO = "/auth/users/me/"
BREAKS_HTTPX: dict[str, type[Exception] | tuple[type[Exception], ...]] = {
    "reset": httpx.ReadError,
    "empty": httpx.RemoteProtocolError,
    "cut": httpx.RemoteProtocolError,
    "garbage": httpx.RemoteProtocolError,
}
BREAKS_REQUESTS: dict[str, type[Exception] | tuple[type[Exception], ...]] = {
    "reset": requests.ConnectionError,
    "empty": requests.ConnectionError,
    "cut": (requests.exceptions.ChunkedEncodingError, requests.ConnectionError),
    "garbage": requests.ConnectionError,
}
BREAKS_CURL = {"reset": 56, "empty": 52, "cut": 18, "garbage": 1}
"""curl's own numbers: failure in receiving, empty reply, partial file, unsupported protocol (HTTP/0.9)."""

controller = pytest.fixture(controllers)


@pytest.fixture(params=["before", "after"])
def moment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.rule("T1")
@pytest.mark.parametrize("kind", BREAKS_HTTPX)
def test_httpx_meets_it_once(controller: Controller, kind: str, moment: str) -> None:
    controller.done("POST", "/faults", {"kind": kind, "moment": moment, "count": 1})
    with pytest.raises(BREAKS_HTTPX[kind]):
        controller.call("GET", WHO)
    assert controller.call("GET", WHO).status_code == 200


@pytest.mark.rule("T1")
@pytest.mark.parametrize("kind", BREAKS_REQUESTS)
def test_requests_meets_it_once(controller: Controller, kind: str, moment: str) -> None:
    controller.done("POST", "/faults", {"kind": kind, "moment": moment, "count": 1})
    with requests.Session() as session:
        session.trust_env = False
        url = f"{controller.client.base_url}{WHO}"
        with pytest.raises(BREAKS_REQUESTS[kind]):
            session.get(url, headers=controller.bearer, timeout=30)
        assert session.get(url, headers=controller.bearer, timeout=30).status_code == 200


@pytest.mark.rule("T1")
@pytest.mark.parametrize("kind", BREAKS_CURL)
def test_curl_meets_it_once(controller: Controller, kind: str, moment: str) -> None:
    (curl,) = needed("curl")
    controller.done("POST", "/faults", {"kind": kind, "moment": moment, "count": 1})
    command = [curl, "-s", "-q", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}"]
    command += ["-H", f"Authorization: {controller.bearer['Authorization']}", f"{controller.client.base_url}{WHO}"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == BREAKS_CURL[kind]
    assert subprocess.run(command, capture_output=True, check=False).stdout == b"200"


OTHERS: list[tuple[dict[str, Any], int]] = [
    ({"kind": "status", "status": 500}, 500),
    ({"kind": "rate_limit", "calls": 0, "per_seconds": 9}, 429),
    ({"kind": "latency", "latency_ms": 1}, 200),
    ({"kind": "revoke_token"}, 401),
    ({"kind": "meter_provider", "answer": "provider_timeout"}, 504),
]
METER = "/meter/1000000000012"


@pytest.mark.rule("T1", "T3")
@pytest.mark.parametrize(("fault", "status"), OTHERS)
def test_other_faults_are_answers_to_httpx_requests_and_curl(
    controller: Controller, fault: dict[str, Any], status: int
) -> None:
    (curl,) = needed("curl")
    controller.done("POST", "/faults", fault)
    url, bearer = f"{controller.client.base_url}{METER}", controller.bearer
    command = [curl, "-s", "-q", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}"]
    command += ["-H", f"Authorization: {bearer['Authorization']}", url]
    assert controller.call("GET", METER).status_code == status
    assert requests.get(url, headers=bearer, timeout=30, proxies={"http": ""}).status_code == status
    assert subprocess.run(command, capture_output=True, check=False).stdout == str(status).encode()


def test_of_many_calls_at_once_exactly_one_meets_a_fault_that_happens_once(controller: Controller) -> None:
    controller.done("POST", "/faults", {"kind": "status", "operation": "GET /auth/users/me/", "count": 1})
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: controller.call("GET", WHO).status_code, range(64)))
    assert sorted(answers) == [200] * 63 + [503]


@pytest.mark.rule("T1")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_dribbled_answer_is_whole_and_slow(controller: Controller, moment: str) -> None:
    controller.done("POST", "/faults", {"kind": "dribble", "latency_ms": 80, "moment": moment, "count": 1})
    began = time.monotonic()
    answer = controller.call("GET", WHO)
    assert time.monotonic() - began >= 0.08
    assert answer.status_code == (503 if moment == "before" else 200)
    assert answer.json()


@pytest.mark.rule("T1")
def test_an_answer_without_a_body_is_cut_in_its_head(controller: Controller) -> None:
    site = {"postcode": "M1 1AE", "mpan": "1000000000012"}
    site_id = controller.call("POST", "/entities/site", site).json()["id"]
    controller.done("POST", "/faults", {"kind": "cut", "moment": "after", "count": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        controller.call("DELETE", f"/entities/site/{site_id}")
    assert controller.call("GET", f"/entities/site/{site_id}").status_code == 404


@pytest.mark.rule("T1", "U1")
@pytest.mark.parametrize("kind", ["reset", "empty", "cut", "garbage"])
def test_an_onboard_whose_reply_is_lost_makes_one_site_when_it_is_repeated(controller: Controller, kind: str) -> None:
    operation = "POST /entities/site/onboard"
    controller.done("POST", "/faults", {"kind": kind, "moment": "after", "operation": operation, "count": 1})
    answer = with_one_retry(lambda: controller.call("POST", "/entities/site/onboard", onboarding())).json()
    assert (answer["site"]["site_created"], answer["enrolment"]["status"]) == (False, "already_enrolled")
    assert controller.call("GET", "/entities/site").json()["total_num_sites"] == 1


def with_one_retry(call: Callable[[], httpx.Response]) -> httpx.Response:
    try:
        return call()
    except httpx.TransportError:
        return call()


def test_a_magic_name_breaks_the_connection_for_who_cannot_reach_control(controller: Controller) -> None:
    with pytest.raises(httpx.ReadError):
        controller.call("GET", "/entities/asset/external-id/mock-reset-1x-w")
    assert controller.call("GET", "/entities/asset/external-id/mock-reset-1x-w").status_code == 404


def test_without_the_transport_a_network_fault_is_a_connection_error(served: Served) -> None:
    """As where the app runs in the test's own process; also says that the hook is what a served app needs."""
    with httpx.Client(base_url=served.base_url) as client:
        controller = Controller(client, "without-transport")
        controller.done("POST", "/faults", {"kind": "reset", "count": 2})
        with pytest.raises(httpx.ReadError):
            controller.call("GET", WHO)
        headers = [(name.lower().encode(), value.encode()) for name, value in controller.bearer.items()]
    with pytest.raises(ConnectionResetError):
        asgi(served, headers)


def asgi(served: Served, headers: list[tuple[bytes, bytes]]) -> None:
    import asyncio

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        raise AssertionError("nothing is sent")

    scope = {"type": "http", "method": "GET", "path": WHO, "raw_path": WHO.encode(), "query_string": b""}
    asyncio.run(served.app({**scope, "scheme": "http", "headers": headers}, receive, send))


FAULTS = int(os.environ.get("MOCKAXLE_SOAK", "1000"))


@pytest.fixture
def alone() -> Iterator[Controller]:
    with serving() as served, httpx.Client(base_url=served.base_url) as client:
        yield Controller(client, "battered")


def break_many(alone: Controller, times: int) -> None:
    for number in range(times):
        kind = ("reset", "empty", "cut", "garbage", "dribble")[number % 5]
        late = {"latency_ms": 1} if kind == "dribble" else {}
        moment = ("before", "after")[number % 2]
        alone.done("POST", "/faults", {"kind": kind, "moment": moment, "count": 1, **late})
        try:
            alone.call("GET", WHO)
        except httpx.TransportError:
            assert kind != "dribble"
        alone.done("DELETE", "/faults")


@pytest.mark.soak
def test_the_server_is_healthy_after_many_network_faults(alone: Controller) -> None:
    break_many(alone, FAULTS // 2)
    alone.done("POST", "/reset", {"what": ["log"]})
    tracemalloc.start()
    try:
        before, open_before = tracemalloc.take_snapshot(), len(os.listdir("/dev/fd"))
        break_many(alone, FAULTS // 2)
        alone.done("POST", "/reset", {"what": ["log"]})
        grown = sum(one.size_diff for one in tracemalloc.take_snapshot().compare_to(before, "filename"))
    finally:
        tracemalloc.stop()
    assert grown < 1_000_000
    assert len(os.listdir("/dev/fd")) <= open_before + 1
    assert alone.call("GET", WHO).status_code == 200


@pytest.mark.parametrize("kind", ["reset", "empty", "cut", "garbage"])
def test_pipelined_calls_leave_nothing_behind(alone: Controller, kind: str) -> None:
    alone.done("POST", "/faults", {"kind": kind, "operation": "GET /auth/users/me/"})
    call = f"GET {WHO} HTTP/1.1\r\nHost: mock\r\nAuthorization: {alone.bearer['Authorization']}\r\n\r\n".encode()
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", alone.client.base_url.port or 0), timeout=30) as connection:
            connection.sendall(call * 3)
            with suppress(ConnectionResetError):
                while connection.recv(65536):
                    pass
    alone.done("DELETE", "/faults")
    gc.collect()
    assert sum(isinstance(one, RequestResponseCycle) for one in gc.get_objects()) < 10


def test_a_request_leaves_nothing_to_the_garbage_collector(alone: Controller) -> None:
    """Cycles would be collected by the thousand, and some request would wait for it."""
    gc.collect()
    gc.disable()
    try:
        for _ in range(100):
            alone.call("GET", WHO)
        assert sum(isinstance(one, RequestResponseCycle) for one in gc.get_objects()) < 10
    finally:
        gc.enable()
