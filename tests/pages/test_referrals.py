"""A referral is checked and sent over pages as it would be over the API: once, as it was seen, or with every reason."""

import re
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from service.db import Session
from tests import make
from tests.pages.conftest import SignIn
from tests.routes.callers import AsRole
from tests.routes.drafting import CHECKS, know, ready_housing, refer

pytestmark = pytest.mark.usefixtures("two_packs")
REASONS = {f"reason-{code}": why for code, why in CHECKS.items()}
Ready = Callable[[], Awaitable[str]]


@pytest.fixture
async def ready(committing: Session, as_role: AsRole, crn: str) -> str:
    """Return a referral with nothing left but to send it."""
    await make.open_case(committing, crn)
    await committing.commit()
    return await ready_housing(as_role("practitioner"), crn)


async def test_a_referral_is_sent_once_however_often_the_button_is_pressed(
    sign_in: SignIn, as_role: AsRole, ready: str
) -> None:
    visitor, address = await sign_in("practitioner"), f"/pages/referrals/{ready}"
    page = await visitor.get(address)

    sent = [await visitor.fill(page, f"{address}/submission", **REASONS) for _ in range(2)]

    assert [answer.status_code for answer in sent] == [303, 303]
    assert {answer.headers["location"] for answer in sent} == {f"{address}?sent=now"}
    assert "Referral sent" in (await visitor.get(f"{address}?sent=now")).text
    assert (await as_role("practitioner").get(f"/v1/referrals/{ready}")).json()["version"] == 1


async def test_sending_says_everything_that_stands_in_the_way_and_keeps_what_was_written(
    sign_in: SignIn, ready: str
) -> None:
    visitor, address = await sign_in("practitioner"), f"/pages/referrals/{ready}"
    one_reason = dict(list(REASONS.items())[:1])

    refused = await visitor.fill(await visitor.get(address), f"{address}/submission", **one_reason)

    assert refused.status_code == 409
    assert next(iter(one_reason.values())) in refused.text
    assert f'href="#{list(REASONS)[1]}"' in refused.text
    again = await visitor.fill(refused, f"{address}/submission", **REASONS)
    assert again.status_code == 303


async def test_what_changed_since_it_was_checked_is_not_sent_unseen(
    sign_in: SignIn, as_role: AsRole, ready: str, crn: str
) -> None:
    visitor, address = await sign_in("practitioner"), f"/pages/referrals/{ready}"
    page = await visitor.get(address)
    await know(as_role("practitioner"), crn, council="Leeds")

    refused = await visitor.fill(page, f"{address}/submission", **REASONS)

    assert refused.status_code == 412
    assert (await as_role("practitioner").get(f"/v1/referrals/{ready}")).json()["status"] == "draft"


async def test_a_draft_shows_each_answer_with_where_it_comes_from_and_where_to_change_it(
    sign_in: SignIn, ready: str, crn: str
) -> None:
    visitor = await sign_in("practitioner")

    page = (await visitor.get(f"/pages/referrals/{ready}")).text

    assert "20 January 2027" in page
    assert "p.test, 23 November 2026" in page
    assert f"/pages/people/{crn}/questions/release_on?back={ready}" in page
    assert f"/pages/referrals/{ready}/questions/consent?back={ready}" in page


async def test_a_referral_that_was_sent_is_shown_as_it_was_sent(sign_in: SignIn, as_role: AsRole, ready: str) -> None:
    visitor, address = await sign_in("practitioner"), f"/pages/referrals/{ready}"
    await visitor.fill(await visitor.get(address), f"{address}/submission", **REASONS)

    page = (await visitor.get(address)).text

    assert "What was sent" in page
    assert "Send the referral" not in page
    assert (await visitor.get(f"{address}/document")).content.startswith(b"%PDF")


async def test_referrals_are_made_once_and_lead_to_what_they_lack(
    sign_in: SignIn, as_role: AsRole, committing: Session, crn: str
) -> None:
    await make.open_case(committing, crn)
    await committing.commit()
    visitor, address = await sign_in("practitioner"), f"/pages/people/{crn}/new-referrals"
    page = await visitor.get(address)

    made = [await visitor.fill(page, address, packs=["housing", "care"]) for _ in range(2)]

    assert {answer.headers.get("location") for answer in made} == {f"/pages/people/{crn}/questions"}
    assert len((await as_role("practitioner").get(f"/v1/cases/{crn}/referrals")).json()["items"]) == 2


@pytest.mark.parametrize("packs", [[], ["nonsense"]])
async def test_no_form_chosen_makes_nothing(sign_in: SignIn, committing: Session, crn: str, packs: list[str]) -> None:
    await make.open_case(committing, crn)
    await committing.commit()
    visitor, address = await sign_in("practitioner"), f"/pages/people/{crn}/new-referrals"

    answer = await visitor.fill(await visitor.get(address), address, packs=packs)

    assert answer.status_code == 422
    assert "Choose at least one form." in answer.text


async def test_a_second_referral_of_a_kind_is_refused_by_name(
    sign_in: SignIn, as_role: AsRole, committing: Session, crn: str
) -> None:
    await make.open_case(committing, crn)
    await committing.commit()
    await refer(as_role("practitioner"), crn, {"pack": "care"})
    visitor, address = await sign_in("practitioner"), f"/pages/people/{crn}/new-referrals"

    answer = await visitor.fill(await visitor.get(address), address, packs=["care"])

    assert answer.status_code == 422
    assert "open referral of this kind already: Care." in answer.text


async def test_looking_at_a_page_leaves_the_same_trace_as_the_api(
    sign_in: SignIn, as_role: AsRole, committing: Session, ready: str, crn: str
) -> None:
    visitor = await sign_in("practitioner")
    await visitor.get(f"/pages/people/{crn}")
    await visitor.get(f"/pages/referrals/{ready}")

    rows = await (await committing.connection()).execute(
        text("SELECT action FROM audit_entry WHERE :crn = ANY(crns) AND client_id = 'pages' ORDER BY at, action"),
        {"crn": crn},
    )

    assert [tuple(row) for row in rows] == [("read_case",), ("read_referral",)]


async def test_a_person_is_called_by_their_name_and_never_by_what_they_did(
    sign_in: SignIn, as_role: AsRole, ready: str, crn: str
) -> None:
    visitor = await sign_in("practitioner")
    pages = [f"/pages/people/{crn}", f"/pages/referrals/{ready}", f"/pages/people/{crn}/questions", "/pages/people"]

    for address in pages:
        assert not re.search("offender|service user", (await visitor.get(address)).text, re.IGNORECASE)
