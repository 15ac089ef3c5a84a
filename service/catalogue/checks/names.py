"""Whether each condition reads only what its pack can see."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.catalogue.checks.expressions import Node, NotInSubset, free_names, parse
from service.catalogue.checks.grounds import Grounds, Use, uses
from service.catalogue.conditions import UNTIL
from service.catalogue.definitions import Pack, Question, QuestionKind, Reuse
from service.catalogue.loading import BROKER_HAS_SENT
from service.catalogue.values import Value, value_of

# What a condition may read beside the pack's questions, and what each of them holds.
CONTEXT_VALUES: dict[str, Value] = {
    "today": value_of({"type": "date"}),
    "recipient": value_of({"type": "string"}),
    "recipient_categories": value_of({"type": "list", "of": {"type": "string"}}),
    "recipient_is_cohort": value_of({"type": "boolean"}),
    "recipient_area": value_of({"type": "string"}),
    "narratives_reworded": value_of({"type": "boolean"}),
}
WHOLE_NUMBER = value_of({"type": "integer", "minimum": -100_000, "maximum": 100_000})
YES_OR_NO = value_of({"type": "boolean"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A condition that could be read: its use, its tree, what each name holds, and whether all names are known."""

    use: Use
    tree: Node
    values: dict[str, Value]
    sound: bool


def readings(grounds: Grounds, pack: Pack, into: list[str]) -> Iterator[Reading]:
    """Yield the conditions of a pack that could be read; what they read and may not is noted as faults."""
    for use in uses(pack):
        try:
            tree = parse(use.condition.source)
        except NotInSubset as refusal:
            into.append(use.fault(str(refusal)))
            continue
        values: dict[str, Value] = {}
        faults = [fault for name in sorted(free_names(tree)) if (fault := _name_fault(grounds, use, name, values))]
        into.extend(use.fault(fault) for fault in faults)
        yield Reading(use, tree, values, sound=not faults)


def _name_fault(grounds: Grounds, use: Use, name: str, values: dict[str, Value]) -> str | None:
    value = CONTEXT_VALUES.get(name)
    until = UNTIL.match(name)
    question = use.pack.by_id.get(until.group(2) if until else name)
    if name.startswith(BROKER_HAS_SENT):
        value = YES_OR_NO if name.removeprefix(BROKER_HAS_SENT) in grounds.pack_names else None
    elif name == "value" and use.question is not None and use.role == "writes":
        value = use.question.value
    elif question is not None and (reason := _hidden(use, question)):
        return f"reads {name}, {reason}"
    elif question is not None:
        value = WHOLE_NUMBER if until else question.value
        if until and question.value.kind != "date":
            return f"reads {name}, but {question.id} is not a date"
    if value is None:
        bound = use.pack.by_item.get(name)
        return f"reads {name}, which this pack {f'knows as {bound.id}' if bound else 'does not ask'}"
    values[name] = value
    return None


def _hidden(use: Use, question: Question) -> str:
    if use.question is question and use.role not in ("writes", "refused_when"):
        return "which is the question itself"
    if question.kind is not QuestionKind.INPUT:
        return ""
    if use.role != "derive":
        return "which this pack does not ask: only a derivation may read such an item"
    return "" if question.reuse is Reuse.FACT else f"an item of class {question.reuse}: a derivation reads facts"
