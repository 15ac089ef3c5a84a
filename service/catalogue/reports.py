"""The report on the catalogue that `docs/` keeps: what the forms ask, and how little of it a person is asked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.catalogue.checks.coverage import REASONS, covering
from service.catalogue.checks.grounds import Grounds, read_grounds
from service.catalogue.definitions import Catalogue, Item, Pack, Question, QuestionKind, Reuse
from service.catalogue.inventories import FORMS, NO_FORM
from service.catalogue.loading import CATALOGUE_FOLDER

KINDS = (QuestionKind.BOUND, QuestionKind.DERIVED, QuestionKind.OWN, QuestionKind.RECIPIENT)
Table = list[Sequence[object]]


@dataclass(frozen=True)
class Asked:
    """Everything the packs of the real forms ask: which forms read each item, and what is asked for each referral."""

    grounds: Grounds
    forms_of: dict[str, tuple[str, ...]]
    afresh: tuple[tuple[Pack, Question], ...]
    derived: tuple[tuple[Pack, Question], ...]

    @property
    def shared(self) -> list[Item]:
        """The items of the profile that some form asks or works something out from, by name."""
        return [self.grounds.catalogue.items[name] for name in sorted(self.forms_of)]

    @property
    def questions(self) -> int:
        """How many things a practitioner is asked for all the forms together."""
        return len(self.forms_of) + len(self.afresh)


def report(catalogue: Catalogue, folder: Path = CATALOGUE_FOLDER) -> str:
    """Return the report as Markdown; the same catalogue always gives the same text."""
    asked = asked_of(read_grounds(catalogue, folder))
    parts = (_headline, _rows_by_form, _shared_items, _in_the_way, _forms_of_our_own, _excused_rows)
    return "# The catalogue\n\n" + "\n\n".join(text for part in parts if (text := part(asked))) + "\n"


def asked_of(grounds: Grounds) -> Asked:
    """Sort the questions of the real forms' packs: items of the profile, questions of each referral, derivations."""
    forms: dict[str, set[str]] = {}
    afresh: list[tuple[Pack, Question]] = []
    derived: list[tuple[Pack, Question]] = []
    for pack in (pack for pack in grounds.current_packs if pack.form != NO_FORM):
        for question in pack.questions:
            if question.kind is QuestionKind.DERIVED:
                derived.append((pack, question))
            elif question.shared and question.item is not None:
                forms.setdefault(question.item, set()).add(pack.form)
            else:
                afresh.append((pack, question))
    ordered = {name: tuple(form for form in FORMS if form in found) for name, found in forms.items()}
    return Asked(grounds, ordered, tuple(afresh), tuple(derived))


def _headline(asked: Asked) -> str:
    rows, held = len(asked.grounds.rows), sum(bool(item.held_by) for item in asked.shared)
    several = sum(len(forms) > 1 for forms in asked.forms_of.values())
    left = asked.questions - held
    lines = (
        (
            f"{len(asked.forms_of)} are items of the case profile, answered once for every form;"
            f" {several} of them serve two forms or more."
        ),
        (
            f"{len(asked.afresh)} belong to one referral and are asked for each: where it goes, why, and what somebody"
            " decides, consents to or declares. One that several forms ask is counted once for each form."
        ),
        f"{held} of the items are held by a record system, so that {left} are left for a practitioner to type.",
        f"{len(asked.derived)} more are worked out from those answers and are not among the {asked.questions}.",
        f"{len(asked.grounds.excused)} fields are not asked at all, each for a reason given below.",
    )
    return f"**{rows} fields become {asked.questions} questions.**\n\n{_points(lines)}"


def _rows_by_form(asked: Asked) -> str:
    grounds = asked.grounds
    kinds = {row: places[0][1].kind for row, places in covering(grounds).items()}
    table: Table = [("Form", "Fields", *KINDS, *(reason.replace("_", " ") for reason in REASONS), "unchecked")]
    totals: Counter[object] = Counter()
    for form in FORMS:
        rows = [row for row in grounds.rows.values() if row.form == form]
        counts: Counter[object] = Counter(kinds.get(row.id) for row in rows)
        counts.update(grounds.excused[row.id].content.get("reason") for row in rows if row.id in grounds.excused)
        counts.update({"fields": len(rows), "unchecked": sum(row.unchecked for row in rows)})
        totals.update(counts)
        table.append((form, *(counts[column] for column in ("fields", *KINDS, *REASONS, "unchecked"))))
    table.append(("all", *(totals[column] for column in ("fields", *KINDS, *REASONS, "unchecked"))))
    return (
        "## Fields by form\n\nA field is bound to an item, derived from items, the form's own, or the choice of"
        " recipient; the other columns are the reasons for not asking it. *Unchecked* fields (among those counted) have"
        f" not been compared with the form in use.\n\n{_table(table)}"
    )


def _shared_items(asked: Asked) -> str:
    fields: Counter[str] = Counter()
    for places in covering(asked.grounds).values():
        fields.update(question.item for _, question in places if question.item)
    served = Counter(len(forms) for forms in asked.forms_of.values())
    counts: Table = [("Forms served", "Items"), *((number, served[number]) for number in sorted(served, reverse=True))]
    table: Table = [("Item", "What it is", "Class", "Held by", "Forms", "Fields")]
    for item in sorted(asked.shared, key=lambda item: (-len(asked.forms_of[item.name]), item.name)):
        forms = asked.forms_of[item.name]
        if len(forms) > 1:
            held = ", ".join(item.held_by)
            table.append((f"`{item.name}`", item.label, item.reuse, held, ", ".join(forms), fields[item.name]))
    return f"## Shared items\n\n{_table(counts)}\n\n{_table(table)}"


def _in_the_way(asked: Asked) -> str:
    alone = Counter(forms[0] for forms in asked.forms_of.values() if len(forms) == 1)
    anew = Counter(pack.form for pack, _ in asked.afresh)
    repeated = Counter(question.item for _, question in asked.afresh if question.item)
    extra = sum(times - 1 for times in repeated.values())
    words = sum(item.reuse is Reuse.NARRATIVE for item in asked.shared)
    items: Table = [("Form", "Items no other form asks", "Questions of each referral")]
    items.extend((form, alone[form], anew[form]) for form in FORMS)
    lines = (
        (
            f"{sum(alone.values())} items are asked by one form only. They are kept in the profile, where a second"
            " form that comes to ask will find them, but today they save nothing."
        ),
        (
            f"{len(asked.afresh)} questions are about the placement or the decision and cannot be carried over:"
            " consent to one referral is not consent to another."
            f" {extra} of them are the same question put again by a second form."
        ),
        f"{words} items are free text: written once, and still read again, perhaps reworded, for each recipient.",
    )
    return f"## What stands in the way of a smaller number\n\n{_points(lines)}\n\n{_table(items)}"


def _forms_of_our_own(asked: Asked) -> str:
    own = [pack for pack in asked.grounds.current_packs if pack.form == NO_FORM]
    if not own:
        return ""
    table: Table = [
        ("Pack", "Questions", "Items a real form asks too", "Items no real form asks", "Asked for each referral")
    ]
    for pack in sorted(own, key=lambda pack: pack.name):
        shared = [question for question in pack.questions if question.shared]
        known = sum(question.item in asked.forms_of for question in shared)
        table.append(
            (f"`{pack.name}`", len(pack.questions), known, len(shared) - known, len(pack.questions) - len(shared))
        )
    return (
        "## Forms of our own\n\nThere is no single real form for these, or none was to be had. They cover no field,"
        f" nobody has checked them against a form in use, and no figure above counts them.\n\n{_table(table)}"
    )


def _excused_rows(asked: Asked) -> str:
    table: Table = [("Field", "What it is", "Reason", "Note")]
    for name, entry in sorted(asked.grounds.excused.items()):
        meaning = asked.grounds.rows[name].meaning if name in asked.grounds.rows else ""
        table.append(
            (name, meaning, str(entry.content.get("reason", "")).replace("_", " "), entry.content.get("note", ""))
        )
    return f"## Fields that are not asked\n\n{_table(table)}"


def _points(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(rows: Iterable[Sequence[object]]) -> str:
    head, *body = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *body))
