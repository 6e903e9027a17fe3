"""The blocks of README and docs work as printed."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockaxle.scenarios.reading import read_scenario
from tests.inner_pytest import PYTEST
from tests.ports import reserved_port
from tests.serving import serving

ROOT = Path(__file__).parents[2]
BASE = "BASE=http://127.0.0.1:2953"


def page(name: str) -> str:
    """A page of docs/, or the README."""
    return (ROOT / ("" if name == "README" else "docs") / f"{name}.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    fenced: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for name, block in fenced if name == language]


@pytest.mark.parametrize("name", ["README", "first-minute"])
def test_the_first_minute(name: str, tmp_path: Path) -> None:
    script = "\n".join(block for block in blocks(page(name), "sh") if block != "make serve\n")
    assert "make serve\n" in blocks(page(name), "sh") + blocks(page(name), "text")
    assert run(script, tmp_path) + "\n" == blocks(page(name), "json")[0]


@pytest.mark.rule("N21")
@pytest.mark.parametrize("name", ["README", "in-your-tests", "receiving", "money"])
def test_the_fixtures_test_passes(name: str, tmp_path: Path) -> None:
    (tmp_path / "test_home.py").write_text(blocks(page(name), "python")[0])
    command = [*PYTEST, "-q", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_mock_without_pytest_and_without_a_socket() -> None:
    _, script = blocks(page("in-your-tests"), "python")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("200\ndemo\n", "")


def test_a_mock_in_the_background(tmp_path: Path) -> None:
    (script,) = blocks(page("other-languages"), "sh")
    assert '"access_token"' in run(f"{script}kill $!\n", tmp_path)


def test_a_home_is_there_after_kill_9(tmp_path: Path) -> None:
    (script,) = blocks(page("lasting"), "sh")
    assert blocks(page("lasting"), "json")[0].strip() in run(script, tmp_path, silent=False)


def test_the_demo_draws_what_the_page_shows() -> None:
    assert "\ndemo: $(VENV)/.runtime\n\t@$(BIN)/mockaxle demo\n" in (ROOT / "Makefile").read_text()
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "mockaxle.cli", "demo"], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0
    (picture,) = (block for block in blocks(page("first-minute"), "text") if block.startswith("UTC"))
    shown = [line.strip() for line in done.stdout.splitlines()]
    assert [line for line in picture.splitlines() if line.strip() not in shown] == []


def run(script: str, folder: Path, *, silent: bool = True) -> str:
    """What a block prints that is run against a mock of its own; where it is silent, without a word on stderr."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with serving() as served:
        done = subprocess.run(
            ["sh", "-eu", "-c", f"BASE={served.base_url}\n" + script.replace(BASE, "")],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert (done.returncode, done.stderr if silent else "") == (0, ""), done.stdout
    return done.stdout


def test_faults(tmp_path: Path) -> None:
    (script,) = blocks(page("faults"), "sh")
    printed = run(script, tmp_path)
    assert re.findall(r"(\d{3})$", printed, re.MULTILINE) == ["503", "503", "200", "429", "200"]


def test_control(tmp_path: Path) -> None:
    (script,) = blocks(page("control"), "sh")
    printed = run(script, tmp_path)
    assert "detail" not in printed
    assert "2030-01-20T12:59:00+00:00" in printed
    assert '"reset":["state","clock","market","settings","faults","log"]' in printed


def answers_in(printed: str) -> list[Any]:
    """The JSON values that curl printed one after the other."""
    printed, decoder, answers = printed.strip(), json.JSONDecoder(), []
    while printed:
        answer, end = decoder.raw_decode(printed)
        answers.append(answer)
        printed = printed[end:].strip()
    return answers


@contextmanager
def another_shell(script: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A block that runs in a shell of its own until the test ends it."""
    with subprocess.Popen(
        ["sh", "-eu", "-c", script.replace("python3 ", f"exec {sys.executable} ")],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def wait_until_listening(port: int) -> None:
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            continue


UNTIL_LISTENING = "until grep -q Secret listened; do :; done"
UNTIL_FORWARDED = "until grep -q accepted listened; do :; done"


@pytest.mark.rule("N5", "N7")
def test_receiving_in_two_shells(tmp_path: Path) -> None:
    home, receiver, deliver, *_ = blocks(page("receiving"), "sh")
    with reserved_port() as number, another_shell(receiver.replace("9000", port := str(number)), tmp_path) as process:
        wait_until_listening(number)
        assert process.stdout is not None
        *_, accepted = answers_in(run(home + deliver.replace("9000", port), tmp_path).removeprefix("null"))
        process.terminate()
        (line,) = process.stdout.read().splitlines()
    assert [message["status"] for message in accepted["messages"]] == ["accepted"]
    assert line.startswith("/chargers/my-charger signed {")


def test_receiving_without_a_receiver(tmp_path: Path) -> None:
    script, *_ = blocks(page("receiving"), "sh")
    first, replanned, second = answers_in(run(script, tmp_path).removeprefix("null"))
    assert [message["type"] for message in (*first["messages"], *second["messages"])] == ["schedule"] * 2
    assert replanned["messages"] == [second["messages"][0]["id"]]


@pytest.mark.rule("N20")
def test_receiving_where_the_mock_cannot_reach_the_receiver(tmp_path: Path) -> None:
    home, receiver, _, listen, trigger, *_ = blocks(page("receiving"), "sh")
    listen = f"{listen.rstrip()} > listened & LISTENER=$!"
    script = "\n".join(("export MOCKAXLE_URL=$BASE", home, listen, UNTIL_LISTENING, trigger, UNTIL_FORWARDED))
    with reserved_port() as number, another_shell(receiver.replace("9000", port := str(number)), tmp_path) as process:
        script = script.replace("9000", port)
        wait_until_listening(number)
        assert process.stdout is not None
        said = run(f"{script}\nkill -TERM $LISTENER; wait $LISTENER || true", tmp_path, silent=False)
        process.terminate()
        (line,) = process.stdout.read().splitlines()
    assert said.rstrip().endswith("to listen-schedules  held")
    assert line.startswith("/chargers/my-charger signed {")


@pytest.mark.rule("N22")
def test_a_receiver_is_checked(tmp_path: Path) -> None:
    answers, app, observed = blocks(page("receiving"), "sh")[-3:]
    with reserved_port() as port, reserved_port() as mock_port:
        app = f"export AXLE_URL=http://127.0.0.1:{mock_port} REPORT_SECONDS=0.5\ncd {ROOT}\n{app}"
        observed = observed.rstrip() + f" --port {mock_port} --pace 3"
        with another_shell(app.replace("9000", str(port)), tmp_path):
            wait_until_listening(port)
            printed = run(f"{observed}\n{answers}".replace("9000", str(port)), tmp_path)
    assert re.findall(r"is clean: (.*) note", printed) == ["20 passed, 0", "15 passed, 0"]


def test_scenarios(tmp_path: Path) -> None:
    (script,) = blocks(page("scenarios"), "sh")
    assert run(script, tmp_path).endswith("1 site, 1 asset\n1 site, 1 asset\n")
    dumped = read_scenario((tmp_path / "as-it-stands.toml").read_bytes(), name="dump", format="toml")
    assert [asset.external_id for asset in dumped.assets] == ["wallbox-7"]


def test_recordings(tmp_path: Path) -> None:
    (script,) = blocks(page("recordings"), "sh")
    printed = run("curl -s -o /dev/null -d username=demo -d password=demo $BASE/auth/token-form\n" + script, tmp_path)
    compared = "1 entry compared, 0 different\n"
    assert printed == f"{compared}matched, not compared: 1 tokens\n{compared}"
    assert all((tmp_path / name).stat().st_size > 500 for name in ("bug.jsonl", "bug.sh", "test_bug.py"))


def test_a_server_is_checked(tmp_path: Path) -> None:
    (script,) = blocks(page("checking-a-server"), "sh")
    printed = run(script, tmp_path, silent=False)
    assert " is clean: 0 errors, 0 warnings, 0 notes; profile full, " in printed


INSTALLERS = r"(?:(?:pipx?|uv|poetry|pdm) (?:pip |tool )?(?:install|add|run)|uvx)"
FROM_AN_INDEX = re.compile(rf"{INSTALLERS}(?: -\S+)* ['\"]?mockaxle(?:\[[^]]+\])?+(?! @ git|\w)")


def texts() -> Iterator[Path]:
    """What users read, and what they copy or run."""
    yield from (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
    yield from (ROOT / name for name in ("Makefile", "Dockerfile", "pyproject.toml"))
    for folder in ("mockaxle", "examples", ".ci"):
        yield from (file for file in (ROOT / folder).rglob("*") if file.is_file() and file.suffix != ".pyc")


def test_no_text_has_it_installed_from_an_index_where_it_is_not() -> None:
    found = {str(text): FROM_AN_INDEX.findall(text.read_text(encoding="utf-8")) for text in texts()}
    assert len(found) > 100
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert "not on a package index" in page("README")


@pytest.mark.parametrize(
    "line",
    ["pip install mockaxle", "pip install 'mockaxle[tls]'", "uvx mockaxle", "uv pip install --quiet -U mockaxle==1"],
)
def test_an_installation_from_an_index_is_found(line: str) -> None:
    assert FROM_AN_INDEX.search(line)
