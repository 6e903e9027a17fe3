// A home onboarded and its car plugged in, with Node's own fetch: node with_fetch.mjs http://127.0.0.1:2953

const [base] = process.argv.slice(2);
const home = { mpan: "1000000000012", postcode: "M1 1AE", gave_boundary_meter_consent_at: "2026-01-05T09:00:00Z" };
const charger = { external_id: "wallbox-7", type: "charger", properties: { power_kw: 7.4 } };
const night = [{ start_timestamp: "2026-01-20T22:00:00Z", end_timestamp: "2026-01-21T06:00:00Z" }];

async function post(path, options) {
  const answer = await fetch(base + path, { method: "POST", ...options });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const form = new URLSearchParams({ username: "with-fetch", password: "demo" });
const { access_token } = await post("/auth/token-form", { body: form });
const headers = { Authorization: `Bearer ${access_token}`, "Content-Type": "application/json" };
const send = (path, body) => post(path, { headers, body: JSON.stringify(body) });

const onboarded = await send("/entities/site/onboard", { site: home, assets: [charger], proposition: "limited_pause" });
const path = `/entities/asset/${onboarded.assets[0].asset_id}/event/plug-in-schedule`;
const { modified_charging_schedule } = await send(path, { charging_schedule: night });
for (const block of modified_charging_schedule) console.log(block.start_timestamp, "-", block.end_timestamp);
