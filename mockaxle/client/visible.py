"""Makes the text of others harmless to print: all that a server or a file says goes through here."""

MAX_LENGTH, MAX_LINES, MAX_URL = 2000, 120, 200


def visible(text: str, *, limit: int = MAX_LENGTH) -> str:
    """The text in one line, without anything that a terminal would act on or that XML has no place for."""
    kept = text[:limit]
    if kept.isprintable():
        return kept
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in kept)


def visible_lines(text: str) -> str:
    """The same, line by line, for a text of several lines."""
    return "\n".join(map(visible, text.splitlines()[:MAX_LINES]))


def shown_url(text: str) -> str:
    """A URL without an account and its password."""
    scheme, separator, rest = text.rpartition("://")
    authority, slash, path = rest.partition("/")
    return visible(f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}", limit=MAX_URL)
