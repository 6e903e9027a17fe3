"""The composition root: puts a server together and routes requests by their prefix."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from mockaxle.contract.document import Contract, load_contract
from mockaxle.control.health import PATH as HEALTH
from mockaxle.control.health import PREFIX, health
from mockaxle.core.clock import Clock, system_clock
from mockaxle.core.limits import MAX_FORM, MAX_LARGE_BODY
from mockaxle.deliveries.local_receivers import LocalReceivers
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.sections import Scenario
from mockaxle.scenarios.shipped import default
from mockaxle.server.surface import Surface
from mockaxle.serving.accounts import Prepared
from mockaxle.serving.api import Api
from mockaxle.serving.asgi import ASGIApp, Receive, Scope, Send, SurfaceApp
from mockaxle.serving.couriers import Couriers, Deliverer, UrlJudge, WorldDesk
from mockaxle.serving.docs import PREFIXES, Docs
from mockaxle.serving.locality import Locality
from mockaxle.serving.settings import DEFAULT_SETTINGS, ServerSettings
from mockaxle.serving.worlds import Worlds
from mockaxle.world.entries import Delivery, Exchange, Request, Response, Wait
from mockaxle.world.value import Apply

if TYPE_CHECKING:
    from mockaxle.control.deliveries import MakeCouriers
    from mockaxle.lasting import Lasting, MakeLasting

READINGS = "/data/readings"
ABOUT = (PREFIX, *PREFIXES)
LOG_INS = frozenset({"/auth/token-form", "/auth/component-token"})


PAGES = tuple(f"{PREFIX}/{name}" for name in ("inspect/", "rules", "log-in", "log-out", "static/"))
"""What the paths of the inspector begin with, apart from its first page."""


class App:
    """An ASGI application: control and the inspector under `/__mockaxle`; the API, its document and pages elsewhere.

    Control and inspector are created on their first call, so that a server starts without loading their framework: in a
    thread, since that takes 0.1 s. `local_receivers` has the apps of this process that are receivers.
    """

    def __init__(
        self,
        api: Api,
        make_control: Callable[[], ASGIApp],
        *,
        document: Mapping[str, Any],
        settings: ServerSettings,
        local_receivers: LocalReceivers,
        lasting: "Lasting | None" = None,
    ) -> None:
        self.api = api
        self.lasting = lasting
        self.local_receivers = local_receivers
        self._root = settings.root_path
        self._docs = Docs(document, settings)
        self._make_control = make_control
        self._control: asyncio.Future[ASGIApp] | None = None
        self._max_body = settings.max_body
        surface = SurfaceApp(
            self._answer,
            aside=self._answer_aside,
            body_limit=self._body_limit,
            root_path=settings.root_path,
            patience_seconds=lasting.patience_seconds if lasting is not None else 0,
        )
        self._surface = with_cors(surface, settings.cors_origins) if settings.cors_origins else surface

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "served without lifespan and websockets"
        if self._root and scope["path"].startswith(self._root + "/"):
            raw = scope["raw_path"].removeprefix(self._root.encode())
            scope = {**scope, "path": scope["path"].removeprefix(self._root), "raw_path": raw}
        if scope["path"].startswith(PREFIX + "/") and scope["path"] != HEALTH:
            control = await self._made_control()
            await control(scope, receive, send)
        else:
            await self._surface(scope, receive, send)

    async def _made_control(self) -> ASGIApp:
        if self._control is None:
            self._control = asyncio.ensure_future(asyncio.to_thread(self._make_control))
        return await asyncio.shield(self._control)

    def _answer(self, request: Request, prepared: Prepared) -> Response | Wait:
        about = self._about(request) if request.path.startswith(ABOUT) or request.path == "/" else None
        return about or self.api.attempt(request, prepared)

    async def _answer_aside(self, request: Request, prepared: Prepared) -> Response | Wait:
        about = self._about(request) if request.path.startswith(ABOUT) or request.path == "/" else None
        return about or await self.api.attempt_aside(request, prepared)

    def _about(self, request: Request) -> Response | None:
        """Answer a request that is not a call of the API; None for others."""
        if request.path in ("/", PREFIX):
            return to_pages() if request.method in ("GET", "HEAD") and takes_html(request) else None
        if request.path == HEALTH:
            journal = self.lasting.health() if self.lasting is not None else None
            return health(journal) if request.method in ("GET", "HEAD") else None
        return self._docs.answer(request)

    def _body_limit(self, scope: Scope) -> int:
        """Return the limit of a call's body: small for log-in forms, large for readings with a known token."""
        if scope["path"] in LOG_INS:
            return min(MAX_FORM, self._max_body)
        if scope["path"] != READINGS:
            return self._max_body
        bearer = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        return MAX_LARGE_BODY if self.api.knows(bearer) else self._max_body


def to_pages() -> Response:
    """Lead a browser to the inspector."""
    return Response(303, headers=((b"location", f"{PREFIX}/".encode()), (b"cache-control", b"no-store")))


