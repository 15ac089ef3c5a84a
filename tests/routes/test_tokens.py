"""A provider's system gets tokens for its workers: of ten minutes, never wider than asked for, ended at once."""

import asyncio
import datetime
import json
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from httpx import AsyncClient
from joserfc import jws
from sqlalchemy import text

from service.access.callers import Role
from service.db import Session
from service.operations import signing_keys
from service.operations.tokens import ACCESS_TOKEN
from service.settings import Settings
from tests import make
from tests.routes.callers import AsRole, Clock
from tests.routes.clients import System, new_key, public, register

LIST = "/v1/provider/referrals"
SECRET = "a-secret-that-only-a-development-machine-takes"


@pytest.fixture
async def referral(committing: Session, crn: str) -> uuid.UUID:
    """Commit a person referred to a contract with a prime and a subcontractor, and a worker of each."""
    await make.add_contract(committing, f"contract-{crn}", f"org-{crn}", subcontractors=[f"sub-{crn}"])
    await make.add_provider_worker(committing, f"worker-{crn}", f"org-{crn}")
    await make.open_case(committing, crn)
    referral = await make.add_sent_referral(
        committing, crn, "commissioned_services", "received", recipient_id=f"contract-{crn}"
    )
    await committing.commit()
    return referral


@pytest.fixture
async def system(
    client: AsyncClient, as_role: AsRole, clock: Clock, app_settings: Settings, referral: uuid.UUID, crn: str
) -> System:
    """Return the prime's registered system, asking for its worker."""
    system = System(client, clock, f"client-{crn}", f"worker-{crn}", app_settings.address)
    kept = await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}")
    assert kept.status_code == 200, kept.text
    return system


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims


async def test_a_token_names_the_organisation_and_the_worker_for_ten_minutes(system: System, crn: str) -> None:
    answer = (await system.ask(grant_type="client_credentials")).json()

    claims = claims_of(answer["access_token"])
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 600)
    assert (claims["sub"], claims["organisation"], claims["client_id"]) == (f"worker-{crn}", f"org-{crn}", system.id)
    assert claims["exp"] - claims["iat"] == 600
    assert set(claims["scope"].split()) == set(answer["scope"].split())
    assert (await system.get(LIST, answer["access_token"])).json()["items"][0]["crn"] == crn


async def test_a_token_is_over_after_ten_minutes(system: System, clock: Clock) -> None:
    token = await system.token()
    clock.advance(minutes=11)

    assert (await system.get(LIST, token)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "form"),
    [
        ({"client": "nobody"}, {}),
        ({"issuer": "https://elsewhere.example"}, {}),
        ({"key": new_key()}, {}),
        ({"now": datetime.datetime(2026, 11, 23, 8, 50, tzinfo=datetime.UTC)}, {}),
        ({}, {"client_id": "another"}),
        ({}, {"client_assertion_type": "urn:of-another-kind"}),
    ],
)
async def test_an_assertion_that_is_not_right_in_everything_gets_nothing(
    system: System, changes: dict[str, Any], form: dict[str, str]
) -> None:
    answer = await system.ask(grant_type="client_credentials", client_assertion=system.assertion(**changes), **form)

    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize("alg", ["none", "None", "HS256"])
async def test_an_assertion_that_no_registered_key_signed_gets_nothing(system: System, alg: str) -> None:
    header, claims, signature = system.assertion().split(".")
    said = json.loads(urlsafe_b64decode(header + "==")) | {"alg": alg}
    unproven = urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    endings = {"no signature": "", "that of the other header": signature}
    asked = {"grant_type": "client_credentials"}
    answers = [await system.ask(**asked, client_assertion=f"{unproven}.{claims}.{end}") for end in endings.values()]

    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(401, "invalid_client")] * 2


async def test_an_assertion_for_this_and_another_server_gets_nothing(system: System) -> None:
    assertion = system.assertion(issuer=[system.address, "https://elsewhere.example"])

    assert (await system.ask(grant_type="client_credentials", client_assertion=assertion)).status_code == 401


async def test_an_assertion_is_used_once_even_by_two_at_the_same_time(system: System) -> None:
    form = {"grant_type": "client_credentials", "client_assertion": system.assertion()}
    answers = await asyncio.gather(*(system.ask(**form) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_the_worker_is_the_one_signed_for_and_never_a_parameter(system: System, crn: str) -> None:
    token = await system.token(worker="somebody.else", sub="somebody.else", requested_subject="somebody.else")

    assert claims_of(token)["sub"] == f"worker-{crn}"


@pytest.mark.parametrize("who", [None, "unregistered", "suspended", "of another organisation"])
async def test_only_a_worker_at_work_in_the_organisation_gets_a_token(
    system: System, committing: Session, crn: str, who: str | None
) -> None:
    if who == "suspended":
        await (await committing.connection()).execute(
            text("UPDATE provider_worker SET ended_at = now() WHERE worker_id = :id"), {"id": f"worker-{crn}"}
        )
    elif who == "of another organisation":
        await make.add_contract(committing, f"else-{crn}", f"else-{crn}")
        await make.add_provider_worker(committing, f"else-{crn}", f"else-{crn}")
    await committing.commit()
    asked = {"suspended": f"worker-{crn}", "of another organisation": f"else-{crn}"}.get(str(who), who)

    answer = await system.ask(grant_type="client_credentials", client_assertion=system.assertion(worker=asked))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "everything"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "subject_token": "x"}, "invalid_request"),
    ],
)
async def test_what_cannot_be_granted_is_said_as_oauth_says_it(
    system: System, form: dict[str, str], error: str
) -> None:
    answer = await system.ask(**form)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("more", ["scope=referrals.read&scope=changes.read", "audience=", "scope=%00", "scope=%ff"])
