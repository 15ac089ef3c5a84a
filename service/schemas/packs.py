"""The catalogue as callers see it: items, packs, and a pack as JSON Schema."""

from functools import cache
from typing import Any

from pydantic import BaseModel, Field

from service.catalogue.definitions import Catalogue, Item, Pack, Question, QuestionKind
from service.catalogue.inventories import NO_FORM, inventory


class ItemShown(BaseModel):
    """One thing that can be known about a person."""

    name: str
    label: str
    help: str
    value_schema: dict[str, Any] = Field(serialization_alias="schema")
    reuse: str
    tier: str
    held_by: list[str]
    maximum_age: str | None
    may_retraumatise: bool
    packs: list[str]


class ItemList(BaseModel):
    """Every item of the catalogue."""

    items: list[ItemShown]
    next: str | None


class PackSummary(BaseModel):
    """A pack and its versions."""

    pack: str
    label: str
    form: str
    current_version: str
    versions: list[str]


class PackList(BaseModel):
    """Every pack a referral can be made of."""

    items: list[PackSummary]
    next: str | None


class PackQuestion(BaseModel):
    """One question of a pack. Conditions are CEL, read over item and question names."""

    id: str
    kind: str
    item: str | None
    label: str
    help: str
    value_schema: dict[str, Any] = Field(serialization_alias="schema")
    reuse: str
    tier: str
    asked_when: str | None
    required_when: str | None
    derived_by: str | None
    max_length: int | None
    covers: list[str]
    checked_against_the_form: bool


class PackSection(BaseModel):
    """A heading of the form and its questions."""

    id: str
    label: str
    questions: list[PackQuestion]


class PackShown(BaseModel):
    """One version of a pack, whole."""

    pack: str
    version: str
    label: str
    form: str
    digest: str
    sections: list[PackSection]


@cache
def _unchecked_rows() -> frozenset[str]:
    """The rows nobody has checked against the current form (MAPPA's, which is not published)."""
    return frozenset(row.id for row in inventory().values() if row.unchecked)


def item_shown(item: Item, catalogue: Catalogue) -> ItemShown:
    """Return an item, with the current packs that ask it."""
    packs = [name for name in catalogue.pack_names if item.name in catalogue.pack(name).by_item]
    return ItemShown(
        name=item.name,
        label=item.label,
        help=item.help,
        value_schema=item.value.json_schema(),
        reuse=str(item.reuse),
        tier=str(item.tier),
        held_by=list(item.held_by),
        maximum_age=item.maximum_age,
        may_retraumatise=item.may_retraumatise,
        packs=packs,
    )


def pack_summary(name: str, catalogue: Catalogue) -> PackSummary:
    """Return a pack's current version and every version there is."""
    pack = catalogue.pack(name)
    versions = sorted(version for known, version in catalogue.packs if known == name)
    return PackSummary(pack=name, label=pack.label, form=pack.form, current_version=pack.version, versions=versions)


def pack_shown(pack: Pack) -> PackShown:
    """Return a version of a pack, question by question."""
    return PackShown(
        pack=pack.name,
        version=pack.version,
        label=pack.label,
        form=pack.form,
        digest=pack.digest,
        sections=[
            PackSection(
                id=section.id,
                label=section.label,
                questions=[_pack_question(question, pack.form) for question in section.questions],
            )
            for section in pack.sections
        ],
    )


def _pack_question(question: Question, form: str) -> PackQuestion:
    return PackQuestion(
        id=question.id,
        kind=str(question.kind),
        item=question.item,
        label=question.label,
        help=question.help,
        value_schema=question.value.json_schema(),
        reuse=str(question.reuse),
        tier=str(question.tier),
        asked_when=question.asked_when.source if question.asked_when else None,
        required_when=question.required_when.source if question.required_when else None,
        derived_by=question.derive.source if question.derive else None,
        max_length=question.max_length or question.value.max_length,
        covers=list(question.covers),
        checked_against_the_form=form != NO_FORM and not _unchecked_rows() & set(question.covers),
    )


def pack_json_schema(pack: Pack) -> dict[str, Any]:
    """Return a pack as one JSON Schema (2020-12), so that a form can be drawn from it.

    Each question is a property in the form's order; `x-asked-when` and `x-required-when` carry its conditions,
    `x-section` its heading, `x-item` the shared item it answers. Derived questions are read-only.
    """
    properties = {question.id: _property(question) for question in pack.questions}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/v1/packs/{pack.name}?version={pack.version}",
        "title": pack.label,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _property(question: Question) -> dict[str, Any]:
    schema = {**question.value.json_schema(), "title": question.label, "x-section": question.section}
    if question.help:
        schema["description"] = question.help
    if question.item is not None:
        schema["x-item"] = question.item
    if question.kind is QuestionKind.DERIVED:
        schema["readOnly"] = True
    for name, condition in (("x-asked-when", question.asked_when), ("x-required-when", question.required_when)):
        if condition is not None:
            schema[name] = condition.source
    if question.value.options:
        schema["x-options"] = question.value.options
    return schema
