"""What an end-of-service report must say: of each outcome that stands, how far it was reached."""

from collections.abc import Collection
from enum import StrEnum

from service.errors import FieldError


class Result(StrEnum):
    """How far an outcome was reached."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"


def faults_in_report(outcomes: Collection[str], said: Collection[str]) -> list[FieldError]:
    """Return what is wrong with a report: an outcome it says nothing of, or one that was not asked for."""
    missing = [
        FieldError(f"/outcomes/{one}", "missing", "Say how far this outcome was reached.")
        for one in outcomes
        if one not in said
    ]
    astray = [
        FieldError(f"/outcomes/{one}", "not-in-referral", "The referral does not ask for this outcome.")
        for one in said
        if one not in outcomes
    ]
    return missing + astray
