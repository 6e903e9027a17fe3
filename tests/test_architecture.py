"""The house's rules on imports, sizes and names, held as an allow-list."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mockaxle"
MODULES = sorted(PACKAGE.rglob("*.py"))

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PURE_STDLIB = {
    "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib", "heapq",
    "itertools", "re", "typing", "zoneinfo",
}  # fmt: skip
OWN = {
    "core": {"core", "limits"},
    "wire": {"core", "limits", "wire"},
    "limits": set(),
    "gunzip": set(),
    "unpacking": {"core", "exchange", "gunzip"},
    "visible": set(),
    "bounded_json": {"limits"},
    "client": {"bounded_json", "client", "gunzip", "limits", "visible"},
    "waiting": set(),
    "server": {"awkwardness", "contract", "core", "exchange", "faults", "limits", "magic_names", "passwords", "server"}
    | {"request_schemas", "unpacking", "waiting", "wire", "world"},
    "control": {
        "bearers",
        "commands",
        "contract",
        "control",
        "core",
        "exchange",
        "faults",
        "ledger",
        "limits",
        "locality",
        "log",
    }
    | {"peers", "recordings", "request_schemas", "scenarios", "settings", "slot", "swagger"}
    | {"waiting", "world", "worlds"},
    "exchange": {"core"},
    "clock": {"core"},
    "settings": {"core"},
    "locality": {"settings"},
    "nearest": set(),
    "peers": {"exchange"},
    "packaged": set(),
    "request_schemas": {"nearest", "visible"},
    "ledger": {"packaged"},
    "contract": {"core", "packaged"},
    "scenarios": {"clock", "contract", "core", "limits", "nearest", "packaged", "scenarios", "world"},
    "log": {"core", "exchange", "limits"},
    "world": {"awkwardness", "clock", "contract", "core", "exchange", "faults"},
    "awkwardness": set(),
    "faults": {"core"},
    "magic_names": {"core", "faults"},
    "commands": {"awkwardness", "clock", "commands", "core", "exchange", "faults", "limits", "scenarios"}
    | {"token_records", "world"},
    "credentials": set(),
    "token_records": {"core", "limits"},
    "token_texts": {"core", "credentials", "exchange", "slot", "world"},
    "testing": {"app", "client", "limits", "listener", "scenarios", "server", "settings", "testing", "visible"},
    "pytest_plugin": {"client", "testing", "visible"},
    "bearers": {"core", "credentials", "exchange", "slot", "slots", "token_texts"},
    "passwords": {"clock", "limits"},
    "openings": {"limits"},
    "accounts": {"clock", "core", "passwords", "scenarios", "slot"},
    "slots": {"slot"},
    "slot": {"commands", "core", "credentials", "exchange", "limits", "log", "world"},
    "recordings": {
        "awkwardness",
        "bounded_json",
        "client",
        "clock",
        "commands",
        "contract",
        "core",
        "exchange",
        "faults",
    }
    | {"limits", "recordings", "scenarios", "server", "token_records", "unpacking", "world"},
    "worlds": {
        "commands",
        "credentials",
        "limits",
        "core",
        "exchange",
        "clock",
        "settings",
        "contract",
        "scenarios",
        "server",
        "slot",
        "slots",
        "accounts",
        "bearers",
        "openings",
        "passwords",
        "log",
        "waiting",
        "world",
    },
    "reception": {
        "accounts",
        "core",
        "contract",
        "exchange",
        "ledger",
        "limits",
        "locality",
        "peers",
        "server",
        "settings",
        "worlds",
    },
    "app": {
        "clock",
        "contract",
        "control",
        "docs",
        "exchange",
        "limits",
        "locality",
        "reception",
        "scenarios",
        "server",
        "settings",
        "world",
        "worlds",
    },
    "docs": {"contract", "core", "exchange", "server", "swagger"},
    "swagger": {"packaged"},
    "postman": set(),
    "profiles": {"contract", "packaged"},
    "harness": {"client", "contract", "exchange", "harness", "limits", "packaged", "visible"},
    "reports": {"harness", "ledger", "reports", "visible"},
    "connection": {"exchange", "limits", "server", "settings"},
    "handshakes": {"connection", "limits"},
    "listener": {"connection", "handshakes", "server", "settings", "tls"},
    "tls": set(),
    "cli": {
        "app",
        "cli",
        "client",
        "clock",
        "contract",
        "core",
        "exchange",
        "listener",
        "magic_names",
        "postman",
        "profiles",
        "harness",
        "limits",
        "recordings",
        "reports",
        "scenarios",
        "peers",
        "settings",
        "tls",
        "visible",
    },
}
FOREIGN = {
    "core": {"rpds"},
    "wire": {"pydantic", "pydantic_core"},
    "server": {"jinja2", "pydantic", "pydantic_core", "python_multipart"},
    "control": {"pydantic", "pydantic_core", "starlette"},
    "app": {"starlette"},
    "commands": {"pydantic"},
    "recordings": {"pydantic"},
    "contract": {"pydantic"},
    "credentials": {"jwt"},
    "scenarios": {"pydantic", "pydantic_core", "tomli_w"},
    "connection": {"uvicorn"},
    "listener": {"uvicorn"},
    "client": {"anyio", "httpx"},
    "testing": {"anyio", "httpx"},
    "pytest_plugin": {"pytest"},
    "harness": {"httpx", "hypothesis", "requests", "schemathesis", "urllib3"},
    "tls": {"trustme"},
    "cli": {"click"},
    "reports": {"jinja2", "junitparser"},
}

MAY_SAY_ANY = {
    ("harness/answer.py", "Answer.value"),  # JSON of any server: a suite expects a value there, and tests for it
    ("harness/hooks.py", "Case"),  # a class of Schemathesis, whose parameter says nothing that a hook needs
    ("harness/reading.py", "BoundedAdapter.send"),  # passes on whatever requests passes
}


def named(module: Path) -> str:
    return str(module.relative_to(PACKAGE))


def room_of(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(module: Path) -> Iterator[str]:
    """Every name imported, also inside functions and under TYPE_CHECKING."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_allowed(name: str, room: str) -> bool:
    top, *rest = name.split(".")
    if top == "mockaxle":
        return rest[0] in OWN[room]
    if top in sys.stdlib_module_names:
        return room != "core" or top in PURE_STDLIB
    return top in FOREIGN.get(room, set())


