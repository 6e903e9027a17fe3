"""Which URLs the mock calls: a table, and properties over what is refused."""

import re
import socket
from contextlib import closing, suppress
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockaxle.deliveries.targets import NamedHost, Targets, filled, is_of_this_machine, read_named_host, read_target
from mockaxle.world.commands.refusals import TargetRefused

LOCAL, SHARED = False, True
OWN_PORT = 8000
PUBLIC_URL = "https://mock.example"
ALLOWED = ""

UNNAMED, TO_LOOPBACK, VENDOR, OWN = "--receiver-host", "which is loopback", "the vendor's", "this mock itself"
ODD, INFO, FRAGMENT, NOT_HTTP = "visible ASCII", "user info", "fragment", "not an http or https URL"
NO_URL, NO_HOST, NEVER = "not a URL", "is not a host", "link-local, multicast or no address"

Row = tuple[bool, tuple[str, ...], str, tuple[str, ...], str]
"""Whether the server is shared, its named hosts, a URL, the addresses of its name, and a word of the refusal if any."""

LOOPBACK = [
    "http://127.0.0.1:9000/axle",
    "http://127.0.0.1",
    "HTTP://127.0.0.1./",
    "https://127.255.0.3:9000",
    "http://[::1]:9000/a?b={asset_id}",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://2130706433:9000/",
    "http://0177.0.0.1:9000/",
    "http://0x7f000001:9000/",
    "http://0x7F.1:9000/",
    "http://127.1:9000/",
    "http://[::ffff:127.0.0.1]:9000/",
    "http://[::127.0.0.1]:9000/",
    "http://[64:ff9b::7f00:1]:9000/",
    "http://[2002:7f00:1::]:9000/",
]
"""Addresses of loopback, in the spellings that resolvers take."""

