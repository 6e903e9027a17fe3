"""Device clouds: their tokens and the linking of one, as they are sent and answered."""

from enum import StrEnum

from mockaxle.wire.shape import Component, Instant, Optional


class OAuthProvider(StrEnum):
    FOXESS = "foxess"
    SOLAREDGE = "solaredge"
    SOLAX = "solax"
    HUAWEI = "huawei"
    MYENERGI = "myenergi"
    NEXBLUE = "nexblue"
    GIVENERGY = "givenergy"
    VOLVO = "volvo"
    DEYE = "deye"
    IDEAL = "ideal"


class SiteAuthTokenRequest(Component):
    refresh_token: Optional[str] = None
    access_token: Optional[str] = None
    token_type: Optional[str] = None
    expires_utc: Optional[Instant] = None
    expires_in: Optional[int] = None


class OAuthInitiateResponse(Component):
    authorization_url: str
