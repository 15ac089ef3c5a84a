"""Whether each condition, tried over answers given, not given and not asked, gives what it should and never fails."""

import datetime as dt
import itertools
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.catalogue.checks.grounds import Grounds, Use, uses
from service.catalogue.checks.names import Reading
from service.catalogue.checks.samples import TODAY, months_between, samples
from service.catalogue.conditions import UNKNOWN, UNTIL, Condition, context_of
from service.catalogue.definitions import Pack, Question, QuestionKind, reads
from service.catalogue.form_values import in_the_forms_style, writing_context
from service.catalogue.inventories import Row, accepts
from service.catalogue.loading import BROKER_HAS_SENT

EXHAUSTIVE = 300
SAMPLED = 150
SEED = 653
RECIPIENTS: tuple[dict[str, Any], ...] = (
    {"recipient": "some-recipient", "recipient_categories": [], "recipient_is_cohort": False, "recipient_area": "a"},
    {
        "recipient": "another",
        "recipient_categories": ["ACC", "ETE"],
        "recipient_is_cohort": True,
        "recipient_area": "b",
    },
)
UNANSWERED = object()


State = dict[str, Any]  # the variables a condition reads; a name left out is asked and not answered


class Ground:
    """A pack's questions in the order their conditions can be worked out, and the states they can be in."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.order = [question for layer in pack.levels for question in layer]
        self.samples = {question.id: samples(question.value) for question in self.order}
        names = {name for use in uses(pack) for name in use.condition.names}
        self.sent = sorted(name for name in names if name.startswith(BROKER_HAS_SENT))
        self.reworded = "narratives_reworded" in names

    def states(self, names: Iterable[str], *, answered: Question | None = None) -> Iterator[State]:
        """Yield the states of all that these names turn on; `answered` is a question always answered in them."""
        questions = self._behind(names)
        choices: dict[str, list[Any]] = {
            question.id: [*self.samples[question.id], *([] if question is answered else [UNANSWERED])]
            for question in questions
            if question.kind not in (QuestionKind.DERIVED, QuestionKind.RECIPIENT)
        }
        choices["recipient of the referral"] = [*RECIPIENTS, {}]
        choices["sent before"] = [True, False]
        if self.reworded:
            choices["narratives reworded"] = [True, False]
        for combination in _combinations(choices):
            yield self._state(questions, combination)

    def _behind(self, names: Iterable[str]) -> list[Question]:
        wanted: set[str] = set()
        waiting = [until.group(2) if (until := UNTIL.match(name)) else name for name in names]
        while waiting:
            name = waiting.pop()
            if name in self.pack.by_id and name not in wanted:
                wanted.add(name)
                waiting.extend(reads(self.pack.by_id[name]))
        return [question for question in self.order if question.id in wanted]

    def _state(self, questions: list[Question], chosen: Mapping[str, Any]) -> State:
        recipient, sent = chosen["recipient of the referral"], chosen["sent before"]
        variables: State = {"today": TODAY.isoformat(), **recipient}
        variables.update(dict.fromkeys(self.sent, sent))
        variables["narratives_reworded"] = chosen.get("narratives reworded", False)
        for question in questions:
            asked = _holds(question.asked_when, variables)
            value = question.value.empty if asked is False else UNANSWERED
            if asked is True and question.derive is not None:
                value = _holds(question.derive, variables)
            elif asked is True:
                value = chosen.get(question.id, recipient.get("recipient", UNANSWERED))
            if value is not UNANSWERED and value is not UNKNOWN:
                variables.update(_variables_of(question, value, asked=asked is True))
        return variables


def _combinations(choices: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Every combination where they are few; otherwise each change from two plain states, and a seeded sample."""
    names = list(choices)
    if math.prod(len(values) for values in choices.values()) <= EXHAUSTIVE:
        yield from (dict(zip(names, values, strict=True)) for values in itertools.product(*choices.values()))
        return
    for base in (
        {name: values[0] for name, values in choices.items()},
        {name: values[-1] for name, values in choices.items()},
    ):
        for name, values in choices.items():
            yield from ({**base, name: value} for value in values)
    chance = random.Random(SEED)  # noqa: S311 - a fixed sample, not a secret
    for _ in range(SAMPLED):
        yield {name: chance.choice(values) for name, values in choices.items()}
    answered = {
        name: values[:-1] if values[-1] is UNANSWERED and len(values) > 1 else values
        for name, values in choices.items()
    }
    for _ in range(SAMPLED):
        yield {name: chance.choice(values) for name, values in answered.items()}


