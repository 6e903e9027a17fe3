"""Device clouds linked to a site. Source: U15."""

from mockaxle.core.rule_errors import NothingToLink
from mockaxle.core.state import Outcome, State, site_of


def check_linkable(state: State, site_id: str) -> None:
    """Raises: NothingToLink. Source: E7."""
    if site_id not in state.sites:
        raise NothingToLink(site_id)


def link(state: State, site_id: str, *, provider: str) -> Outcome[tuple[str, ...]]:
    """Link a provider; return all that are linked. Raises: SiteUnknown."""
    linked = linked_to(state, site_id)
    if provider in linked:
        return Outcome(state, linked)
    linked = (*linked, provider)
    return Outcome(state._replace(linked=state.linked.put(site_id, linked)), linked)


def linked_to(state: State, site_id: str) -> tuple[str, ...]:
    """Raises: SiteUnknown."""
    site_of(state, site_id)
    return state.linked.get(site_id) or ()


def give_token(state: State, site_id: str) -> Outcome[None]:
    """Accept a device cloud's token, and do not keep it. Raises: SiteUnknown."""
    site_of(state, site_id)
    return Outcome(state, None)
