"""Serves a mock with a fault planted, in a process of its own: `python -m tests.mutants.serving NAME`."""

import sys
from pathlib import Path

import pytest

from mockaxle.cli.main import cli
from tests.mutants.all_planted import MUTANTS

ACCOUNTS = Path(__file__).with_name("accounts.toml")

if __name__ == "__main__":
    name = sys.argv[1]
    if name != "healthy":
        MUTANTS[name].plant(pytest.MonkeyPatch())
    cli(["serve", "--port", "0", "--scenario", str(ACCOUNTS), "--quiet"])
