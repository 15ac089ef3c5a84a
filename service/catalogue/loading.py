"""Loading the catalogue: items and packs from their files, every fault in all of them reported at once."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from service.catalogue.conditions import Condition
from service.catalogue.definitions import (
    RECORD_SYSTEMS,
    AgeLimit,
    Catalogue,
    Item,
    Pack,
    Question,
    QuestionKind,
    Refusal,
    Reuse,
    Section,
    Tier,
    Window,
    reads,
)
from service.catalogue.reading import LINE, Faults, plain, read_yaml
from service.catalogue.values import value_of
from service.errors import CatalogueInvalid

CATALOGUE_FOLDER = Path(__file__).parent
BROKER_HAS_SENT = "broker_has_sent_"
CONTEXT_NAMES = frozenset(
    {"today", "recipient", "recipient_categories", "recipient_is_cohort", "recipient_area", "narratives_reworded"}
)
ITEM_KEYS = {"label", "help", "value", "reuse", "tier", "held_by", "maximum_age", "may_retraumatise"}
QUESTION_KEYS = {
    *("id", "item", "derive", "recipient", "label", "help", "value", "reuse", "tier", "asked_when", "required_when"),
    *("max_length", "covers", "options", "writes", "refused_when"),
}
PACK_KEYS = {"pack", "version", "label", "form", "booleans", "sections"}
WINDOW_KEYS = {"question", "opens_months_before", "code", "reason"}
SECTION_KEYS = {"id", "label", "questions"}
RECIPIENT_VALUE = value_of({"type": "string", "max_length": 60})


@cache
def catalogue() -> Catalogue:
    """Return the catalogue of this release, read once."""
    return load_catalogue(CATALOGUE_FOLDER)


def load_catalogue(folder: Path) -> Catalogue:
    """Read every item and pack below a folder; CatalogueInvalid lists all that is wrong with them."""
    faults: list[str] = []
    items: dict[str, Item] = {}
    for path in sorted((folder / "items").glob("*.yaml")):
        _read_items(path, items, faults)
    packs: dict[tuple[str, str], Pack] = {}
    for path in sorted((folder / "packs").glob("*/*.yaml")):
        pack = _read_pack(path, items, faults)
        if pack is not None:
            packs[pack.name, pack.version] = pack
    if faults:
        raise CatalogueInvalid(faults)
    current = {name: max(version for known, version in packs if known == name) for name, _ in packs}
    return Catalogue(items=items, packs=packs, current_versions=current)


def _read_items(path: Path, items: dict[str, Item], into: list[str]) -> None:
    faults = Faults(path.name, into)
    content = read_yaml(path) or {}
    for name, definition in content.items():
        if name == LINE:
            continue
        if not isinstance(definition, dict):
            faults.add(content[LINE], str(name), "an item is a mapping")
        elif name in items:
            faults.add(definition[LINE], str(name), "another file has an item of this name")
        else:
            items[name] = _item(str(name), definition, path.stem, faults)


def _item(name: str, definition: Mapping[str, Any], group: str, faults: Faults) -> Item:
    faults.unknown_keys(definition, ITEM_KEYS, name)
    faults.required(definition, ("label", "value", "reuse", "tier"), name)
    held_by = tuple(definition.get("held_by", ()))
    for system in set(held_by) - set(RECORD_SYSTEMS):
        faults.add(definition[LINE], f"{name}.held_by", f"{system} is not a record system")
    age = None
    if "maximum_age" in definition:
        age = faults.word(AgeLimit, definition, f"{name}.maximum_age", AgeLimit.OASYS)
    return Item(
        name=name,
        label=str(definition.get("label", "")),
        help=str(definition.get("help", "")),
        value=faults.value(definition, name),
        reuse=faults.word(Reuse, definition, f"{name}.reuse", Reuse.FACT),
        tier=faults.word(Tier, definition, f"{name}.tier", Tier.STANDARD),
        held_by=held_by,
        maximum_age=age,
        may_retraumatise=bool(plain(definition.get("may_retraumatise", False))),
        group=group,
    )


def _read_pack(path: Path, items: Mapping[str, Item], into: list[str]) -> Pack | None:
    faults = Faults(f"{path.parent.name}/{path.name}", into)
    content = read_yaml(path)
    if not isinstance(content, dict):
        faults.add(1, "pack", "a pack is a mapping")
        return None
    faults.unknown_keys(content, PACK_KEYS | {"windows"}, "pack")
    faults.required(content, tuple(PACK_KEYS), "pack")
    if (content.get("pack"), str(content.get("version"))) != (path.parent.name, path.stem):
        faults.add(content[LINE], "version", "pack and version are the folder's and the file's names")
    sections = tuple(_section(section, items, faults) for section in content.get("sections", ()))
    pack = Pack(
        name=str(content.get("pack", path.parent.name)),
        version=str(content.get("version", path.stem)),
        label=str(content.get("label", "")),
        form=str(content.get("form", "")),
        booleans=str(content.get("booleans", "")),
        sections=sections,
        inputs=(),
        windows=tuple(_window(window, faults) for window in content.get("windows") or ()),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        path=faults.path,
    )
    pack = replace(pack, inputs=_inputs(pack, items))
    _refuse_repeats_and_cycles(pack, faults)
    return pack


def _section(content: Mapping[str, Any], items: Mapping[str, Item], faults: Faults) -> Section:
    key = f"sections.{content.get('id', '?')}"
    faults.unknown_keys(content, SECTION_KEYS, key)
    faults.required(content, tuple(SECTION_KEYS), key)
    questions = tuple(
        question
        for entry in content.get("questions", ())
        if (question := _question(entry, str(content.get("id", "")), items, faults)) is not None
    )
    return Section(id=str(content.get("id", "")), label=str(content.get("label", "")), questions=questions)


def _question(entry: Mapping[str, Any], section: str, items: Mapping[str, Item], faults: Faults) -> Question | None:
    item = items.get(entry["item"]) if "item" in entry else None
    name = "recipient" if "recipient" in entry else str(entry.get("id") or entry.get("item") or "")
    faults.unknown_keys(entry, QUESTION_KEYS, name)
    if not name:
        faults.add(entry[LINE], "id", "a question needs an id")
        return None
    if "item" in entry and item is None:
        faults.add(entry[LINE], f"{name}.item", f"there is no item {entry['item']}")
        return None
    kind = _kind(entry)
    if kind in (QuestionKind.OWN, QuestionKind.DERIVED):
        faults.required(entry, ("label", "value"), name)
    if kind is QuestionKind.BOUND and {"value", "reuse", "tier"} & set(entry):
        faults.add(entry[LINE], name, "value, reuse and tier belong to the item")
    return _read_question(entry, kind, item, faults.at(name), section)


def _kind(entry: Mapping[str, Any]) -> QuestionKind:
    if "item" in entry:
        return QuestionKind.BOUND
    if "derive" in entry:
        return QuestionKind.DERIVED
    return QuestionKind.RECIPIENT if "recipient" in entry else QuestionKind.OWN


def _read_question(
    entry: Mapping[str, Any], kind: QuestionKind, item: Item | None, faults: Faults, section: str
) -> Question:
    name = faults.name
    value = item.value if item else RECIPIENT_VALUE
    reuse, tier = (item.reuse, item.tier) if item else (Reuse.DESTINATION, Tier.STANDARD)
    if kind in (QuestionKind.OWN, QuestionKind.DERIVED):
        value = faults.value(entry, name)
        reuse = faults.word(Reuse, entry, f"{name}.reuse", Reuse.FACT if "derive" in entry else Reuse.DESTINATION)
        tier = faults.word(Tier, entry, f"{name}.tier", Tier.STANDARD)
    return Question(
        id=name,
        kind=kind,
        label=str(entry.get("label") or (item.label if item else "Who is the referral to")),
        help=str(entry.get("help") or (item.help if item else "")),
        value=value,
        reuse=reuse,
        tier=tier,
        section=section,
        item=item.name if item else None,
        derive=faults.condition(entry, "derive", name),
        asked_when=faults.condition(entry, "asked_when", name),
        required_when=faults.condition(entry, "required_when", name),
        max_length=entry.get("max_length"),
        covers=tuple(entry.get("covers") or ()),
        options={str(code): str(mapped) for code, mapped in (entry.get("options") or {}).items() if code != LINE},
        writes=_writes(entry, faults),
        refused_when=_refusals(entry, faults),
        line=entry[LINE],
    )


def _writes(entry: Mapping[str, Any], faults: Faults) -> dict[str, Condition]:
    writes = entry.get("writes") or {}
    compiled = {row: faults.condition(writes, row, f"{faults.name}.writes") for row in writes if row != LINE}
    return {row: condition for row, condition in compiled.items() if condition is not None}


def _refusals(entry: Mapping[str, Any], faults: Faults) -> tuple[Refusal, ...]:
    refusals = []
    for refusal in entry.get("refused_when") or ():
        key = f"{faults.name}.refused_when"
        faults.unknown_keys(refusal, {"when", "code", "reason"}, key)
        faults.required(refusal, ("when", "code", "reason"), key)
        when = faults.condition(refusal, "when", key)
        if when is not None:
            refusals.append(Refusal(when, str(refusal.get("code")), str(refusal.get("reason"))))
    return tuple(refusals)


def _window(content: Mapping[str, Any], faults: Faults) -> Window:
    faults.unknown_keys(content, WINDOW_KEYS | {"asked_when"}, "windows")
    faults.required(content, tuple(WINDOW_KEYS), "windows")
    return Window(
        question=str(content.get("question")),
        opens_months_before=int(content.get("opens_months_before", 0)),
        code=str(content.get("code")),
        reason=str(content.get("reason")),
        asked_when=faults.condition(content, "asked_when", "windows"),
        line=content[LINE],
    )


def _inputs(pack: Pack, items: Mapping[str, Item]) -> tuple[Question, ...]:
    """The items that only derivations read, and the choice of recipient where the form has no place for it."""
    asked = {question.id for question in pack.questions}
    wanted: dict[str, Question] = {}
    for question in pack.questions:
        for name in sorted(question.derive.sources if question.derive else ()):
            if name in items and name not in asked and name not in wanted:
                wanted[name] = _input(items[name], question)
    if "recipient" not in asked and pack.sections:
        wanted["recipient"] = _recipient(pack.sections[0].id)
    return tuple(wanted.values())


def _recipient(section: str) -> Question:
    return Question(
        id="recipient",
        kind=QuestionKind.RECIPIENT,
        label="Who is the referral to",
        value=RECIPIENT_VALUE,
        reuse=Reuse.DESTINATION,
        tier=Tier.STANDARD,
        section=section,
    )


def _input(item: Item, derived: Question) -> Question:
    return Question(
        id=item.name,
        kind=QuestionKind.INPUT,
        label=item.label,
        help=item.help,
        value=item.value,
        reuse=item.reuse,
        tier=item.tier,
        section=derived.section,
        item=item.name,
        line=derived.line,
    )


def _refuse_repeats_and_cycles(pack: Pack, faults: Faults) -> None:
    seen: set[str] = set()
    for question in pack.questions:
        if question.id in seen:
            faults.add(question.line, question.id, "another question of this pack has this id")
        seen.add(question.id)
    for cycle in _cycles(pack):
        faults.add(pack.by_id[cycle[0]].line, cycle[0], f"its conditions go round in a circle: {' → '.join(cycle)}")


def _cycles(pack: Pack) -> list[list[str]]:
    cycles: list[list[str]] = []
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> None:
        if name in trail:
            cycles.append([*trail[trail.index(name) :], name])
        elif name not in done and name in pack.by_id:
            for read in sorted(reads(pack.by_id[name])):
                walk(read, [*trail, name])
            done.add(name)

    for question in pack.questions:
        walk(question.id, [])
    return cycles
