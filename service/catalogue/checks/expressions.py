"""The part of CEL that packs may use, read into a tree, so that every literal in a condition can be looked at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<integer>\d+)|(?P<name>[A-Za-z_]\w*)
    |(?P<sign>==|!=|<=|>=|&&|\|\||[<>!?:()\[\],.+*-]))""",
    re.VERBOSE,
)
LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*",))
COMPREHENSIONS = frozenset({"map", "filter", "exists", "all"})
METHODS = frozenset({"startsWith", "endsWith", "contains", "size"})
FUNCTIONS = frozenset({"size", "string"})
KEYWORDS = {"true": True, "false": False, "null": None}


class NotInSubset(ValueError):
    """The expression uses something that packs may not."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression.

    `kind` is literal, list, name, field, call, method, comprehension, not, negative, choose or an operator's sign;
    `text` the name, field, function or comprehension; `literal` a literal's value; `variable` a comprehension's own.
    """

    kind: str
    parts: tuple["Node", ...] = ()
    text: str = ""
    literal: str | int | bool | None = None
    variable: str = ""


def parse(source: str) -> Node:
    """Read an expression; NotInSubset says what packs may not write."""
    reader = _Reader(list(_tokens(source)))
    tree = reader.choice()
    if reader.sign:
        raise NotInSubset(f"{reader.sign!r} is out of place")
    return tree


def free_names(node: Node, bound: frozenset[str] = frozenset()) -> set[str]:
    """Return the names an expression reads, without the variables of its own comprehensions."""
    if node.kind == "name":
        return set() if node.text in bound else {node.text}
    if node.kind == "comprehension":
        rows, body = node.parts
        return free_names(rows, bound) | free_names(body, bound | {node.variable})
    return {name for part in node.parts for name in free_names(part, bound)}


def literals(node: Node) -> Iterator[str | int | bool | None]:
    """Return every literal of an expression."""
    if node.kind == "literal":
        yield node.literal
    for part in node.parts:
        yield from literals(part)


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    place, source = 0, source.strip()
    while place < len(source):
        token = TOKEN.match(source, place)
        if token is None:
            raise NotInSubset(f"{source[place:].strip()[:12]!r} is not in the part of CEL that packs use")
        yield str(token.lastgroup), token.group(str(token.lastgroup))
        place = token.end()


class _Reader:
    """Reads one expression by recursive descent, loosest operator first."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0

    @property
    def sign(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def take(self, wanted: str = "") -> tuple[str, str]:
        if not self.sign or (wanted and self.sign != wanted):
            raise NotInSubset(f"{wanted or 'something'!r} is missing before {self.sign or 'the end'!r}")
        self.place += 1
        return self.tokens[self.place - 1]

    def choice(self) -> Node:
        condition = self.binary(0)
        if self.sign != "?":
            return condition
        self.take("?")
        chosen = self.choice()
        self.take(":")
        return Node("choose", (condition, chosen, self.choice()))

    def binary(self, level: int) -> Node:
        if level == len(LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.sign in LEVELS[level]:
            _, operator = self.take()
            left = Node(operator, (left, self.binary(level + 1)))
        return left

    def unary(self) -> Node:
        if self.sign == "!":
            self.take()
            return Node("not", (self.unary(),))
        if self.sign == "-":
            self.take()
            return Node("negative", (self.unary(),))
        return self.suffixes(self.primary())

    def primary(self) -> Node:
        kind, text = self.take()
        if kind == "string":
            return Node("literal", literal=re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "integer":
            return Node("literal", literal=int(text))
        if text == "(":
            inner = self.choice()
            self.take(")")
            return inner
        if text == "[":
            return Node("list", self.arguments("]"))
        if kind != "name":
            raise NotInSubset(f"{text!r} is out of place")
        if text in KEYWORDS:
            return Node("literal", literal=KEYWORDS[text])
        return self.function(text) if self.sign == "(" else Node("name", text=text)

    def function(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise NotInSubset(f"packs have no function {name}()")
        self.take("(")
        return Node("call", self.arguments(")"), text=name)

    def suffixes(self, node: Node) -> Node:
        while self.sign in (".", "["):
            if self.take()[1] == "[":
                node = Node("index", (node, self.choice()))
                self.take("]")
                continue
            kind, name = self.take()
            if kind != "name":
                raise NotInSubset(f"{name!r} is not a field")
            node = self.method(node, name) if self.sign == "(" else Node("field", (node,), text=name)
        return node

    def method(self, target: Node, name: str) -> Node:
        self.take("(")
        if name in COMPREHENSIONS:
            _, variable = self.take()
            self.take(",")
            body = self.choice()
            self.take(")")
            return Node("comprehension", (target, body), text=name, variable=variable)
        if name not in METHODS:
            raise NotInSubset(f"packs have no method .{name}()")
        return Node("method", (target, *self.arguments(")")), text=name)

    def arguments(self, closing: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while self.sign != closing:
            if found:
                self.take(",")
            found.append(self.choice())
        self.take(closing)
        return tuple(found)