def takes_html(request: Request) -> bool:
    """Tell whether a caller asks for a page by name; others keep the answer of the API. Source: G8."""
    kinds = (request.header(b"accept") or b"").decode("latin-1").split(",")
    return any(kind.partition(";")[0].strip().lower() == "text/html" for kind in kinds)


def with_cors(surface: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """Serve pages of these origins, too. OPTIONS is answered for them only. Source: G8."""
    from starlette.middleware.cors import CORSMiddleware

    def is_refused(scope: Scope) -> bool:
        asking = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
        return scope["method"] == "OPTIONS" and "*" not in origins and not set(asking) <= set(origins)

    exposed = ["X-Mockaxle-Rules", "X-Mockaxle-Hint", "Link"]
    shared = CORSMiddleware(surface, origins, allow_methods=["*"], allow_headers=["*"], expose_headers=exposed)

    async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
        await (surface if is_refused(scope) else shared)(scope, receive, send)

    return _serve


def create_app(
    settings: ServerSettings = DEFAULT_SETTINGS,
    *,
    scenario: Scenario | None = None,
    clock: Clock = system_clock,
    observe: Callable[[Exchange], None] | None = None,
    on_delivery: Callable[[Delivery], None] | None = None,
    on_drop: Callable[[str], None] = lambda world: None,
    make_lasting: "MakeLasting | None" = None,
) -> App:
    """Create a server as an ASGI application, whose worlds start from the scenario.

    `observe` gets every exchange, `on_delivery` every delivery, `on_drop` the name of every dropped world.
    `make_lasting` opens the journal that keeps the worlds.
    """
    contract = load_contract().served_at(settings.document_url)
    surface, begins = Surface(contract), scenario or default()
    lasting = make_lasting(surface.repeat, begins) if make_lasting is not None else None
    begun = partial(Worlds if lasting is None else lasting.make_worlds, surface=surface, blueprint=blueprint(begins))
    worlds = begun(settings=settings, clock=clock, on_drop=on_drop, on_delivery=on_delivery)
    api = Api(surface, worlds, settings=settings, observe=observe)
    local = LocalReceivers()
    make_couriers = CouriersOnce(partial(_couriers, worlds, settings, local=local))
    if lasting is not None:
        lasting.make_couriers = make_couriers
    make_control = partial(_control, api, contract, settings=settings, make_couriers=make_couriers, lasting=lasting)
    return App(api, make_control, document=contract.document, settings=settings, local_receivers=local, lasting=lasting)


class CouriersOnce:
    """Makes the couriers of a server once, and again if their loop has ended."""

    def __init__(self, make: "MakeCouriers") -> None:
        self._make = make
        self._made: asyncio.Future[Couriers] | None = None

    async def __call__(self) -> Couriers:
        if self._made is None or self._made.get_loop().is_closed():
            self._made = asyncio.ensure_future(self._make())
        return await asyncio.shield(self._made)


def make_apply(contract: Contract) -> Apply:
    """Make the function that repeats logged calls without a server."""
    return Surface(contract).repeat


async def _couriers(worlds: Worlds, settings: ServerSettings, *, local: LocalReceivers) -> Couriers:
    """Make the couriers, and load their HTTP client in a thread, since that takes 0.1 s."""
    judge, make = await asyncio.to_thread(_delivering, settings, local)
    return Couriers(worlds, judge, make=make)


def _delivering(settings: ServerSettings, local: LocalReceivers) -> tuple[UrlJudge, Callable[[WorldDesk], Deliverer]]:
    from mockaxle.deliveries.courier import Courier
    from mockaxle.deliveries.sending import Poster
    from mockaxle.deliveries.targets import Targets, read_named_host

    own_url = settings.public_url if "://" in settings.public_url else ""
    named = tuple(map(read_named_host, settings.receiver_hosts))
    targets = Targets(settings.is_shared, named, own_url, local=local)
    return targets, partial(Courier, poster=Poster(targets))


def _control(
    api: Api,
    contract: Contract,
    *,
    settings: ServerSettings,
    make_couriers: "MakeCouriers",
    lasting: "Lasting | None",
) -> ASGIApp:
    """Make control and the inspector, which uses control's calls."""
    from mockaxle.control.access import Gate
    from mockaxle.control.routes import Control, control_app
    from mockaxle.inspector.routes import inspector_app
    from mockaxle.inspector.surroundings import surroundings

    gate = Gate(Locality(settings), settings.admin_token, api.worlds.bearers)
    control = Control(
        api.worlds,
        gate,
        contract=contract,
        unmatched=api.unmatched,
        settings=settings,
        make_couriers=make_couriers,
    )
    controls = control_app(control)
    around = surroundings(api, gate, control=control, contract=contract, settings=settings)
    pages = inspector_app(around)
    both = _joined(controls, pages)
    return both if lasting is None else lasting.with_loaded_worlds(both, around.door.visitor)


def _joined(controls: ASGIApp, pages: ASGIApp) -> ASGIApp:
    async def _served(scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["path"].startswith(PAGES) or scope["path"] == f"{PREFIX}/"
        await (pages if is_page else controls)(scope, receive, send)

    return _served