ROWS: list[Row] = [
    *((LOCAL, (), url, (), ALLOWED) for url in LOOPBACK),
    *((SHARED, (), url, (), UNNAMED) for url in LOOPBACK),
    (LOCAL, (), "http://localhost:9000/axle", ("127.0.0.1", "::1"), ALLOWED),
    (LOCAL, (), "http://LOCALHOST.:9000/axle", ("::1",), ALLOWED),
    (LOCAL, (), "http://localhost:9000/axle", ("127.0.0.1", "10.0.0.5"), UNNAMED),
    (SHARED, (), "http://localhost:9000/axle", ("127.0.0.1",), UNNAMED),
    (SHARED, ("localhost:9000",), "http://localhost:9000/axle", ("127.0.0.1", "::1"), ALLOWED),
    (SHARED, ("localhost:9000",), "http://127.0.0.1:9000/axle", (), UNNAMED),
    (SHARED, ("localhost",), "http://localhost:9000/axle", (), UNNAMED),
    (SHARED, ("127.0.0.1:9000",), "http://2130706433:9000/axle", (), ALLOWED),
    (SHARED, ("127.1:9000",), "http://127.0.0.1:9000/axle", (), ALLOWED),
    (SHARED, ("::1",), "http://[::1]/axle", (), ALLOWED),
    # addresses elsewhere
    (LOCAL, (), "http://10.0.0.5:9000/axle", (), UNNAMED),
    (LOCAL, (), "http://192.168.1.9/axle", (), UNNAMED),
    (LOCAL, (), "http://93.184.216.34/axle", (), UNNAMED),
    (LOCAL, (), "http://[2001:db8::7]:9000/axle", (), UNNAMED),
    (LOCAL, (), "http://[fd00::7]/axle", (), UNNAMED),
    (LOCAL, (), "http://[::ffff:10.0.0.5]:9000/axle", (), UNNAMED),
    (LOCAL, ("10.0.0.5:9000",), "http://10.0.0.5:9000/axle", (), ALLOWED),
    (LOCAL, ("10.0.0.5:9000",), "http://167772165:9000/axle", (), ALLOWED),
    (LOCAL, ("10.0.0.5:9000",), "http://10.0.0.5/axle", (), UNNAMED),
    (LOCAL, ("10.0.0.5:9000",), "http://10.0.0.6:9000/axle", (), UNNAMED),
    (SHARED, ("[fd00::7]:9000",), "http://[fd00:0::7]:9000/axle", (), ALLOWED),
    (SHARED, ("2001:db8::7",), "https://[2001:db8::7]/axle", (), ALLOWED),
    # names
    (LOCAL, (), "https://partner.example/axle", (), UNNAMED),
    (LOCAL, ("partner.example",), "https://partner.example/axle", ("93.184.216.34",), ALLOWED),
    (LOCAL, ("partner.example",), "http://partner.example/axle", ("93.184.216.34",), ALLOWED),
    (LOCAL, ("partner.example",), "https://Partner.Example.:443/axle", ("93.184.216.34",), ALLOWED),
    (LOCAL, ("partner.example",), "https://partner.example:8443/axle", (), UNNAMED),
    (LOCAL, ("partner.example",), "http://partner.example:443/axle", (), UNNAMED),
    (LOCAL, ("partner.example",), "https://partner.example:80/axle", (), UNNAMED),
    (LOCAL, ("partner.example:8443",), "https://partner.example:8443/axle", ("10.0.0.5", "fd00::7"), ALLOWED),
    (LOCAL, ("partner.example:8443",), "https://partner.example/axle", (), UNNAMED),
    (LOCAL, ("partner.example",), "https://sub.partner.example/axle", (), UNNAMED),
    (LOCAL, ("partner.example",), "https://partner.example.evil.example/axle", (), UNNAMED),
    (LOCAL, ("partner.example",), "https://partner.example/axle", ("127.0.0.1",), TO_LOOPBACK),
    (LOCAL, ("partner.example",), "https://partner.example/axle", ("::1",), TO_LOOPBACK),
    (LOCAL, ("partner.example",), "https://partner.example/axle", ("::ffff:127.0.0.1",), TO_LOOPBACK),
    (LOCAL, ("partner.example",), "https://partner.example/axle", ("93.184.216.34", "127.0.0.1"), TO_LOOPBACK),
    (SHARED, ("partner.example",), "https://partner.example/axle", ("10.0.0.5", "::1"), TO_LOOPBACK),
    (LOCAL, ("partner.example",), "https://partner.example/axle", ("10.0.0.5", "169.254.169.254"), NEVER),
    (LOCAL, (), "http://app.localhost:9000/axle", (), UNNAMED),
    (LOCAL, (), "http://localhost.localdomain:9000/axle", (), UNNAMED),
    # forms
    *(
        (LOCAL, ("partner.example",), url, (), word)
        for url, word in (
            ("http://user@127.0.0.1/", INFO),
            ("http://user:password@partner.example/", INFO),
            ("http://@127.0.0.1/", INFO),
            ("http://partner.example:80@127.0.0.1/", INFO),
            ("ftp://127.0.0.1/", NOT_HTTP),
            ("file:///etc/passwd", NOT_HTTP),
            ("gopher://127.0.0.1:70/_", NOT_HTTP),
            ("ws://127.0.0.1/", NOT_HTTP),
            ("127.0.0.1:9000/axle", NOT_HTTP),
            ("//127.0.0.1:9000/axle", NOT_HTTP),
            ("/axle", NOT_HTTP),
            ("http:127.0.0.1/", NOT_HTTP),
            ("http://", NOT_HTTP),
            ("http:///axle", NOT_HTTP),
            ("http://:9000/axle", NOT_HTTP),
            ("http://127.0.0.1:0/", NOT_HTTP),
            ("http://127.0.0.1:65536/", NO_URL),
            ("http://127.0.0.1:-1/", NO_URL),
            ("http://127.0.0.1:{asset_id}/", NO_URL),
            ("http://[::1/", NO_URL),
            ("http://[127.0.0.1]/", NO_URL),
            ("http:\\\\127.0.0.1\\axle", ODD),
            ("http://partner.example\\@127.0.0.1/", ODD),
            ("http://127.0.0.1/a\tb", ODD),
            ("http://127.0.0.1/a\nb", ODD),
            ("http://127.0.0.1/a\r\nHost: b", ODD),
            ("http://127.0.0.1/a b", ODD),
            (" http://127.0.0.1/", ODD),
            ("http://127.0.0.1/\x7f", ODD),
            ("http://127.0.0.1/caf\u00e9", ODD),
            ("http://\uff11\uff12\uff17.0.0.1/", ODD),
            ("http://\uff41\uff58\uff4c\uff45.energy/", ODD),
            ("http://axle\u3002energy/", ODD),
            ("http://127.0.0.1/a#b", FRAGMENT),
            ("http://127.0.0.1/a#", FRAGMENT),
            ("http://{asset_id}.example/", NO_HOST),
            ("http://{external_id}/", NO_HOST),
            ("http://%31%32%37.0.0.1/", NO_HOST),
            ("http://-partner.example/", NO_HOST),
            ("http://partner,example/", NO_HOST),
            ("http://./", NO_HOST),
            ("http://[fe80::1%25eth0]/", NO_HOST),
            ("http://[::1]evil.example:90/", NO_HOST),
            ("http://x[::1]:90/", NO_HOST),
            ("http://[v1.a]/", NO_HOST),
        )
    ),
    # never, even when named
    *(
        (shared, (host, f"{host}:9000"), f"http://{host}{port}/axle", (), word)
        for shared in (LOCAL, SHARED)
        for port in ("", ":9000")
        for host, word in (
            ("axle.energy", VENDOR),
            ("api.axle.energy", VENDOR),
            ("API.AXLE.ENERGY.", VENDOR),
            ("169.254.169.254", NEVER),
            ("169.254.0.1", NEVER),
            ("2852039166", NEVER),
            ("0xa9fea9fe", NEVER),
            ("[::ffff:169.254.169.254]", NEVER),
            ("[::169.254.169.254]", NEVER),
            ("[64:ff9b::a9fe:a9fe]", NEVER),
            ("[2002:a9fe:a9fe::]", NEVER),
            ("[fe80::1]", NEVER),
            ("[fd00:ec2::254]", NEVER),
            ("224.0.0.1", NEVER),
            ("239.255.255.250", NEVER),
            ("[ff02::1]", NEVER),
            ("[::ffff:224.0.0.1]", NEVER),
            ("0.0.0.0", NEVER),
            ("0", NEVER),
            ("[::]", NEVER),
            ("[::ffff:0.0.0.0]", NEVER),
        )
    ),
    *(
        (shared, (f"{host}:{OWN_PORT}",), f"http://{host}:{OWN_PORT}/axle", addresses, OWN)
        for shared in (LOCAL, SHARED)
        for host, addresses in (
            ("127.0.0.1", ()),
            ("127.0.0.2", ()),
            ("[::1]", ()),
            ("[::ffff:127.0.0.1]", ()),
            ("localhost", ("127.0.0.1",)),
            ("LOCALHOST.", ("::1",)),
            ("partner.example", ("127.0.0.1",)),
        )
    ),
    (LOCAL, (), f"http://127.0.0.1:{OWN_PORT}/axle", (), OWN),
    (LOCAL, (), f"http://localhost:{OWN_PORT}/axle", (), OWN),
    (LOCAL, ("mock.example",), "https://mock.example/axle", (), OWN),
    (LOCAL, ("mock.example",), "https://MOCK.example.:443/axle", (), OWN),
    (LOCAL, ("mock.example:9000",), "https://mock.example:9000/axle", ("10.0.0.5",), ALLOWED),
    (LOCAL, (f"10.0.0.5:{OWN_PORT}",), f"http://10.0.0.5:{OWN_PORT}/axle", (), ALLOWED),
    (LOCAL, ("notaxle.energy",), "https://notaxle.energy/", ("93.184.216.34",), ALLOWED),
    (LOCAL, ("axle.energy.example",), "https://axle.energy.example/", ("93.184.216.34",), ALLOWED),
]


