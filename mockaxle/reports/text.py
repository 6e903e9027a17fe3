"""A server's own words, made harmless for who reads them."""

MAX_LENGTH = 2000


def visible(text: str) -> str:
    """A text without anything that a terminal would act on, or that XML has no place for."""
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return shown[:MAX_LENGTH]
