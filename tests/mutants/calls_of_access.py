"""Calls of the surface and of tokens: paths and verbs, and who is let in."""

from tests.mutants.caller import ASSET, CONSENT_AT, LATER, LOG_IN, SITE, ZERO, Caller

WHO = "/auth/users/me/"


async def surface(caller: Caller) -> None:
    await caller.get("/openapi.json", "/auth/users/me", "/entities/nowhere", "/entities/site/")
    await caller.get("/openapi.json", authorization=None)
    await caller.call("PUT", WHO)
    await caller.post(ASSET, {})
    for grant_type in ("password", "other"):
        await caller.form(LOG_IN, username="checked", password="demo", grant_type=grant_type)


async def tokens(caller: Caller) -> None:
    await _odd(caller)
    for path in (f"{SITE}/{ZERO}", SITE, "/examples/dispatch-event"):
        await caller.get(path, authorization=None)
    await caller.post(ASSET, {}, authorization=None)
    await caller.form(LOG_IN, username="checked", password="wrong")
    await _component(caller)
    await _others(caller)
    await _expiry(caller)


async def _odd(caller: Caller) -> None:
    """Tokens that are cut, changed or sent in another way."""
    good = caller.token
    head, payload, signature = good.split(".") if good.count(".") == 2 else ("a", "b", "c")
    texts = (
        "broken",
        "",
        "a.b.c",
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature[::-1]}",
        good[:-10],
        good.lower(),
    )
    for authorization in (None, f"Token {good}", *(f"Bearer {text}" for text in texts)):
        await caller.get(WHO, authorization=authorization)
    await caller.get(f"{WHO}?access_token={good}", authorization=None)


async def _component(caller: Caller) -> None:
    form = {"external_user_id": "ada", "allowed_origin": "https://a.example"}
    path, own = "/auth/component-token", caller.token
    await caller.form(path, **form)
    await caller.form(path, external_user_id="bob", **CONSENT_AT)
    for consent in (CONSENT_AT, {}, LATER):
        said = await caller.form(path, **form, **consent)
    site_id, _, _ = await caller.onboard()
    await caller.get(f"{SITE}/{said['id']}")
    caller.token = said["access_token"]
    await caller.get(f"{SITE}/{said['id']}", f"{SITE}/{site_id}", f"/rewards/{said['id']}/info")
    caller.tokens["component"], caller.token = caller.token, ""
    await caller.form(path, **form, **CONSENT_AT)
    caller.token = own


async def _others(caller: Caller) -> None:
    """What another organisation, and an account with the role of reading, may do."""
    own = caller.token
    site_id, asset_id, _ = await caller.onboard()
    for username in ("other", "reader"):
        await caller.log_in(username)
        await caller.get(f"{SITE}/{site_id}", f"{ASSET}/{asset_id}", SITE)
        await caller.call("PATCH", f"{SITE}/{site_id}", {"postcode": "LS1 4AP"})
        await caller.post(f"{SITE}/{site_id}/offboard-site-and-assets")
    caller.token = own


async def _expiry(caller: Caller) -> None:
    old = caller.token
    for _ in range(60):
        await caller.get(WHO)
    await caller.log_in("checked")
    await caller.get(WHO, authorization=f"Bearer {old}")
    await caller.post("/__mockaxle/world/clock/advance", {"by": "61m"})
    for token in (old, caller.tokens.get("component", "")):
        await caller.get(SITE, authorization=f"Bearer {token}")
