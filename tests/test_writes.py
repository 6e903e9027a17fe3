"""An answer leaves the server in one write, since each write wakes up the client."""

import asyncio

import pytest
from uvicorn.server import ServerState

from mockaxle.app import create_app
from mockaxle.serving.connection import ConnectionBounds, OpenProtocol
from mockaxle.serving.listener import http_server
from mockaxle.serving.settings import DEFAULT_SETTINGS

HEALTH = b"/__mockaxle/health HTTP/1.1\r\nHost: localhost\r\n"


class Recorder(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        pass


async def written(sent: bytes) -> list[bytes]:
    config = http_server(create_app()).config
    config.load()
    bounds = ConnectionBounds(DEFAULT_SETTINGS, on_full=lambda text: None)
    protocol, recorder = OpenProtocol(bounds, config=config, server_state=ServerState(), app_state={}), Recorder()
    protocol.connection_made(recorder)
    protocol.data_received(sent)
    while protocol.tasks:
        await asyncio.gather(*protocol.tasks)
    protocol.connection_lost(None)
    return recorder.writes


@pytest.mark.parametrize("end", [b"", b"Connection: close\r\n"])
def test_an_answer_is_one_write(end: bytes) -> None:
    (answer,) = asyncio.run(written(b"GET " + HEALTH + end + b"\r\n"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"}")


def test_an_answer_without_a_body_is_one_write() -> None:
    (answer,) = asyncio.run(written(b"HEAD " + HEALTH + b"\r\n"))
    assert answer.endswith(b"\r\n\r\n")


def test_each_of_two_calls_that_were_sent_at_once_is_answered_in_one_write() -> None:
    first, second = asyncio.run(written((b"GET " + HEALTH + b"\r\n") * 2))
    assert first == second
