"""mockaxle installs from its repository, by the lines that docs/first-minute.md prints, and serves."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.pages.test_blocks import blocks, page
from tests.programs import needed

ROOT = Path(__file__).parent.parent
REPOSITORY = "https://github.com/OWNER/mockaxle"
LINES = blocks(page("first-minute").partition("## Install it without a checkout")[2], "text")[0].splitlines()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a bare clone of the checkout."""
    (git,) = needed("git")
    folder = tmp_path_factory.mktemp("repository") / "mockaxle"
    subprocess.run([git, "clone", "--quiet", "--bare", str(ROOT), str(folder)], check=True)
    return folder.as_uri()


def environment(folder: Path) -> dict[str, str]:
    """The variables by which the installers work in a folder of the test, and the mock takes a free port."""
    return {
        **os.environ,
        "PATH": f"{folder}/bin{os.pathsep}{os.environ['PATH']}",
        "PIPX_HOME": f"{folder}/pipx",
        "PIPX_BIN_DIR": f"{folder}/bin",
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "UV_CACHE_DIR": f"{folder}/uv",
        "UV_PYTHON": sys.executable,
        "MOCKAXLE_PORT": "0",
        "MOCKAXLE_QUIET": "1",
    }


def assert_serves(command: list[str], variables: dict[str, str]) -> None:
    """Starts a mock, logs in, and ends the mock with the processes that started it."""
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        try:
            url = process.stdout.readline().strip()
            logged_in = httpx.post(f"{url}/auth/token-form", data={"username": "demo", "password": "demo"})
        finally:
            os.killpg(process.pid, signal.SIGTERM)
    assert logged_in.status_code == 200


@pytest.mark.parametrize("line", [line for line in LINES if line.endswith(" serve")], ids=lambda line: line.split()[0])
def test_a_line_serves_the_mock_at_once(line: str, repository: str, tmp_path: Path) -> None:
    program, *arguments = shlex.split(line.replace(REPOSITORY, repository))
    assert_serves([*needed(program), *arguments], environment(tmp_path))


@pytest.mark.parametrize("line", [line for line in LINES if " install " in line], ids=lambda line: line.split()[0])
def test_a_line_installs_the_command(line: str, repository: str, tmp_path: Path) -> None:
    variables, (program, *arguments) = environment(tmp_path), shlex.split(line.replace(REPOSITORY, repository))
    if program == "pip":
        subprocess.run([sys.executable, "-m", "venv", str(tmp_path)], check=True)
        installer = str(tmp_path / "bin" / "pip")
    else:
        (installer,) = needed(program)
    subprocess.run([installer, *arguments], env=variables, check=True, capture_output=True)
    assert_serves([str(tmp_path / "bin" / "mockaxle"), "serve"], variables)


def test_every_line_is_tried() -> None:
    assert [line.split()[:2] for line in LINES] == [
        ["pip", "install"],
        ["pipx", "install"],
        ["pipx", "run"],
        ["uvx", "--from"],
    ]
