"""What `from mockaxle import ...` gives, and when."""

import subprocess
import sys
from importlib.metadata import version

import pytest

import mockaxle
from mockaxle.testing.mock import MockAxle
from mockaxle.testing.world import World


def test_the_package_gives_what_a_test_needs() -> None:
    assert (mockaxle.MockAxle, mockaxle.World, mockaxle.__version__) == (MockAxle, World, version("mockaxle"))


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, mockaxle; print([name for name in sys.modules if name.startswith('mockaxle.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'mockaxle' has no attribute 'Mock'"):
        _ = mockaxle.Mock
