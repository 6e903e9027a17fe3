"""The inspector in a browser: what happens over HTTP appears live, and can be undone."""

import pytest
from pytest_httpserver import HTTPServer
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from mockaxle.app import create_app
from mockaxle.inspector.rendering import ESCAPES
from mockaxle.serving.listener import serve_in_thread
from tests.browser.browsing import (
    appears,
    browser,
    command,
    complaints,
    find,
    follow,
    log_in,
    text_of,
    wait,
    without_script,
)
from tests.inspector.test_pages import present_states, spans, utc
from tests.inspector.visiting import HOSTILE, PREFIX, PROXIED, Partner, fresh_name
from tests.serving import Served

__all__ = ["browser"]


@pytest.fixture
def partner(browser: Chrome, served: Served) -> Partner:
    """A partner whose world the browser looks at."""
    username = fresh_name()
    log_in(browser, served.base_url, username)
    complaints(browser)
    return Partner(served.base_url, username)


def world(browser: Chrome, served: Served, path: str = "") -> None:
    """Open a page of the world that the browser has logged in to."""
    name = browser.current_url.partition("/inspect/")[2].partition("/")[0].partition("?")[0]
    browser.get(f"{served.base_url}{PREFIX}/inspect/{name}{path}")


@pytest.mark.rule("L0", "F5")
def test_a_journey_appears_live(browser: Chrome, served: Served, partner: Partner) -> None:
    find(browser, ".live")
    site_id, asset_id = partner.onboarded()
    appears(browser, "#log-now", "POST /entities/site/onboard")
    appears(browser, "#sites-now", "1 site: 1 Active")
    world(browser, served, f"/assets/{asset_id}")
    find(browser, ".live")
    assert "No schedule was sent" in text_of(browser, "#asset-state")
    partner.plug_in(asset_id)
    appears(browser, "#asset-state", "Pause: 21 Jan 2026, 01:00 to 01:30 UTC (01:00 to 01:30 UK time).")
    world(browser, served, f"/sites/{site_id}")
    find(browser, ".live")
    assert present_states(browser.page_source)["Active"] == ["limited_pause"]
    partner.call("POST", f"/entities/site/{site_id}/unenrol", {"proposition": "limited_pause"})
    appears(browser, "#site-state", "State: Inactive")
    assert "limited_pause, withdrawn" in present_states(browser.page_source)["Inactive"]
    partner.call("POST", f"/entities/site/{site_id}/offboard-site-and-assets")
    appears(browser, "#site-state", "State: Deleted")
    assert complaints(browser) == []


@pytest.mark.rule("F5")
def test_the_pause_is_drawn_where_the_answer_has_it(browser: Chrome, served: Served, partner: Partner) -> None:
    _, asset_id = partner.onboarded()
    first, second = partner.plug_in(asset_id).json()["modified_charging_schedule"]
    world(browser, served, f"/assets/{asset_id}")
    pause = find(browser, "rect.pause")
    assert pause.get_attribute("data-start") == utc(first["end_timestamp"])
    assert pause.get_attribute("data-end") == utc(second["start_timestamp"])
    drawn = [bar.rect for bar in browser.find_elements(By.CSS_SELECTOR, "rect.returned")]
    assert pause.rect["x"] == pytest.approx(drawn[0]["x"] + drawn[0]["width"], abs=1)
    assert pause.rect["x"] + pause.rect["width"] == pytest.approx(drawn[1]["x"], abs=1)
    assert len(spans(browser.page_source, "window")) == 1


def test_a_newcomer_sees_a_home_its_pause_and_a_refusal(browser: Chrome, partner: Partner) -> None:
    find(browser, ".welcome button").click()
    follow(browser, "the home")
    appears(browser, "#site-state", "State: Active")
    browser.back()
    follow(browser, "the pause in its charging schedule")
    appears(browser, "#asset-state", "Pause: ")
    browser.back()
    follow(browser, "why a second onboarding was refused")
    appears(browser, "main", "Not eligible for limited_pause")
    assert "Use a half-hourly-settled site" in text_of(browser, ".hint-said")
    assert complaints(browser) == []


