"""A body for each control call that takes one, which works as it stands in a new world."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Any] = {
    "POST /reset": {},
    "PUT /scenario": {"settings": {"pause_minutes": 60}},
    "PATCH /settings": {"pause_minutes": 60},
    "POST /accounts": {"username": "demo-reader", "kind": "read_only", "password": "secret"},
    "PUT /clock": {"at": "2030-01-20T12:00:00Z", "rate": 0},
    "POST /clock/advance": {"by": "61m"},
    "POST /market/windows": {
        "from_time": "03:00",
        "to_time": "05:00",
        "timezone": "Europe/London",
        "price_gbp_per_mwh": 250,
    },
    "PATCH /market/windows/{id}": {"price_gbp_per_mwh": 120},
    "POST /market/prices": {"prices": [{"at": "2030-01-20T18:00:00Z", "price_gbp_per_mwh": 250}]},
    "POST /home-assistant-events": {
        "start_time": "2030-01-20T17:00:00Z",
        "end_time": "2030-01-20T17:30:00Z",
        "import_export": "export",
    },
    "PATCH /home-assistant-events/{id}": {"opted_out": True},
    "POST /faults": {"kind": "status", "status": 503, "operation": "GET /entities/site", "count": 1},
    "PUT /awkwardness": {"kinds": ["extra"]},
    "POST /tokens/revoke": {"username": "demo-reader"},
    "POST /snapshots": {"name": "evening"},
    "POST /snapshots/{name}/restore": {},
    "POST /fork": {},
    "POST /rewind": {"before": 1},
    "POST /verify": {"calls": [{"operation": "POST /auth/token-form", "at_least": 1}]},
}

PLACES: Mapping[str, str] = {"name": "evening", "number": "1", "world": "demo"}
"""Values of a path's names."""

IDS: Mapping[str, str] = {"market": "night", "faults": "f1", "home-assistant-events": "ha1"}
"""What an id is called in each subject."""
