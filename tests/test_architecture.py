"""The house's rules on imports, sizes and names, held as an allow-list."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mockaxle"
MODULES = sorted(PACKAGE.rglob("*.py"))

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PURE_STDLIB = {
    "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib", "heapq",
    "hmac", "itertools", "json", "re", "typing", "zlib", "zoneinfo",
}  # fmt: skip
OWN = {
    "core": set(),
    "wire": {"core"},
    "client": {"core"},
    "contract": {"client"},
    "scenarios": {"contract", "core"},
    "world": {"contract", "core", "scenarios"},
    "server": {"contract", "core", "wire", "world"},
    "recordings": {"client", "contract", "core", "scenarios", "server", "world"},
    "journals": {"core", "world"},
    "serving": {"contract", "core", "scenarios", "server", "wire", "world"},
    "deliveries": {"core", "world"},
    "control": {"contract", "core", "recordings", "scenarios", "serving", "world"},
    "inspector": {"contract", "control", "core", "recordings", "serving", "world"},
    "harness": {"client", "contract", "core", "recordings", "world"},
    "lasting": {"control", "inspector", "journals", "recordings", "scenarios", "serving", "world"},
    "app": {
        "contract",
        "control",
        "core",
        "deliveries",
        "inspector",
        "lasting",
        "scenarios",
        "server",
        "serving",
        "world",
    },
    "testing": {"app", "client", "core", "scenarios", "serving", "world"},
    "cli": {
        "app",
        "client",
        "contract",
        "core",
        "deliveries",
        "harness",
        "journals",
        "lasting",
        "recordings",
        "scenarios",
        "server",
        "serving",
        "world",
    },
    "pytest_plugin": set(),
}
"""The rooms from the ground up: each with those below it that it may import, besides itself."""

FOREIGN = {
    "core": {"rpds"},
    "wire": {"pydantic", "pydantic_core"},
    "client": {"anyio", "httpx"},
    "scenarios": {"pydantic", "pydantic_core", "tomli_w"},
    "world": {"pydantic"},
    "server": {"jinja2", "pydantic", "pydantic_core", "python_multipart"},
    "recordings": {"pydantic"},
    "deliveries": {"httpx"},
    "serving": {"jwt", "pydantic_core", "trustme", "uvicorn"},
    "journals": {"asyncpg", "pydantic", "uvloop"},
    "control": {"pydantic", "pydantic_core", "starlette"},
    "inspector": {"jinja2", "markupsafe", "starlette"},
    "harness": {"httpx", "hypothesis", "jinja2", "jsonschema_rs", "junitparser", "requests", "schemathesis", "urllib3"},
    "lasting": {"starlette"},
    "app": {"starlette"},
    "testing": {"anyio", "httpx", "pytest"},
    "cli": {"click"},
}

MIRRORED = {
    *("DailyWindow", "SingleWindow"),  # of the market, and of a scenario
    *("HomeAssistantEvent", "Intent", "Tariff"),  # in the core, and on the wire by the vendor's name
    *("Log", "Market", "Snapshot", "World"),  # a world's, and a test's handles of them
}
"""The names of classes that two rooms have for the same thing."""

MAY_SAY_ANY = {
    ("harness/answer.py", "Answer.value"),  # JSON of any server: a suite expects a value there, and tests for it
    ("harness/hooks.py", "Case"),  # a class of Schemathesis, whose parameter says nothing that a hook needs
    ("harness/answer_limits.py", "BoundedAdapter.send"),  # passes on whatever requests passes
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
        return rest[0] == room or rest[0] in OWN[room]
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
        return module.is_relative_to(PACKAGE / "world" / "commands")
    if room_of(module) == "testing" and function.name in ("publish", "receiver", "wait_for"):
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


def test_every_row_of_the_allow_list_is_used() -> None:
    used = {
        (room_of(module), name.split(".")[name.startswith("mockaxle.")])
        for module in MODULES
        for name in imports_of(module)
    }
    rows = [(room, name) for table in (OWN, FOREIGN) for room, names in table.items() for name in sorted(names)]
    assert [row for row in rows if row not in used] == []


def test_a_room_imports_only_those_below_it() -> None:
    floors = list(OWN)
    assert [(room, name) for room in floors for name in OWN[room] if floors.index(name) >= floors.index(room)] == []
    assert sorted({room_of(module) for module in MODULES} - {"__init__"}) == sorted(floors)


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
        for module in [*verb, *(one for one in MODULES if room_of(one) == "harness")]
        for name, types in public_signatures(ast.parse(module.read_text(encoding="utf-8")).body)
        if re.search(r"\bAny\b", types)
    }
    bags = {(named(module), f.name) for module in verb for f in functions_of(module) if f.args.kwarg}
    assert sorted((untyped | bags) ^ MAY_SAY_ANY) == []


def test_sub_packages_have_empty_init_files() -> None:
    assert [init for init in PACKAGE.glob("*/**/__init__.py") if init.read_text(encoding="utf-8")] == []


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


def test_a_class_name_occurs_once_but_where_rooms_mirror_each_other() -> None:
    found = Counter(
        node.name
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert {name for name, times in found.items() if times > 1} == MIRRORED


def test_exceptions_are_never_caught_wholesale() -> None:
    wholesale = [
        (module.name, node.lineno)
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert wholesale == []


def test_the_tree_of_the_architecture_page_is_that_of_the_folders() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = re.findall(r"^( +)([a-z_]+(?:/|\.py)) ", text.split("```")[1], re.MULTILINE)
    rooms = [name.rstrip("/").removesuffix(".py") for indent, name in tree if len(indent) == 2]
    inner = {name.rstrip("/") for indent, name in tree if len(indent) == 4}
    assert rooms == [room for room in OWN if room != "pytest_plugin"] + ["pytest_plugin"]
    folders = {folder.parent.name for folder in PACKAGE.glob("*/*/__init__.py")}
    assert inner == folders
    assert len(text.splitlines()) <= 150
