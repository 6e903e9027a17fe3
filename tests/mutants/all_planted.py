"""Every mutant, whichever file it is in."""

from tests.mutants import of_auth, of_conformance, of_idempotency, of_journeys, of_lifecycle, of_optimiser
from tests.mutants.planting import MUTANTS

ROOMS = (of_auth, of_conformance, of_idempotency, of_journeys, of_lifecycle, of_optimiser)
__all__ = ["MUTANTS", "ROOMS"]
