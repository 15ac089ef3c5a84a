"""Can some item hold each literal a condition compares with? A mistyped option is silently false in CEL."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.catalogue.checks.expressions import Node
from service.catalogue.checks.grounds import Grounds
from service.catalogue.checks.names import WHOLE_NUMBER, YES_OR_NO, Reading
from service.catalogue.inventories import accepts
from service.catalogue.values import Value, value_of

TEXT = value_of({"type": "string", "max_length": 100_000})
EQUALITY = ("==", "!=")
ORDER = ("<", "<=", ">", ">=")
DURATION_PARTS = frozenset({"years", "months", "weeks", "days"})


def literal_faults(grounds: Grounds, reading: Reading) -> list[str]:
    """Return what is wrong with the literals of one condition and with the shapes they stand in."""
    walk = _Walk(reading.values, strict=reading.sound)
    result = walk.visit(reading.tree, {})
    if reading.use.role in ("asked_when", "required_when", "refused_when") and not _may_be(result, "boolean"):
        walk.faults.append("must be true or false")
    for literal in _results(reading.tree):
        reason = _result_fault(grounds, reading, literal)
        if reason:
            walk.faults.append(f"gives {literal!r}, {reason}")
    return [reading.use.fault(fault) for fault in walk.faults]


def _may_be(value: Value | None, *kinds: str) -> bool:
    return value is None or value.kind in kinds


def _results(node: Node) -> list[str]:
    """The texts an expression can give as its answer, or as a code in a list it gives."""
    if node.kind == "literal":
        return [node.literal] if isinstance(node.literal, str) else []
    if node.kind == "choose":
        return [*_results(node.parts[1]), *_results(node.parts[2])]
    if node.kind == "list" or (node.kind == "+" and any(part.kind == "list" for part in node.parts)):
        return [text for part in node.parts for text in _results(part)]
    if node.kind == "comprehension" and node.text == "map":
        return _results(node.parts[1])
    return []


def _result_fault(grounds: Grounds, reading: Reading, literal: str) -> str | None:
    question, role = reading.use.question, reading.use.role
    if role == "derive" and question is not None and question.value.options:
        return None if literal in question.value.options else "which is not one of its options"
    if role == "writes":
        row = grounds.rows.get(reading.use.key.removeprefix("writes."))
        if row is not None and row.listed and not row.open and not row.type.startswith("list<"):
            return accepts(row, [literal] if row.type.startswith("multi") else literal)
    return None


@dataclass
class _Walk:
    """Goes through a tree, saying what each part holds (None for what cannot be told) and noting misfits."""

    values: Mapping[str, Value]
    strict: bool
    faults: list[str] = field(default_factory=list)

    def visit(self, node: Node, bound: Mapping[str, Value | None]) -> Value | None:
        """Return what a part of the expression holds."""
        if node.kind == "name":
            return bound[node.text] if node.text in bound else self.values.get(node.text)
        if node.kind == "literal":
            return _of_literal(node)
        if node.kind == "comprehension":
            return self._comprehension(node, bound)
        parts = [self.visit(part, bound) for part in node.parts]
        if node.kind in ("field", "index"):
            return self._field(node, parts[0])
        return self._operation(node, parts)

    def _operation(self, node: Node, parts: list[Value | None]) -> Value | None:
        if node.kind in (*EQUALITY, *ORDER):
            return self._comparison(node, parts)
        return self._membership(node, parts) if node.kind == "in" else self._other(node, parts)

    def _comprehension(self, node: Node, bound: Mapping[str, Value | None]) -> Value | None:
        rows = self.visit(node.parts[0], bound)
        if not _may_be(rows, "list", "choices", "choice_by"):
            self.faults.append(f".{node.text}() goes through something that is not a list")
        body = self.visit(node.parts[1], {**bound, node.variable: _element(rows)})
        if node.text in ("exists", "all", "filter") and not _may_be(body, "boolean"):
            self.faults.append(f".{node.text}() needs a condition that is true or false")
        return {"filter": rows, "map": None}.get(node.text, YES_OR_NO)

    def _comparison(self, node: Node, parts: list[Value | None]) -> Value:
        left, right = node.parts
        if node.kind in EQUALITY:
            self._literal(left, parts[1])
            self._literal(right, parts[0])
        ordered = all(_may_be(part, "integer", "date") for part in parts)
        if node.kind in ORDER and not ordered:
            self.faults.append(f"{node.kind} compares something that is neither a number nor a date")
        kinds = {part.kind for part in parts if part is not None}
        if (
            node.kind in ORDER
            and kinds == {"integer", "date"}
            and not any(part.kind == "literal" for part in node.parts)
        ):
            self.faults.append(f"{node.kind} compares a date with a number")
        return YES_OR_NO

    def _membership(self, node: Node, parts: list[Value | None]) -> Value:
        left, right = node.parts
        if right.kind == "list":
            for entry in right.parts:
                self._literal(entry, parts[0])
        elif not _may_be(parts[1], "choices", "list", "choice_by"):
            self.faults.append("`in` looks into something that is not a list")
        elif left.kind == "literal":
            self._literal(left, _element(parts[1]))
        return YES_OR_NO

    def _literal(self, node: Node, against: Value | None) -> None:
        """Note a literal that what it is compared with can never hold."""
        if node.kind == "literal" and node.literal is None:
            self.faults.append("compares with null: compare with the option instead")
        elif node.kind == "literal" and against is not None and against.faults(node.literal, ""):
            self.faults.append(f"compares with {node.literal!r}, which it can never be")
        elif self.strict and node.kind == "literal" and against is None and isinstance(node.literal, str):
            self.faults.append(f"compares {node.literal!r} with something that has no known values")

    def _field(self, node: Node, owner: Value | None) -> Value | None:
        name = node.text if node.kind == "field" else node.parts[1].literal
        if owner is None:
            return None
        if owner.kind == "duration" and name in DURATION_PARTS:
            return WHOLE_NUMBER
        if owner.kind == "choice_by" and name in owner.definition["keys"]:
            return value_of({"type": "choice", "options": owner.options})
        if owner.kind == "object" and name in owner.fields:
            return owner.fields[str(name)]
        self.faults.append(f"there is no field {name} here")
        return None

    def _other(self, node: Node, parts: list[Value | None]) -> Value | None:
        if node.kind in ("&&", "||", "not"):
            if not all(_may_be(part, "boolean") for part in parts):
                self.faults.append(f"{ {'not': '!'}.get(node.kind, node.kind) } joins something not true or false")
            return YES_OR_NO
        if node.kind == "choose":
            if not _may_be(parts[0], "boolean"):
                self.faults.append("? chooses by something not true or false")
            return parts[1] if parts[1] is parts[2] else None
        if node.kind in ("negative", "-", "*") or node.text == "size":
            return WHOLE_NUMBER
        if node.kind == "method":
            return YES_OR_NO
        return {"list": None, "call": TEXT}.get(node.kind, parts[0] if node.kind == "+" else None)


def _of_literal(node: Node) -> Value | None:
    if isinstance(node.literal, bool):
        return YES_OR_NO
    if isinstance(node.literal, int):
        return WHOLE_NUMBER
    return TEXT if isinstance(node.literal, str) else None


def _element(rows: Value | None) -> Value | None:
    if rows is None:
        return None
    if rows.kind == "choices":
        return value_of({"type": "choice", "options": rows.options})
    if rows.kind == "choice_by":
        return value_of({"type": "choice", "options": rows.definition["keys"]})
    return rows.of
