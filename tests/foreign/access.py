"""Accounts, tokens and roles, and the two operations on them. Source: G5, A1-A6, A11."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Annotated, Any
from urllib.parse import parse_qsl

import jwt
from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from tests.foreign.bodies import LogInForm
from tests.foreign.errors import Refusal
from tests.foreign.store import Organisation

ROLES = ("entity_read", "entity_write", "rewards", "lookup", "metrics_write", "components")
TOKEN_LIFETIME = timedelta(hours=1)
MAX_BODY_BYTES = 1_000_000


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"


class User(BaseModel):
    username: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Account:
    username: str
    password: str
    organisation: Organisation = field(default_factory=Organisation)
    roles: tuple[str, ...] = ROLES


@dataclass(frozen=True)
class Accounts:
    """The accounts by username, and the key that signs their tokens."""

    by_name: dict[str, Account]
    key: bytes = field(default_factory=lambda: token_bytes(32))

    def log_in(self, username: str, password: str) -> str:
        """Return a token. Raises: Refusal. Source: A2."""
        account = self.by_name.get(username)
        if account is None or account.password != password:
            raise Refusal(401, "Incorrect username or password")
        now = datetime.now(UTC)
        return jwt.encode({"sub": username, "iat": now, "exp": now + TOKEN_LIFETIME}, self.key, algorithm="HS256")

    def holder(self, authorization: str) -> Account:
        """Return the account of a token. Raises: Refusal. Source: A3, E2."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, "Not authenticated")
        try:
            claims = jwt.decode(token, self.key, algorithms=["HS256"])
        except jwt.PyJWTError:
            raise Refusal(401, "Could not validate credentials") from None
        return self.by_name[claims["sub"]]


class SecuredRoute(APIRoute):
    """Checks token, role and size before it reads the request; leaves out absent fields. Source: A3, A4, E3, G9."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options | {"response_model_exclude_none": True})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def let_in(request: Request) -> Response:
            account = request.app.state.accounts.holder(request.headers.get("authorization", ""))
            role = role_for(request.method, self.path)
            if role is not None and role not in account.roles:
                raise Refusal(403, f"the account lacks the role {role}")
            if len(await request.body()) > MAX_BODY_BYTES:
                raise Refusal(413, f"a body has at most {MAX_BODY_BYTES} bytes")
            request.state.account = account
            return await handle(request)

        return let_in


def role_for(method: str, path: str) -> str | None:
    """Source: A6."""
    first = path.split("/")[1]
    if first == "entities":
        return "entity_read" if method == "GET" else "entity_write"
    return {"rewards": "rewards", "validation": "lookup"}.get(first)


async def _account(request: Request) -> Account:
    account: Account = request.state.account
    return account


async def _organisation(request: Request) -> Organisation:
    return (await _account(request)).organisation


Own = Annotated[Organisation, Depends(_organisation)]
door = APIRouter()
router = APIRouter(route_class=SecuredRoute)


@door.post("/auth/token-form")
async def log_in(request: Request) -> Token:
    sent = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
    try:
        form = LogInForm.model_validate(sent)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None
    return Token(access_token=request.app.state.accounts.log_in(form.username, form.password))


@router.get("/auth/users/me/")
async def read_user(account: Annotated[Account, Depends(_account)]) -> User:
    return User(username=account.username, roles=account.roles)
