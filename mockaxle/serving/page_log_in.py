"""A log-in by a form of the pages: the same checks as POST /auth/token-form, without an entry in the world's log."""

from mockaxle.core.accounts import ORGANISATION
from mockaxle.core.errors import Refusal
from mockaxle.server.refusals import STATUS
from mockaxle.serving.accounts import NOTHING
from mockaxle.serving.api import Api
from mockaxle.serving.journalling import WorldUnchecked, WorldUnloaded
from mockaxle.serving.new_worlds import WorldUnbuilt
from mockaxle.serving.passwords import PasswordUnhashed
from mockaxle.world.entries import Principal, Request


class PageLogInRefused(Exception):
    """A log-in was refused. Shape: status of HTTP; remedy says what would have worked."""

    def __init__(self, status: int, text: str, remedy: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.remedy = remedy


async def log_in_to_pages(api: Api, request: Request) -> Principal:
    """Log in a full account. Raises: PageLogInRefused."""
    try:
        principal = await _logged_in(api, request)
        await api.worlds.until_kept(principal.world)
    except Refusal as refusal:
        raise PageLogInRefused(STATUS[type(refusal)], refusal.text, refusal.remedy) from None
    hosted = api.worlds.find(principal.world)
    account = hosted.accounts.get(principal.username) if hosted is not None else None
    if account is None or account.roles != ORGANISATION:
        remedy = "Log in with a full account of the world."
        raise PageLogInRefused(403, "This account may not see the inspector", remedy)
    return principal


async def _logged_in(api: Api, request: Request) -> Principal:
    """Raises: Refusal."""
    prepared = NOTHING
    while True:
        try:
            return api.log_in(request, prepared=prepared)
        except PasswordUnhashed as unhashed:
            prepared = prepared._replace(hashed=await unhashed.hashed_aside())
        except WorldUnloaded as unloaded:
            await unloaded.loaded()
        except WorldUnchecked as unchecked:
            await unchecked.checked()
            prepared = prepared._replace(fresh=prepared.fresh | {unchecked.address})
        except WorldUnbuilt as unbuilt:
            prepared = prepared._replace(world=await unbuilt.built_aside())
