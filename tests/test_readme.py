"""The README's first minute works as printed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockaxle.contract.document import load_contract
from mockaxle.scenarios.reading import read_scenario
from tests.inner_pytest import PYTEST
from tests.serving import serving

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BASE = "BASE=http://127.0.0.1:2953"


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(text: str, language: str) -> list[str]:
    fenced: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for name, block in fenced if name == language]


def test_the_first_minute(tmp_path: Path) -> None:
    minute = section("The first minute")
    start, *calls = blocks(minute, "sh")
    assert start == "make serve\n"
    script = "\n".join(calls)
    assert script.count(BASE) == 1
    with serving() as served:
        script = script.replace(BASE, f"BASE={served.base_url}")
        done = subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.stdout + "\n" == blocks(minute, "json")[0]


def test_in_your_tests_is_the_second_section_and_its_test_passes(tmp_path: Path) -> None:
    titles = re.findall(r"^## (.*)$", README, re.MULTILINE)
    assert titles[:2] == ["The first minute", "In your tests"]
    test, _ = blocks(section("In your tests"), "python")
    (tmp_path / "test_home.py").write_text(test)
    command = [*PYTEST, "-q", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_mock_without_pytest_and_without_a_socket() -> None:
    _, script = blocks(section("In your tests"), "python")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("401\ndemo\n", "")


def test_a_mock_in_the_background(tmp_path: Path) -> None:
    (script,) = blocks(section("In your tests"), "sh")
    assert '"access_token"' in run(f"{script}kill $!\n", tmp_path)


def test_the_first_look() -> None:
    assert blocks(section("A first look"), "sh") == ["make demo\n"]
    assert "\ndemo: $(VENV)/.runtime\n\t@$(BIN)/mockaxle demo\n" in (ROOT / "Makefile").read_text()
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "mockaxle.cli", "demo"], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0
    (picture,) = blocks(section("A first look"), "")
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
            timeout=60,
        )
    assert (done.returncode, done.stderr if silent else "") == (0, "")
    return done.stdout


def test_when_things_go_wrong(tmp_path: Path) -> None:
    (script,) = blocks(section("When things go wrong"), "sh")
    printed = run(script, tmp_path)
    assert re.findall(r"(\d{3})$", printed, re.MULTILINE) == ["503", "503", "200", "429", "200"]


def test_time_and_market(tmp_path: Path) -> None:
    (script,) = blocks(section("Time and market in your hands"), "sh")
    printed = run(script, tmp_path)
    assert "detail" not in printed
    assert "2030-01-20T12:59:00+00:00" in printed
    assert '"reset":["state","clock","market","settings","faults","log"]' in printed


def test_worlds_to_start_from(tmp_path: Path) -> None:
    (script,) = blocks(section("Worlds to start from"), "sh")
    assert run(script, tmp_path).endswith("1 site, 1 asset\n1 site, 1 asset\n")
    dumped = read_scenario((tmp_path / "as-it-stands.toml").read_bytes(), name="dump", format="toml")
    assert [asset.external_id for asset in dumped.assets] == ["wallbox-7"]


def test_what_happened_again(tmp_path: Path) -> None:
    (script,) = blocks(section("What happened, again"), "sh")
    printed = run("curl -s -o /dev/null -d username=demo -d password=demo $BASE/auth/token-form\n" + script, tmp_path)
    compared = "1 entries compared, 0 with another answer\n"
    assert printed == f"{compared}matched, not compared: 1 tokens\n{compared}"
    assert all((tmp_path / name).stat().st_size > 500 for name in ("bug.jsonl", "bug.sh", "test_bug.py"))


def test_a_server_is_checked(tmp_path: Path) -> None:
    (script,) = blocks(section("Check a server"), "sh")
    printed = run(script, tmp_path, silent=False)
    assert " is clean: 0 errors, 0 warnings, 0 notes (--seed " in printed


def test_it_says_what_it_is_not() -> None:
    opening = README.partition("\n## ")[0]
    assert "unofficial and not affiliated with Axle Energy" in opening
    assert "real customers' data" in opening


def test_every_operation_built_is_listed() -> None:

    built = section("What is built")
    assert [o.key for o in load_contract().operations if f"`{o.key}`" not in built] == []


INSTALLERS = r"(?:(?:pipx?|uv|poetry|pdm) (?:pip |tool )?(?:install|add|run)|uvx)"
FROM_AN_INDEX = re.compile(rf"{INSTALLERS}(?: -\S+)* ['\"]?mockaxle(?:\[[^]]+\])?+(?! @ git|\w)")


def texts() -> Iterator[Path]:
    """What users read, and what they copy or run."""
    yield from ROOT.glob("*.md")
    yield from (ROOT / name for name in ("Makefile", "Dockerfile", "pyproject.toml"))
    for folder in ("mockaxle", "examples", ".ci"):
        yield from (file for file in (ROOT / folder).rglob("*") if file.is_file() and file.suffix != ".pyc")


def test_no_text_has_it_installed_from_an_index_where_it_is_not() -> None:
    phrases = {str(text): FROM_AN_INDEX.findall(text.read_text(encoding="utf-8")) for text in texts()}
    assert len(phrases) > 100
    assert {name: found for name, found in phrases.items() if found} == {}
    assert "not published on a package index" in section("Install it")


@pytest.mark.parametrize(
    "line",
    ["pip install mockaxle", "pip install 'mockaxle[tls]'", "uvx mockaxle", "uv pip install --quiet -U mockaxle==1"],
)
def test_an_installation_from_an_index_is_found(line: str) -> None:
    assert FROM_AN_INDEX.search(line)


def test_its_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    root = Path(__file__).parent.parent
    assert targets
    assert [target for target in targets if not (root / target).exists()] == []
