"""The JSON Schema of scenario files, for editors."""

import json

from mockaxle.scenarios.sections import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> str:
    """The schema as a file; fixtures/scenario.schema.json is this text."""
    schema = {"$schema": DIALECT, **Scenario.model_json_schema(mode="validation")}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
