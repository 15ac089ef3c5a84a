"""The catalogue as somebody may know it: to a provider, what it must not know of does not exist (§7)."""

from dataclasses import replace
from functools import cache

from service.access.callers import Caller
from service.catalogue.definitions import Catalogue, Pack, Question, Section
from service.catalogue.disclosures import DisclosureTable, Form, View, disclosure_table
from service.catalogue.loading import catalogue
from service.domain.sent_views import rule_of_question
from service.operations.organisations import PACK


def catalogue_for(caller: Caller, whole: Catalogue) -> Catalogue:
    """Return the catalogue a caller may read."""
    return provided_catalogue() if caller.provides else whole


@cache
def provided_catalogue() -> Catalogue:
    """Return the items that the disclosure table mentions, and the forms sent to providers without the others."""
    whole, table = catalogue(), disclosure_table()
    mentioned = {item for view in View for item in table.mentioned(view)}
    return Catalogue(
        items={name: item for name, item in whole.items.items() if name in mentioned},
        packs={key: _provided(pack, table) for key, pack in whole.packs.items() if key[0] == PACK},
        current_versions={PACK: whole.current_versions[PACK]},
    )


def _provided(pack: Pack, table: DisclosureTable) -> Pack:
    shown = {one.id for one in pack.questions if rule_of_question(table, one, pack).form is not Form.NEVER}
    sections = [replace(section, questions=_shown(section, shown)) for section in pack.sections]
    return replace(pack, sections=tuple(section for section in sections if section.questions), inputs=())


def _shown(section: Section, shown: set[str]) -> tuple[Question, ...]:
    return tuple(_without_hidden_grounds(one, shown) for one in section.questions if one.id in shown)


def _without_hidden_grounds(question: Question, shown: set[str]) -> Question:
    """Return a question without the conditions that turn on what is not shown: they would name it."""
    known = shown | {"recipient"}
    asked, required = (
        condition if condition is not None and condition.sources <= known else None
        for condition in (question.asked_when, question.required_when)
    )
    return replace(question, asked_when=asked, required_when=required)
