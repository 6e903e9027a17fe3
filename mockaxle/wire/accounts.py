"""Logging in, and who one is then."""

from typing import Annotated

from pydantic import Field

from mockaxle.wire.shape import Component


class Body_login_for_access_token_form_auth_token_form_post(Component):  # noqa: N801  # the vendor's component name
    username: str
    password: str
    grant_type: Annotated[str, Field(pattern="^password$")] = "password"


class Token(Component):
    access_token: str
    token_type: str


class User(Component):
    username: str
    roles: list[str]
