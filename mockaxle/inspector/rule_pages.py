"""The rules as pages, open to everybody, since they hold no data; as JSON for callers that ask for it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mockaxle.contract.document import load_contract
from mockaxle.contract.ledger import GRADES, PARTS, Rule, load_ledger, tests_by_rule
from mockaxle.contract.nearest import closest
from mockaxle.inspector.rendering import HEADERS
from mockaxle.inspector.visits import Visit


async def show_rules(visit: Visit) -> Response:
    rules = [_described(rule) for rule in load_ledger().values()]
    if _wants_json(visit.request):
        return JSONResponse({"rules": rules}, headers=HEADERS)
    parts = [(name, [rule for rule in rules if rule["id"][0] == letter]) for letter, name in PARTS.items()]
    return await visit.shown("rules.html", {"parts": parts, "grades": GRADES}, current="rules")


async def show_rule(visit: Visit) -> Response:
    id = visit.request.path_params["id"]
    rule = load_ledger().get(id.upper())
    if rule is None:
        return await _no_rule(visit, id)
    found = {**_described(rule), "operations": list(operations_of(rule))}
    if _wants_json(visit.request):
        return JSONResponse(found, headers=HEADERS)
    return await visit.shown("rule.html", {"rule": found, "grades": GRADES}, current="rules")


async def _no_rule(visit: Visit, id: str) -> Response:
    nearest = closest(id, load_ledger())
    text = f"There is no rule {id!r:.60}. " + (f"Did you mean {nearest}?" if nearest else "The list has them all.")
    if _wants_json(visit.request):
        return JSONResponse({"detail": text}, 404, HEADERS)
    back = f"{visit.pages}/rules"
    return await visit.shown("refused.html", {"title": "No such rule", "text": text, "back": back}, status=404)


def _described(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "grade": rule.grade,
        "source": "; ".join(GRADES[grade] for grade in rule.grade.split("+")),
        "quoted_by_others": bool(rule.source),
        "built": rule.built or rule.kind == "fact",
        "statement": rule.statement.strip(),
        "statements": [{"id": one.id, "grade": one.grade, "says": one.says} for one in rule.statements],
        "tests": list(tests_by_rule().get(rule.id, ())),
    }


def operations_of(rule: Rule) -> tuple[str, ...]:
    """Return the operations of the API that a rule names by their paths."""
    words = rule.statement.replace("`", " ")
    return tuple(one.key for one in load_contract().operations if _names(words, one.path))


def _names(text: str, path: str) -> bool:
    """Tell whether a text has a path as a whole, not as the beginning of a longer one."""
    at = text.find(path)
    while at >= 0:
        after = text[at + len(path) : at + len(path) + 1]
        if not (after.isalnum() or (after in "/_-{" and after)):
            return True
        at = text.find(path, at + 1)
    return False


def _wants_json(request: Request) -> bool:
    """Tell whether a caller asks for JSON rather than for a page."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept
