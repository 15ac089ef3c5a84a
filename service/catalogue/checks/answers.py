"""Whether every answer a question can have maps to something its form would accept."""

from collections.abc import Iterator

from service.catalogue.checks.grounds import Grounds, question_fault
from service.catalogue.checks.samples import samples
from service.catalogue.definitions import Pack, Question, QuestionKind
from service.catalogue.form_values import in_the_forms_codes
from service.catalogue.inventories import FORMS, NO_FORM, Row, accepts

BOOLEANS = ("yes_no", "true_false")


def answer_faults(grounds: Grounds, pack: Pack) -> Iterator[str]:
    """Yield the options that map nowhere, lengths the item cannot hold, and windows over what is no date."""
    for question in pack.questions:
        if question.kind is not QuestionKind.INPUT:
            yield from _length_faults(grounds, pack, question)
            yield from _option_faults(grounds, pack, question)
            yield from _sample_faults(grounds, pack, question)
    if pack.form not in (*FORMS, NO_FORM):
        yield f"{pack.path}:1: form: choose one of {', '.join(FORMS)}, or {NO_FORM} for a form of our own"
    if pack.booleans not in BOOLEANS:
        yield f"{pack.path}:1: booleans: choose one of {', '.join(BOOLEANS)}"
    for window in pack.windows:
        if window.question not in pack.by_id or pack.by_id[window.question].value.kind != "date":
            yield f"{pack.path}:{window.line}: windows.{window.code}: {window.question} is not a date this pack asks"


def _length_faults(grounds: Grounds, pack: Pack, question: Question) -> Iterator[str]:
    holds = question.value.max_length
    if question.max_length is not None and holds is not None and question.max_length > holds:
        yield question_fault(pack, question, ".max_length", f"{question.max_length}, but the item holds {holds}")
    for name in sorted(set(question.writes) - set(question.covers)):
        yield question_fault(pack, question, f".writes.{name}", "is not among the rows it covers")
    for name in question.covers:
        if name not in grounds.rows:
            yield question_fault(pack, question, ".covers", f"there is no inventory row {name}")
        elif pack.form == NO_FORM:
            yield question_fault(pack, question, ".covers", "a form of our own has no inventory to cover")
        elif grounds.rows[name].form != pack.form:
            yield question_fault(pack, question, ".covers", f"{name} is not a row of the form {pack.form}")


def _plain_rows(grounds: Grounds, question: Question) -> list[Row]:
    """The rows that hold the value itself, with nothing written in its stead."""
    return [grounds.rows[name] for name in question.covers if name in grounds.rows and name not in question.writes]


def _option_faults(grounds: Grounds, pack: Pack, question: Question) -> Iterator[str]:
    if not question.options:
        return
    rows = _plain_rows(grounds, question)
    for code in sorted(set(question.options) - set(question.value.options)):
        yield question_fault(pack, question, f".options.{code}", "is not an option of the item")
    if not rows:
        yield question_fault(pack, question, ".options", "maps codes, but no row holds the value itself")
        return
    for code in question.value.options:
        if code not in question.options:
            yield question_fault(pack, question, f".options.{code}", "this option of the item maps nowhere")


def _sample_faults(grounds: Grounds, pack: Pack, question: Question) -> Iterator[str]:
    for row in _plain_rows(grounds, question):
        told: set[str] = set()
        for sample in samples(question.value):
            reason = accepts(row, in_the_forms_codes(pack, question, sample))
            if reason and reason not in told:
                told.add(reason)
                shown = sample if question.value.options else type(sample).__name__
                yield question_fault(pack, question, ".covers", f"{row.id} ({row.type}) refuses {shown}: {reason}")
