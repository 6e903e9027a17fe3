"""Faults of log-ins and tokens: part A."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockaxle.harness.operations import BALANCE, COMPONENT_TOKEN, READ_SITE, WHO
from mockaxle.harness.target import LOG_IN
from tests.mutants.planting import BY_HAND, Fault, add, fault, in_answers, misjudging, nth
from tests.mutants.proxy import Call, Mock, Reply, Seen
from tests.mutants.tokens import as_last_log_in, note_log_in

CONSENT = "gave_boundary_meter_consent_at"
WORN_OUT_AFTER = 60

misjudging("a_wrong_password_is_400", "A2a", LOG_IN, status=401, to=400, also=("G1b",))


def odd_token(name: str, fits: Callable[[str, str], bool]) -> None:
    """Register a fault that takes an Authorization header for that of a known token if it fits to it."""

    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        note_log_in(call, reply, seen=mock.seen)
        sent = call.header(b"authorization")
        meant = next((token for token in mock.seen.get("log-ins", ()) if fits(sent, token)), None)
        if reply.status != 401 or call.operation == LOG_IN or meant is None:
            return reply
        return await mock(call.with_token(meant))

    add(Fault(name, "A3b", BY_HAND, ("G5b",), answer=answer))


def parts(header: str) -> list[str]:
    """The parts of a bearer token between its dots."""
    return header.removeprefix("Bearer ").split(".")


odd_token("a_token_without_a_signature_works", lambda sent, token: parts(sent) == [*parts(token)[:2], ""])
odd_token("a_token_with_another_signature_works", lambda sent, token: parts(sent)[:2] == parts(token)[:2])
odd_token("a_token_cut_short_works", lambda sent, token: len(sent) > 27 and token.startswith(sent[7:]))
odd_token("a_token_in_lower_case_works", lambda sent, token: sent.lower() == f"bearer {token.lower()}")
odd_token("a_token_of_another_scheme_works", lambda sent, token: sent.endswith(f" {token}"))
odd_token("an_empty_token_works", lambda sent, token: sent.strip().lower() == "bearer")
odd_token("any_jwt_works", lambda sent, token: len(parts(sent)) == 3 and all(parts(sent)))


@fault("A3b", also=("G5b",))
async def a_token_in_the_query_works(call: Call, mock: Mock) -> Reply:
    token = call.asked.get("access_token")
    return await mock(call if token is None or call.bearer else call.with_token(token))


@fault("A1b", LOG_IN)
async def any_grant_type_is_taken(call: Call, mock: Mock) -> Reply:
    return await mock(call.posting(grant_type="password") if "grant_type" in call.form else call)


@fault("A1a", LOG_IN, also=("A1b",))
async def a_grant_type_of_password_is_refused(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(422, []) if call.form.get("grant_type") == "password" else reply


@in_answers("A1c", LOG_IN)
def a_refresh_token_is_given(said: Any, call: Call, seen: Seen) -> None:
    said["refresh_token"] = said["access_token"][::-1]


@fault("A1d", also=("A3c",))
async def a_token_never_expires(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    log_in = mock.seen.get("log-ins", {}).get(call.bearer)
    if reply.status != 401 or log_in is None or call.operation == LOG_IN:
        return reply
    again = await mock.quietly(log_in)
    return await mock(call.with_token(again.json["access_token"]))


@fault("A1e")
async def a_token_wears_out(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    worn = bool(call.bearer) and nth(mock.seen, call.bearer) > WORN_OUT_AFTER
    return reply.refusing(401, "Could not validate credentials") if worn else reply


@fault("A1e")
async def a_second_log_in_ends_the_first(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    log_ins = mock.seen.get("log-ins", {})
    names = {token: log_in.form["username"] for token, log_in in log_ins.items()}
    later = list(names)[list(names).index(call.bearer) + 1 :] if call.bearer in names else []
    ended = names.get(call.bearer) in {names[token] for token in later}
    return reply.refusing(401, "Could not validate credentials") if ended else reply


@fault("A2a", LOG_IN)
async def any_password_logs_in_a_known_user(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    username = call.form.get("username", "")
    if reply.is_good:
        mock.seen[username] = call.form["password"]
    return await mock(call.posting(password=mock.seen[username])) if username in mock.seen else reply


@fault("A3a")
async def no_token_is_403(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(403) if reply.status == 401 and not call.header(b"authorization") else reply


@fault("A3b", also=("A3a",))
async def a_broken_token_is_400(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(400) if reply.status == 401 and call.bearer else reply


@fault("A3c", also=("A1d",))
async def an_expired_token_is_403(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    expired = reply.status == 401 and call.bearer in mock.seen.get("log-ins", ())
    return reply.refusing(403, "Token expired") if expired else reply


@fault("A3d")
async def a_body_is_read_before_the_token(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    empty = reply.status == 401 and call.method in ("POST", "PATCH") and call.json == {}
    return reply.refusing(422, []) if empty and call.operation != LOG_IN else reply


@fault("A3d", LOG_IN, READ_SITE)
async def a_site_is_looked_up_before_the_token(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    last = mock.seen.get("last token")
    if reply.status != 401 or call.operation == LOG_IN or last is None:
        return reply
    there = await mock.quietly(call.with_token(last))
    return there if there.status == 404 else reply


@fault("A4a", also=("E3a",))
async def a_missing_role_is_401(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(401) if reply.status == 403 and "A4" in reply.rules else reply


@fault("A4a", also=("E3a", "A6a"))
async def a_read_only_account_may_change(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    if reply.status != 403 or "A4" not in reply.rules:
        return reply
    answers = [await mock(call.with_token(token)) for token in list(mock.seen["log-ins"])]
    return next((one for one in answers if one.status not in (401, 403)), reply)


@in_answers("A5a", WHO)
def a_username_is_capitalised(said: Any, call: Call, seen: Seen) -> None:
    said["username"] = said["username"].capitalize()


@in_answers("A5b", WHO)
def a_role_is_unknown(said: Any, call: Call, seen: Seen) -> None:
    said["roles"] = [*said["roles"], "admin"]


@in_answers("A7a", COMPONENT_TOKEN, also=("G1c",))
def a_component_token_has_another_name(said: Any, call: Call, seen: Seen) -> None:
    said["token"] = said.pop("access_token")


@in_answers("A7b", COMPONENT_TOKEN, also=("A7f",))
def a_users_id_is_no_site(said: Any, call: Call, seen: Seen) -> None:
    said["id"] = str(uuid5(NAMESPACE_URL, call.form.get("external_user_id", "")))


@fault("A7c")
async def a_component_token_may_not_read_its_site(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    components = mock.seen.get("component tokens", {})
    own = components.get(call.bearer, ("",))[0] == call.ids.get("site_id")
    return reply.refusing(403) if own else reply


@fault("A7d")
async def a_component_token_lasts_an_hour(call: Call, mock: Mock) -> Reply:
    """It expires with the token that issued it."""
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    _, issuer = mock.seen.get("component tokens", {}).get(call.bearer, ("", ""))
    if not issuer:
        return reply
    valid = await mock.quietly(call.to(WHO).with_token(issuer))
    return reply.refusing(401, "Could not validate credentials") if valid.status == 401 else reply


@fault("A7e", LOG_IN, COMPONENT_TOKEN, also=("G5b", "A3a"))
async def anybody_gets_a_component_token(call: Call, mock: Mock) -> Reply:
    return await as_last_log_in(call, mock, when=not call.bearer)


@fault("A7h", COMPONENT_TOKEN)
async def a_component_token_needs_no_origin(call: Call, mock: Mock) -> Reply:
    return await mock(call if "allowed_origin" in call.form else call.posting(allowed_origin="https://app.example"))


@fault("A8a", COMPONENT_TOKEN)
async def a_new_user_needs_no_consent(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    missing = reply.status == 422 and CONSENT not in call.form
    return await mock(call.posting(**{CONSENT: "2026-01-05T09:00:00Z"})) if missing else reply


@fault("A8b", COMPONENT_TOKEN)
async def a_later_consent_is_dropped(call: Call, mock: Mock) -> Reply:
    user = call.form.get("external_user_id")
    reply = await mock(call.posting(**{CONSENT: None}) if user in mock.seen else call)
    mock.seen |= {user: True} if reply.is_good else {}
    return reply


@fault("A9a", COMPONENT_TOKEN, BALANCE)
async def a_component_token_reads_rewards(call: Call, mock: Mock) -> Reply:
    return await _as_issuer(call, mock)


async def _as_issuer(call: Call, mock: Mock) -> Reply:
    """Answer a component token's refused call as if the token that issued it had been sent."""
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    _, issuer = mock.seen.get("component tokens", {}).get(call.bearer, ("", ""))
    return await mock(call.with_token(issuer)) if issuer and not reply.is_good else reply


