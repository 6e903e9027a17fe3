"""Programs that a test may need: skipped by name where one is missing, a failure where MOCKAXLE_REQUIRE names it."""

import os
import shutil

import pytest


def needed(*names: str) -> tuple[str, ...]:
    """The paths of programs. Skips the test where one is missing; fails it where MOCKAXLE_REQUIRE says so."""
    required = os.environ.get("MOCKAXLE_REQUIRE", "").split(",")
    for name in names:
        if shutil.which(name) is None:
            message = f"{name} is missing"
            if name in required or "all" in required:
                pytest.fail(f"{message}, and MOCKAXLE_REQUIRE names it")
            pytest.skip(message)
    return tuple(shutil.which(name) or "" for name in names)
