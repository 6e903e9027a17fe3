"""The JSON Schema of scenario files, for editors."""

import json

from mockaxle.scenarios.sections import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> str:
    """Write the schema as a file: fixtures/scenario.schema.json."""
    schema = {"$schema": DIALECT, **Scenario.model_json_schema(mode="validation")}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
