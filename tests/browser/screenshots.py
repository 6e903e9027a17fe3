"""Takes the pictures of README and docs from a real run: python -m tests.browser.screenshots"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

from mockaxle.app import create_app
from mockaxle.scenarios.sections import Scenario
from mockaxle.serving.listener import serve_in_thread
from tests.browser.browsing import command, log_in, prefer, resize, started
from tests.inspector.visiting import PREFIX, Partner

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
NOW = datetime(2026, 1, 20, 18, tzinfo=UTC)
CLOCK = {"clock": {"at": "2026-01-20T18:00:00Z", "rate": "0"}}
WIDTH = 1000
BARE = {"mpan": "1200000000020", "postcode": "SW1A 1AA"}


def main() -> None:
    app = create_app(scenario=Scenario.model_validate(CLOCK), clock=lambda: NOW)
    with serve_in_thread(app) as base_url, started() as browser:
        partner = Partner(base_url, "demo")
        pages = {"site": "/sites/{site}", "asset": "/assets/{asset}", "entry": "/log/{refused}"}
        names = _live(partner)
        resize(browser, WIDTH)
        prefer(browser, "light")
        log_in(browser, base_url, "demo")
        IMAGES.mkdir(exist_ok=True)
        for name, path in pages.items():
            browser.get(f"{base_url}{PREFIX}/inspect/demo{path.format(**names)}")
            target = IMAGES / f"inspector-{name}.png"
            _take(browser, target)
            print(f"{target.relative_to(Path.cwd())}: {target.stat().st_size // 1000} kB")


def _live(partner: Partner) -> dict[str, str]:
    """Let a home live a little; return the ids that the pages need."""
    consent = {"gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
    charger: dict[str, Any] = {"external_id": "wallbox-7", "type": "charger", "properties": {"power_kw": 7.4}}
    site: dict[str, Any] = {"mpan": "1000000000012", "postcode": "M1 1AE", "street_address": "7 Canal Row", **consent}
    made = partner.call("POST", "/entities/site/initialise", {"site": site, "assets": [charger]}).json()
    site_id, asset_id = made["site"]["site_id"], made["assets"][0]["asset_id"]
    enrol, unenrol = (f"/entities/site/{site_id}/{verb}" for verb in ("enrol", "unenrol"))
    flex_lite = {"proposition": "limited_pause"}
    partner.call("POST", enrol, flex_lite)
    partner.plug_in(asset_id)
    other: dict[str, Any] = {
        "site": {**BARE, **consent},
        "assets": [{**charger, "external_id": "wallbox-8"}],
        **flex_lite,
    }
    partner.call("POST", "/entities/site/onboard", other)
    refused = str(partner.entries())
    partner.call("POST", unenrol, flex_lite)
    partner.call("POST", enrol, {**flex_lite, "override_withdrawal": True})
    return {"site": site_id, "asset": asset_id, "refused": refused}


def _take(browser: Chrome, target: Path) -> None:
    """Take a picture of the page down to the end of what it tells."""
    bottom = "return Math.ceil(document.querySelector('main').getBoundingClientRect().bottom + scrollY)"
    resize(browser, WIDTH, height=min(int(browser.execute_script(bottom)), 900))
    browser.save_screenshot(str(target))
    command(browser, "Emulation.clearDeviceMetricsOverride")
    resize(browser, WIDTH)


if __name__ == "__main__":
    main()
