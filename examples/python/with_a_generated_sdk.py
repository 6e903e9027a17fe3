"""Onboard a home and plug its car in, with an SDK that openapi-python-client generates from the mock's document:

echo 'package_name_override: axle_sdk' > config.yml
openapi-python-client generate --url http://127.0.0.1:2953/openapi.json --output-path sdk --config config.yml
PYTHONPATH=sdk python with_a_generated_sdk.py http://127.0.0.1:2953
"""

import sys
from datetime import UTC, datetime

from axle_sdk import AuthenticatedClient, Client, models
from axle_sdk.api.tag1_authentication import login_for_access_token_form_auth_token_form_post as log_in
from axle_sdk.api.tag3_sites import onboard_entities_site_onboard_post as onboard
from axle_sdk.api.tag4_assets import (
    asset_plug_in_schedule_event_entities_asset_asset_id_event_plug_in_schedule_post as plug_in,
)

base_url = sys.argv[1]
form = models.BodyLoginForAccessTokenFormAuthTokenFormPost(username="with-an-sdk", password="demo")
with Client(base_url=base_url) as client:
    token = log_in.sync(client=client, body=form).access_token

consented_at = datetime(2026, 1, 5, 9, tzinfo=UTC)
home = models.SiteRequest("1000000000012", "M1 1AE", gave_boundary_meter_consent_at=consented_at)
charger = models.OnboardingAssetRequest("wallbox-7", models.CreatableAssetType.CHARGER)
night = models.ChargingScheduleBlock("2026-01-20T22:00:00Z", "2026-01-21T06:00:00Z")
with AuthenticatedClient(base_url=base_url, token=token) as axle:
    body = models.OnboardRequest(home, [charger], models.OnboardRequestProposition.LIMITED_PAUSE)
    charger_id = onboard.sync(client=axle, body=body).assets[0].asset_id
    answer = plug_in.sync(client=axle, asset_id=charger_id, body=models.PlugInScheduleEventRequest([night]))
    for block in answer.modified_charging_schedule:
        print(block.start_timestamp, "-", block.end_timestamp)
