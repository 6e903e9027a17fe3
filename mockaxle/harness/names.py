"""Names and ids that requests and answers share."""

NOBODY = "00000000-0000-0000-0000-000000000000"
"""The id of no site and of no asset."""

CONSENTED = "gave_boundary_meter_consent_at"
"""The field with the instant of a consent."""
