"""Makes texts of servers and files safe to print."""

MAX_LENGTH, MAX_LINES, MAX_URL = 2000, 120, 200


def visible(text: str, *, limit: int = MAX_LENGTH) -> str:
    """Put a text in one line, without control characters of terminals and characters that XML forbids."""
    kept = text[:limit]
    if kept.isprintable():
        return kept
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in kept)


def visible_lines(text: str) -> str:
    """Make each line of a text visible."""
    return "\n".join(map(visible, text.splitlines()[:MAX_LINES]))


def shown_url(text: str) -> str:
    """Remove account and password from a URL."""
    scheme, separator, rest = text.rpartition("://")
    authority, slash, path = rest.partition("/")
    return visible(f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}", limit=MAX_URL)
