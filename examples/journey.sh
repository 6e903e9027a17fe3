#!/bin/sh
# A site from sign-up to offboarding, with plain curl: sh examples/journey.sh http://127.0.0.1:2953
# Prints the status of each call, and stops with an error at the first unexpected one.
set -eu
BASE=${1:-http://127.0.0.1:2953}
BODY=$(mktemp)
trap 'rm -f "$BODY"' EXIT

# step EXPECTED VERB PATH [JSON]: makes one call and keeps its answer in $BODY
step() {
  status=$(curl -s -o "$BODY" -w '%{http_code}' -X "$2" "$BASE$3" -H "Authorization: Bearer ${TOKEN:-}" \
    -H 'Content-Type: application/json' ${4:+-d "$4"})
  echo "$2 $3 -> $status"
  [ "$status" = "$1" ] || { echo "expected $1, got: $(cat "$BODY")" >&2; exit 1; }
}

# value KEY: prints the last string of a key in the last answer
value() { sed 's/.*"'"$1"'":"\([^"]*\)".*/\1/' "$BODY"; }

HOME_SITE='{"mpan": "1000000000012", "postcode": "M1 1AE", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}'
CHARGER='{"external_id": "wallbox-7", "type": "charger", "properties": {"power_kw": 7.4}}'
PAUSE='{"proposition": "limited_pause"}'

curl -s -o "$BODY" "$BASE/auth/token-form" -d "username=journey-$$" -d password=secret
TOKEN=$(value access_token)

step 200 POST /entities/site/initialise "{\"site\": $HOME_SITE, \"assets\": [$CHARGER]}"
ASSET=$(sed 's/.*"assets":\[{"asset_id":"\([^"]*\)".*/\1/' "$BODY")
SITE=$(value site_id)
step 200 GET "/entities/site/$SITE/eligibility"
step 200 POST "/entities/site/$SITE/enrol" "$PAUSE"
step 200 POST "/entities/asset/$ASSET/event/plug-in-schedule" \
  '{"charging_schedule": [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]}'
grep -q '"end_timestamp":"2026-01-21T01:00:00Z"' "$BODY" || { echo "no pause at 01:00" >&2; exit 1; }
step 200 POST "/entities/site/$SITE/unenrol" "$PAUSE"
step 422 POST "/entities/site/$SITE/enrol" "$PAUSE"
step 200 POST "/entities/site/$SITE/enrol" '{"proposition": "limited_pause", "override_withdrawal": true}'
step 200 PATCH "/entities/site/$SITE" '{"address": "7 Canal Row"}'
step 200 POST "/entities/site/$SITE/offboard-site-and-assets"
step 404 GET "/entities/site/$SITE"
