"""Whether each of the 653 rows is covered by exactly one question, or excused once for a reason on the fixed list."""

from collections.abc import Iterator

from service.catalogue.checks.grounds import Entry, Grounds, question_fault
from service.catalogue.definitions import Pack, Question

REASONS = (
    "shown_only",
    "computed",
    "search_filter",
    "withdrawn",
    "filled_by_recipient",
    "part_of_another_row",
)
ALL_ROWS = 653
ONE_EXCUSED_IN = 5


def covering(grounds: Grounds) -> dict[str, list[tuple[Pack, Question]]]:
    """Return, for each row, the questions of current packs that say they cover it."""
    found: dict[str, list[tuple[Pack, Question]]] = {}
    for pack in grounds.current_packs:
        for question in pack.questions:
            for row in question.covers:
                found.setdefault(row, []).append((pack, question))
    return found


def coverage_faults(grounds: Grounds, *, partial: bool = False) -> Iterator[str]:
    """Yield the rows covered twice or not at all, and excuses that do not hold; `partial`: of the loaded forms only."""
    covered = covering(grounds)
    if not partial and len(grounds.rows) != ALL_ROWS:
        yield f"inventory:1: rows: there are {len(grounds.rows)} rows and not {ALL_ROWS}"
    for name, places in covered.items():
        for pack, question in places[1:]:
            first = places[0][1]
            yield question_fault(
                pack, question, ".covers", f"{name} is already covered by {first.id} (line {first.line})"
            )
    for row in grounds.rows.values():
        if row.id not in covered and row.id not in grounds.excused and (not partial or row.form in grounds.forms):
            yield f"{row.form}.json:{row.line}: {row.id}: no question covers it and not_asked.yaml does not excuse it"
    for name, entry in grounds.excused.items():
        yield from _excuse_faults(grounds, name, entry, covered)
    if len(grounds.excused) * ONE_EXCUSED_IN > ALL_ROWS:
        yield f"not_asked.yaml:1: rows: {len(grounds.excused)} are excused, more than one in {ONE_EXCUSED_IN}"


def _excuse_faults(
    grounds: Grounds, name: str, entry: Entry, covered: dict[str, list[tuple[Pack, Question]]]
) -> Iterator[str]:
    place = f"not_asked.yaml:{entry.line}: {name}"
    reason, note = entry.content.get("reason"), str(entry.content.get("note") or "")
    if name not in grounds.rows:
        yield f"{place}: there is no such inventory row"
    if name in covered:
        pack, question = covered[name][0]
        yield f"{place}: is covered by {pack.name}.{question.id} (line {question.line})"
    if reason not in REASONS:
        yield f"{place}.reason: choose one of {', '.join(REASONS)}"
    if reason == "part_of_another_row" and not any(row in note for row in grounds.rows if row != name):
        yield f"{place}.note: name the row it is part of"
