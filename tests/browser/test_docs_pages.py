"""The pages on which one tries the API and control."""

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.browsing import browser, complaints, find, wait
from tests.serving import Served

__all__ = ["browser"]
ONBOARD = "[id$=onboard_site_entities_site_onboard_post]"
MAX_HEIGHT = 3000


def test_a_newcomer_authorises_and_gets_an_answer(browser: Chrome, served: Served) -> None:
    browser.get(f"{served.base_url}/docs")
    find(browser, ".auth-wrapper .authorize").click()
    find(browser, "#oauth_username").send_keys("newcomer")
    find(browser, "#oauth_password").send_keys("secret")
    find(browser, ".auth-btn-wrapper .authorize").click()
    find(browser, ".auth-btn-wrapper .btn-done").click()
    operation = "[id$=read_users_me_auth_users_me__get]"
    find(browser, f"{operation} .opblock-summary-control").click()
    find(browser, f"{operation} .try-out__btn").click()
    find(browser, f"{operation} .execute").click()
    assert '"username": "newcomer"' in find(browser, f"{operation} .live-responses-table .microlight").text
    assert complaints(browser) == []


def test_control_is_shown_on_a_page_of_its_own_and_not_in_the_document_of_the_api(
    browser: Chrome, served: Served
) -> None:
    browser.get(f"{served.base_url}/__mockaxle/docs")
    assert find(browser, "[id$=advance]").text.startswith("POST\n/__mockaxle/world/clock/advance")
    assert "mockaxle/" not in str(list(httpx.get(f"{served.base_url}/openapi.json").json()["paths"]))


def test_the_links_of_an_answer_are_folded(browser: Chrome, served: Served) -> None:
    browser.get(f"{served.base_url}/docs")
    block = find(browser, "[id*=onboard].opblock:not([id*=asset])")
    block.find_element(By.CSS_SELECTOR, ".opblock-summary-control").click()
    links = wait(browser, lambda _: block.find_elements(By.CSS_SELECTOR, "details.folded-link"))
    assert block.size["height"] < MAX_HEIGHT
    assert [link.get_attribute("open") for link in links] == [None] * len(links)
    links[0].find_element(By.CSS_SELECTOR, "summary").click()
    assert wait(browser, lambda _: links[0].get_attribute("open"))


@pytest.mark.parametrize(("path", "call"), [("docs", "users_me"), ("__mockaxle/docs", "get___mockaxle_world_clock")])
def test_a_log_in_survives_a_reload(browser: Chrome, served: Served, path: str, call: str) -> None:
    browser.get(f"{served.base_url}/{path}")
    browser.execute_script("localStorage.clear()")
    browser.refresh()
    find(browser, ".auth-wrapper .authorize").click()
    find(browser, "[id$=_username], #oauth_username").send_keys("reloaded")
    find(browser, "#oauth_password").send_keys("secret")
    find(browser, ".auth-btn-wrapper .authorize").click()
    find(browser, ".auth-btn-wrapper .btn-done").click()
    browser.refresh()
    find(browser, ".auth-wrapper .authorize.locked")
    find(browser, f"[id*={call}] .opblock-summary-control").click()
    find(browser, f"[id*={call}] .try-out__btn").click()
    find(browser, f"[id*={call}] .execute").click()
    assert find(browser, f"[id*={call}] .live-responses-table tbody .response-col_status").text.startswith("200")


def test_the_head_leads_to_every_page(browser: Chrome, served: Served) -> None:
    browser.get(f"{served.base_url}/docs")
    links = browser.find_elements(By.CSS_SELECTOR, ".page-head a")
    paths = [str(link.get_attribute("href")) for link in links]
    assert [httpx.get(path).status_code for path in paths] == [200] * 4
    assert [link.text for link in links if link.get_attribute("aria-current")] == ["API"]
