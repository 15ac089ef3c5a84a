"""An invented case whose profile is full, and referrals for the home afterwards made ready to send from it."""

import datetime
from dataclasses import replace
from typing import Any

from httpx import AsyncClient, Response

from service.db import Session
from service.demonstration.figures import Figures
from service.demonstration.people import DemonstrationCase, WantedReferral, read_cases
from service.demonstration.playing import Cast, Played, amend, answer_everything, generate, open_case
from service.models.recipients import Recipient
from tests import rows
from tests.routes.conftest import AsRole

REASONS = {
    "reasons": {
        "domestic_abuse_check_outstanding": "Asked on Monday.",
        "child_safeguarding_check_outstanding": "None known.",
        "not_eligible": "The manager agreed.",
    }
}


def invented(number: int, today: datetime.date) -> DemonstrationCase:
    """Return one of the four invented cases, its dates counted from a day."""
    return read_cases(today)[number - 1]


async def add_place(
    session: Session,
    place: str,
    pack: str = "duty_to_refer",
    area: str = "london",
    organisation: str | None = None,
) -> str:
    """Commit a council or a scheme; return its id."""
    known = Recipient(id=place, pack=pack, name=f"{place} (invented)", organisation=organisation or place, area=area)
    await rows.merge(session, known)
    await session.commit()
    return place


async def open_known_case(as_role: AsRole, crn: str, case: DemonstrationCase) -> Cast:
    """Open a case and tell its profile everything the invented case knows; return its callers."""
    cast = Cast(as_role("practitioner", worker=f"p-{crn.lower()}"), as_role("record_system"), as_role("manager"))
    await open_case(cast, case, crn)
    answers: dict[str, Any] = {item: {"value": value} for item, value in case.known.items()}
    await amend(cast.practitioner, crn, answers)
    return cast


async def ready(cast: Cast, case: DemonstrationCase, crn: str, pack: str, recipient: str, **own: Any) -> str:
    """Return a draft of a pack with everything answered; `own` answers in place of the invented ones."""
    answers = {**case.own[pack], **own}
    only = replace(case, wanted=(WantedReferral(pack, recipient),), own={**case.own, pack: answers})
    played = Played(crn, {}, Figures(case.title))
    await generate(cast, only, played)
    await answer_everything(cast, only, played)
    return played.referrals[pack]


async def send(client: AsyncClient, referral: str) -> Response:
    """Send a referral past every warning."""
    return await client.post(f"/v1/referrals/{referral}/submission", json=REASONS)


async def lacks(client: AsyncClient, referral: str) -> list[str]:
    """Return the codes of what a draft still lacks."""
    return [lack["code"] for lack in (await client.get(f"/v1/referrals/{referral}")).json()["lacks"]]
