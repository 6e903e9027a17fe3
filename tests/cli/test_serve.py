"""`mockaxle serve` and its companions, as processes."""

import json
import os
import pty
import re
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import pytest

from mockaxle.cli.serve import addresses
from tests.calling import HOME
from tests.ports import reserved_port
from tests.serving import Served

MOCKAXLE = [sys.executable, "-m", "mockaxle.cli"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MOCKAXLE, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A serving process and the base URL that it printed."""
    command = [*MOCKAXLE, "serve", "--port", "0", "--quiet", *arguments]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    with serving() as (process, url):
        assert httpx.get(f"{url}/__mockaxle/health").status_code == 200
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")


def test_the_port_file_holds_the_port_once_it_listens(tmp_path: Path) -> None:
    file = tmp_path / "port"
    with serving("--port-file", str(file)) as (_, url):
        assert url == f"http://127.0.0.1:{int(file.read_text())}"
        assert [path.name for path in tmp_path.iterdir()] == ["port"]


def test_a_port_file_that_is_a_fifo_or_a_link_stays_one(tmp_path: Path) -> None:
    fifo, file, link = tmp_path / "fifo", tmp_path / "port", tmp_path / "link"
    os.mkfifo(fifo)
    link.symlink_to(file)
    with serving("--port-file", str(link)) as (_, url):
        assert (link.is_symlink(), file.read_text()) == (True, f"{url.rpartition(':')[2]}\n")
    command = [*MOCKAXLE, "serve", "--port", "0", "--quiet", "--port-file", str(fifo)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        port = fifo.read_text()
        assert process.stdout
        assert process.stdout.readline().strip().endswith(f":{port.strip()}")
        process.kill()
    assert fifo.is_fifo()


def test_calls_are_printed_to_a_file_where_that_is_asked_for() -> None:
    with serving("--print-calls") as (process, url):
        httpx.post(f"{url}/auth/token-form", data={"username": "acme", "password": "wrong"})
        assert process.stdout
        assert " POST /auth/token-form 401 " in process.stdout.readline()


def test_the_environment_decides_no_format() -> None:
    assert run("contract", "vpp", MOCKAXLE_FORMAT="jsonl").returncode == 0


@pytest.mark.parametrize("verb", ["replay", "check"])
def test_what_may_write_takes_nothing_from_the_environment(verb: str) -> None:
    assert "MOCKAXLE_" not in run(verb, "--help").stdout


def test_the_public_url_is_in_the_document() -> None:
    with serving("--public-url", "https://mock.example/axle") as (_, url):
        assert httpx.get(f"{url}/openapi.json").json()["servers"] == [{"url": "https://mock.example/axle"}]


def test_a_trusted_proxy_may_be_spelt_as_ipv6_spells_it() -> None:
    context, option = click.Context(click.Command("serve")), click.Option(["--trusted-proxy"])
    assert addresses(context, option, ("::ffff:10.0.0.1", "2001:db8:0::1")) == ("10.0.0.1", "2001:db8::1")
    with pytest.raises(click.BadParameter, match=r"10\.0\.0\.1:80"):
        addresses(context, option, ("10.0.0.1:80",))


def test_the_seed_decides_the_ids() -> None:
    def first_id(seed: str) -> str:
        with serving("--seed", seed) as (_, url), httpx.Client(base_url=url) as client:
            token = client.post("/auth/token-form", data={"username": "a", "password": "b"}).json()["access_token"]
            bearer = {"Authorization": f"Bearer {token}"}
            id: str = client.post("/entities/site", json=HOME, headers=bearer).json()["id"]
            return id

    assert first_id("mine") == first_id("mine") != first_id("yours")


def test_a_signal_right_after_the_port_file_ends_it_too(tmp_path: Path) -> None:
    with serving("--port-file", str(tmp_path / "port")) as (process, _):
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_it_ends_at_once_while_an_upload_stalls() -> None:
    with serving() as (process, url), socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.sendall(b"POST /auth/token-form HTTP/1.1\r\nHost: mock\r\nContent-Length: 100\r\n\r\nabc")
        httpx.get(f"{url}/__mockaxle/health")
        process.terminate()
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")


def test_it_ends_while_a_thread_makes_as_many_sites_as_there_may_be() -> None:
    began = children_cpu_seconds()
    with serving() as (process, url), httpx.Client(base_url=url) as client:
        token = client.post("/auth/token-form", data={"username": "a", "password": "b"}).json()["access_token"]
        body = json.dumps({"portfolios": [{"name": "p", "count": 100_000}]}).encode()
        head = ["PUT /__mockaxle/world/scenario HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as connection:
            connection.sendall("\r\n".join(head).encode() + body)
            for _ in range(3):
                client.get("/__mockaxle/health")
            process.terminate()
            process.communicate(timeout=60)
    assert process.returncode == 0
    assert children_cpu_seconds() - began < 8  # the sites alone take more than that


def children_cpu_seconds() -> float:
    """The CPU time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_on_a_terminal_each_exchange_is_a_line_and_a_terminal_that_is_gone_harms_nobody() -> None:
    reader, writer = pty.openpty()
    with subprocess.Popen([*MOCKAXLE, "serve", "--port", "0"], stdout=writer, stderr=writer) as process:
        os.close(writer)
        screen = os.fdopen(reader, "rb", buffering=0)
        shown = b""
        while b"Ctrl-C" not in shown:
            shown += screen.read(4096)
        url = re.search(rb"serving at (\S+)", shown)
        assert url
        base = url[1].decode()
        httpx.get(f"{base}/auth/users/me/")
        assert b"GET /auth/users/me/ 401 A3" in screen.read(4096)
        screen.close()
        assert httpx.get(f"{base}/auth/users/me/").status_code == 401
        process.terminate()


def test_a_flag_wins_over_the_environment() -> None:
    with serving("--no-rules-header", MOCKAXLE_RULES_HEADER="1", MOCKAXLE_PORT="1") as (_, url):
        assert "x-mockaxle-rules" not in httpx.get(f"{url}/auth/users/me/").headers


def test_the_welcome_has_a_curl_line_that_works_as_printed() -> None:
    command = [*MOCKAXLE, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(5)]
        curl = next(line.partition(":")[2].strip() for line in lines if line.startswith("Log in"))
        answer = subprocess.run(curl, shell=True, capture_output=True, text=True, timeout=30)
        process.terminate()
    assert lines[0].startswith("mockaxle is serving at http://127.0.0.1:")
    assert '"token_type":"bearer"' in answer.stdout


def welcome(*arguments: str, **environment: str) -> str:
    """What a server prints before it serves."""
    command = [*MOCKAXLE, "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(7)]
        process.terminate()
    return "".join(lines)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([], {}, "Not shared: it listens on loopback. Behind a proxy that adds no forwarding header, use --shared."),
        (["--shared"], {}, "Shared: --shared is set."),
        (["--public-url", "https://a.example"], {}, "Shared: implied by --public-url. --no-shared turns it off."),
        (["--host", "0.0.0.0", "--root-path", "/a"], {}, "Shared: implied by --host 0.0.0.0, --root-path. --no-shared"),
        (
            ["--root-path", "/a", "--no-shared"],
            {},
            "although --root-path implies it. Anyone who reaches it controls every",
        ),
        (["--root-path", "/a"], {"MOCKAXLE_SHARED": "0"}, "Not shared: --no-shared is set, although --root-path"),
        ([], {"MOCKAXLE_SHARED": "1"}, "Shared: --shared is set."),
    ],
)
def test_the_welcome_says_whether_the_server_is_shared_and_why(
    arguments: list[str], environment: dict[str, str], words: str
) -> None:
    assert words in welcome(*arguments, **environment)


