"""Converts a document to a Postman collection. Its first request stores the token for all others."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
FORM = "application/x-www-form-urlencoded"
LOG_IN = "/auth/token-form"
STORES_TOKEN = 'pm.collectionVariables.set("token", pm.response.json().access_token);'
STORES_IDS = {
    "POST /entities/site/onboard": (
        'if (pm.response.code === 200) { const done = pm.response.json(); pm.collectionVariables.set("site_id", '
        'done.site.site_id); pm.collectionVariables.set("asset_id", done.assets[0].asset_id); }'
    ),
    "GET /meter/search": (
        "if (pm.response.code === 200 && pm.response.json().length) "
        '{ pm.collectionVariables.set("meter_ref", pm.response.json()[0].ref); }'
    ),
}
VALUES = {
    "event_id": "event-1",
    "external_id": "wallbox-7",
    "provider": "volvo",
    "mpan": "1000000000012",
    "postcode": "SW1A 1AA",
    "address": "2 Mall Cottages, London, SW1A 1AA",
    "redirect_uri": "https://app.example/back",
}
ENDINGS = "Endings"
STORED = ("token", "site_id", "asset_id", "meter_ref")
FIRST = ("POST /entities/site/onboard",)


def collection(document: Mapping[str, Any], *, base_url: str) -> dict[str, Any]:
    """Make the collection as JSON data: log-in, requests that store ids, all others by tag, deletions last."""
    items = sorted(_operations(document), key=lambda one: (one[1] != LOG_IN, f"{one[0]} {one[1]}" not in FIRST))
    head = [_request(verb, path, body) for verb, path, body in items if _comes_first(verb, path)]
    folders: dict[str, list[Any]] = {}
    for verb, path, body in sorted(items, key=lambda one: _ends(one[0], one[1])):
        if not _comes_first(verb, path):
            folder = ENDINGS if _ends(verb, path) else body["tags"][0]
            folders.setdefault(folder, []).append(_request(verb, path, body))
    variables = {"base_url": base_url, "username": "demo", "password": "demo", **dict.fromkeys(STORED, "")}
    return {
        "info": {"name": document["info"]["title"], "description": document["info"]["description"], "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
        "variable": [{"key": key, "value": value} for key, value in variables.items()],
        "item": [*head, *({"name": tag, "item": requests} for tag, requests in folders.items())],
    }


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, body in verbs.items():
            yield verb.upper(), path, body


def _comes_first(verb: str, path: str) -> bool:
    return path == LOG_IN or f"{verb} {path}" in FIRST


def _ends(verb: str, path: str) -> bool:
    """Tell whether the stored ids are invalid after this operation."""
    return verb == "DELETE" or path.endswith("/offboard-site-and-assets")


def _request(verb: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    is_log_in = path == LOG_IN
    script = STORES_TOKEN if is_log_in else STORES_IDS.get(f"{verb} {path}")
    request: dict[str, Any] = {
        "method": verb,
        "description": operation["description"],
        "url": _url(path, operation),
        **({"auth": {"type": "noauth"}} if is_log_in else {}),
        **_body(operation, is_log_in=is_log_in),
    }
    item = {"name": "Authenticate" if is_log_in else operation["summary"], "request": request}
    return {**item, "event": [_after(script)]} if script else item


def _after(script: str) -> dict[str, Any]:
    return {"listen": "test", "script": {"type": "text/javascript", "exec": [script]}}


def _url(path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    """Build a URL. Ids stored by other requests are variables; other parameters have an example value."""
    filled = re.sub(r"{(\w+)}", lambda match: VALUES.get(match[1]) or "{{" + match[1] + "}}", path)
    asked = (p for p in operation.get("parameters", ()) if p["in"] == "query" and p.get("required"))
    needed = {parameter["name"]: VALUES[parameter["name"]] for parameter in asked}
    url: dict[str, Any] = {"raw": "{{base_url}}" + filled, "host": ["{{base_url}}"], "path": filled[1:].split("/")}
    if needed:
        url["raw"] += f"?{urlencode(needed)}"
        url["query"] = [{"key": key, "value": value} for key, value in needed.items()]
    return url


def _body(operation: Mapping[str, Any], *, is_log_in: bool) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    if FORM in content:
        form = {"username": "{{username}}", "password": "{{password}}"} if is_log_in else content[FORM]["example"]
        fields = [{"key": key, "value": value, "type": "text"} for key, value in form.items()]
        return {"body": {"mode": "urlencoded", "urlencoded": fields}}
    if not content:
        return {}
    example = json.dumps(content["application/json"]["example"], indent=1)
    example = re.sub(r'"(site_id|asset_id)": "[0-9a-f-]{36}"', r'"\1": "{{\1}}"', example)
    body = {"mode": "raw", "raw": example, "options": {"raw": {"language": "json"}}}
    return {"header": [{"key": "Content-Type", "value": "application/json"}], "body": body}
