"""What a provider could see of a person at an instant that has passed, from what began and ended before and after it.

What is not on record is named, never guessed: decision record 15 lists it.
"""

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.domain.lifecycle import OPEN_STATUSES


class NotKnown(StrEnum):
    """What cannot be known of an instant."""

    RESTRICTION = "restriction"
    ORGANISATION = "organisation"
    CONTRACT_CONDITIONS = "contract_conditions"
    DISCLOSURE_TABLE = "disclosure_table"
    REFERRAL_STATUS = "referral_status"
    MUST_NOT_RECEIVE = "must_not_receive"
    MERGED_SINCE = "merged_since"
    NARROWED_TOKENS = "narrowed_tokens"


# Of no instant is it kept to which one referral a token was narrowed: the record of access says what each read showed.
ALWAYS_NOT_KNOWN = (NotKnown.NARROWED_TOKENS,)
# What was only noted beside the answer that stood.
NOTED = frozenset({"older", "set_aside"})


@dataclass(frozen=True, slots=True)
class Held:
    """How something stood at an instant; `known` is false where nothing on record says so."""

    value: Mapping[str, Any]
    known: bool = True


def held_at(
    rows: Sequence[Mapping[str, Any]],
    at: datetime.datetime,
    *,
    kept_since: datetime.datetime,
    today: Mapping[str, Any],
    first: Mapping[str, Any] | None = None,
) -> Held:
    """Return how something stood at an instant, from its rows in order of time; without any, it stands as it did.

    Before its first row it stood as `first`, or as that row says; of before these rows were kept, nothing is known.
    """
    known = at >= kept_since
    before = [row for row in rows if row["recorded_at"] <= at]
    if before:
        return Held(before[-1]["held"])
    if not rows:
        return Held(today, known)
    began_earlier = first is None or rows[0]["recorded_at"] <= kept_since
    return Held(rows[0]["held"] if began_earlier or first is None else first, known)


def answers_at(history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answers that stood after these changes, in order; what was only noted beside one changes nothing."""
    answers: dict[str, Any] = {}
    for change in history:
        if change["change"] in NOTED:
            continue
        if change["answer"] is None:
            answers.pop(change["item"], None)
        else:
            answers[change["item"]] = change["answer"]
    return answers


def status_at(
    referral: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], at: datetime.datetime
) -> tuple[str, datetime.datetime] | None:
    """Return a referral's status at an instant, and since when; None where no step says it.

    `steps` are those up to then, in order. What has not moved since is as it stands now.
    """
    if referral["status_since"] <= at:
        return referral["status"], referral["status_since"]
    moved = [step for step in steps if step["from_status"] != step["to_status"]]
    return (moved[-1]["to_status"], moved[-1]["at"]) if moved else None


def was_open_to_provider(
    status: tuple[str, datetime.datetime] | None, at: datetime.datetime, closing: datetime.timedelta
) -> bool:
    """Whether a sent referral was open, or had ended so short a time ago that its provider went on seeing it."""
    if status is None or status[0] in OPEN_STATUSES:
        return True
    return status[1] > at - closing


def workers_who_saw(
    workers: Collection[str], named: Collection[str], limits: Mapping[str, Any], barred: Collection[str]
) -> list[str]:
    """Return which of an organisation's workers could see a referral, under the case's limits at that instant."""
    shown = set(workers) - set(limits["excluded"]) - set(barred)
    return sorted(shown & set(named) if limits["restricted"] else shown)
