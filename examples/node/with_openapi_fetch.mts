// The same with types that openapi-typescript makes of the mock's document, checked by tsc, over openapi-fetch:
//
//   npm install openapi-fetch openapi-typescript typescript
//   npx openapi-typescript http://127.0.0.1:2953/openapi.json -o axle.d.ts --default-non-nullable=false
//   npx tsc --strict --module nodenext --target es2022 with_openapi_fetch.mts
//   node with_openapi_fetch.mjs http://127.0.0.1:2953

import createClient from "openapi-fetch";
import type { paths } from "./axle.js";

declare const process: { argv: string[] };

const axle = createClient<paths>({ baseUrl: process.argv[2] });

const { data: token } = await axle.POST("/auth/token-form", {
  body: { username: "with-openapi-fetch", password: "demo", grant_type: "password" },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
if (!token) throw new Error("the log-in was refused");
axle.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token.access_token}`);
  },
});

const { data: onboarded, error: refused } = await axle.POST("/entities/site/onboard", {
  body: {
    site: { mpan: "1000000000012", postcode: "M1 1AE", gave_boundary_meter_consent_at: "2026-01-05T09:00:00Z" },
    assets: [{ external_id: "wallbox-7", type: "charger", properties: { power_kw: 7.4 } }],
    proposition: "limited_pause",
  },
});
if (!onboarded) throw new Error(JSON.stringify(refused));

const { data: answer } = await axle.POST("/entities/asset/{asset_id}/event/plug-in-schedule", {
  params: { path: { asset_id: onboarded.assets[0].asset_id } },
  body: { charging_schedule: [{ start_timestamp: "2026-01-20T22:00:00Z", end_timestamp: "2026-01-21T06:00:00Z" }] },
});
for (const block of answer?.modified_charging_schedule ?? []) console.log(block.start_timestamp, "-", block.end_timestamp);
