"""A duty to refer that this service sends is a fact about the person: what the profile learns of each act on it."""

import datetime
from typing import Any

from service.domain.lifecycle import Action, Status

PACK = "duty_to_refer"
# Sent and not answered yet: what a newer referral takes the place of, and what runs out.
UNANSWERED = (Status.SUBMITTED, Status.RECEIVED, Status.QUERY)
# The coded reason with which an earlier referral is withdrawn when a newer one is sent.
NEW_REFERRAL = "new_referral"
LONGEST_COUNCIL = 120
LONGEST_DETAIL = 1000
PENDING = "pending"


def answers_once_sent(council: str, sent_on: datetime.date) -> dict[str, Any]:
    """Return what the profile says once a referral is sent: made, on which day, to whom, and nothing heard yet.

    None takes back what was said of an earlier one.
    """
    return {
        "duty_to_refer_made": True,
        "duty_to_refer_made_on": sent_on.isoformat(),
        "duty_to_refer_council": council[:LONGEST_COUNCIL],
        "duty_to_refer_reference": None,
        "duty_to_refer_outcome": PENDING,
        "duty_to_refer_refusal_detail": None,
    }


def answers_once_decided(action: Action, reason: str | None, note: str | None) -> dict[str, Any]:
    """Return what the profile says once the council has decided, or its decision is taken up again; {} for other acts.

    The codes are those of the council's outcomes (`catalogue/reasons.yaml`), as the item for the outcome has them.
    """
    if action is Action.ACCEPTANCE:
        return {"duty_to_refer_outcome": f"accepted_{reason}", "duty_to_refer_refusal_detail": None}
    if action is Action.REJECTION:
        detail = note[:LONGEST_DETAIL] if note and reason == "other" else None
        return {"duty_to_refer_outcome": f"rejected_{reason}", "duty_to_refer_refusal_detail": detail}
    if action is Action.REOPENING:
        return {"duty_to_refer_outcome": PENDING, "duty_to_refer_refusal_detail": None}
    return {}