def targets_of(is_shared: bool, *named: str) -> Targets:
    return Targets(is_shared, tuple(map(read_named_host, named)), PUBLIC_URL, {OWN_PORT})


def judged(targets: Targets, url: str, *addresses: str) -> str:
    """The text of the refusal by form or by addresses; empty if the URL is allowed."""
    try:
        targets.check(url)
        if addresses:
            targets.check_addresses(read_target(url), [ip_address(address) for address in addresses])
    except TargetRefused as refused:
        return refused.text
    return ALLOWED


def option_in(text: str) -> str:
    """The value of the option that a refusal names."""
    found = re.search(r"--receiver-host (\S+)\. ", text)
    assert found, text
    return found[1]


def addresses_of_this_machine() -> list[str]:
    """Addresses besides loopback. Connecting a datagram socket sends nothing."""
    found: list[str] = []
    for family, far in ((socket.AF_INET, "203.0.113.7"), (socket.AF_INET6, "2001:db8::7")):
        with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.connect((far, 9))
            found.append(str(probe.getsockname()[0]))
    return found


@pytest.mark.rule("N2")
@pytest.mark.parametrize(("is_shared", "named", "url", "addresses", "word"), ROWS)
def test_a_url_is_allowed_or_refused_with_a_reason(
    is_shared: bool, named: tuple[str, ...], url: str, addresses: tuple[str, ...], word: str
) -> None:
    text = judged(targets_of(is_shared, *named), url, *addresses)
    assert (word in text, bool(text)) == (True, bool(word)), text


