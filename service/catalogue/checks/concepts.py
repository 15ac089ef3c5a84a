"""Whether the table of what the forms share is kept: one item, or a few facts, wherever it marks a form."""

from collections.abc import Iterator

from service.catalogue.checks.coverage import covering
from service.catalogue.checks.grounds import Entry, Grounds, question_fault
from service.catalogue.definitions import Pack, Question, QuestionKind
from service.catalogue.inventories import FORMS

ALL_CONCEPTS = 44
TYPED_OR_SHOWN = ("F", "S")


def concept_faults(grounds: Grounds, *, partial: bool = False) -> Iterator[str]:
    """Yield where a shared concept is answered by something that is not its items; `partial` looks at loaded packs."""
    numbers = [str(entry.content.get("number")) for entry in grounds.concepts]
    if not partial and numbers != [str(number) for number in range(1, ALL_CONCEPTS + 1)]:
        yield f"shared_concepts.yaml:1: number: there should be {ALL_CONCEPTS}, numbered in order, not {len(numbers)}"
    covered = covering(grounds)
    for entry in grounds.concepts:
        place = f"shared_concepts.yaml:{entry.line}: {entry.content.get('number')}"
        items = [str(item) for item in entry.content.get("items") or ()]
        for item in items:
            if item not in grounds.catalogue.items:
                yield f"{place}.items: there is no item {item}"
        for pack in grounds.current_packs:
            yield from _form_faults(grounds, entry, pack, set(items), covered)
        for form in set(entry.content.get("rows") or {}) - {*FORMS, "__line__"}:
            yield f"{place}.rows.{form}: there is no such form"


def _form_faults(
    grounds: Grounds, entry: Entry, pack: Pack, items: set[str], covered: dict[str, list[tuple[Pack, Question]]]
) -> Iterator[str]:
    number, concept = entry.content.get("number"), entry.content.get("concept")
    place = f"shared_concepts.yaml:{entry.line}: {number}"
    for row in (entry.content.get("rows") or {}).get(pack.form) or ():
        if row not in grounds.rows or grounds.rows[row].form != pack.form:
            yield f"{place}.rows.{pack.form}: there is no row {row} in this form"
        elif row in grounds.excused:
            yield f"{place}.rows.{pack.form}: {row} asks this, and not_asked.yaml excuses it"
        for _, question in covered.get(row, ()):
            if not _answered_by(pack, question, items):
                reason = f"{row} asks concept {number} ({concept}): bind or derive it from {', '.join(sorted(items))}"
                yield question_fault(pack, question, ".covers", reason)
    marked = (entry.content.get("marks") or {}).get(pack.form) in TYPED_OR_SHOWN
    if marked and not any(_touches(pack, question, items) for question in pack.questions):
        yield f"{place}.marks.{pack.form}: the pack neither asks nor shows any of {', '.join(sorted(items))}"


def _answered_by(pack: Pack, question: Question, items: set[str]) -> bool:
    """Whether a question is bound to one of these items, or derived from nothing else about the person."""
    if question.kind is QuestionKind.DERIVED:
        sources = items_behind(pack, question)
        return bool(sources) and sources <= items
    return question.item in items


def _touches(pack: Pack, question: Question, items: set[str]) -> bool:
    """Whether a question asks or shows one of these items, itself or through what it is derived from."""
    return question.item in items or bool(items_behind(pack, question) & items)


def items_behind(pack: Pack, question: Question) -> set[str]:
    """Return the items (or own questions, by id) a derived question is worked out from, through other derivations."""
    found: set[str] = set()
    for name in question.derive.sources if question.derive is not None else ():
        source = pack.by_id.get(name)
        if source is not None and source.kind is QuestionKind.DERIVED:
            found |= items_behind(pack, source)
        elif source is not None:
            found.add(source.item or source.id)
    return found
