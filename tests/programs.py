"""Programs that a test may need: skipped by name where one is missing, a failure where MOCKAXLE_REQUIRE names it."""

import os
import shutil
import subprocess
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest


def needed(*names: str) -> tuple[str, ...]:
    """The paths of programs. Skips the test where one is missing; fails it where MOCKAXLE_REQUIRE says so."""
    for name in names:
        if shutil.which(name) is None:
            missing(name, name)
    return tuple(shutil.which(name) or "" for name in names)


def missing(what: str, name: str) -> None:
    """Skips the test, or fails it where MOCKAXLE_REQUIRE says so."""
    required = os.environ.get("MOCKAXLE_REQUIRE", "").split(",")
    if name in required or "all" in required:
        pytest.fail(f"{what} is missing, and MOCKAXLE_REQUIRE names it")
    pytest.skip(f"{what} is missing")


def needed_module(name: str) -> Any:
    """A module that the dependency group oracles installs. Skips or fails the test as above where it is missing."""
    package = name.partition(".")[0]
    if find_spec(package) is None:
        missing(f"the package {package} of the dependency group oracles", package)
    return import_module(name)


def needed_package(name: str) -> Path:
    """The folder of a package that npm installed for all. Skips or fails the test as above where it is missing."""
    (npm,) = needed("npm")
    root = subprocess.run([npm, "root", "--global"], capture_output=True, text=True, check=True).stdout.strip()
    folder = Path(root) / name
    if not folder.is_dir():
        missing(f"the npm package {name}", name)
    return folder
