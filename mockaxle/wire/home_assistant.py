"""The event of the Home Assistant integration; its nulls are part of it (H2)."""

from typing import Literal

from mockaxle.wire.shape import Component, Instant


class HomeAssistantEvent(Component):
    start_time: Instant | None
    end_time: Instant | None
    import_export: Literal["import", "export"] | None
    updated_at: Instant
    opted_out: bool
