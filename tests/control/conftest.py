"""Fixtures of the control tests."""

from tests.control.controlling import controller

__all__ = ["controller"]
