"""The closed loop as a commissioned provider goes through it: the acts of any recipient, and nobody else's."""

import pytest

from service.db import Session
from tests import make
from tests.routes.conftest import AsRole, Clock
from tests.routes.provision import Provision, does, open_provision

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
async def provision(committing: Session, as_role: AsRole, crn: str) -> Provision:
    return await open_provision(committing, as_role, crn)


async def test_a_provider_takes_a_referral_all_the_way(provision: Provision) -> None:
    referral = await provision.referral("submitted")
    for path, body, status in [
        ("receipt", {"version": 1}, "received"),
        ("acceptance", None, "accepted"),
        ("scheduling", {"scheduled_on": "2026-12-01"}, "scheduled"),
        ("scheduling-cancellation", {"reason": "unacceptable_absence"}, "accepted"),
        ("scheduling", {"scheduled_on": "2026-12-08"}, "scheduled"),
        ("start", {"started_on": "2026-11-23"}, "started"),
        ("outcome", {"reason": "completed"}, "completed"),
    ]:
        answer = await does(provision.provider, referral, path, body)
        assert (answer.status_code, answer.json().get("status")) == (200, status), answer.text


async def test_a_provider_declines_with_a_coded_reason_and_nothing_else(provision: Provision) -> None:
    referral = await provision.referral("received")
    unknown = await does(provision.provider, referral, "rejection", {"reason": "do_not_like_it"})
    declined = await does(provision.provider, referral, "rejection", {"reason": "no_capacity"})

    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown-reason")
    assert (declined.status_code, declined.json()["status"]) == (200, "rejected")


async def test_a_provider_asks_and_reads_the_answer(provision: Provision) -> None:
    referral = await provision.referral("received")
    asked = await does(provision.provider, referral, "queries", {"question": "Which days suit?"})
    path = f"/v1/referrals/{referral}/queries/{asked.json()['id']}/answer"
    answered = await provision.practitioner.post(path, json={"answer": "Any but Monday."})
    listed = await provision.provider.get(f"/v1/provider/referrals/{referral}/queries")

    assert (asked.status_code, answered.status_code) == (201, 200)
    assert [query["answer"] for query in listed.json()["items"]] == ["Any but Monday."]


async def test_an_act_of_a_provider_leaves_one_event_and_one_row_in_the_record_of_access(provision: Provision) -> None:
    referral = await provision.referral("received")
    await does(provision.provider, referral, "acceptance")
    events = await provision.rows("SELECT type FROM outbox_event WHERE crn = :crn", crn=provision.crn)
    audit = await provision.rows(
        "SELECT action, outcome, role FROM audit_entry WHERE :crn = ANY(crns)", crn=provision.crn
    )

    assert [tuple(row) for row in events] == [("referral.acceptance",)]
    assert [tuple(row) for row in audit] == [("accept_referral_as_provider", "changed", "provider")]


async def test_another_provider_is_told_that_there_is_no_such_referral(
    provision: Provision, committing: Session, as_role: AsRole
) -> None:
    referral = await provision.referral("received")
    await make.add_contract(committing, f"{provision.contract}-2", f"other-{provision.crn}".lower())
    await make.add_provider_worker(committing, f"w-{provision.crn}".lower(), f"other-{provision.crn}".lower())
    await committing.commit()
    other = as_role("provider", f"w-{provision.crn}".lower(), f"other-{provision.crn}".lower())

    assert (await does(other, referral, "acceptance")).status_code == 404


async def test_a_provider_s_work_ends_a_while_after_the_referral_does(provision: Provision, clock: Clock) -> None:
    referral = await provision.referral("rejected")
    still = await provision.provider.get(f"/v1/provider/referrals/{referral}/queries")
    clock.advance(days=29)
    after = await provision.provider.get(f"/v1/provider/referrals/{referral}/queries")

    assert (still.status_code, after.status_code) == (200, 404)


async def test_what_was_answered_once_is_answered_so_again(provision: Provision) -> None:
    referral = await provision.referral("received")
    headers = {"Idempotency-Key": f"accept-{referral}"}
    first = await does(provision.provider, referral, "acceptance", None, **headers)
    again = await does(provision.provider, referral, "acceptance", None, **headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content


SENDERS_ACTS = {
    ("PATCH", "/v1/referrals/{referral}"): {"answers": {"complexity": {"value": {"acc": "high"}}}},
    ("POST", "/v1/referrals/{referral}/submission"): {},
    ("POST", "/v1/referrals/{referral}/amendments"): {"reason": "A provider's own."},
    ("POST", "/v1/referrals/{referral}/withdrawal"): {"reason": "need_met_elsewhere", "note": "A provider's own."},
    ("POST", "/v1/referrals/{referral}/reopening"): {"reason": "new_information", "note": "A provider's own."},
    ("POST", "/v1/referrals/{referral}/resumption"): {},
    ("POST", "/v1/cases/{crn}/referrals"): {"packs": [{"pack": "commissioned_services"}]},
    ("PATCH", "/v1/cases/{crn}/profile"): {"answers": {"risk_overall_level": {"value": "low"}}},
    ("POST", "/v1/cases/{crn}/openings"): {"kind": "reason", "reason": "A provider's own."},
}


@pytest.mark.parametrize("act", list(SENDERS_ACTS))
@pytest.mark.parametrize("status", ["draft", "received", "rejected"])
async def test_a_provider_drafts_changes_amends_and_withdraws_nothing(
    provision: Provision, act: tuple[str, str], status: str
) -> None:
    referral = await provision.referral(status, **({"version": 0} if status == "draft" else {}))
    method, address = act
    path = address.format(referral=referral, crn=provision.crn)
    refused = await provision.provider.request(method, path, json=SENDERS_ACTS[act], headers={"If-Match": "*"})
    (kept,) = await provision.rows("SELECT status, revision FROM referral WHERE crn = :crn", crn=provision.crn)

    assert refused.status_code == (403 if "{referral}" in address and status != "draft" else 404)
    assert tuple(kept) == (status, 1)
