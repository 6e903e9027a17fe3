// A retry tried against a frozen clock and a fault, with control's calls typed from the mock's document:
//
//   npm install openapi-fetch openapi-typescript typescript
//   npx openapi-typescript http://127.0.0.1:2953/__mockaxle/openapi.json -o control.d.ts --default-non-nullable=false
//   npx tsc --strict --module nodenext --target es2022 with_control.mts
//   node with_control.mjs http://127.0.0.1:2953

import createClient from "openapi-fetch";
import type { paths } from "./control.js";

declare const process: { argv: string[] };

const base = process.argv[2];
const form = new URLSearchParams({ username: `with-control-${Date.now()}`, password: "demo" });
const { access_token } = await (await fetch(`${base}/auth/token-form`, { method: "POST", body: form })).json();
const headers = { Authorization: `Bearer ${access_token}` };
const control = createClient<paths>({ baseUrl: base, headers });

/** The data of an answer; throws the detail of a refusal. */
function done<Data>({ data, error }: { data?: Data; error?: { detail?: string } }): Data {
  if (data === undefined) throw new Error(error?.detail);
  return data;
}

// In place of the app under test, which lists sites and tries again half an hour later.
const listSites = () => fetch(`${base}/entities/site`, { headers });

const operation = "GET /entities/site";
const { mode } = done(await control.PUT("/__mockaxle/world/clock", { body: { rate: 0 } }));
done(await control.POST("/__mockaxle/world/faults", { body: { kind: "status", status: 503, operation, count: 1 } }));
const first = await listSites();
done(await control.POST("/__mockaxle/world/clock/advance", { body: { by: "30m" } }));
const second = await listSites();
console.log(`${mode} clock: ${first.status}, then ${second.status}`);

const { entries } = done(await control.GET("/__mockaxle/world/log", { params: { query: { operation } } }));
const calls = entries.flatMap((entry) => ("operation" in entry ? [entry] : []));
const [failed, retried] = calls.map((call) => Date.parse(call.at));
console.log(`${calls.map((call) => call.rules.join(" ")).join("; ")}; ${(retried - failed) / 60_000} minutes apart`);

const body = { calls: [{ operation, status: 503, count: 1 }, { operation, status: 200, count: 1 }], in_order: true };
const { verified } = done(await control.POST("/__mockaxle/world/verify", { body }));
console.log(`verified: ${verified}`);