def renamed_tokens(name: str, statement: str, rename: Callable[[str, Seen], str]) -> None:
    """Register a fault that gives out other texts of tokens, and takes them for those of the mock."""

    async def answer(call: Call, mock: Mock) -> Reply:
        texts: dict[str, str] = mock.seen.setdefault("texts", {})
        meant = texts.get(call.bearer)
        reply = await mock.quietly(call.with_token(meant)) if meant else await mock(call)
        if call.operation != LOG_IN or not reply.is_good:
            return reply
        text = rename(reply.json["access_token"], mock.seen)
        texts[text] = reply.json["access_token"]
        return reply.saying({**reply.json, "access_token": text})

    add(Fault(name, statement, BY_HAND, answer=answer))


def with_payload(token: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    """A JWT with another payload, whose signature is no longer right."""
    head, payload, signature = token.split(".")
    claims = change(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    return ".".join((head, urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), signature))


def without_exp(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name != "exp"}


renamed_tokens("a_token_is_opaque", "A11a", lambda token, seen: f"opaque-{nth(seen, 'tokens'):08}")
renamed_tokens("a_token_has_no_exp", "A11b", lambda token, seen: with_payload(token, without_exp))
renamed_tokens(
    "a_tokens_exp_is_in_milliseconds",
    "A11b",
    lambda token, seen: with_payload(token, lambda claims: {**claims, "exp": claims["exp"] * 1000}),
)
