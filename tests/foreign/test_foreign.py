"""`mockaxle check` at a server that shares no code with the mock: no false alarm, and every planted fault."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from mockaxle.cli.check import SUITE_NAMES
from mockaxle.cli.check import check as verb
from mockaxle.serving.listener import serve_in_thread
from tests.foreign import access, assets, eligibility, onboarding, rewards, sites
from tests.foreign.access import Account, User
from tests.foreign.app import create_app
from tests.foreign.bodies import Proposition
from tests.foreign.onboarding import Onboarded, SiteReport
from tests.foreign.sites import Standing
from tests.foreign.store import Asset, Organisation, Site

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
EXAMPLES = "20" if LONG else "4"
STYLES = ("contract", "wire")
RUNS = [(seed, style) for seed in range(1, 21 if LONG else 4) for style in STYLES]
FOLDER = Path(__file__).parent
QUICK = tuple(name for name in SUITE_NAMES if name != "conformance")
READER = ("entity_read", "rewards", "lookup")


@contextmanager
def served() -> Iterator[str]:
    """The fake, with every account that a check can log in with."""
    checked = Account("checked", "demo")
    reader = Account("reader", "demo", checked.organisation, READER)
    with serve_in_thread(create_app([checked, reader, Account("other", "demo")])) as url:
        yield url


def check(url: str, folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON report, and what was printed."""
    report = folder / "report.json"
    accounts = ("--username", "checked", "--other-username", "other", "--limited-username", "reader")
    written = ("--report", f"json={report}", "--recordings", str(folder))
    words = [url, "--profile", "flex-lite", *accounts, *written, *options]
    done = CliRunner().invoke(verb, words, catch_exceptions=False)
    return done.exit_code, json.loads(report.read_text(encoding="utf-8")), done.output


def suites(*names: str) -> list[str]:
    return [word for name in names for word in ("--suite", name)]


def test_it_shares_no_code_with_the_mock() -> None:
    modules = [module for module in FOLDER.glob("*.py") if not module.name.startswith("test_")]
    lines = [line for module in modules for line in module.read_text(encoding="utf-8").splitlines()]
    assert [line for line in lines if re.match(r"\s*(from|import) (mockaxle|tests(?!\.foreign))", line)] == []


@pytest.mark.property
@pytest.mark.parametrize(("seed", "style"), RUNS)
def test_it_is_clean(tmp_path: Path, seed: int, style: str) -> None:
    options = ("--seed", str(seed), "--examples", EXAMPLES, "--style", style, *suites(*QUICK))
    with served() as url:
        code, report, printed = check(url, tmp_path, *options)
    assert (code, report["findings"], report["never_accepted"], report["left_behind"]) == (0, [], [], []), printed


@pytest.mark.property
@pytest.mark.parametrize(("seed", "style"), RUNS if LONG else RUNS[:1])
def test_it_conforms_to_the_document(tmp_path: Path, seed: int, style: str) -> None:
    """The journeys find valid ids, so that every operation succeeds once."""
    options = ("--seed", str(seed), "--examples", "1", "--style", style, *suites("journeys", "conformance"))
    with served() as url:
        code, report, printed = check(url, tmp_path, *options)
    assert (code, report["findings"], report["never_accepted"]) == (0, [], []), printed


def accepted_after_a_withdrawal(planter: pytest.MonkeyPatch) -> None:
    def overriding(site: Site, assets: Sequence[Asset], proposition: Proposition, *, overriding: bool) -> Standing:
        return enter(site, assets, proposition, overriding=True)

    enter = sites.enter
    planter.setattr(sites, "enter", overriding)


def unenrolled_a_second_time(planter: pytest.MonkeyPatch) -> None:
    def standing(**fields: Any) -> Standing:
        again = {"status": "unenrolled"} if fields["status"] == "already_unenrolled" else {}
        return Standing(**fields | again)

    planter.setattr(sites, "Standing", standing)


def asset_readable_after_offboarding(planter: pytest.MonkeyPatch) -> None:
    removed: dict[UUID, Asset] = {}
    remove, find = Organisation.remove, Organisation.asset

    def remember(self: Organisation, site: Site) -> None:
        removed.update((asset.id, asset) for asset in self.assets_of(site))
        remove(self, site)

    def recall(self: Organisation, asset_id: UUID) -> Asset:
        return removed.get(asset_id) or find(self, asset_id)

    planter.setattr(Organisation, "remove", remember)
    planter.setattr(Organisation, "asset", recall)


def filled_fields_not_reported(planter: pytest.MonkeyPatch) -> None:
    def silent(*, site: SiteReport, **others: Any) -> Onboarded:
        return Onboarded(site=site.model_copy(update={"fields_updated": []}), **others)

    planter.setattr(onboarding, "Onboarded", silent)


def pause_of_45_minutes(planter: pytest.MonkeyPatch) -> None:
    planter.setattr(assets, "PAUSE", timedelta(minutes=45))


def withdrawal_below_the_threshold(planter: pytest.MonkeyPatch) -> None:
    planter.setattr(rewards, "may_withdraw", lambda balance_pence: True)


def unknown_model_checked(planter: pytest.MonkeyPatch) -> None:
    planter.setattr(eligibility, "is_known", lambda asset_model: True)


def username_in_capitals(planter: pytest.MonkeyPatch) -> None:
    def user(*, username: str, roles: tuple[str, ...]) -> User:
        return User(username=username.upper(), roles=roles)

    planter.setattr(access, "User", user)


FAULTS: Mapping[str, Callable[[pytest.MonkeyPatch], None]] = {
    "A5a": username_in_capitals,
    "F2b": pause_of_45_minutes,
    "L4c": unenrolled_a_second_time,
    "L5a": accepted_after_a_withdrawal,
    "L6b": asset_readable_after_offboarding,
    "Q5b": unknown_model_checked,
    "U3b": filled_fields_not_reported,
    "W1b": withdrawal_below_the_threshold,
}
"""Eight faults of eight operations, by the documented statements that they break."""


def test_the_planted_faults_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for plant in FAULTS.values():
        plant(monkeypatch)
    with served() as url:
        code, report, printed = check(url, tmp_path, "--seed", "1", "--examples", EXAMPLES, *suites(*QUICK))
    assert (code, sorted(one["statement"] for one in report["findings"])) == (1, sorted(FAULTS)), printed
