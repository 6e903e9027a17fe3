"""The address that look-ups are tried with, and the operations that need it."""

from mockaxle.harness.operations import METER_BY_ADDRESS, METER_BY_ADDRESS_OLDER, METER_BY_REF, METER_BY_REF_OLDER

POSTCODE = "SW1A 1AA"
NEED_A_METER = frozenset((METER_BY_ADDRESS, METER_BY_ADDRESS_OLDER, METER_BY_REF_OLDER))
"""Look-ups that succeed only for an address with a meter."""

NEED_AN_ADDRESS = NEED_A_METER | {METER_BY_REF}
