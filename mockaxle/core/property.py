"""The identity of a property: MPAN, postcode and street address. Source: Q10, U9, U10."""

import re

MPAN = re.compile(r"[0-9]{13}")
WEIGHTS = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR)([0-9][A-Z]{2})")
_WITHIN = re.compile(r"\b(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR) ?[0-9][A-Z]{2}\b", re.ASCII)


def check_digit(twelve: str) -> str:
    """Compute the thirteenth digit from the first twelve. Source: Q10."""
    return str(sum([weight * int(digit) for weight, digit in zip(WEIGHTS, twelve, strict=True)]) % 11 % 10)


def postcode_key(text: str) -> str:
    """Return a key that is equal for equal postcodes: upper-case, without spaces."""
    return "".join(text.split()).upper()


def stored_postcode(text: str) -> str:
    """Spell a postcode in upper case with one space. Other texts are trimmed and put in upper case."""
    match = _POSTCODE.fullmatch(postcode_key(text))
    return f"{match[1]} {match[2]}" if match else text.strip().upper()


def street_key(text: str) -> str:
    """Return a key that is equal for street addresses that differ only in case and runs of spaces."""
    return " ".join(text.split()).casefold()


def address_key(postcode: str, street_address: str) -> str:
    """Return a key that is equal for the same postcode and street address."""
    return f"{postcode_key(postcode)} {street_key(street_address)}"


def parted(address: str) -> tuple[str, str]:
    """Split an address into the key of its street and that of its last postcode, which may be empty. Source: Q11."""
    text = _spaced(address)
    found = list(_WITHIN.finditer(text))
    if not found:
        return street_key(text), ""
    start, end = found[-1].span()
    return street_key(text[:start] + text[end:]), postcode_key(text[start:end])


def begins_with_number_or_name(address: str) -> bool:
    """Tell whether an address begins with a number or name, and not with its postcode. Source: Q11."""
    return address.strip()[:1].isalnum() and _WITHIN.match(_spaced(address)) is None


def _spaced(address: str) -> str:
    return " ".join(address.replace(",", " ").split()).upper()
