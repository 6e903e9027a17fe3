"""Carries out what a form of a page asks for, and leads back to the page."""

from starlette.responses import RedirectResponse, Response

from mockaxle.control.access import Caller
from mockaxle.control.endpoint import ControlCall
from mockaxle.inspector.actions import ACTIONS, ActionResult, PageAction, carry_out
from mockaxle.inspector.surroundings import Surroundings
from mockaxle.inspector.visits import WorldVisit, world_path
from mockaxle.serving.addresses import peer_of


async def act(surroundings: Surroundings, visit: WorldVisit) -> Response:
    """Carry out an action, if it destroys nothing or is confirmed. Raises: ForeignPage, FormRefused."""
    fields = await surroundings.door.read_form(visit.request, visit.visitor)
    action = ACTIONS.get(visit.request.path_params["action"])
    back = _back(visit, fields.get("back", ""))
    if action is None:
        return await _told(visit, "No such action", "The pages have no such button.", back=back, status=404)
    if action.destroys and fields.get("confirmed") != "yes":
        return await visit.of_world("confirm.html", {"action": action, "fields": _kept(fields), "back": back})
    result = await carry_out(action, fields, endpoints=surroundings.endpoints, call=_call(surroundings, visit))
    return await _shown(visit, action, result=result, back=back)


async def _shown(visit: WorldVisit, action: PageAction, *, result: ActionResult, back: str) -> Response:
    if result.status != 200:
        text = f"{result.detail}. Nothing has changed."
        return await _told(visit, "This did not work", text, back=back, status=result.status)
    if action.key == "POST /fork":
        there = visit.pages + world_path(str(result.answer["world"]))
        return await visit.of_world("forked.html", {"fork": result.answer, "there": there, "back": back})
    name = next(name for name, one in ACTIONS.items() if one is action)
    place = visit.path if action.destroys else back
    return RedirectResponse(f"{place}?done={name}", 303)


def _call(surroundings: Surroundings, visit: WorldVisit) -> ControlCall:
    request, visitor = visit.request, visit.visitor
    assert visitor is not None, "pages of a world need a log-in"
    keeper = None if visitor.is_admin or surroundings.door.is_local(request) else visitor.username
    client, trusted = request.client.host if request.client else "", surroundings.settings.trusted_proxies
    peer = peer_of(client, tuple(request.headers.raw), trusted=frozenset(trusted))
    caller = Caller(visitor.world, keeper)
    return ControlCall(request, b"", visit.hosted.world.name, visit.hosted, caller, peer, path={})


def _back(visit: WorldVisit, path: str) -> str:
    """Return the page to go back to, without its query: one of this world."""
    page = path.partition("?")[0]
    is_own = page == visit.path or page.startswith(visit.path + "/")
    return page if is_own and page.isprintable() else visit.path


def _kept(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in ("confirmed", "form_key", "back")}


async def _told(visit: WorldVisit, title: str, text: str, *, back: str, status: int) -> Response:
    return await visit.of_world("refused.html", {"title": title, "text": text, "back": back}, status=status)
