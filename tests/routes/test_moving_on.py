"""The forms of our own are filled from the profile that the real forms are filled from."""

import pytest
from httpx import AsyncClient

from service.db import Session
from service.demonstration.figures import Figures
from service.demonstration.playing import Cast, Played, play_move_on
from tests.make import add_recipient
from tests.routes.conftest import A_MONDAY, AsRole, Clock
from tests.routes.moving_on import add_place, invented, lacks, open_known_case, ready, send

AFRESH = 12  # what belongs to these two referrals alone: the agreement twice, the council, the cause, the room…


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_once_a_case_is_known_the_council_and_the_scheme_ask_only_what_is_theirs(
    as_role: AsRole, crn: str, committing: Session, clock: Clock, number: int
) -> None:
    case = invented(number, A_MONDAY.date())
    for wanted in case.move_on:
        await add_recipient(committing, wanted.recipient, wanted.pack, wanted.recipient)
    await committing.commit()
    cast = await open_known_case(as_role, crn, case)
    played = Played(crn, {}, Figures(case.title))

    await play_move_on(cast, case, played)

    assert played.asked_for_move_on == AFRESH, played.asked
    for name in ("duty_to_refer", "supported_housing"):
        assert await lacks(cast.practitioner, played.referrals[name]) == []


async def test_a_scheme_goes_through_the_whole_loop_in_its_own_words(
    as_role: AsRole, crn: str, committing: Session, clock: Clock
) -> None:
    case = invented(2, A_MONDAY.date())
    cast: Cast = await open_known_case(as_role, crn, case)
    place = await add_place(committing, f"scheme-{crn.lower()}", "supported_housing")
    referral = await ready(cast, case, crn, "supported_housing", place)
    scheme = as_role("assessor", organisation=place)
    assert (await send(cast.practitioner, referral)).status_code == 201

    for path, body in (
        ("receipt", {}),
        ("acceptance", {}),
        ("scheduling", {"scheduled_on": "2027-01-22"}),
        ("scheduling-cancellation", {"reason": "person_refused"}),
        ("rejection", {"reason": "no_vacancy"}),
        ("reopening", {"reason": "vacancy_found", "note": "A room is free from Monday."}),
    ):
        assert (await _act(scheme, referral, path, body)) == 200, path

    words = (await cast.practitioner.get("/v1/life-cycle")).json()["packs"]["supported_housing"]["statuses"]
    assert [words[status]["label"] for status in ("received", "scheduled")] == ["Being looked at", "Room offered"]


async def _act(client: AsyncClient, referral: str, path: str, body: dict[str, str]) -> int:
    answer = await client.post(f"/v1/referrals/{referral}/{path}", json=body)
    return answer.status_code
