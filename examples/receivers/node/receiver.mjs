// A receiver that checks the signature and prints each new message: AXLE_SECRET=... node receiver.mjs 9000

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOLERANCE_SECONDS = 300;
const BODY_LIMIT = 10_000_000;
const REMEMBERED = 100_000;

const secret = process.env.AXLE_SECRET;
const port = Number(process.argv[2] ?? 9000);
if (!secret) throw new Error("Set AXLE_SECRET to the secret of the receiver.");

// What the header says, or null if it has not exactly one time.
function parse(header) {
  const pairs = header.split(",").map((part) => part.trim().split(/=(.*)/s, 2));
  const times = pairs.filter(([name]) => name === "t").map(([, value]) => value);
  if (times.length !== 1 || !/^[0-9]{1,15}$/.test(times[0] ?? "")) return null;
  return { seconds: times[0], signatures: pairs.filter(([name]) => name === "v1").map(([, value]) => value ?? "") };
}

// Whole seconds: a message may take a part of one to arrive.
function isRecent(seconds) {
  const age = Math.floor(Date.now() / 1000) - Number(seconds);
  return age > -TOLERANCE_SECONDS && age <= TOLERANCE_SECONDS;
}

// The raw bytes were signed: the same JSON may be written in many ways.
function isSigned(header, body) {
  const signed = parse(header);
  if (!signed || !isRecent(signed.seconds)) return false;
  const expected = Buffer.from(createHmac("sha256", secret).update(`${signed.seconds}.`).update(body).digest("hex"));
  const isRight = (sent) => sent.length === expected.length && timingSafeEqual(sent, expected);
  return signed.signatures.some((signature) => isRight(Buffer.from(signature)));
}

// The body's bytes, or null if it is too large; the rest of it is then read and dropped, so that the answer arrives.
async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size <= BODY_LIMIT ? Buffer.concat(chunks) : null;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string" && value !== "";

// The object in a body, or null.
function parsed(body) {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const seen = new Set();

// An envelope's id is signed; the header x-axle-ref is not, and differs from attempt to attempt.
function isNew(id) {
  if (seen.has(id)) return false;
  seen.add(id);
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
  return true;
}

// JSON escapes the control characters up to U+001F; the others could still command a terminal.
const printable = (value) =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

// Each of these returns a status.
function takeEnvelope(envelope) {
  const { id, event_type: type, created_at: createdAt, payload } = envelope;
  if (![id, type].every(isText) || Number.isNaN(Date.parse(createdAt)) || !isObject(payload)) return 400;
  if (isNew(id)) console.log(printable(type), printable(id), printable(payload).slice(0, 200));
  return 200;
}

function takePlan(name, profile) {
  if (!isObject(profile.csChargingProfiles)) return 400;
  console.log("plan of", printable(name), printable(profile.csChargingProfiles).slice(0, 200));
  return 200;
}

async function statusFor(request) {
  const [, place, name, ...more] = request.url.split("?", 1)[0].split("/");
  const isPlan = place === "chargers" && name && !more.length;
  if (!isPlan && !(place === "axle" && name === undefined)) return 404;
  if (request.method !== "POST") return 405;
  const body = await read(request);
  if (body === null) return 413;
  if (!isSigned(request.headers["x-axle-sig"] ?? "", body)) return 400;
  const value = parsed(body);
  if (value === null) return 400;
  return isPlan ? takePlan(name, value) : takeEnvelope(value);
}

process.stdout.on("error", () => {}); // whoever read the lines may be gone
const server = createServer(async (request, response) => {
  try {
    response.writeHead(await statusFor(request)).end();
  } catch (error) {
    if (error.code !== "ECONNRESET") console.error(printable(String(error)));
    response.destroy();
  }
});

server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
