"""`mockaxle magic`."""

from mockaxle.scenarios.shipped import default
from tests.cli.test_serve import run


def test_it_prints_every_listed_mpan_and_address_with_what_it_does() -> None:
    done = run("magic")
    assert done.returncode == 0
    for meter in default().meters or ():
        assert f"{meter.mpan}  {meter.about}\n" in done.stdout
        assert meter.address is None or f"at {meter.address} {meter.postcode}\n" in done.stdout
