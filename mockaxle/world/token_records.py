"""A world's tokens as JSON data. The texts of tokens are not included: number and server's key determine them."""

from datetime import datetime
from typing import Any

from mockaxle.core.accounts import Grant, Link, LinkKind, Role, Tokens, kept_grants
from mockaxle.core.limits import MAX_TOKENS
from mockaxle.core.table import Table


def dump_tokens(tokens: Tokens) -> dict[str, Any]:
    grants = [[number, _grant(grant)] for number, grant in kept_grants(tokens)]
    return {
        "grants": grants,
        "issued": tokens.issued,
        "oldest": tokens.oldest,
        "revoked_up_to": tokens.revoked_up_to,
        "revocations": tokens.revocations,
    }


def load_tokens(data: dict[str, Any]) -> Tokens:
    """Read tokens written by dump_tokens. Older versions wrote neither `revoked_up_to` nor `revocations`.

    Raises: ValueError, TypeError, KeyError for other data.
    """
    issued, oldest = data["issued"], data["oldest"]
    if not 1 <= oldest <= issued + 1 <= oldest + MAX_TOKENS:
        raise ValueError(f"tokens.oldest and tokens.issued do not fit a world, which keeps {MAX_TOKENS} tokens")
    grants: Table[int, Grant] = Table()
    lasting: list[int] = []
    for number, fields in data["grants"]:
        grant = _read(fields)
        grants = grants.put(number, grant)
        lasting += [number] if Role.HOME_ASSISTANT in grant.roles else []
    revoked = (data.get("revoked_up_to", 0), data.get("revocations", 0))
    return Tokens(grants, issued, oldest, tuple(lasting), *revoked)


def _grant(grant: Grant) -> dict[str, Any]:
    link = grant.link._asdict() if grant.link else None
    return {**grant._asdict(), "expires_at": grant.expires_at.isoformat(), "link": link}


def _read(fields: dict[str, Any]) -> Grant:
    link = fields["link"]
    return Grant(
        **{
            **fields,
            "roles": tuple(map(Role, fields["roles"])),
            "expires_at": datetime.fromisoformat(fields["expires_at"]),
            "link": Link(**{**link, "kind": LinkKind(link["kind"])}) if link else None,
        }
    )
