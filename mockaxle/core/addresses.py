"""Addresses and postcodes: how they are compared and stored. Source: U9, U10."""

import re

_FORM = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR)([0-9][A-Z]{2})")


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
