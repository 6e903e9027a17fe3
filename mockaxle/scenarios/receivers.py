"""Receivers as sections of a scenario and bodies of control. Source: N1, N2, N8."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from mockaxle.core.messages import MessageKind, MessageType
from mockaxle.core.receivers import MAX_PARALLEL, TIMEOUT_MS, TYPES_OF, Receiver, SignedAt
from mockaxle.scenarios.fields import Section

MAX_URL, MAX_NAME = 2_000, 100
MIN_TIMEOUT_MS, MAX_TIMEOUT_MS = 1, 60_000
PLACES, NAMING = ("{asset_id}", "{external_id}", "{site_id}"), ("{asset_id}", "{external_id}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def is_receiver_name(text: str) -> bool:
    """Tell whether a text can name a receiver: it is a segment of control's paths."""
    return _NAME.fullmatch(text) is not None and len(text) <= MAX_NAME


def _name(text: str) -> str:
    if not is_receiver_name(text):
        raise ValueError(f"not a name: at most {MAX_NAME} letters, digits and . _ -, a letter or digit first")
    return text


ReceiverName = Annotated[str, AfterValidator(_name)]


class ReceiverFields(Section):
    """Units: timeout in milliseconds. Shape: a URL of kind schedules has {asset_id} or {external_id} in its path."""

    url: Annotated[str, Field(min_length=1, max_length=MAX_URL)]
    kind: MessageKind
    event_types: Annotated[tuple[MessageType, ...], Field(min_length=1, max_length=len(MessageType))] | None = None
    timeout_ms: Annotated[StrictInt, Field(ge=MIN_TIMEOUT_MS, le=MAX_TIMEOUT_MS)] = TIMEOUT_MS
    signed_at: SignedAt = SignedAt.MACHINE
    held: StrictBool = False
    parallel: Annotated[StrictInt, Field(ge=1, le=MAX_PARALLEL)] = 1

    @model_validator(mode="after")
    def fits_its_kind(self) -> "ReceiverFields":
        known = TYPES_OF[self.kind]
        if wrong := [type for type in self.event_types or () if type not in known]:
            raise ValueError(f"event_types: a receiver of kind {self.kind} gets {', '.join(known)}, not {wrong[0]}")
        if self.kind is MessageKind.SCHEDULES and not any(place in self.url for place in NAMING):
            raise ValueError(f"url: a schedule names no asset, so the URL needs {' or '.join(NAMING)}")
        plain = self.url
        for place in PLACES if self.kind is MessageKind.SCHEDULES else ():
            plain = plain.replace(place, "")
        if "{" in plain or "}" in plain:
            raise ValueError(f"url: only {', '.join(PLACES)} are filled in, and only for a receiver of kind schedules")
        return self

    def receiver(self, name: str) -> Receiver:
        types = tuple(dict.fromkeys(self.event_types or ()))
        sent = (self.timeout_ms, self.signed_at, self.held)
        return Receiver(name, self.url, self.kind, types, *sent, parallel=self.parallel)


class ReceiverSection(ReceiverFields):
    """A receiver of a scenario. Its messages are held until `PUT receivers/NAME` gives it a secret."""

    name: ReceiverName
