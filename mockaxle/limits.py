"""The fixed limits of a server."""

MAX_HOME_ASSISTANT_EVENTS = 1_000
"""Home Assistant events of a world, ended ones included."""

MAX_LASTING_TOKENS = 1_000
"""Tokens of a world that never expire; beyond it the oldest one is revoked."""

MAX_PATTERN = 500
"""Characters of a path pattern, in a fault or an expected call."""
