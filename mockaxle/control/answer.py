"""The base of the shapes in which control answers."""

from pydantic import BaseModel, ConfigDict


class ControlAnswer(BaseModel):
    """Shape: a key with a default may be absent."""

    model_config = ConfigDict(extra="forbid", defer_build=True)
