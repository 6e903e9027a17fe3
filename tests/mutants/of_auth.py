"""Faults in who is let in."""

from typing import Any

from mockaxle.core.accounts import NEVER, ORGANISATION, Grant, Role, authorise
from mockaxle.core.clock import FIRST
from mockaxle.core.errors import NotAuthenticated, RoleMissing, StaleToken, WrongPassword
from mockaxle.server import refusals, surface
from mockaxle.serving import accounts
from mockaxle.serving.bearers import Bearers
from mockaxle.serving.worlds import Admitted, Worlds
from mockaxle.world.entries import Principal
from tests.mutants.planting import Planter, found_by


def let_in(planter: Planter, error: type[Exception]) -> None:
    """Whoever is refused with the error is the first world's account."""
    authenticate = Bearers.authenticate

    def anybody(self: Any, authorization: bytes | None) -> tuple[Principal, Grant]:
        try:
            return authenticate(self, authorization)
        except error:
            hosted = next(iter(self._hosted.values()))
            return Principal(hosted.world.name, hosted.world.name, None, ORGANISATION), Grant("", ORGANISATION, NEVER)

    planter.setattr(Bearers, "authenticate", anybody)


@found_by("auth", "G5")
def no_token_needed(planter: Planter) -> None:
    let_in(planter, NotAuthenticated)


@found_by("auth", "G5")
def broken_token_accepted(planter: Planter) -> None:
    let_in(planter, StaleToken)


@found_by("auth", "A1")
def expired_token_accepted(planter: Planter) -> None:
    def whenever(grant: Grant | None, role: Role | None, *, now: Any) -> None:
        authorise(grant, role, now=FIRST)

    planter.setattr(surface, "authorise", whenever)


@found_by("auth", "E4")
def another_organisations_site_visible(planter: Planter) -> None:
    perform = Worlds.perform

    def everybodys(self: Any, admitted: Admitted) -> Any:
        exchange: Any = perform(self, admitted)
        owner = self.find("checked")
        if admitted.request.method != "GET" or owner is None:
            return exchange
        asked = exchange._replace(principal=admitted.principal._replace(token=None))
        answered: Any = self._surface.repeat(owner.world, asked).response
        return exchange._replace(response=answered)

    planter.setattr(Worlds, "perform", everybodys)


@found_by("auth", "E3")
def roles_ignored(planter: Planter) -> None:
    planter.setattr(surface, "authorise", lambda grant, role, *, now: authorise(grant, None, now=now))


@found_by("auth", "A2")
def wrong_password_logs_in(planter: Planter) -> None:
    planter.setattr(accounts, "REFUSED_PASSWORD", "there is none")
    planter.setattr(accounts, "_fits", lambda account, hashed: True)


@found_by("auth", "A3")
def stale_token_is_403(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, StaleToken, 403)


@found_by("auth", "A3")
def missing_token_is_422(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, NotAuthenticated, 422)


@found_by("auth", "E3")
def missing_role_is_404(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, RoleMissing, 404)


@found_by("auth", "A2")
def refused_password_is_400(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, WrongPassword, 400)


@found_by("auth", "E2")
def no_scheme_named(planter: Planter) -> None:
    planter.setattr(refusals, "UNAUTHENTICATED", ())
