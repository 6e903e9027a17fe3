"""Where a call comes from, by its headers, and which servers are shared."""

from dataclasses import replace
from typing import Any

import pytest

from mockaxle.serving.locality import Locality, is_of_a_browser
from mockaxle.serving.settings import ServerSettings

LOOPBACK = ServerSettings()
PROXY_HEADERS = [b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-anything", b"x-real-ip", b"via"]


def pairs(**headers: str) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]


@pytest.mark.parametrize(
    ("settings", "shared"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"root_path": "/axle"}, True),
        ({"public_url": "https://mock.example"}, True),
        ({"shared": True}, True),
        ({"root_path": "/axle", "public_url": "https://mock.example", "shared": False}, False),
        ({"host": "0.0.0.0", "shared": False}, False),
    ],
)
def test_a_server_is_shared_as_it_is_set_or_as_its_options_imply(settings: dict[str, Any], shared: bool) -> None:
    server = ServerSettings(**settings)
    assert server.is_shared is shared
    assert Locality(server).is_local(pairs(host="localhost")) is not shared


@pytest.mark.parametrize("name", PROXY_HEADERS)
def test_a_call_with_a_proxys_header_is_not_local(name: bytes) -> None:
    assert Locality(LOOPBACK).is_local(pairs(host="localhost", x_request_id="1"))
    assert not Locality(LOOPBACK).is_local([(b"host", b"localhost"), (name, b"")])


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"origin": "http://mock.example"}, False),
        ({"origin": "https://mock.example"}, False),
        ({"origin": "https://public.example"}, False),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": ""}, True),
        ({"sec_fetch_site": "cross-site"}, True),
        ({"sec_fetch_site": "Same-Site"}, True),
        ({"sec_fetch_site": "none"}, False),
        ({"sec_fetch_site": "same-origin", "origin": "https://rewritten.example"}, False),
        ({"sec_fetch_site": "cross-site", "origin": "https://mock.example"}, True),
        ({"sec_fetch_site": "", "origin": "https://evil.example"}, True),
        ({"sec_fetch_mode": "cors"}, False),
    ],
)
def test_a_browser_says_whose_page_a_call_comes_from(headers: dict[str, str], foreign: bool) -> None:
    locality = Locality(replace(LOOPBACK, public_url="https://public.example/axle"))
    assert locality.is_foreign(pairs(host="mock.example", **headers)) is foreign
    assert is_of_a_browser(pairs(host="mock.example", **headers)) is bool(headers.keys() - {"sec_fetch_mode"})


def test_an_empty_origin_is_nobodys() -> None:
    assert Locality(LOOPBACK).is_foreign(pairs(host="", origin=""))


@pytest.mark.parametrize("name", [b"host", b"origin", b"sec-fetch-site"])
def test_a_header_that_is_sent_twice_is_not_believed(name: bytes) -> None:
    sent = pairs(host="mock.example", origin="http://mock.example", sec_fetch_site="same-origin")
    assert not Locality(LOOPBACK).is_foreign(sent)
    assert Locality(LOOPBACK).is_foreign([*sent, (name, dict(sent)[name])])


@pytest.mark.parametrize(
    ("origins", "origin", "may"),
    [
        ((), "https://app.example", False),
        (("https://app.example",), "https://app.example", True),
        (("https://App.example",), "https://app.Example", True),
        (("https://app.example",), "https://evil.example", False),
        (("*",), "https://evil.example", True),
    ],
)
def test_the_origins_that_cors_names_may_call(origins: tuple[str, ...], origin: str, may: bool) -> None:
    assert Locality(replace(LOOPBACK, cors_origins=origins)).may_call(pairs(origin=origin)) is may


def test_this_machine_has_few_names() -> None:
    locality = Locality(replace(LOOPBACK, allowed_hosts=("Mock.Test",)))
    for host in ("localhost", "127.0.0.1:2953", "[::1]:80", "LOCALHOST", "mock.test"):
        assert locality.has_local_host(pairs(host=host)), host
    for host in ("", "evil.example", "127.0.0.1.evil.example", "evil@localhost", "localhost/evil"):
        assert not locality.has_local_host(pairs(host=host)), host
