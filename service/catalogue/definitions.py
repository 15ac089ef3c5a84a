"""What an item, a question and a pack are, once read from their files and found sound."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from service.catalogue.conditions import Condition
from service.catalogue.values import Value


class Reuse(StrEnum):
    """What may be copied, and how (design §2)."""

    FACT = "fact"
    NARRATIVE = "narrative"
    DESTINATION = "destination"
    DECISION = "decision"

    @property
    def shared(self) -> bool:
        """Whether the answer lives in the case profile, to be used by every form."""
        return self in (Reuse.FACT, Reuse.NARRATIVE)


class Tier(StrEnum):
    """How sensitive an item is: who may see it is decided from this (design §2)."""

    STANDARD = "standard"
    PERSONAL = "personal"
    HEALTH = "health"
    RISK_LEVEL = "risk_level"
    RISK_NARRATIVE = "risk_narrative"
    SAFEGUARDING = "safeguarding"
    VICTIM = "victim"
    MAPPA = "mappa"
    INTELLIGENCE_FLAG = "intelligence_flag"


class AgeLimit(StrEnum):
    """The named maximum ages; how many days each is stands in the settings."""

    OASYS = "oasys"
    DUTY_TO_REFER = "duty_to_refer"
    CHECK = "check"
    CONTACT = "contact"
    ACCOMMODATION = "accommodation"


SENT = "broker_has_sent_"
RECORD_SYSTEMS = ("delius", "nomis", "oasys", "tier", "create_and_vary", "cas", "broker")


class QuestionKind(StrEnum):
    """Where a question's answer comes from."""

    BOUND = "bound"
    DERIVED = "derived"
    OWN = "own"
    RECIPIENT = "recipient"
    INPUT = "input"  # an item that only a derivation reads: asked when the result cannot be known without it


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be known about a person."""

    name: str
    label: str
    value: Value
    reuse: Reuse
    tier: Tier
    held_by: tuple[str, ...] = ()
    maximum_age: AgeLimit | None = None
    may_retraumatise: bool = False
    help: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something the form itself refuses about an answer: when, and why in plain English."""

    when: Condition
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Window:
    """How far ahead of a date the recipient takes a referral: an earlier one is too early."""

    question: str
    opens_months_before: int
    code: str
    reason: str
    asked_when: Condition | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a pack: bound to an item, derived from items, the pack's own, or the choice of recipient."""

    id: str
    kind: QuestionKind
    label: str
    value: Value
    reuse: Reuse
    tier: Tier
    section: str
    help: str = ""
    item: str | None = None
    derive: Condition | None = None
    asked_when: Condition | None = None
    required_when: Condition | None = None
    max_length: int | None = None
    covers: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    writes: dict[str, Condition] = field(default_factory=dict)
    refused_when: tuple[Refusal, ...] = ()
    line: int = 0
    shared: bool = field(init=False)  # the answer comes from the case profile rather than from this referral
    typed: bool = field(init=False)  # somebody answers it, as against its being worked out

    def __post_init__(self) -> None:
        object.__setattr__(self, "shared", self.item is not None and self.reuse.shared)
        object.__setattr__(self, "typed", self.kind is not QuestionKind.DERIVED)


