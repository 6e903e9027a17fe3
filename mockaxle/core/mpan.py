"""MPANs: a meter point's thirteen digits, the last of which checks the others."""

import re

FORM = re.compile(r"[0-9]{13}")
WEIGHTS = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def check_digit(twelve: str) -> str:
    """The thirteenth digit for the first twelve. Source: Q10."""
    return str(sum(weight * int(digit) for weight, digit in zip(WEIGHTS, twelve, strict=True)) % 11 % 10)