def functions_of(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, FUNCTIONS))


def public_signatures(body: list[ast.stmt], *, of: str = "") -> Iterator[tuple[str, str]]:
    """The functions, methods, fields and aliases that other modules may use, each with its types."""
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            name, types = ast.unparse(target), ast.unparse(node)
        elif isinstance(node, FUNCTIONS):
            name, types = node.name, f"{ast.unparse(node.args)} -> {ast.unparse(node.returns or ast.Constant(None))}"
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_signatures(node.body, of=f"{node.name}.")
            continue
        else:
            continue
        if name == "__init__" or not name.startswith("_"):
            yield of + name, types


def may_take_by_position(module: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether others than us call it: Schemathesis, click, tests; or only its own module does; or it is a step."""
    if [argument.arg for argument in function.args.args][-3:] == ["world", "body", "moment"]:
        return room_of(module) == "commands"
    if module == PACKAGE / "testing" / "world.py" and function.name == "publish":
        return True
    return room_of(module) == "cli" or module == PACKAGE / "harness" / "hooks.py" or function.name.startswith("_")


def test_a_module_imports_only_what_its_room_may() -> None:
    modules = [module for module in MODULES if module != PACKAGE / "__init__.py"]
    names = [
        (named(module), name)
        for module in modules
        for name in imports_of(module)
        if not is_allowed(name, room_of(module))
    ]
    assert names == []


def test_a_module_keeps_its_size() -> None:
    lines = {module: len(module.read_text(encoding="utf-8").splitlines()) for module in MODULES}
    most = {"__init__.py": 20}
    assert [(named(module), size) for module, size in lines.items() if size > most.get(module.name, 400)] == []


def test_a_function_keeps_its_size() -> None:
    functions = [
        (named(module), f.name, (f.end_lineno or 0) - f.lineno + 1) for module in MODULES for f in functions_of(module)
    ]
    assert [(module, name, size) for module, name, size in functions if size > 30] == []


def test_after_the_first_two_arguments_all_are_named() -> None:
    functions = [(module, f) for module in MODULES for f in functions_of(module) if not may_take_by_position(module, f)]
    taken = [
        (named(module), f.name, [a.arg for a in f.args.args if a.arg not in ("self", "cls")]) for module, f in functions
    ]
    assert [(module, name, args) for module, name, args in taken if len(args) > 2] == []


def test_what_the_modules_of_a_check_hand_each_other_has_types() -> None:
    verb = [PACKAGE / "cli" / "check.py", PACKAGE / "cli" / "verdict.py"]
    untyped = {
        (named(module), name)
        for module in [*verb, *(one for one in MODULES if room_of(one) in ("harness", "reports"))]
        for name, types in public_signatures(ast.parse(module.read_text(encoding="utf-8")).body)
        if re.search(r"\bAny\b", types)
    }
    bags = {(named(module), f.name) for module in verb for f in functions_of(module) if f.args.kwarg}
    assert sorted((untyped | bags) ^ MAY_SAY_ANY) == []


def test_sub_packages_have_empty_init_files() -> None:
    assert [init for init in PACKAGE.rglob("__init__.py") if init.read_text(encoding="utf-8")] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [m for m in MODULES if m.name != "__init__.py" and not ast.get_docstring(ast.parse(m.read_text()))]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "helpers", "common", "base", "manager", "service"}
    assert [module for module in MODULES if module.stem in vague] == []


def test_only_the_command_line_prints() -> None:
    printing = [
        module
        for module in MODULES
        if room_of(module) != "cli"
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


def test_exceptions_are_never_caught_wholesale() -> None:
    wholesale = [
        (module.name, node.lineno)
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert wholesale == []