async def test_a_parameter_that_stands_twice_or_says_nothing_is_refused(system: System, more: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await system.client.post("/oauth2/token", content=f"grant_type=client_credentials&{more}", headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_token_opens_what_its_scopes_open_and_no_more(system: System, referral: uuid.UUID) -> None:
    token = await system.token(scope="changes.read")

    assert (await system.get("/v1/provider/changes", token)).status_code == 200
    assert (await system.get(f"{LIST}/{referral}", token)).status_code == 403
    assert (await system.get(LIST, token)).status_code == 403
    assert (await system.get("/v1/packs", token)).status_code == 200


async def test_an_exchange_narrows_to_one_referral(
    system: System, committing: Session, referral: uuid.UUID, crn: str
) -> None:
    another = await make.add_sent_referral(
        committing, crn, "commissioned_services", "received", recipient_id=f"contract-{crn}", second_number=1
    )
    await committing.commit()
    wide = await system.token()
    answer = await system.exchange(wide, resource=f"{system.address}{LIST}/{referral}", scope="referrals.read")
    narrow = answer.json()["access_token"]

    assert answer.json()["issued_token_type"] == ACCESS_TOKEN
    assert [one["id"] for one in (await system.get(LIST, narrow)).json()["items"]] == [str(referral)]
    assert (await system.get(f"{LIST}/{another}", narrow)).status_code == 404
    assert (await system.get(f"{LIST}/{another}", wide)).status_code == 200
    assert (await system.get("/v1/provider/changes", narrow)).status_code == 403


async def test_an_exchange_narrows_to_what_is_shared_with_a_subcontractor(
    system: System, committing: Session, referral: uuid.UUID, crn: str
) -> None:
    await make.add_contract(committing, f"alone-{crn}", f"org-{crn}")
    alone = await make.add_sent_referral(
        committing, crn, "commissioned_services", "received", recipient_id=f"alone-{crn}"
    )
    await committing.commit()
    narrow = (await system.exchange(await system.token(), audience=f"sub-{crn}")).json()["access_token"]
    none = (await system.exchange(await system.token(), audience="no-subcontractor-of-theirs")).json()["access_token"]

    assert [one["id"] for one in (await system.get(LIST, narrow)).json()["items"]] == [str(referral)]
    assert (await system.get(f"{LIST}/{alone}", narrow)).status_code == 404
    assert (await system.get(LIST, none)).json()["items"] == []


async def test_an_exchange_never_widens(system: System, referral: uuid.UUID, clock: Clock) -> None:
    wide = await system.token(scope="referrals.read changes.read")
    clock.advance(minutes=9)
    answer = await system.exchange(wide, resource=f"{system.address}{LIST}/{referral}", scope="referrals.read")
    narrow = answer.json()["access_token"]
    wanted = {
        "more scopes": await system.exchange(narrow, scope="referrals.read changes.read"),
        "another referral": await system.exchange(narrow, resource=f"{system.address}{LIST}/{uuid.uuid4()}"),
        "no referral at all": await system.exchange(wide, resource=f"{system.address}/v1/cases/X100001"),
    }

    assert answer.json()["expires_in"] == 60
    assert {why: one.status_code for why, one in wanted.items()} == dict.fromkeys(wanted, 400)
    # Asked for nothing narrower, it stays as narrow as it was.
    again = (await system.exchange(narrow)).json()["access_token"]
    assert (await system.get("/v1/provider/changes", again)).status_code == 403
    assert [one["id"] for one in (await system.get(LIST, again)).json()["items"]] == [str(referral)]


async def test_a_system_exchanges_introspects_and_revokes_its_own_tokens_only(
    system: System, as_role: AsRole, crn: str
) -> None:
    other = System(system.client, system.clock, f"other-{crn}", f"worker-{crn}", system.address)
    await register(as_role(Role.ADMINISTRATOR), other, f"org-{crn}")
    token = await system.token()

    assert (await other.exchange(token)).status_code == 400
    assert (await other.ask("/oauth2/introspect", token=token)).json() == {"active": False}
    assert (await other.ask("/oauth2/revoke", token=token)).status_code == 200
    assert (await system.get(LIST, token)).status_code == 200


async def test_introspection_says_what_a_token_says_while_it_is_good(system: System, crn: str) -> None:
    token = await system.token(scope="referrals.read")
    said = (await system.ask("/oauth2/introspect", token=token)).json()
    await system.ask("/oauth2/revoke", token=token)

    assert (said["active"], said["sub"], said["organisation"]) == (True, f"worker-{crn}", f"org-{crn}")
    assert (said["scope"], said["exp"] - said["iat"]) == ("referrals.read", 600)
    assert (await system.ask("/oauth2/introspect", token=token)).json() == {"active": False}
    assert (await system.ask("/oauth2/introspect", token="nonsense")).json() == {"active": False}


async def test_a_revoked_token_and_those_narrowed_from_it_end_with_the_next_request(system: System) -> None:
    wide = await system.token()
    narrow = (await system.exchange(wide, scope="referrals.read")).json()["access_token"]
    narrower = (await system.exchange(narrow)).json()["access_token"]
    before = [(await system.get(LIST, token)).status_code for token in (wide, narrow, narrower)]
    revoked = await system.ask("/oauth2/revoke", token=wide)
    after = [(await system.get(LIST, token)).status_code for token in (wide, narrow, narrower)]

    assert (before, revoked.status_code, after) == ([200] * 3, 200, [401] * 3)


async def test_what_a_client_loses_its_tokens_lose_on_the_next_request(
    system: System, as_role: AsRole, clock: Clock, crn: str
) -> None:
    administrator = as_role(Role.ADMINISTRATOR)
    for loss in ({"active": False}, {"scopes": ["changes.read"]}, {"keys": [public(new_key())]}):
        await register(administrator, system, f"org-{crn}")
        clock.advance(seconds=2)
        token = await system.token()
        assert (await system.get(LIST, token)).status_code == 200
        clock.advance(seconds=2)
        await register(administrator, system, f"org-{crn}", **loss)
        assert (await system.get(LIST, token)).status_code == 401, loss
        clock.advance(seconds=2)
        # And not again when it goes on.
        await register(administrator, system, f"org-{crn}")
        assert (await system.get(LIST, token)).status_code == 401, loss


async def test_a_stopped_client_gets_no_token(system: System, as_role: AsRole, crn: str) -> None:
    await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}", active=False)

    assert (await system.ask(grant_type="client_credentials")).status_code == 401


async def test_a_secret_stands_for_one_worker_in_development(system: System, as_role: AsRole, crn: str) -> None:
    await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}", secret=SECRET, worker=f"worker-{crn}")
    token = await system.token(client_id=system.id, client_secret=SECRET)
    wrong = await system.ask(grant_type="client_credentials", client_id=system.id, client_secret=SECRET[::-1])

    assert claims_of(token)["sub"] == f"worker-{crn}"
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


