"""Log-in, the user who is logged in, and component tokens."""

from typing import Annotated

from pydantic import Field

from mockaxle.core.limits import MAX_USERNAME
from mockaxle.wire.shape import Component, Id, Instant, Optional, at_most


class Body_login_for_access_token_form_auth_token_form_post(Component):  # noqa: N801  # the vendor's component name
    username: Annotated[str, at_most(MAX_USERNAME)]
    password: str
    grant_type: Annotated[str, Field(pattern="^password$")] = "password"


class Body_create_component_token_auth_component_token_post(Component):  # noqa: N801  # the vendor's component name
    external_user_id: str
    allowed_origin: str
    user_email: Optional[str] = None
    gave_boundary_meter_consent_at: Optional[Instant] = None


class ComponentToken(Component):
    id: Id
    access_token: str
    token_type: str


class Token(Component):
    access_token: str
    token_type: str


class User(Component):
    username: str
    roles: list[str]
