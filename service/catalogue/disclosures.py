"""The disclosure table: who is shown what of each item, read from `disclosure.yaml` and refused where it is unsound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from service.catalogue.definitions import Item, Tier
from service.catalogue.loading import catalogue
from service.catalogue.reading import plain, read_yaml
from service.errors import CatalogueInvalid

PATH = Path(__file__).parent / "disclosure.yaml"
# Whatever else is decided, these reach nobody by the table alone (design §2): a recorded decision may show MAPPA facts.
NEVER_BY_TABLE = frozenset({Tier.VICTIM, Tier.MAPPA, Tier.INTELLIGENCE_FLAG})
NEVER_AT_ALL = frozenset({Tier.VICTIM, Tier.INTELLIGENCE_FLAG})


class View(StrEnum):
    """Which of two things is looked at: what was sent, or how it stands now."""

    SENT = "sent"
    LIVE = "live"


class Form(StrEnum):
    """In which form an item is shown."""

    FULL = "full"
    LEVEL = "level"
    YES_NO = "yes_no"
    NEEDED = "needed"
    WITHHELD = "withheld"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Rule:
    """How an item is shown; `reason` is the reason class of one that is withheld."""

    form: Form
    reason: str | None = None


UNDECIDED = Rule(Form.NEVER)


@dataclass(frozen=True)
class DisclosureTable:
    """The rules of one kind of caller. An item without one is never mentioned."""

    rules: Mapping[tuple[View, str], Rule]
    disclosable: frozenset[str]

    def rule(self, view: View, item: str) -> Rule:
        """Return how an item is shown in a view; never, unless somebody decided."""
        return self.rules.get((view, item), UNDECIDED)

    def mentioned(self, view: View) -> tuple[str, ...]:
        """Return the items a view mentions at all, in the table's order."""
        return tuple(item for (of, item), rule in self.rules.items() if of is view and rule.form is not Form.NEVER)

    @cached_property
    def mentioned_live(self) -> tuple[str, ...]:
        """The items the live view mentions, which is made for every summary."""
        return self.mentioned(View.LIVE)

    @cached_property
    def showable_live(self) -> tuple[str, ...]:
        """Every item that the live view may show: one it mentions, or one that may be disclosed by decision."""
        return tuple(dict.fromkeys((*self.mentioned_live, *sorted(self.disclosable))))


@cache
def written_table(kind: str = "provider") -> dict[str, Any]:
    """Return the rules of a kind of caller as the file has them."""
    written: dict[str, Any] = plain(read_yaml(PATH))[kind]
    return written


@cache
def disclosure_table(kind: str = "provider") -> DisclosureTable:
    """Return the rules of a kind of caller; CatalogueInvalid names every line that is unsound."""
    table, faults = read_table(written_table(kind), catalogue().items)
    if faults:
        raise CatalogueInvalid([f"{PATH.name}: {fault}" for fault in faults])
    return table


def read_table(written: Mapping[str, Any], items: Mapping[str, Item]) -> tuple[DisclosureTable, list[str]]:
    """Return the table as written for one kind of caller, and what is wrong with it."""
    faults: list[str] = []
    rules: dict[tuple[View, str], Rule] = {}
    for view in View:
        for tier, item, rule in _rules_in(written.get(view, {})):
            faults += _faults_of(tier, item, items)
            if rule.form is Form.NEEDED and item in items and not items[item].value.is_list_of_kinds:
                faults.append(f"{view}: {item} is no list of kinds, of which a contract could need some")
            if (view, item) in rules:
                faults.append(f"{view}: {item} stands twice")
            if tier in NEVER_BY_TABLE and rule.form is not Form.NEVER:
                faults.append(f"{view}: {item} is {tier}, which no table shows")
            rules[view, item] = rule
    disclosable = [(tier, item) for tier, named in written.get("disclosable", {}).items() for item in named]
    for tier, item in disclosable:
        faults += _faults_of(tier, item, items)
        if tier in NEVER_AT_ALL:
            faults.append(f"disclosable: {item} is {tier}, which nobody may disclose")
    return DisclosureTable(rules, frozenset(item for _, item in disclosable)), faults


def _rules_in(tiers: Mapping[str, Any]) -> Iterator[tuple[str, str, Rule]]:
    for tier, forms in tiers.items():
        for form, named in forms.items():
            classes = named if form == Form.WITHHELD else {None: named}
            for reason, items in classes.items():
                for item in items:
                    yield tier, item, Rule(Form(form), reason)


def _faults_of(tier: str, name: str, items: Mapping[str, Item]) -> list[str]:
    if name not in items:
        return [f"there is no item {name}"]
    held = items[name].tier
    return [] if held == tier else [f"{name} stands under {tier}, and its tier is {held}"]
