"""A narrowed token is as narrow as was asked for from the first, says who acts, and ends with each it came from."""

import uuid
from typing import Any

import pytest
from httpx import AsyncClient

from service.access.callers import Role
from service.access.tokens import MOST_ORIGINS
from service.db import Session
from service.operations.tokens import ACCESS_TOKEN
from service.settings import Settings
from tests import make
from tests.routes.callers import AsRole, Clock
from tests.routes.clients import System, new_key, register
from tests.routes.test_tokens import LIST, claims_of, referral

__all__ = ["referral"]
JWT = "urn:ietf:params:oauth:token-type:jwt"


@pytest.fixture
async def system(
    client: AsyncClient, as_role: AsRole, clock: Clock, app_settings: Settings, referral: uuid.UUID, crn: str
) -> System:
    """Return the prime's registered system, asking for its worker."""
    system = System(client, clock, f"client-{crn}", f"worker-{crn}", app_settings.address)
    assert (await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}")).status_code == 200
    return system


async def narrowed(system: System, token: str, **form: str) -> str:
    answer = await system.exchange(token, **form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def test_a_token_ends_with_each_it_was_narrowed_from_and_with_no_other(system: System) -> None:
    wide = await system.token()
    narrow = await narrowed(system, wide, scope="referrals.read changes.read")
    narrower = await narrowed(system, narrow, scope="referrals.read")
    beside = await narrowed(system, wide, scope="referrals.read")
    await system.ask("/oauth2/revoke", token=narrow)

    after = [(await system.get(LIST, token)).status_code for token in (wide, narrow, narrower, beside)]
    assert after == [200, 401, 401, 200]
    assert (await system.ask("/oauth2/introspect", token=narrower)).json() == {"active": False}
    assert (await system.exchange(narrower)).status_code == 400


async def test_a_token_is_narrowed_from_another_only_so_often(system: System) -> None:
    token = await system.token()
    for _ in range(MOST_ORIGINS):
        token = await narrowed(system, token)
    once_more = await system.exchange(token)

    assert (await system.get(LIST, token)).status_code == 200
    assert (once_more.status_code, once_more.json()["error"]) == (400, "invalid_request")


async def test_a_narrowed_token_says_who_acts_for_the_worker(system: System, crn: str) -> None:
    token = await system.token()
    narrow = await narrowed(system, token)
    said = (await system.ask("/oauth2/introspect", token=narrow)).json()

    assert "act" not in claims_of(token)
    assert claims_of(narrow)["act"] == said["act"] == {"sub": system.id}
    assert said["sub"] == f"worker-{crn}"


async def test_a_token_got_in_the_second_in_which_its_client_lost_a_key_is_good_and_the_one_before_is_not(
    system: System, as_role: AsRole, clock: Clock, crn: str
) -> None:
    clock.advance(milliseconds=300)
    before = await system.token()
    clock.advance(milliseconds=300)
    system.key = new_key()
    await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}")
    clock.advance(milliseconds=300)
    after = await system.token()
    narrow = await narrowed(system, after)

    assert [(await system.get(LIST, token)).status_code for token in (before, after, narrow)] == [401, 200, 200]


async def test_a_first_token_is_as_narrow_as_it_was_asked_for(
    system: System, committing: Session, referral: uuid.UUID, crn: str
) -> None:
    await make.add_contract(committing, f"alone-{crn}", f"org-{crn}")
    await make.add_sent_referral(committing, crn, "commissioned_services", "received", recipient_id=f"alone-{crn}")
    await committing.commit()
    narrow = await system.token(resource=f"{system.address}{LIST}/{referral}")
    shared = await system.token(audience=f"sub-{crn}")
    whole = await system.token(resource=system.address)

    listed = [(await system.get(LIST, token)).json()["items"] for token in (narrow, shared, whole)]
    assert [[one["id"] for one in some] for some in listed[:2]] == [[str(referral)]] * 2
    assert len(listed[2]) == 2
    assert claims_of(narrow)["referral_id"] == str(referral)


@pytest.mark.parametrize(
    ("role", "form", "error"),
    [
        ("provider", {"resource": "https://elsewhere.example/v1/provider/referrals/x"}, "invalid_target"),
        ("provider", {"audience": " "}, "invalid_target"),
        ("provider", {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ("assessor", {"resource": "{referral}"}, "invalid_target"),
        ("assessor", {"audience": "a-subcontractor"}, "invalid_target"),
        ("assessor", {"scope": "referrals.read"}, "invalid_scope"),
    ],
)
async def test_what_a_token_cannot_be_is_refused_and_never_passed_over(
    system: System, as_role: AsRole, referral: uuid.UUID, crn: str, role: str, form: dict[str, str], error: str
) -> None:
    if role == "assessor":
        await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}", role=role, scopes=[])
    wanted = {name: value.format(referral=f"{system.address}{LIST}/{referral}") for name, value in form.items()}
    whole = await system.token()
    first = await system.ask(grant_type="client_credentials", **wanted)
    exchanged = await system.exchange(whole, **wanted)

    assert [(one.status_code, one.json()["error"]) for one in (first, exchanged)] == [(400, error)] * 2


@pytest.mark.parametrize("kind", [ACCESS_TOKEN, JWT])
async def test_a_token_may_be_asked_for_by_what_it_is(system: System, kind: str) -> None:
    answer: Any = await system.exchange(await system.token(), requested_token_type=kind)

    assert answer.json()["issued_token_type"] == kind
