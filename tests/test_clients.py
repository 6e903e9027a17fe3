"""Unchanged clients live the journey over a socket: one generated from the served document, and plain curl."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.serving import Served

ROOT = Path(__file__).parent.parent


class Sdk:
    """A client that openapi-python-client makes of the served document."""

    def __init__(self, folder: Path, url: str) -> None:
        (folder / "config.yml").write_text("post_hooks: []\npackage_name_override: axle_sdk\n")
        command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate"]
        options = ["--url", f"{url}/openapi.json", "--output-path", str(folder / "made"), "--config", "config.yml"]
        done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, check=True)
        assert "warning" not in (done.stdout + done.stderr).lower()
        importlib.invalidate_caches()
        self.client: Any = importlib.import_module("axle_sdk").Client(base_url=url)

    def model(self, name: str) -> Any:
        return getattr(importlib.import_module("axle_sdk.models"), name)

    def call(self, operation: str, **arguments: Any) -> Any:
        return importlib.import_module(f"axle_sdk.api.{operation}").sync(client=self.client, **arguments)

    def log_in(self) -> None:
        form = self.model("BodyLoginForAccessTokenFormAuthTokenFormPost")(username="sdk", password="secret")
        operation = "tag1_authentication.login_for_access_token_form_auth_token_form_post"
        token = self.call(operation, body=form).access_token
        self.close()
        sdk = importlib.import_module("axle_sdk")
        self.client = sdk.AuthenticatedClient(base_url=self.client._base_url, token=token)

    def close(self) -> None:
        self.client.get_httpx_client().close()


@pytest.fixture
def sdk(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sdk]:
    monkeypatch.syspath_prepend(str(tmp_path / "made"))
    made = Sdk(tmp_path, served.base_url)
    yield made
    made.close()


def onboard(sdk: Sdk) -> tuple[UUID, UUID]:
    consent_at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    site = sdk.model("SiteRequest")("1000000000012", "M1 1AE", gave_boundary_meter_consent_at=consent_at)
    charger = sdk.model("OnboardingAssetRequest")("wallbox-7", sdk.model("CreatableAssetType").CHARGER)
    proposition = sdk.model("OnboardRequestProposition").LIMITED_PAUSE
    body = sdk.model("OnboardRequest")(site, [charger], proposition)
    done = sdk.call("tag3_sites.onboard_entities_site_onboard_post", body=body)
    return done.site.site_id, done.assets[0].asset_id


def test_a_generated_client_lives_the_journey(sdk: Sdk) -> None:
    sdk.log_in()
    site_id, asset_id = onboard(sdk)
    block = sdk.model("ChargingScheduleBlock")("2026-01-20T22:00:00Z", "2026-01-21T06:00:00Z")
    plug_in = "tag4_assets.asset_plug_in_schedule_event_entities_asset_asset_id_event_plug_in_schedule_post"
    body = sdk.model("PlugInScheduleEventRequest")([block])
    blocks = sdk.call(plug_in, asset_id=asset_id, body=body).modified_charging_schedule
    assert [one.end_timestamp for one in blocks] == ["2026-01-21T01:00:00Z", "2026-01-21T06:00:00Z"]

    unenrol = sdk.model("UnenrolRequest")(sdk.model("UnenrolRequestProposition").LIMITED_PAUSE)
    left = sdk.call("tag3_sites.unenrol_site_entities_site_site_id_unenrol_post", site_id=site_id, body=unenrol)
    assert left.status == "unenrolled"
    page = sdk.call("tag3_sites.get_sites_entities_site_get", limit=5)
    assert [(site.id, site.dispatch_methods) for site in page.sites] == [(site_id, [])]
    offboard = "tag3_sites.offboard_site_and_assets_entities_site_site_id_offboard_site_and_assets_post"
    assert sdk.call(offboard, site_id=site_id).asset.id == asset_id
    assert sdk.call("tag3_sites.get_sites_entities_site_get").total_num_sites == 0


def test_plain_curl_lives_the_journey(served: Served) -> None:
    script = ROOT / "examples" / "journey.sh"
    done = subprocess.run(["sh", str(script), served.base_url], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("->") == 10
