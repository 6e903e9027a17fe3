"""A world's tokens in JSON's types. No token's text is among them: it is made of its number and the server's key."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from mockaxle.core.accounts import STATIC, Grant, Link, LinkKind, Role, Tokens
from mockaxle.core.table import Table


def dump_tokens(tokens: Tokens) -> dict[str, Any]:
    kept = ((number, tokens.grants.get(number)) for number in (STATIC, *range(tokens.oldest, tokens.issued + 1)))
    grants = [[number, _grant(grant)] for number, grant in kept if grant is not None]
    return {"grants": grants, "issued": tokens.issued, "oldest": tokens.oldest}


def load_tokens(data: dict[str, Any]) -> Tokens:
    """The tokens that dump_tokens wrote."""
    grants: Table[int, Grant] = Table()
    for number, fields in data["grants"]:
        grants = grants.put(number, _read(fields))
    return Tokens(grants, data["issued"], data["oldest"])


def _grant(grant: Grant) -> dict[str, Any]:
    return {**asdict(grant), "expires_at": grant.expires_at.isoformat()}


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
