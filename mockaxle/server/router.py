"""Finds the operation of a path: a trie in which literals win over templates, with back-tracking. Source: G8."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from mockaxle.contract import Operation
from mockaxle.core.errors import MisplacedSlash, NoSuchPath, WrongVerb
from mockaxle.limits import MAX_REMEMBERED_PATH

REMEMBERED = 256  # a request is routed when it comes in and again when it is applied


@dataclass(frozen=True, slots=True)
class Route:
    """An operation and the decoded values of its path's templates."""

    operation: Operation
    values: Mapping[str, str]


@dataclass(slots=True)
class Node:
    literals: "dict[str, Node]" = field(default_factory=dict)
    template: "Node | None" = None
    operations: dict[str, Operation] = field(default_factory=dict)


class Router:
    """Segments are parted before they are decoded, so an encoded slash belongs to its segment."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = Node()
        for operation in operations:
            self._add(operation)
        self._remember = lru_cache(maxsize=REMEMBERED)(self._find)

    def find(self, verb: str, path: str) -> Route:
        """The route of a verb and a path. Raises: NoSuchPath, MisplacedSlash, WrongVerb."""
        return self._remember(verb, path) if len(path) <= MAX_REMEMBERED_PATH else self._find(verb, path)

    def _find(self, verb: str, path: str) -> Route:
        found = self._match(path)
        if found is None:
            other = path[:-1] if path.endswith("/") else path + "/"
            if self._match(other) is None:
                raise NoSuchPath(path)
            raise MisplacedSlash(other)
        node, values = found
        operation = node.operations.get(verb)
        if operation is None:
            raise WrongVerb(tuple(node.operations))
        names = (segment[1:-1] for segment in operation.path.split("/") if segment.startswith("{"))
        return Route(operation, dict(zip(names, values, strict=True)))

    def _add(self, operation: Operation) -> None:
        node = self._root
        for segment in operation.path.split("/")[1:]:
            if segment.startswith("{"):
                node.template = node.template or Node()
                node = node.template
            else:
                node = node.literals.setdefault(segment, Node())
        node.operations[operation.verb] = operation

    def _match(self, path: str) -> tuple[Node, tuple[str, ...]] | None:
        first, *segments = path.split("/")
        if first:
            return None
        return _descend(self._root, [unquote(s) if "%" in s else s for s in segments], ())


def _descend(node: Node, segments: list[str], values: tuple[str, ...]) -> tuple[Node, tuple[str, ...]] | None:
    if not segments:
        return (node, values) if node.operations else None
    segment, *rest = segments
    literal = node.literals.get(segment)
    found = _descend(literal, rest, values) if literal else None
    if found is None and node.template and segment:
        found = _descend(node.template, rest, (*values, segment))
    return found
