"""What the pages are made from: the server's worlds, control's calls, and who may see what."""

from dataclasses import dataclass

from starlette.requests import Request

from mockaxle.contract.document import Contract
from mockaxle.control.access import Gate
from mockaxle.control.endpoint import ControlEndpoints
from mockaxle.control.log_handlers import LogHandlers
from mockaxle.control.routes import Control
from mockaxle.inspector.visitors import Door
from mockaxle.serving.api import Api
from mockaxle.serving.base_urls import base_url
from mockaxle.serving.page_sessions import PageSessions
from mockaxle.serving.settings import ServerSettings
from mockaxle.serving.worlds import Worlds


@dataclass(frozen=True)
class Surroundings:
    """Shape: endpoints are those of control by their keys; operations are the keys of the API's."""

    api: Api
    door: Door
    endpoints: ControlEndpoints
    logs: LogHandlers
    settings: ServerSettings
    operations: tuple[str, ...]

    @property
    def worlds(self) -> Worlds:
        return self.api.worlds

    def base_url(self, request: Request) -> str:
        """Return the server's URL as the visitor sees it."""
        public, host = self.settings.public_url or self.settings.root_path, request.headers.get("host", "")
        return base_url(public, scheme=request.url.scheme, host=host)

    @property
    def root(self) -> str:
        return self.settings.root_path


def surroundings(
    api: Api, gate: Gate, *, control: Control, contract: Contract, settings: ServerSettings
) -> Surroundings:
    """Put together what the pages are made from."""
    sessions = PageSessions(api.worlds, signing_key=settings.signing_key, admin_token=settings.admin_token)
    operations = tuple(operation.key for operation in contract.operations)
    is_secure = settings.public_url.startswith("https:")
    door = Door(gate, sessions, settings.root_path, is_secure)
    return Surroundings(api, door, control.endpoints, control.logs, settings, operations)
