"""The wheel holds what it should and serves on its own, installed as the Dockerfile installs it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.pages.test_blocks import BASE, blocks, page
from third_party.fetch_swagger_ui import DIGESTS

ROOT = Path(__file__).parent.parent
MAX_PACKAGES = 23
MAX_BYTES = 60_000_000
DATA = {
    "contracts/axle.openapi.json",
    "contracts/axle-1.4.6.fingerprints.json",
    "contracts/behaviours.toml",
    "contracts/citations.json",
    "contracts/coverage.json",
    "contracts/profiles.toml",
    "contracts/schemathesis.toml",
    "fixtures/scenario.schema.json",
    *(f"fixtures/scenarios/{file.name}" for file in (ROOT / "fixtures" / "scenarios").iterdir()),
    *(f"third_party/swagger-ui/{name}" for name in DIGESTS),
}


def docker_commands() -> list[str]:
    """The two commands by which the Dockerfile builds and installs the wheel."""
    runs = re.findall(r"^RUN (python -m pip .*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(runs) == 2
    return [run.removeprefix("python ") for run in runs]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree, with its wheel built in `dist`."""
    target = tmp_path_factory.mktemp("wheel") / "src"
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "dist"))
    subprocess.run(
        f"'{sys.executable}' {docker_commands()[0]}", shell=True, cwd=target, check=True, capture_output=True
    )
    return target


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(source: Path) -> None:
    (wheel,) = (source / "dist").glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    kinds = (".py", ".html", ".typed", ".css", ".js", ".svg")
    files = [file for file in (ROOT / "mockaxle").rglob("*") if file.suffix in kinds]
    package = {str(file.relative_to(ROOT)) for file in files}
    assert names == package | {f"mockaxle/_data/{file}" for file in DATA}


@pytest.fixture(scope="module")
def environment(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with the wheel and what it needs, and nothing else, not even pip: that of the tests installs there."""
    target = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(target)], check=True)
    install, there = f"'{sys.executable}' {docker_commands()[1]}", {"PIP_PYTHON": f"{target}/bin/python"}
    environment = {**os.environ, **there}
    subprocess.run(install, shell=True, cwd=source, env=environment, check=True, capture_output=True)
    return target


def of_the_image(site: Path) -> set[str]:
    """What the image has besides the wheel and what it needs: the extra postgres."""
    return {folder.name for folder in site.glob("asyncpg-*.dist-info")}


def test_the_wheel_brings_few_packages_and_little_to_an_environment(environment: Path) -> None:
    (site,) = environment.glob("lib/python*/site-packages")
    packages = [folder.name for folder in site.glob("*.dist-info") if folder.name not in of_the_image(site)]
    assert len(packages) <= 1 + MAX_PACKAGES, packages
    assert sum(file.stat().st_size for file in site.rglob("*") if file.is_file()) <= MAX_BYTES
    assert not (site / "test").exists()


def test_the_wheel_installed_alone_serves_the_readmes_minute(environment: Path, tmp_path: Path) -> None:
    empty, port_file = tmp_path / "empty", tmp_path / "port"
    empty.mkdir()
    command = [f"{environment}/bin/mockaxle", "serve", "--port", "0", "--quiet", "--port-file", str(port_file)]
    with subprocess.Popen(command, cwd=empty, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        script = "\n".join(blocks(page("README"), "sh")[1:]).replace(BASE, f"BASE={url}")
        done = subprocess.run(["sh", "-eu", "-c", script], cwd=empty, capture_output=True, text=True, timeout=60)
        process.terminate()
    assert done.stdout + "\n" == blocks(page("README"), "json")[0]
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("verb", "extra"),
    [("check http://127.0.0.1:1", "harness"), ("serve --port 0 --tls self --tls-ca-file ca.pem", "tls")],
)
def test_a_missing_extra_is_named_with_an_installation_that_works(
    environment: Path, tmp_path: Path, verb: str, extra: str
) -> None:
    done = subprocess.run(
        [f"{environment}/bin/mockaxle", *verb.split()], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f" needs the extra '{extra}': pip install '.[{extra}]' in a checkout of mockaxle, or " in done.stderr
    assert extra in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def test_uvicorn_may_be_of_two_minors_so_that_a_security_release_can_be_taken() -> None:
    """`make test` installs the newer, `make lowest` the older."""
    found = re.search(r'"uvicorn>=0\.([0-9]+),<0\.([0-9]+)"', (ROOT / "pyproject.toml").read_text())
    assert found is not None
    assert int(found[2]) - int(found[1]) == 2