async def test_keys_rotate_without_an_outage(system: System, app: Any, clock: Clock) -> None:
    before = await system.token()
    async with app.state.sessions() as session:
        await signing_keys.rotate_keys(await session.driver(), clock.now)
        await session.commit()
    after = await system.token()

    assert [(await system.get(LIST, token)).status_code for token in (before, after)] == [200, 200]


async def test_each_token_given_and_ended_stands_on_the_record(system: System, committing: Session, crn: str) -> None:
    token = await system.token()
    await system.ask("/oauth2/revoke", token=token)
    connection = await committing.connection()
    rows = await connection.execute(
        text("SELECT action, worker_id, organisation FROM audit_entry WHERE client_id = :id ORDER BY at, action"),
        {"id": system.id},
    )

    assert [tuple(row) for row in rows] == [
        ("issue_token", f"worker-{crn}", f"org-{crn}"),
        ("revoke_token", f"worker-{crn}", f"org-{crn}"),
    ]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"organisation": "nobody-registered"}, "/organisation"),
        ({"organisation": None}, ""),
        ({"scopes": []}, ""),
        ({"scopes": ["everything"]}, "/scopes/0"),
        ({"keys": [{"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43, "kid": "one"}]}, "/keys/0"),
        ({"keys": [public(new_key()) | {"d": "A" * 43}]}, "/keys/0/d"),
        ({"secret": "short"}, "/secret"),
        ({"role": "practitioner"}, "/role"),
    ],
)
async def test_a_client_that_could_not_be_is_refused_and_named(
    system: System, as_role: AsRole, crn: str, changes: dict[str, Any], pointer: str
) -> None:
    answer = await register(as_role(Role.ADMINISTRATOR), system, f"org-{crn}", **changes)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_clients_are_listed_with_public_keys_and_no_secret(system: System, as_role: AsRole, crn: str) -> None:
    administrator = as_role(Role.ADMINISTRATOR)
    await register(administrator, system, f"org-{crn}", secret=SECRET, worker=f"worker-{crn}")
    listed = await administrator.get("/v1/clients", params={"limit": 200})

    shown = next(one for one in listed.json()["items"] if one["id"] == system.id)
    assert (shown["has_secret"], shown["keys"][0]["kid"]) == (True, system.key.kid)
    assert SECRET not in listed.text
    assert '"d"' not in listed.text