def test_an_entry_is_undone(browser: Chrome, served: Served, partner: Partner) -> None:
    partner.onboarded()
    world(browser, served, "/log")
    follow(browser, "/entities/site/onboard")
    find(browser, "[aria-labelledby=undo] button").click()
    appears(browser, "h1", "Are you sure?")
    find(browser, "button.danger").click()
    appears(browser, "[role=status]", "The entries were undone.")
    assert "0 sites" in text_of(browser, "#sites-now")


def test_hostile_names_are_shown_as_text(browser: Chrome, served: Served, partner: Partner) -> None:
    pages = {"/sites": "", "/log": ""}
    for number, name in enumerate(HOSTILE):
        home = {"mpan": f"20000000000{number:02}", "street_address": name}
        site_id, asset_id = partner.onboarded(home, external_id=name)
        partner.plug_in(asset_id)
        own = {f"/sites/{site_id}": "", f"/assets/{asset_id}": name.translate(ESCAPES), f"/log/{2 * number + 2}": ""}
        pages.update(own)
    for path, title in pages.items():
        world(browser, served, path)
        assert browser.find_elements(By.CSS_SELECTOR, "main script, main img, main b, [onload], [onerror]") == [], path
        assert title in text_of(browser, "h1")
    assert complaints(browser) == []


def test_pages_are_read_without_script(browser: Chrome, served: Served, partner: Partner) -> None:
    _, asset_id = partner.onboarded()
    partner.plug_in(asset_id)
    without_script(browser)
    try:
        world(browser, served)
        follow(browser, "1000000000012")
        appears(browser, "#site-state", "State: Active")
        follow(browser, "wallbox-7")
        appears(browser, "#asset-state", "Pause: ")
        follow(browser, "entry 3")
        appears(browser, "main", "Rewind to before this")
        follow(browser, "F5")
        appears(browser, "h1", "Rule F5")
    finally:
        without_script(browser, disabled=False)


def test_a_log_in_and_an_entry_are_reached_by_keys(browser: Chrome, served: Served, partner: Partner) -> None:
    partner.onboarded()
    browser.delete_all_cookies()
    world(browser, served, "/log")
    appears(browser, "h1", "Log in")
    keys = browser.switch_to.active_element
    keys.send_keys(Keys.TAB)
    assert browser.switch_to.active_element.text == "Skip to the content"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    for text in (partner.username, "secret"):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        browser.switch_to.active_element.send_keys(text)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    appears(browser, "h1", "Log")
    for _ in range(30):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        if "/log/2" in str(browser.switch_to.active_element.get_attribute("href")):
            break
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    appears(browser, "h1", "POST /entities/site/onboard")


def test_a_form_of_another_port_or_site_is_refused(
    browser: Chrome, served: Served, partner: Partner, httpserver: HTTPServer
) -> None:
    partner.onboarded()
    target = f"{served.base_url}{PREFIX}/inspect/{partner.username}/do/reset"
    field = '<input type="hidden" name="confirmed" value="yes">'
    form = f'<form method="post" action="{target}">{field}<button>Win</button></form>'
    httpserver.expect_request("/").respond_with_data(form, content_type="text/html")
    for host, heading in (("127.0.0.1", "Not allowed"), ("localhost", "Log in")):
        browser.get(f"http://{host}:{httpserver.port}/")
        find(browser, "button").click()
        appears(browser, "h1", heading)
    assert partner.call("GET", "/entities/site").json()["total_num_sites"] == 1


def test_from_elsewhere_nothing_is_seen_but_the_rules(browser: Chrome, served: Served, partner: Partner) -> None:
    partner.onboarded()
    command(browser, "Network.enable")
    command(browser, "Network.setExtraHTTPHeaders", headers=PROXIED)
    try:
        world(browser, served, "/sites")
        appears(browser, "h1", "Log in")
        assert "1000000000012" not in browser.page_source
        browser.get(f"{served.base_url}{PREFIX}/rules/F5")
        appears(browser, "h1", "Rule F5")
    finally:
        command(browser, "Network.setExtraHTTPHeaders", headers={})


def test_a_server_stops_at_once_while_a_page_is_open(browser: Chrome) -> None:
    with serve_in_thread(create_app()) as base_url:
        log_in(browser, base_url, "acme")
        find(browser, ".live")
    assert wait(browser, lambda chrome: not chrome.find_element(By.CSS_SELECTOR, ".live").is_displayed())
