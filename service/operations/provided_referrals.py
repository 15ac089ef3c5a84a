"""A provider's reads: what was sent, and the live summary beside it, each item by the one decision about disclosure."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from service.access.callers import Caller
from service.access.records import AccessRecord
from service.catalogue.definitions import Catalogue
from service.catalogue.disclosures import DisclosureTable, disclosure_table
from service.db import Session
from service.documents.contents import ReferralContents
from service.documents.referrals import referral_contents
from service.domain import sent_views, snapshots
from service.domain.disclosure import live_view
from service.schemas.provided_referrals import (
    LiveSummary,
    ProvidedReferral,
    ProvidedSection,
    ProvidedSummary,
)
from service.store import provided_referrals as store

SENDER = "the probation practitioner"  # who that is, the form's own answers say
Provided = Mapping[str, Any]


def as_sent(referral: Provided, catalogue: Catalogue, record: AccessRecord) -> ProvidedReferral:
    """Return a referral as it was sent; what its provider must not know of is in no part of it."""
    return ProvidedReferral(
        **ProvidedSummary.fields_of(referral),
        version_sent_at=referral["version_sent_at"],
        sections=sections_as_sent(referral, catalogue, record, disclosure_table()),
    )


def sections_as_sent(
    referral: Provided, catalogue: Catalogue, record: AccessRecord, table: DisclosureTable
) -> list[ProvidedSection]:
    """Return what was sent as a disclosure table shows it, and note it on the record."""
    found = _sections(referral, catalogue, record, table)
    return [ProvidedSection.model_validate(section) for section in found]


def document_contents(
    referral: Provided, catalogue: Catalogue, record: AccessRecord, now: datetime.datetime
) -> ReferralContents:
    """Return what a document of the referral says to its provider: what was sent, through the same decision.

    The version's digest, its differences and the checks it was sent past are made from everything that was sent, so
    none of them is in it.
    """
    version = {"number": referral["version"], "submitted_at": referral["version_sent_at"], "submitted_by": SENDER}
    return referral_contents(
        {"sections": _sections(referral, catalogue, record, disclosure_table())},
        catalogue.pack(referral["pack"], referral["pack_version"]),
        {**referral, "recipient_name": referral["contract_title"] or referral["recipient_id"]},
        {**version, "digest": None, "differences": None},
        now,
    )


def _sections(
    referral: Provided, catalogue: Catalogue, record: AccessRecord, table: DisclosureTable
) -> list[dict[str, Any]]:
    pack = catalogue.pack(referral["pack"], referral["pack_version"])
    sections = sent_views.sent_sections(table, referral["content"], pack)
    _note(record, snapshots.questions_of({"sections": sections}), "id")
    return sections


async def find_beside(
    session: Session, referral_id: uuid.UUID, catalogue: Catalogue, caller: Caller, now: datetime.datetime
) -> Provided | None:
    """Return a referral with all that its live summary is made from; None whether absent or hidden."""
    items, bound = disclosure_table().showable_live, catalogue.questions_by_item
    questions = {question for item in items for question in bound.get(item, ())}
    return await store.find_beside(session, referral_id, (items, sorted(questions)), caller, now)


def live_summary(
    referral: Provided, catalogue: Catalogue, record: AccessRecord, table: DisclosureTable | None = None
) -> LiveSummary:
    """Return risk and safeguarding as they stand beside what was sent, every difference marked.

    `referral` holds `answers` and, as `sent`, the questions sent. `table` is the one then in force, where another time
    than now is asked about.
    """
    table, disclosed = table or disclosure_table(), frozenset(referral["disclosed"])
    needed = referral["conditions_needed"]
    live = live_view(table, referral["answers"], disclosed, needed)
    rows = sent_views.beside(table, _sent_by_item(referral, catalogue), live, disclosed, needed)
    _note(record, [{"item": row["item"], **row["now"]} for row in rows], "item")
    # By which gateway any of it was disclosed, where a recorded decision was among the reasons it is shown.
    record.gateway = ", ".join(referral["gateways"]) or None
    summary = {
        "referral_id": referral["id"],
        "crn": referral["crn"],
        "sent_at": referral["version_sent_at"],
        "conditions_needed": needed,
        "items": [{"label": catalogue.items[row["item"]].label, **row} for row in rows],
        "differences": [row["item"] for row in rows if row["differs"]],
    }
    # The whole of it at once, which takes a fraction of making each part by itself.
    return LiveSummary.model_validate(summary)


def _sent_by_item(referral: Provided, catalogue: Catalogue) -> dict[str, Any]:
    asked = catalogue.pack(referral["pack"], referral["pack_version"]).by_id
    bound = {question["id"]: question for question in referral["sent"] if question["id"] in asked}
    return {item: question for name, question in bound.items() if (item := asked[name].item) is not None}


def _note(record: AccessRecord, shown: list[dict[str, Any]], name: str) -> None:
    """Put on the record what was shown by name, and what was said to be withheld."""
    record.items.extend(one[name] for one in shown if "withheld" not in one)
    record.withholds(one[name] for one in shown if "withheld" in one)