def test_commands_control_a_world_of_a_shared_server_with_its_accounts_password(tmp_path: Path) -> None:
    with serving("--shared", "--admin-token", "let-me-in") as (_, url):
        acme = ("--url", url, "--username", "acme", "--password", "swordfish")
        for verb in (["advance", "61m"], ["scenario", "load", "busy-evening"], ["export"], ["token"]):
            assert run(*verb, *acme).returncode == 0, verb
        stranger = run("advance", "61m", "--url", url, "--username", "acme")
        assert (stranger.returncode, "the log-in returned 401 with a refusal" in stranger.stderr) == (2, True)
        assert run("advance", "61m", "--url", url, "--username", "acme", "--admin-token", "let-me-in").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["serve", "--port", "x"], {}, ["--port", "'x'"]),
        (["serve", "--port", "70000"], {}, ["--port", "70000"]),
        (["serve"], {"MOCKAXLE_PORT": "ninety"}, ["MOCKAXLE_PORT", "ninety"]),
        (["serve", "--prot", "1"], {}, ["no option '--prot'; did you mean '--port'?"]),
        (["serve", "--host", "256.0.0.1"], {}, ["cannot listen on 256.0.0.1"]),
        (["serve", "--max-worlds", "0"], {}, ["--max-worlds"]),
        (["serve", "--port", "0", "--port-file", "/nowhere/at/all"], {}, ["port file"]),
        (["serve", "--admin-token-file", "/dev/null"], {}, ["--admin-token-file"]),
        (["serve", "--admin-token-file", "/nowhere"], {}, ["--admin-token-file", "/nowhere"]),
        (["serve", "--root-path", "axle"], {}, ["--root-path", "such as /axle"]),
        (["sevre"], {}, ["no command 'sevre'; did you mean 'serve'?"]),
        (["scenario", "laod"], {}, ["no command 'laod'; did you mean 'load'?"]),
        (["xyzzy"], {}, ["no command 'xyzzy'; `mockaxle --help` lists the commands"]),
        (["serve", "--xyzzy"], {}, ["no option '--xyzzy'; `mockaxle serve --help` lists the options"]),
    ],
)
def test_a_wrong_call_is_one_clear_line_and_exit_code_2(
    arguments: list[str], environment: dict[str, str], words: list[str]
) -> None:
    done = run(*arguments, **environment)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("mockaxle: ")
    assert all(word in done.stderr for word in words), done.stderr


