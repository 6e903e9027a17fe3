"""HTTPS, with a certificate given or made."""

import ssl
import sys
from pathlib import Path

import httpx
import pytest
import trustme

from tests.cli.test_serve import run, serving


def trusting(ca_file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def test_a_certificate_of_its_own_is_trusted_by_who_trusts_its_authority(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    with serving("--tls", "self", "--tls-ca-file", str(ca_file), "--allowed-host", "mock.test") as (_, url):
        assert url.startswith("https://127.0.0.1:")
        for base in (url, url.replace("127.0.0.1", "localhost")):
            assert httpx.get(f"{base}/__mockaxle/health", verify=trusting(ca_file)).status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/__mockaxle/health", verify=ssl.create_default_context())
        assert run("healthcheck", "--url", url, MOCKAXLE_TLS_CA_FILE=str(ca_file)).stdout == "ok\n"
        assert run("advance", "61m", "--url", url, MOCKAXLE_TLS_CA_FILE=str(ca_file)).returncode == 0
        assert run("healthcheck", "--url", url).returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="there are no files in memory")
def test_a_certificate_of_its_own_leaves_nothing_behind_when_it_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    options = ("--tls", "self", "--tls-ca-file", str(tmp_path / "ca.pem"))
    with serving(*options, TMPDIR=str(folder)) as (process, _):
        process.kill()
        process.wait()
    assert list(folder.iterdir()) == []


def test_a_given_certificate_is_served(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    chain, key, ca_file = tmp_path / "chain.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    issued.cert_chain_pems[0].write_to_path(chain)
    issued.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(ca_file)
    with serving("--tls-cert", str(chain), "--tls-key", str(key)) as (_, url):
        assert httpx.get(f"{url}/__mockaxle/health", verify=trusting(ca_file)).status_code == 200
    other = tmp_path / "other.pem"
    authority.issue_cert("x").private_key_pem.write_to_path(other)
    done = run("serve", "--port", "0", "--tls-cert", str(chain), "--tls-key", str(other))
    assert (done.returncode, "cannot serve HTTPS" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tls", "self"], "needs --tls-ca-file"),
        (["--tls-cert", __file__], "give --tls-cert and --tls-key"),
        (["--tls-cert", __file__, "--tls-key", __file__], "cannot serve HTTPS"),
        (["--tls", "self", "--tls-ca-file", "/nowhere/ca.pem"], "cannot serve HTTPS"),
    ],
)
def test_what_cannot_be_served_is_refused_in_one_line(options: list[str], words: str) -> None:
    done = run("serve", "--port", "0", *options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert words in done.stderr
