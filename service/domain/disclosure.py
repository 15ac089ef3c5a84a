"""The one decision about what a provider is shown of an item: from the table, the view and what was disclosed (§7).

It never looks at whether there is a value before it decides how one would be shown: *withheld* is the same either way,
and what is never mentioned is missing whether it is held or not.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

from service.catalogue.definitions import Tier
from service.catalogue.disclosures import DisclosureTable, Form, Rule, View
from service.domain.calendar import BRITAIN, days_after
from service.domain.profiles import Answers
from service.errors import FieldError

Shown = dict[str, Any]
FULL, NOT_NEEDED = Rule(Form.FULL), Rule(Form.WITHHELD, "not_needed")
# Codes of the catalogue's choices that say there is none, and that nobody knows.
SAYS_NO = ("no", "none", "none_identified", "nothing_held", "not_held", "not_indicated")
NOBODY_KNOWS = ("not_known", "not_asked", "not_set")
LONGEST_DISCLOSURE = 365  # days; ours: what is still needed then is decided again


def decide(
    table: DisclosureTable, view: View, item: str, disclosed: Collection[str] = (), needed: Collection[str] = ()
) -> Rule:
    """Return how an item is shown: as the table says, or in full where it was disclosed by decision.

    `needed` are the kinds of licence condition that the contract needs to know of: where it needs none, they are
    withheld, never said to be none.
    """
    if view is View.LIVE and item in disclosed and item in table.disclosable:
        return FULL
    rule = table.rule(view, item)
    return NOT_NEEDED if rule.form is Form.NEEDED and not needed else rule


def shown(rule: Rule, answer: Mapping[str, Any] | None, needed: Collection[str] = ()) -> Shown | None:
    """Return what is shown of an answer under a rule; None for what is not mentioned.

    `{"withheld": class}` whether or not there is an answer; `{"value": …, "as_of": …}`, both null where nobody has
    said, for the others. Who said it is not shown, nor when where only some kinds of it are.
    """
    if rule.form is Form.NEVER:
        return None
    if rule.form is Form.WITHHELD:
        return {"withheld": rule.reason}
    held = answer or {}
    as_of = None if rule.form is Form.NEEDED else held.get("as_of")
    return {"value": _in_form(rule.form, held.get("value"), needed), "as_of": as_of}


def _in_form(form: Form, value: Any, needed: Collection[str]) -> Any:
    if value is None or form is Form.FULL:
        return value
    if form is Form.NEEDED:
        return [one for one in value if one["kind"] in needed]
    if form is Form.LEVEL:
        return value.get("community") if isinstance(value, Mapping) else value
    return _is_any(value)  # yes_no: only whether there is any


def _is_any(value: Any) -> bool | None:
    """Whether an answer says that there is any, in the catalogue's own codes; None where it says that nobody knows."""
    if isinstance(value, list):
        return any(_is_any(one) for one in value)
    if value in NOBODY_KNOWS:
        return None
    return bool(value) and value not in SAYS_NO


def live_view(
    table: DisclosureTable, answers: Answers, disclosed: Collection[str] = (), needed: Collection[str] = ()
) -> dict[str, Shown]:
    """Return everything a provider is shown of a profile as it stands, by item, for one referral.

    `disclosed` are the items disclosed to them for it by a decision that stands now, `needed` the kinds of licence
    condition that its contract needs.
    """
    mentioned = [*table.mentioned_live, *sorted(set(disclosed) & table.disclosable)]
    view: dict[str, Shown] = {}
    for item in dict.fromkeys(mentioned):
        rule = decide(table, View.LIVE, item, disclosed, needed)
        if (part := shown(rule, answers.get(item), needed)) is not None:
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


class Gateway(StrEnum):
    """On what ground one more thing is disclosed: the decision's author names it, and it stays on the record."""

    PUBLIC_PROTECTION = "public_protection"
    CHILD_SAFEGUARDING = "child_safeguarding"
    ADULT_SAFEGUARDING = "adult_safeguarding"
    CONSENT = "consent"
    MAPPA_DECISION = "mappa_decision"


def faults_in_disclosure(
    item: str,
    gateway: Gateway,
    expires_on: datetime.date,
    *,
    table: DisclosureTable,
    tier: Tier | None,
    today: datetime.date,
) -> list[FieldError]:
    """Return what stands against disclosing an item; `tier` is the item's, None where there is no such item.

    MAPPA detail reaches a provider only by a decision of the panel (design §2); nothing is disclosed without an end.
    """
    faults = []
    if tier is None or item not in table.disclosable:
        faults.append(FieldError("/item", "not-disclosable", "This item cannot be disclosed by decision."))
    elif tier is Tier.MAPPA and gateway is not Gateway.MAPPA_DECISION:
        faults.append(FieldError("/gateway", "needs-mappa-decision", "Only a MAPPA decision discloses MAPPA detail."))
    if not today <= expires_on <= days_after(today, LONGEST_DISCLOSURE):
        last = days_after(today, LONGEST_DISCLOSURE).isoformat()
        faults.append(FieldError("/expires_on", "out-of-range", f"Name a day from {today.isoformat()} to {last}."))
    return faults


def end_of(day: datetime.date) -> datetime.datetime:
    """Return the instant a day ends in England and Wales: a disclosure that expires on it stands until then."""
    return datetime.datetime.combine(days_after(day, 1), datetime.time(), tzinfo=BRITAIN).astimezone(datetime.UTC)
