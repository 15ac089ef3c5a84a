"""Conditions in packs: CEL with three values, so that what is not yet known is *unknown* and not *false*."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import cel

UNTIL = re.compile(r"^(days|months)_until_(.+)$")
UNDEFINED = re.compile(r"^Undefined variable or function: '([^']+)'")
COMPREHENSION = re.compile(r"\.(?:map|filter|exists|all|exists_one)\(\s*([A-Za-z_]\w*)\s*,")


class Unknown(Enum):
    """The third value: it depends on something nobody has answered yet."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A compiled CEL expression and the names it reads.

    `names` are the variables as written; `sources` are the questions behind them (`days_until_x` stands for `x`).
    """

    source: str
    program: cel.Program
    names: frozenset[str]
    sources: frozenset[str]

    def evaluate(self, context: cel.Context) -> Any:
        """Return the value, or UNKNOWN when it turns on a name the context lacks; anything else raises."""
        try:
            return self.program.execute(context)
        except RuntimeError as error:
            undefined = UNDEFINED.match(str(error))
            if undefined and undefined.group(1) in self.names:
                return UNKNOWN
            raise

    def __repr__(self) -> str:
        return f"Condition({self.source!r})"


@cache
def compile_condition(source: str) -> Condition:
    """Compile one expression, the same one for the same words; ValueError says what is wrong with it."""
    program = cel.compile(source)
    names = frozenset(program.variables()) - frozenset(COMPREHENSION.findall(source))
    sources = frozenset(_source_of(name) for name in names)
    return Condition(source=source, program=program, names=names, sources=sources)


def _source_of(name: str) -> str:
    """The question behind a name: the date behind `days_until_x`, the choice of recipient behind `recipient_area`."""
    until = UNTIL.match(name)
    if until:
        return until.group(2)
    return "recipient" if name.startswith("recipient_") else name


def context_of(variables: Mapping[str, Any]) -> cel.Context:
    """Return a context holding these variables; a name left out is unknown."""
    return cel.Context(variables=dict(variables))
