"""Every page at the widths of a phone and of a desk, light and dark: nothing sticks out, axe finds nothing serious."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome

from mockaxle.app import create_app
from mockaxle.serving.listener import serve_in_thread
from tests.browser.browsing import NARROW, WIDE, browser, complaints, log_in, prefer, resize, wait
from tests.inspector.visiting import PREFIX, Partner
from tests.programs import needed_package

__all__ = ["browser"]
pytestmark = pytest.mark.browser

WORLD = f"{PREFIX}/inspect/demo"
PAGES = {
    "home": f"{PREFIX}/",
    "world": WORLD,
    "done": f"{WORLD}?done=advance",
    "sites": f"{WORLD}/sites",
    "search": f"{WORLD}/sites?text=nothing",
    "active site": f"{WORLD}/sites/{{active}}",
    "withdrawn site": f"{WORLD}/sites/{{withdrawn}}",
    "site that is gone": f"{WORLD}/sites/{{gone}}",
    "paused asset": f"{WORLD}/assets/{{paused}}",
    "planned asset": f"{WORLD}/assets/{{planned}}",
    "idle asset": f"{WORLD}/assets/{{idle}}",
    "log": f"{WORLD}/log",
    "filtered log": f"{WORLD}/log?status=422",
    "call": f"{WORLD}/log/2",
    "command": f"{WORLD}/log/{{command}}",
    "refusal": f"{WORLD}/log/{{refused}}",
    "delivery": f"{WORLD}/log/{{delivered}}",
    "no entry": f"{WORLD}/log/999",
    "rules": f"{PREFIX}/rules",
    "rule": f"{PREFIX}/rules/F5",
    "api": "/docs",
    "control": f"{PREFIX}/docs",
}
STRANGERS = {"home of a stranger": f"{PREFIX}/", "log-in": f"{PREFIX}/log-in", "no rule": f"{PREFIX}/rules/nothing"}
"""Pages without a log-in."""
PRESSED = {
    "question": (f"{WORLD}/log/2", "[aria-labelledby=undo] button"),
    "no window": (WORLD, "form[action$=add-window] button"),
    "fork": (WORLD, "form[action$=fork] button"),
}
"""Pages that a button leads to."""
SERIOUS = ("serious", "critical")
OURS = {"api": [".page-head", ".docs-note"], "control": [".page-head", ".docs-note"]}
"""The parts of a page that are not Swagger UI's."""


@pytest.fixture(scope="module")
def axe() -> str:
    return (needed_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served_life() -> Iterator[tuple[str, dict[str, Any]]]:
    """A mock, and the ids of what it has."""
    with serve_in_thread(create_app()) as base_url:
        yield base_url, life(Partner(base_url, "demo"))


def life(partner: Partner) -> dict[str, Any]:
    partner.control("PUT", "/receivers/partner", {"url": "http://127.0.0.1:9/", "kind": "webhooks"})
    active, paused = partner.onboarded()
    partner.plug_in(paused)
    withdrawn, planned = partner.onboarded({"mpan": "2000000000015"}, external_id="wallbox-8")
    partner.call("POST", f"/entities/site/{withdrawn}/unenrol", {"proposition": "limited_pause"})
    partner.call("POST", f"/entities/site/{withdrawn}/enrol", {"proposition": "full_asset_schedule_control"})
    partner.call("POST", f"/entities/asset/{planned}/event/plug-in", {})
    gone, _ = partner.onboarded({"mpan": "2000000000029"}, external_id="wallbox-9")
    partner.call("POST", f"/entities/site/{gone}/offboard-site-and-assets")
    partner.onboard({"mpan": "12"})
    refused = partner.entries()
    _, idle = partner.onboarded({"mpan": "2000000000038"}, external_id="wallbox-10")
    partner.control("POST", "/faults", {"kind": "status", "status": 503, "operation": "GET /entities/site"})
    partner.control("POST", "/snapshots", {"name": "evening"})
    command = partner.entries()
    partner.control("POST", "/clock/advance", {"by": "10m"})
    sites = {"active": active, "withdrawn": withdrawn, "gone": gone}
    entries = {"refused": refused, "command": command, "delivered": delivered(partner)}
    return {**sites, **entries, "paused": paused, "planned": planned, "idle": idle}


def delivered(partner: Partner) -> int:
    """The number of an entry that is a delivery."""
    numbers = range(partner.entries(), 0, -1)
    return next(one for one in numbers if partner.control("GET", f"/log/{one}")["kind"] == "delivery")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_page_fits_and_is_accessible(
    browser: Chrome, served_life: tuple[str, dict[str, Any]], axe: str, width: int, scheme: str
) -> None:
    base_url, ids = served_life
    resize(browser, width)
    prefer(browser, scheme)
    found = {name: faults(browser, axe, name, width=width) for name in opened(browser, base_url, ids)}
    assert {name: those for name, those in found.items() if those} == {}


def opened(browser: Chrome, base_url: str, ids: dict[str, Any]) -> Iterator[str]:
    """Open each page, and yield its name."""
    browser.get(base_url)
    browser.delete_all_cookies()
    complaints(browser)
    for name, path in STRANGERS.items():
        browser.get(base_url + path)
        yield name
    log_in(browser, base_url, "newcomer")
    yield "empty world"
    log_in(browser, base_url, "demo")
    for name, path in PAGES.items():
        browser.get(base_url + path.format(**ids))
        yield name
    for name, (path, button) in PRESSED.items():
        browser.get(base_url + path)
        press(browser, button)
        yield name


def press(browser: Chrome, button: str) -> None:
    """Send the form of a button as it is, and wait for the page that answers."""
    before = browser.current_url
    send = "const one = document.querySelector(arguments[0]); one.form.noValidate = true; one.click()"
    browser.execute_script(send, button)
    wait(browser, lambda chrome: chrome.current_url != before)


def faults(browser: Chrome, axe: str, name: str, *, width: int) -> list[str]:
    """What is wrong with the page, all of whose details are opened first."""
    browser.execute_script("for (const one of document.querySelectorAll('main details')) one.open = true")
    is_wide = browser.execute_script("return document.documentElement.scrollWidth") > width
    own = f"{browser.current_url} - Failed to load resource"
    errors = [one["message"] for one in complaints(browser) if not one["message"].startswith(own)]
    return [*(["sticks out"] if is_wide else []), *serious(browser, axe, name), *errors]


def serious(browser: Chrome, axe: str, name: str) -> list[str]:
    """What axe finds that is serious, with the places."""
    browser.execute_script(axe)
    run = "const done = arguments[1]; axe.run(arguments[0]).then(found => done(found.violations))"
    violations = browser.execute_async_script(run, {"include": [[one] for one in OURS.get(name, ["html"])]})
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in violations
        for node in one["nodes"]
        if one["impact"] in SERIOUS
    ]


def test_the_pictures_of_the_docs_are_there() -> None:
    folder = Path(__file__).parent.parent.parent / "docs" / "images"
    pictures = {picture.name: picture.stat().st_size for picture in folder.glob("inspector-*.png")}
    assert pictures.keys() == {f"inspector-{name}.png" for name in ("site", "asset", "entry")}
    assert max(pictures.values()) < 200_000