@dataclass(frozen=True)
class Section:
    """A heading of the form and the questions below it, in the recipient's order."""

    id: str
    label: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Pack:
    """One referral form as versioned data."""

    name: str
    version: str
    label: str
    form: str
    booleans: str
    sections: tuple[Section, ...]
    inputs: tuple[Question, ...]
    windows: tuple[Window, ...]
    digest: str
    path: str = ""

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the form's order, then the hidden inputs of its derivations."""
        return (*(question for section in self.sections for question in section.questions), *self.inputs)

    @cached_property
    def by_id(self) -> dict[str, Question]:
        """The questions by id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def by_item(self) -> dict[str, Question]:
        """The questions bound to an item, by the item's name."""
        return {question.item: question for question in self.questions if question.item}

    @cached_property
    def names_read(self) -> frozenset[str]:
        """Every name some condition of this pack reads: all that a condition context need hold."""
        return frozenset(name for condition in self.conditions for name in condition.names)

    @cached_property
    def names_written(self) -> frozenset[str]:
        """Every name that the writing of some row reads, besides `value`."""
        written = (condition for question in self.questions for condition in question.writes.values())
        return frozenset(name for condition in written for name in condition.names) - {"value"}

    @cached_property
    def sent_before(self) -> dict[str, str]:
        """The variables that say whether a referral of some pack has been sent already, and that pack."""
        read = self.names_read | self.names_written
        return {name: name.removeprefix(SENT) for name in read if name.startswith(SENT)}

    @cached_property
    def published(self) -> dict[str, tuple[tuple[str, str | None], ...]]:
        """By question, the variables some condition reads of it: its value, or (by unit) the time until its date."""
        until = {question.id: ("days", "months") for question in self.questions if question.value.kind == "date"}
        names = {
            question.id: ((question.id, None), *((f"{u}_until_{question.id}", u) for u in until.get(question.id, ())))
            for question in self.questions
        }
        read = {name: tuple(pair for pair in pairs if pair[0] in self.names_read) for name, pairs in names.items()}
        return {name: pairs for name, pairs in read.items() if pairs}

    @cached_property
    def derivations_reading(self) -> dict[str, tuple[str, ...]]:
        """By hidden input, the questions whose derivation reads it."""
        derived = [(question.id, question.derive.sources) for question in self.questions if question.derive]
        return {each.id: tuple(name for name, sources in derived if each.id in sources) for each in self.inputs}

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition that decides something (what a row is written as is not among them)."""
        return tuple(
            condition
            for condition in (
                *(question.derive for question in self.questions),
                *(question.asked_when for question in self.questions),
                *(question.required_when for question in self.questions),
                *(refusal.when for question in self.questions for refusal in question.refused_when),
                *(window.asked_when for window in self.windows),
            )
            if condition is not None
        )

    @cached_property
    def levels(self) -> tuple[tuple[Question, ...], ...]:
        """The questions in layers: each one's conditions read only questions of earlier layers."""
        depth: dict[str, int] = {}

        def depth_of(question: Question) -> int:
            if question.id not in depth:
                depth[question.id] = 0  # a cycle is refused on load; this only stops the walk
                depth[question.id] = 1 + max(
                    (depth_of(self.by_id[name]) for name in reads(question) if name in self.by_id), default=-1
                )
            return depth[question.id]

        layers: dict[int, list[Question]] = {}
        for question in self.questions:
            layers.setdefault(depth_of(question), []).append(question)
        return tuple(tuple(layers[number]) for number in sorted(layers))


def reads(question: Question) -> frozenset[str]:
    """Return the names a question's own conditions read, `days_until_x` standing for `x`."""
    names: set[str] = set()
    for condition in (question.derive, question.asked_when, question.required_when):
        if condition is not None:
            names |= condition.sources
    return frozenset(names - {question.id})


@dataclass(frozen=True)
class Catalogue:
    """Every item, every version of every pack, and which version new referrals use."""

    items: dict[str, Item]
    packs: dict[tuple[str, str], Pack]
    current_versions: dict[str, str]

    def pack(self, name: str, version: str | None = None) -> Pack:
        """Return a pack, the current version unless one is named; KeyError if there is none."""
        return self.packs[name, version or self.current_versions[name]]

    @cached_property
    def questions_by_item(self) -> dict[str, frozenset[str]]:
        """The ids of the questions bound to an item in any version of any pack, by the item's name."""
        bound: dict[str, set[str]] = {}
        for pack in self.packs.values():
            for item, question in pack.by_item.items():
                bound.setdefault(item, set()).add(question.id)
        return {item: frozenset(ids) for item, ids in bound.items()}

    @property
    def pack_names(self) -> tuple[str, ...]:
        """The packs a referral can be made of, in order."""
        return tuple(sorted(self.current_versions))
