"""Addresses and postcodes: how they are compared and stored. Source: U9, U10."""

import re

_FORM = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR)([0-9][A-Z]{2})")
_WITHIN = re.compile(r"\b(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR) ?[0-9][A-Z]{2}\b", re.ASCII)


def postcode_key(text: str) -> str:
    """Equal for postcodes that are the same: upper-case without spaces."""
    return "".join(text.split()).upper()


def stored_postcode(text: str) -> str:
    """Upper-case with one space; what is not of a UK postcode's form is trimmed and upper-cased."""
    match = _FORM.fullmatch(postcode_key(text))
    return f"{match[1]} {match[2]}" if match else text.strip().upper()


def street_key(text: str) -> str:
    """Equal for street addresses that differ in case and runs of spaces only."""
    return " ".join(text.split()).casefold()


def address_key(postcode: str, street_address: str) -> str:
    """Equal for the same postcode and street address."""
    return f"{postcode_key(postcode)} {street_key(street_address)}"


def parted(address: str) -> tuple[str, str]:
    """The key of an address without its last postcode, and that postcode's key, or nothing. Source: Q11."""
    text = _spaced(address)
    found = list(_WITHIN.finditer(text))
    if not found:
        return street_key(text), ""
    start, end = found[-1].span()
    return street_key(text[:start] + text[end:]), postcode_key(text[start:end])


def begins_with_number_or_name(address: str) -> bool:
    """And not with its postcode. Source: Q11."""
    return address.strip()[:1].isalnum() and _WITHIN.match(_spaced(address)) is None


def _spaced(address: str) -> str:
    return " ".join(address.replace(",", " ").split()).upper()