def test_a_port_in_use_is_one_clear_line_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on 127.0.0.1:{taken_port(done.stderr)}" in done.stderr
    assert "in use" in done.stderr


def taken_port(line: str) -> str:
    return line.partition("127.0.0.1:")[2].partition(":")[0]


def test_help_names_every_verb_and_option() -> None:
    assert all(verb in run("--help").stdout for verb in ("serve", "token", "healthcheck"))
    assert all(flag in run("serve", "--help").stdout for flag in ("--port-file", "MOCKAXLE_PORT", "--seed"))
    assert run("--version").stdout.startswith("mockaxle, version")


def test_token_prints_a_token_that_works(served: Served) -> None:
    done = run("token", "--url", served.base_url)
    bearer = {"Authorization": f"Bearer {done.stdout.strip()}"}
    assert httpx.get(f"{served.base_url}/auth/users/me/", headers=bearer).json()["username"] == "demo"


def test_token_says_why_it_has_none(served: Served) -> None:
    done = run("token", "--url", served.base_url, "--password", "wrong")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Incorrect username or password" in done.stderr


def test_healthcheck_tells_by_its_exit_code(served: Served) -> None:
    assert run("healthcheck", "--url", served.base_url).returncode == 0
    with reserved_port() as port:
        done = run("healthcheck", "--url", f"http://127.0.0.1:{port}")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert run("healthcheck", "--url", "nonsense").returncode == 1


@pytest.mark.parametrize("module", ["mockaxle.cli.main", "mockaxle.cli", "mockaxle.cli.serve", "mockaxle.app"])
def test_serving_never_imports_the_harness(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"schemathesis", "hypothesis", "pytest", "_pytest"} & set(done.stdout.split())


def test_a_server_without_a_receiver_loads_no_http_client() -> None:
    code = "import sys, mockaxle.cli.serve, mockaxle.app, mockaxle.control.routes; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not {"httpx", "httpcore", "requests", "aiohttp", "mockaxle.client.client"} & loaded
    registry = {"mockaxle.deliveries", "mockaxle.deliveries.local_receivers"}
    assert not {name for name in loaded if name.startswith("mockaxle.deliveries")} - registry


def test_logging_in_works_when_nobody_reads_its_errors() -> None:
    """Each log-in drops a world, which is reported on standard error."""
    with serving("--max-worlds", "1") as (process, url):
        assert process.stderr
        process.stderr.close()
        forms = [{"username": f"team-{number}", "password": "demo"} for number in range(4)]
        assert [httpx.post(f"{url}/auth/token-form", data=form).status_code for form in forms] == [200] * 4