@pytest.mark.rule("N2")
@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row[-1] not in (ALLOWED, UNNAMED)],
    ids=lambda row: row[2],
)
def test_a_refusal_has_a_fault_and_a_remedy(row: Row) -> None:
    is_shared, named, url, addresses, _ = row
    text = judged(targets_of(is_shared, *named), url, *addresses)
    found = re.fullmatch(r"url: (.+?)\. ((?:Send|Leave|Percent-encode) .+)", text, re.DOTALL)
    assert found, text


@pytest.mark.rule("N2")
@pytest.mark.parametrize("row", [row for row in ROWS if row[-1] == UNNAMED], ids=lambda row: row[2])
def test_the_option_in_the_refusal_of_an_unnamed_host_makes_it_allowed(row: Row) -> None:
    is_shared, named, url, _, _ = row
    target = read_target(url)
    text = judged(targets_of(is_shared, *named), url) or judged(targets_of(is_shared, *named), url, "10.0.0.5")
    option = option_in(text)
    assert option == target.authority
    assert ("operator" in text, "MOCKAXLE_RECEIVER_HOST" in text) == (is_shared, not is_shared)
    assert judged(targets_of(is_shared, *named, option), url) == ALLOWED
    if is_shared:
        assert judged(targets_of(LOCAL, option), url) == ALLOWED


hosts = st.one_of(
    st.from_regex(r"[a-zA-Z0-9]{1,8}(\.[a-zA-Z0-9-]{0,8}[a-zA-Z0-9]){0,2}\.?", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=4).map(lambda address: str(int(address))),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.ip_addresses(v=4).map(lambda address: f"[::ffff:{address}]"),
)
ports = st.one_of(st.none(), st.integers(1, 65_535), st.sampled_from([80, 443, OWN_PORT]))


@pytest.mark.property
@pytest.mark.rule("N2")
@given(st.sampled_from(["http", "https"]), hosts, ports, st.booleans())
def test_any_host_that_is_merely_unnamed_is_allowed_by_its_option(
    scheme: str, host: str, port: int | None, is_shared: bool
) -> None:
    url = f"{scheme}://{host}" + (f":{port}" if port else "") + "/axle"
    text = judged(targets_of(is_shared), url)
    assume(UNNAMED in text)
    assert judged(targets_of(is_shared, option_in(text)), url) == ALLOWED


pieces = st.sampled_from(
    [*"./:@[]%#?\\0", "http://", "127.0.0.1", "::1", "localhost", "axle.energy", "{asset_id}", "\n"]
)
texts = st.lists(pieces | st.text(max_size=3), max_size=8).map("".join)


@pytest.mark.property
@pytest.mark.rule("N2")
@given(texts | texts.map(lambda text: f"http://{text}"))
def test_without_an_option_only_loopback_is_allowed_whatever_the_text(url: str) -> None:
    if judged(targets_of(LOCAL), url) == ALLOWED:
        host = read_target(url).host
        assert host == "localhost" or ip_address(host).is_loopback
        assert (url.isascii(), url.isprintable(), " " in url) == (True, True, False)
    assert judged(targets_of(SHARED), url) != ALLOWED


@pytest.mark.rule("N2")
def test_a_name_is_judged_again_by_its_addresses_at_each_attempt() -> None:
    url, targets = "https://partner.example/axle", targets_of(LOCAL, "partner.example")
    targets.check(url)
    for address, word in (
        ("93.184.216.34", ALLOWED),
        ("127.0.0.1", TO_LOOPBACK),
        ("169.254.169.254", NEVER),
        ("10.0.0.5", ALLOWED),
    ):
        text = judged(targets, url, address)
        assert (word in text, bool(text)) == (True, bool(word))


@pytest.mark.rule("N2")
def test_every_address_of_this_machine_is_refused_at_our_own_port() -> None:
    for address in addresses_of_this_machine():
        host = f"[{address}]" if ":" in address else address
        targets = targets_of(LOCAL, f"{host}:{OWN_PORT}", f"{host}:9000", f"partner.example:{OWN_PORT}")
        assert OWN in judged(targets, f"http://{host}:{OWN_PORT}/")
        assert OWN in judged(targets, f"http://partner.example:{OWN_PORT}/", address)
        assert judged(targets, f"http://{host}:9000/") == ALLOWED
        assert is_of_this_machine(ip_address(address))
    assert not is_of_this_machine(ip_address("203.0.113.7"))
    assert not is_of_this_machine(ip_address("2001:db8::7"))


