"""Finds the operation of a path, by a trie in which literals win over templates. Source: G8."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from mockaxle.contract.document import Operation
from mockaxle.core.errors import MisplacedSlash, NoSuchPath, WrongVerb


@dataclass(slots=True)
class Node:
    literals: "dict[str, Node]" = field(default_factory=dict)
    template: "Node | None" = None
    operations: dict[str, Operation] = field(default_factory=dict)


class Router:
    """Splits a path into segments before decoding, so that an encoded slash belongs to its segment."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = Node()
        self._untemplated: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            self._add(operation)

    def find(self, verb: str, path: str) -> Operation:
        """Find the operation of a verb and a path. Raises: NoSuchPath, MisplacedSlash, WrongVerb."""
        operations = self._match(path)
        if operations is None:
            other = path[:-1] if path.endswith("/") else path + "/"
            if self._match(other) is None:
                raise NoSuchPath(path)
            raise MisplacedSlash(other)
        operation = operations.get(verb)
        if operation is None:
            raise WrongVerb(tuple(operations))
        return operation

    def _add(self, operation: Operation) -> None:
        node = self._root
        for segment in operation.path.split("/")[1:]:
            if segment.startswith("{"):
                node.template = node.template or Node()
                node = node.template
            else:
                node = node.literals.setdefault(segment, Node())
        node.operations[operation.verb] = operation
        if not operation.places:
            self._untemplated[operation.path] = node.operations

    def _match(self, path: str) -> Mapping[str, Operation] | None:
        """Find the operations of a path by verb. The first of the matching nodes has the earliest literal."""
        if path in self._untemplated:
            return self._untemplated[path]
        first, *segments = path.split("/")
        fitting = [] if first else [self._root]
        for segment in segments:
            text = unquote(segment) if "%" in segment else segment
            before, fitting = fitting, []
            for node in before:
                if text in node.literals:
                    fitting.append(node.literals[text])
                if node.template and text:
                    fitting.append(node.template)
            if not fitting:
                return None
        for node in fitting:
            if node.operations:
                return node.operations
        return None


def path_values(operation: Operation, path: str) -> dict[str, str]:
    """Return the decoded values in a path of the operation, by name."""
    segments, values = path.split("/"), {}
    for place, name in operation.places:
        text = segments[place]
        values[name] = unquote(text) if "%" in text else text
    return values