def _holds(condition: Condition | None, variables: Mapping[str, Any]) -> Any:
    """What a condition gives in a state; one that fails is its own fault, and unknown to those that read it."""
    if condition is None:
        return True
    try:
        return condition.evaluate(_context(condition, variables))
    except Exception:  # noqa: BLE001 - reported where this condition is tried itself
        return UNKNOWN


def _context(condition: Condition, variables: Mapping[str, Any]) -> Any:
    return context_of({name: variables[name] for name in condition.names if name in variables})


def _variables_of(question: Question, value: Any, *, asked: bool) -> dict[str, Any]:
    found = {question.id: value}
    if question.value.kind == "date":
        date = dt.date.fromisoformat(value) if asked and value else None
        found[f"days_until_{question.id}"] = (date - TODAY).days if date else None
        found[f"months_until_{question.id}"] = months_between(TODAY, date) if date else None
    return found


def trial_faults(grounds: Grounds, ground: Ground, reading: Reading) -> list[str]:
    """Return how a condition fails over the states of what it reads; at most one fault of each kind."""
    faults: dict[str, str] = {}
    for state in _trials(ground, reading):
        kind_and_reason = _fault(grounds, reading, state)
        if kind_and_reason and kind_and_reason[0] not in faults:
            faults[kind_and_reason[0]] = f"{kind_and_reason[1]} when {_told(state, reading)}"
    return [reading.use.fault(reason) for reason in faults.values()]


def _trials(ground: Ground, reading: Reading) -> Iterator[State]:
    """The states in which the condition is worked out at all: its question asked, and answered where that counts."""
    use = reading.use
    names = set(reading.values) - {"value"}
    if use.question is None or use.role == "asked_when":
        yield from ground.states(names)
        return
    asking = use.question.asked_when
    answered = use.question if use.role in ("writes", "refused_when") else None
    for state in ground.states(names | {use.question.id}, answered=answered):
        if asking is not None and _holds(asking, state) is not True:
            continue
        if answered is not None and use.question.id not in state:
            continue
        yield state


def _fault(grounds: Grounds, reading: Reading, state: State) -> tuple[str, str] | None:
    use = reading.use
    try:
        result = _result(use, state)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the fault
        return "raises", f"raises {type(error).__name__} ({str(error).split('.')[0]})"
    if result is UNKNOWN:
        read = set(reading.values) - {"value"}
        known = read <= set(state)
        return ("unknown", "is unknown although all it reads is answered") if known else None
    reason = _result_fault(grounds, use, result)
    return ("result", reason) if reason else None


def _result(use: Use, state: State) -> Any:
    if use.role == "writes" and use.question is not None:
        value = state[use.question.id]
        return use.condition.evaluate(writing_context(use.condition, value, state))
    return use.condition.evaluate(_context(use.condition, state))


def _result_fault(grounds: Grounds, use: Use, result: Any) -> str:
    if use.role == "writes":
        row = grounds.rows.get(use.key.removeprefix("writes."))
        return written_fault(row, in_the_forms_style(use.pack, result)) if row is not None else ""
    if use.role == "derive" and use.question is not None:
        faults = use.question.value.faults(result, "")
        return f"gives {result!r}, which its own type refuses" if faults else ""
    return "" if isinstance(result, bool) else f"gives {result!r}, which is neither true nor false"


def written_fault(row: Row, value: Any) -> str:
    """Say why a row would not take what is written in it; a row the form does not always need may be left blank."""
    if value is None:
        return f"leaves {row.id} blank, which the form always needs" if row.required_when == "always" else ""
    reason = accepts(row, value)
    return f"gives {str(value)[:60]!r}, and {row.id} refuses it: {reason}" if reason else ""


def _told(state: State, reading: Reading) -> str:
    read = sorted(set(reading.values) - {"value"} | ({reading.use.question.id} if reading.use.question else set()))
    told = [
        f"{name} is {str(state[name])[:60] if name in state else 'unanswered'}"
        for name in read
        if reading.use.role != "asked_when" or name in reading.values
    ]
    return ", ".join(told)[:300] or "nothing is answered"
