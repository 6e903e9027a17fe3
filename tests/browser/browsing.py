"""Chromium, driven by its own driver."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.programs import needed

T = TypeVar("T")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--window-size=1200,1600", "--hide-scrollbars",
)  # fmt: skip


SECONDS = 30
WIDE, NARROW, HEIGHT = 1440, 390, 1200


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with started() as chrome:
        yield chrome


def started() -> Chrome:
    """Start Chromium. Skips or fails the test where it is missing."""
    chromium, driver = needed("chromium", "chromedriver")
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return Chrome(options, ChromeService(driver))


LEFT = "does not belong to the document"
"""What chromedriver says of an element, besides that it is stale."""


def find(browser: Chrome, selector: str) -> WebElement:
    """The element, once the page shows it."""

    def shown(_: Chrome) -> list[WebElement]:
        return [element for element in browser.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]

    return wait(browser, shown)[0]


def wait(browser: Chrome, look: Callable[[Chrome], T]) -> T:
    """What a look at the page finds, once it is there."""
    passing = (NoSuchElementException, StaleElementReferenceException)
    found: T = WebDriverWait(browser, SECONDS, poll_frequency=0.05, ignored_exceptions=passing).until(look)
    return found


def text_of(browser: Chrome, selector: str) -> str:
    """The text of an element; empty if the page is left just then."""
    try:
        return browser.find_element(By.CSS_SELECTOR, selector).text
    except WebDriverException as error:
        if LEFT not in str(error):
            raise
        return ""


def appears(browser: Chrome, selector: str, text: str) -> None:
    """Wait until an element has a text."""
    wait(browser, lambda chrome: text in text_of(chrome, selector))


def follow(browser: Chrome, text: str) -> None:
    """Click a link by its text."""
    wait(browser, lambda chrome: chrome.find_elements(By.PARTIAL_LINK_TEXT, text))[0].click()


def log_in(browser: Chrome, base_url: str, username: str, password: str = "secret") -> None:
    """Log in at the first page, as a new visitor, by typing."""
    browser.get(f"{base_url}/")
    browser.delete_all_cookies()
    browser.get(f"{base_url}/")
    find(browser, "input[name=username]").send_keys(username)
    find(browser, "input[name=password]").send_keys(password)
    find(browser, ".log-in button").click()
    appears(browser, "h1", username)


def resize(browser: Chrome, width: int, *, height: int = HEIGHT) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    command(browser, "Emulation.setDeviceMetricsOverride", **size)


def prefer(browser: Chrome, scheme: str) -> None:
    """Set the colour scheme: light or dark."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    command(browser, "Emulation.setEmulatedMedia", features=features)


def without_script(browser: Chrome, *, disabled: bool = True) -> None:
    command(browser, "Emulation.setScriptExecutionDisabled", value=disabled)


def command(browser: Chrome, name: str, **parameters: Any) -> Any:
    return browser.execute_cdp_cmd(name, parameters)


def complaints(browser: Chrome) -> list[dict[str, str]]:
    """The errors in the browser's console since the last look."""
    entries: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]  # selenium says no type
    return [entry for entry in entries if entry["level"] == "SEVERE"]
