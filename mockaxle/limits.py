"""The fixed limits of a server."""

MAX_PATTERN = 500
"""Characters of a path pattern, in a fault or an expected call."""
