"""Makes the text of others harmless to print: all that a server or a file says goes through here."""

MAX_LENGTH = 2000


def visible(text: str, *, limit: int = MAX_LENGTH) -> str:
    """The text in one line, without anything that a terminal would act on or that XML has no place for."""
    kept = text[:limit]
    if kept.isprintable():
        return kept
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in kept)
