"""`mockaxle magic`."""

from functools import cache
from subprocess import CompletedProcess

import pytest

from mockaxle.core.bank_accounts import MAGIC_SORT_CODES
from mockaxle.scenarios.shipped import default
from mockaxle.server.disruption.magic_names import EXAMPLES, read_magic_name
from tests.cli.test_serve import run


@cache
def magic() -> "CompletedProcess[str]":
    return run("magic")


def test_it_lists_every_mpan_and_address_with_its_effect() -> None:
    done = magic()
    assert done.returncode == 0
    for meter in default().meters or ():
        assert f"{meter.mpan}  {meter.about}\n" in done.stdout
        assert meter.address is None or f"at {meter.address} {meter.postcode}\n" in done.stdout


@pytest.mark.rule("T2")
@pytest.mark.parametrize(("name", "about"), EXAMPLES)
def test_it_lists_external_ids_that_trigger_a_fault(name: str, about: str) -> None:
    assert read_magic_name(name) is not None
    assert f"{name:28}  {about}\n" in magic().stdout


@pytest.mark.rule("B12")
@pytest.mark.parametrize(("sort_code", "about"), MAGIC_SORT_CODES)
def test_it_lists_sort_codes_with_their_effect(sort_code: str, about: str) -> None:
    assert f"{sort_code}  {about}\n" in magic().stdout
