"""The one decision about what a provider is shown of an item: from the table, the view and what was disclosed (§7).

It never looks at whether there is a value before it decides how one would be shown: *withheld* is the same either way,
and what is never mentioned is missing whether it is held or not.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from service.catalogue.disclosures import DisclosureTable, Form, Rule, View
from service.domain.profiles import Answers

Shown = dict[str, Any]
FULL = Rule(Form.FULL)


def decide(table: DisclosureTable, view: View, item: str, disclosed: Collection[str] = ()) -> Rule:
    """Return how an item is shown: as the table says, or in full where it was disclosed by decision."""
    if view is View.LIVE and item in disclosed and item in table.disclosable:
        return FULL
    return table.rule(view, item)


def shown(rule: Rule, answer: Mapping[str, Any] | None) -> Shown | None:
    """Return what is shown of an answer under a rule; None for what is not mentioned.

    `{"withheld": class}` whether or not there is an answer; `{"value": …, "as_of": …}`, both null where nobody has
    said, for the others. Who said it is not shown.
    """
    if rule.form is Form.NEVER:
        return None
    if rule.form is Form.WITHHELD:
        return {"withheld": rule.reason}
    held = answer or {}
    return {"value": _in_form(rule.form, held.get("value")), "as_of": held.get("as_of")}


def _in_form(form: Form, value: Any) -> Any:
    if value is None or form is Form.FULL:
        return value
    if form is Form.LEVEL:
        return value.get("community") if isinstance(value, Mapping) else value
    return bool(value)  # yes_no: only whether there is any


def live_view(table: DisclosureTable, answers: Answers, disclosed: Collection[str] = ()) -> dict[str, Shown]:
    """Return everything a provider is shown of a profile as it stands, by item, for one referral.

    `disclosed` are the items disclosed to them for it by a decision that stands now.
    """
    mentioned = [*table.mentioned(View.LIVE), *sorted(set(disclosed) & table.disclosable)]
    view: dict[str, Shown] = {}
    for item in dict.fromkeys(mentioned):
        if (part := shown(decide(table, View.LIVE, item, disclosed), answers.get(item))) is not None:
            view[item] = part
    return view


def changed_items(before: Mapping[str, Shown], after: Mapping[str, Shown]) -> list[str]:
    """Return the items of which something else is shown now, in order: what a change means to this provider."""
    return sorted(item for item in before.keys() | after.keys() if before.get(item) != after.get(item))


def standing(disclosures: Iterable[Mapping[str, Any]], at: datetime.datetime) -> frozenset[str]:
    """Return the items disclosed by decisions that stand at an instant: decided, not yet expired, not withdrawn."""
    return frozenset(
        one["item"]
        for one in disclosures
        if one["decided_at"] <= at < one["expires_at"] and (one["withdrawn_at"] is None or at < one["withdrawn_at"])
    )
