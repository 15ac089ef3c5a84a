"""The case profile over HTTP: all or nothing, never over somebody else's change, and who may name a source."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole, Clock

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def case(committing: Session, crn: str) -> str:
    await make.open_case(committing, crn)
    await committing.commit()
    return crn


async def amend(client: AsyncClient, crn: str, answers: dict[str, Any], revision: int | None = 0) -> Response:
    headers = {"If-Match": f'"{revision}"'} if revision is not None else {}
    return await client.patch(f"/v1/cases/{crn}/profile", json={"answers": answers}, headers=headers)


async def test_an_answer_is_read_back_with_where_it_came_from(as_role: AsRole, case: str) -> None:
    practitioner = as_role("practitioner")
    saved = await amend(practitioner, case, {"sentence_release_date": {"value": "2027-05-01"}})
    profile = await practitioner.get(f"/v1/cases/{case}/profile")

    assert (saved.status_code, saved.headers["etag"]) == (200, '"1"')
    answer = profile.json()["answers"]["sentence_release_date"]
    assert (answer["value"], answer["source"], answer["recorded_by"]) == ("2027-05-01", "practitioner", "p.test")
    assert answer["stale"] is False


async def test_one_wrong_value_names_itself_and_nothing_is_saved(as_role: AsRole, case: str) -> None:
    practitioner = as_role("practitioner")
    answers = {"sentence_release_date": {"value": "2027-02-30"}, "family_name": {"value": "Invented"}}
    refused = await amend(practitioner, case, answers)

    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/answers/sentence_release_date/value"]
    assert (await practitioner.get(f"/v1/cases/{case}/profile")).json()["answers"] == {}


@pytest.mark.parametrize(("revision", "status"), [(None, 428), (7, 412), (0, 200)])
async def test_a_change_needs_the_revision_it_was_made_from(
    as_role: AsRole, case: str, revision: int | None, status: int
) -> None:
    changed = await amend(as_role("practitioner"), case, {"family_name": {"value": "Invented"}}, revision)

    assert changed.status_code == status


async def test_a_stale_revision_is_told_what_changed_since(as_role: AsRole, case: str) -> None:
    practitioner = as_role("practitioner")
    await amend(practitioner, case, {"family_name": {"value": "Invented"}})
    refused = await amend(practitioner, case, {"given_names": {"value": "Ada"}})

    assert (refused.status_code, refused.json()["changed_since"]) == (412, ["family_name"])
    assert refused.headers["etag"] == '"1"'


async def test_two_changes_at_once_from_one_revision_are_not_both_saved(as_role: AsRole, case: str) -> None:
    practitioner = as_role("practitioner")
    both = await asyncio.gather(
        *(amend(practitioner, case, {"family_name": {"value": name}}) for name in ("Invented", "Made-Up"))
    )

    assert sorted(answer.status_code for answer in both) == [200, 412]


@pytest.mark.parametrize(
    ("role", "source", "status"),
    [("record_system", "nomis", 200), ("record_system", None, 422), ("practitioner", "nomis", 422)],
)
async def test_only_a_record_system_names_a_system_and_it_must(
    as_role: AsRole, case: str, role: str, source: str | None, status: int
) -> None:
    change = {"value": "2027-05-01"} | ({"source": source} if source else {})
    saved = await amend(as_role(role), case, {"sentence_release_date": change})

    assert saved.status_code == status


async def test_a_conflicting_record_is_kept_beside_the_practitioners_answer(as_role: AsRole, case: str) -> None:
    practitioner = as_role("practitioner")
    await amend(practitioner, case, {"sentence_release_date": {"value": "2027-05-01"}})
    held = {"value": "2027-06-01", "source": "nomis", "as_of": "2026-11-01"}
    saved = await amend(as_role("record_system"), case, {"sentence_release_date": held}, 1)
    answer = (await practitioner.get(f"/v1/cases/{case}/profile")).json()["answers"]["sentence_release_date"]

    assert saved.json()["changed"] == {"sentence_release_date": "conflict"}
    assert (answer["value"], answer["conflict"]["value"]) == ("2027-05-01", "2027-06-01")


async def test_an_oasys_answer_is_stale_after_six_months_until_it_is_confirmed(
    as_role: AsRole, case: str, clock: Clock
) -> None:
    practitioner = as_role("practitioner")
    await amend(practitioner, case, {"rosh_who": {"value": "The public."}})
    clock.advance(days=182)

    async def stale() -> bool:
        profile = await practitioner.get(f"/v1/cases/{case}/profile")
        answer: bool = profile.json()["answers"]["rosh_who"]["stale"]
        return answer

    assert await stale()
    await amend(practitioner, case, {"rosh_who": {"confirmed": True}}, 1)
    assert not await stale()


async def test_every_earlier_value_is_kept_for_ever_newest_first(as_role: AsRole, case: str) -> None:
    practitioner = as_role("practitioner")
    for revision, name in enumerate(("Invented", "Made-Up", "Nobody")):
        await amend(practitioner, case, {"family_name": {"value": name}}, revision)
    first = (await practitioner.get(f"/v1/cases/{case}/profile/history", params={"limit": 2})).json()
    rest = await practitioner.get(f"/v1/cases/{case}/profile/history", params={"cursor": first["next"]})

    assert [entry["value"] for entry in first["items"]] == ["Nobody", "Made-Up"]
    assert [entry["value"] for entry in rest.json()["items"]] == ["Invented"]
    assert rest.json()["next"] is None


async def test_the_service_cannot_change_history(committing: Session, case: str) -> None:
    with pytest.raises(Exception, match="permission denied"):
        await (await committing.connection()).execute(text("UPDATE profile_history SET item = 'x'"))


async def test_a_profile_a_caller_already_holds_is_not_sent_again_and_still_recorded(
    as_role: AsRole, case: str, committing: Session
) -> None:
    practitioner = as_role("practitioner")
    held = await practitioner.get(f"/v1/cases/{case}/profile", headers={"If-None-Match": '"0"'})
    statement = text("SELECT count(*) FROM audit_entry WHERE action = 'read_profile' AND crns = ARRAY[:crn]")

    assert held.status_code == 304
    assert (await (await committing.connection()).execute(statement, {"crn": case})).scalar_one() == 1


async def test_a_read_names_the_items_shown_and_no_value(as_role: AsRole, case: str, committing: Session) -> None:
    practitioner = as_role("practitioner")
    await amend(practitioner, case, {"family_name": {"value": "Invented"}})
    await practitioner.get(f"/v1/cases/{case}/profile")
    statement = text("SELECT * FROM audit_entry WHERE action = 'read_profile' AND crns = ARRAY[:crn]")
    entry = (await (await committing.connection()).execute(statement, {"crn": case})).mappings().one()

    assert (entry["items"], entry["outcome"], entry["worker_id"]) == (["family_name"], "shown", "p.test")
    assert "Invented" not in str(dict(entry))


@pytest.mark.parametrize("other", ["X999999", "own"])
async def test_a_case_of_somebody_elses_and_no_case_at_all_answer_alike(as_role: AsRole, case: str, other: str) -> None:
    stranger = as_role("practitioner", worker="p.stranger")
    refused = await stranger.get(f"/v1/cases/{case if other == 'own' else other}/profile")

    assert refused.status_code == 404
    assert refused.json()["code"] == "not-found"


@pytest.mark.parametrize("role", ["assessor", "coordinator", "auditor", "administrator", "provider", "premises"])
async def test_nobody_but_case_holders_reads_a_profile(as_role: AsRole, case: str, role: str) -> None:
    assert (await as_role(role, worker="p.test").get(f"/v1/cases/{case}/profile")).status_code in (403, 404)
