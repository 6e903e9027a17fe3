"""What a fault looks up in the mock, without an effect of its own."""

from typing import Any

from mockaxle.harness.operations import LIST_SITES, READ_SITE
from tests.mutants.proxy import Call, Mock


async def site_at(call: Call, mock: Mock, mpan: object) -> Any:
    """Return the caller's site with an MPAN, None without one."""
    if not isinstance(mpan, str):
        return None
    found = (await mock.quietly(call.to(LIST_SITES).asking(mpan=mpan))).json
    return next(iter(found["sites"]), None) if isinstance(found, dict) and "sites" in found else None


async def methods_of(call: Call, mock: Mock, site_id: str) -> list[str]:
    """Return the dispatch methods that are in; none for an unknown site."""
    site = (await mock.quietly(call.to(READ_SITE, site_id=site_id))).json
    return list(site.get("dispatch_methods", ())) if isinstance(site, dict) else []


async def read(call: Call, mock: Mock, operation: str, **ids: str) -> Any:
    """Return the JSON of a good answer, None for another one."""
    reply = await mock.quietly(call.to(operation, **ids))
    return reply.json if reply.is_good else None
