"""Whether two packs, or two items, ask one thing in different words.

What reads alike is shared, or stands in distinct.yaml with a reason. Two things are not compared at all where an answer
to one cannot be an answer to the other (a date and a name), or where their labels name opposites (start and end).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from rapidfuzz import fuzz

from service.catalogue.checks.concepts import items_behind
from service.catalogue.checks.grounds import Grounds, question_fault
from service.catalogue.definitions import Pack, Question, QuestionKind
from service.catalogue.values import Value

# Chosen by looking at real pairs. At this score their words alone give away a little under half of the fields that
# forms share (the table of shared concepts has nearly all the others), at the price of some thirty pairs told apart by
# hand. An entry of distinct.yaml stays needed a little below it, since every new word shifts the scores.
ALIKE = 62.0
STILL_ALIKE = 52.0
BEFORE_THE_MEANING = re.compile(r"^(?:Read-only[^:]*|Details): ")
CLAUSE = re.compile(r"[;(]")
WORD = re.compile(r"[a-z]+")
ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly", "y")
LITTLE_WORDS = """
    a about an and any are as at be been being by can could did do does for from given had has have how if in into
    is it its of on or person s said should since that the their them then there these they this those to was were
    what when where whether which who why will with would you your not no yes
"""
STOP_WORDS = frozenset(LITTLE_WORDS.split())
# Words that never mean the same thing: two labels with different words of one line ask different things.
CONTRASTS = tuple(
    frozenset(line.split())
    for line in """
    children public adult staff prisoners residents victim victims partner self
    community custody
    start end starts ends begin
    asked chased answered requested received arrive back
    mental physical
    your person practitioner second keyworker manager applicant referrer liaison
    name email telephone job address office team region unit number
    drug drugs alcohol tobacco
    domestic child
    approved bail temporary
    current previous earlier
    """.strip().splitlines()
)
SHAPES = {
    "date": "date", "integer": "number", "duration": "number", "boolean": "whether", "choice": "which",
    "choices": "which", "choice_by": "which", "string": "words", "text": "words", "list": "words", "object": "words",
}  # fmt: skip
COMPARABLE = frozenset({("whether", "which"), ("which", "whether"), ("which", "words"), ("words", "which")})
YES_NO = frozenset({"yes", "no", "not_known", "dont_know", "not_applicable"})


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing asked: an item, or a pack's own or derived question.

    `packs` are those that ask it, `shape` the kind of answer, `derived_from` the items it is worked out from,
    `opposites` the contrasting words of its label, and `sentences` its label and the meanings of the fields it
    answers, each as its words without their endings.
    """

    name: str
    place: str
    packs: frozenset[str]
    shape: str
    derived_from: frozenset[str]
    opposites: frozenset[str]
    sentences: tuple[frozenset[str], ...]


def likeness_faults(grounds: Grounds) -> Iterator[str]:
    """Yield each pair that reads alike and is not told apart, and each entry of distinct.yaml that is not needed."""
    things = {thing.name: thing for thing in things_asked(grounds)}
    near = {frozenset((a.name, b.name)): score for a, b, score in pairs_alike(list(things.values()), STILL_ALIKE)}
    told_apart: set[frozenset[str]] = set()
    for entry in grounds.distinct:
        pair = frozenset((str(entry.content.get("a")), str(entry.content.get("b"))))
        place = f"distinct.yaml:{entry.line}: {' and '.join(sorted(pair))}"
        for name in sorted(pair - set(things)):
            yield f"{place}: nothing is called {name}"
        if pair <= set(things) and pair not in near:
            yield f"{place}: they do not read alike: the entry is not needed"
        if not str(entry.content.get("reason") or "").strip():
            yield f"{place}.reason: this is missing"
        if pair in told_apart:
            yield f"{place}: this pair stands here twice"
        told_apart.add(pair)
    for pair, score in sorted(near.items(), key=lambda one: sorted(one[0])):
        if score >= ALIKE and pair not in told_apart:
            first, second = sorted(pair)
            remedy = "share one item, or say in distinct.yaml why not"
            yield f"{things[first].place}: reads like {second} ({score:.0f}): {remedy}"