@pytest.mark.rule("N2")
def test_the_public_url_is_refused_at_its_port_alone() -> None:
    for public_url, refused in (("http://mock.example", "http"), ("https://mock.example/base", "https")):
        targets = Targets(LOCAL, (NamedHost("mock.example"),), public_url)
        for scheme in ("http", "https"):
            text = judged(targets, f"{scheme}://mock.example/axle", "10.0.0.5")
            assert (OWN in text, bool(text)) == (scheme == refused, scheme == refused)


@pytest.mark.rule("N2")
@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://127.0.0.1", "127.0.0.1", "/"),
        ("http://LOCALHOST.:80/a/b?c=d", "localhost", "/a/b?c=d"),
        ("https://partner.example:443?{asset_id}", "partner.example", "/?{asset_id}"),
        ("https://partner.example:80/%2e", "partner.example:80", "/%2e"),
        ("http://[0::1]:9000/", "[::1]:9000", "/"),
    ],
)
def test_a_target_has_the_host_that_is_sent_and_the_path(url: str, authority: str, path: str) -> None:
    target = read_target(url)
    assert (target.authority, target.path) == (authority, path)


@pytest.mark.property
@pytest.mark.rule("N8")
@given(st.text(min_size=1), st.text(min_size=1))
def test_an_id_is_one_segment_of_the_path(asset_id: str, external_id: str) -> None:
    values = {"asset_id": asset_id, "external_id": external_id, "site_id": "s"}
    url = filled("http://127.0.0.1:9000/{asset_id}/x/{external_id}?y={site_id}", values)
    parts = urlsplit(url)
    _, first, x, second = parts.path.split("/")
    assert (unquote(first), x, unquote(second), parts.query) == (asset_id, "x", external_id, "y=s")
    assert {first, second}.isdisjoint({".", ".."})
    assert read_target(url).host == "127.0.0.1"


@pytest.mark.rule("N8")
@pytest.mark.parametrize(
    ("id", "segment"),
    [
        ("a/b", "a%2Fb"),
        ("../admin", "..%2Fadmin"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("a.b", "a.b"),
        ("100%", "100%25"),
        ("%2F", "%252F"),
        ("a?b#c", "a%3Fb%23c"),
        ("caf\u00e9 1", "caf%C3%A9%201"),
        ("{external_id}", "%7Bexternal_id%7D"),
        ("a\r\nb", "a%0D%0Ab"),
    ],
)
def test_an_id_is_encoded_for_a_path(id: str, segment: str) -> None:
    values = {"asset_id": id, "external_id": "e", "site_id": "s"}
    assert filled("http://127.0.0.1/{asset_id}/{other}", values) == f"http://127.0.0.1/{segment}/{{other}}"


@pytest.mark.rule("N2")
@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("partner.example", "partner.example", None),
        ("Partner.Example.", "partner.example", None),
        ("partner.example:8443", "partner.example", 8443),
        ("my_host-1:80", "my_host-1", 80),
        ("10.0.0.5", "10.0.0.5", None),
        ("167772165:9000", "10.0.0.5", 9000),
        ("127.1", "127.0.0.1", None),
        ("fd00::7", "fd00::7", None),
        ("FD00:0::7", "fd00::7", None),
        ("[fd00::7]", "fd00::7", None),
        ("[fd00::7]:9000", "fd00::7", 9000),
    ],
)
def test_an_option_names_a_host_and_maybe_a_port(text: str, host: str, port: int | None) -> None:
    assert read_named_host(text) == NamedHost(host, port)


@pytest.mark.rule("N2")
@pytest.mark.parametrize(
    "text",
    [
        "", ":9000", "http://partner.example", "partner.example/axle", "user@partner.example", "partner.example:http",
        "partner.example:65536", "partner.example:-1", "partner.example:80:90", "*.example", "{asset_id}.example",
        "partner example", "partner.example?a", "partner.example#a", "[partner.example]", "[::1", "-partner",
        "caf\u00e9.example", "\uff11\uff12\uff17.0.0.1", "partner.example:0", "10.0.0.5 foo", "part\tner.example",
        "partner.example#", "partner.example?", "[::1]x", "fd00::7]",
    ],
)  # fmt: skip
def test_an_option_that_names_no_host_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TargetRefused)):
        read_named_host(text)