def things_asked(grounds: Grounds) -> list[Thing]:
    """Return everything asked in the current packs, and every item, each once."""
    asked: dict[str, list[tuple[Pack, Question]]] = {name: [] for name in grounds.catalogue.items}
    for pack in grounds.current_packs:
        for question in pack.questions:
            if question.kind not in (QuestionKind.RECIPIENT, QuestionKind.INPUT):
                asked.setdefault(question.item or f"{pack.name}.{question.id}", []).append((pack, question))
    return [_thing(grounds, name, places) for name, places in asked.items()]


def _thing(grounds: Grounds, name: str, asked: list[tuple[Pack, Question]]) -> Thing:
    item = grounds.catalogue.items.get(name)
    source = item or asked[0][1]
    place = grounds.item_fault(name, "", "") if item else question_fault(*asked[0], "", "")
    return Thing(
        name=name,
        place=place.removesuffix(": "),
        packs=frozenset(pack.name for pack, _ in asked),
        shape=_shape(source.value),
        opposites=frozenset(WORD.findall(source.label.lower())) & frozenset().union(*CONTRASTS),
        derived_from=frozenset(name for pack, question in asked for name in items_behind(pack, question)),
        sentences=tuple(dict.fromkeys(_sentences(grounds, source.label, asked))),
    )


def _sentences(grounds: Grounds, label: str, asked: list[tuple[Pack, Question]]) -> Iterator[frozenset[str]]:
    """The labels a thing is asked under, and what its fields mean where that says more than one word."""
    for told in (label, *(question.label for _, question in asked)):
        if words := stems(told):
            yield words
    for _, question in asked:
        for row in question.covers:
            meaning = BEFORE_THE_MEANING.sub("", grounds.rows[row].meaning) if row in grounds.rows else ""
            if len(words := stems(CLAUSE.split(meaning)[0])) > 1:
                yield words


def _shape(value: Value) -> str:
    return "whether" if value.kind == "choice" and set(value.options) <= YES_NO else SHAPES[value.kind]


def _may_be_one(first: Thing, second: Thing) -> bool:
    """Whether an answer to one could be an answer to the other, and they do not name opposites."""
    own = "." in first.name or "." in second.name
    if first.name in second.derived_from or second.name in first.derived_from:
        return False
    if first.derived_from and second.derived_from:  # nobody answers either
        return False
    if own and first.packs | second.packs == first.packs & second.packs and len(first.packs) == 1:
        return False
    if first.shape != second.shape and (first.shape, second.shape) not in COMPARABLE:
        return False
    return not any(
        (first.opposites & line) and (second.opposites & line) and (first.opposites & line) != (second.opposites & line)
        for line in CONTRASTS
    )


def pairs_alike(things: list[Thing], threshold: float) -> Iterator[tuple[Thing, Thing, float]]:
    """Yield the pairs that read alike; what only one and the same pack asks may, unless both are items."""
    weights = _weights(things)
    for first, second in combinations(things, 2):
        if _may_be_one(first, second) and (score := likeness(first, second, weights)) >= threshold:
            yield first, second, score


def likeness(first: Thing, second: Thing, weights: Mapping[str, float]) -> float:
    """Return how alike the two sentences of two things are that are most alike, 0 to 100.

    Half of it is the words they share, rare words weighing more; half how alike they are letter by letter.
    """
    best = 0.0
    for one, other in product(first.sentences, second.sentences):
        common = one & other
        if len(common) > 1 or (common and one == other):
            shared = 100 * _weight(common, weights) / math.sqrt(_weight(one, weights) * _weight(other, weights))
            # Letters cannot add more than 50, so most pairs need no second look.
            if shared / 2 + 50 > max(best, STILL_ALIKE):
                letters = fuzz.ratio(" ".join(sorted(one)), " ".join(sorted(other)))
                best = max(best, (shared + letters) / 2)
    return best


def _weights(things: list[Thing]) -> dict[str, float]:
    """How much each word tells: the square of the logarithm of how rare it is among all that is asked."""
    sentences = [sentence for thing in things for sentence in thing.sentences]
    counts = Counter(word for sentence in sentences for word in sentence)
    return {word: math.log(1 + len(sentences) / count) ** 2 for word, count in counts.items()}


def _weight(words: frozenset[str], weights: Mapping[str, float]) -> float:
    return sum(weights[word] for word in words)


def stems(text: str) -> frozenset[str]:
    """Return the words of a text that carry its meaning, without their endings."""
    return frozenset(_stem(word) for word in WORD.findall(text.lower()) if word not in STOP_WORDS)


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word
