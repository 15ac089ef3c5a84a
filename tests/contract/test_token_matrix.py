"""Every operation with every kind of token that must not open it: one answer, whatever is behind the door."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from joserfc import jwk
from joserfc.jwk import ECKey
from sqlalchemy import text

from service.access import tokens
from service.access.callers import Role
from service.access.permissions import PERMITTED, PUBLIC
from service.access.proofs import Asked, make_proof
from service.access.scopes import REFERENCE, SCOPES
from service.access.tokens import Bearer
from service.db import Session
from service.settings import Settings
from tests.access.test_tokens import unsigned
from tests.contract.relations import ORGANISATION, WORKERS, Person, Relation, operations_of
from tests.contract.test_permissions import call
from tests.routes.callers import Clock

OUR_KEY = jwk.generate_key("EC", "P-256", auto_kid=True)
STRANGER = jwk.generate_key("EC", "P-256", auto_kid=True)
STOPPED = "client-stopped"
KINDS = (
    *(
        "expired",
        "of another audience",
        "of another issuer",
        "of a strange key",
        "unsigned",
        "revoked",
        "client stopped",
    ),
    *("bound without proof", "bound with a strange proof", "bound with a spent proof", "bound for another method"),
)


@dataclass(frozen=True)
class Signing:
    """What signs tokens as the issuer would, with anything about them changed."""

    key: ECKey
    settings: Settings
    now: datetime.datetime

    def token(
        self, *, key: ECKey | None = None, issuer: str = "", audience: str = "", ago: int = 0, **bearer: str
    ) -> str:
        whom = Bearer(WORKERS[Role.PROVIDER], Role.PROVIDER, organisation=ORGANISATION, **bearer)  # type: ignore[arg-type]
        return tokens.sign(
            key or self.key,
            whom,
            issuer=issuer or self.settings.address,
            audience=audience or self.settings.audience,
            now=self.now - datetime.timedelta(hours=ago),
        )

    def bound(self) -> str:
        return self.token(bound_to=OUR_KEY.thumbprint())

    def proof(self, method: str, path: str, token: str, key: ECKey = OUR_KEY) -> str:
        return make_proof(key, Asked(method, self.settings.address + path, token), self.now)


@pytest.fixture
def signing(signing_key: ECKey, app_settings: Settings, clock: Clock) -> Signing:
    """Return what signs tokens."""
    return Signing(signing_key, app_settings, clock.now)


async def end(session: Session, token: str, signing: Signing) -> None:
    """Revoke a token by its id, and stop a client."""
    caller = tokens.caller_of(
        token, signing.key, tokens.Expected((signing.settings.address,), signing.settings.audience), signing.now
    )
    connection = await session.connection()
    await connection.execute(
        text("INSERT INTO revoked_token VALUES (:id, 'tests', :now, :until)"),
        {"id": caller.token_id, "now": signing.now, "until": signing.now + tokens.LIFE},
    )
    await connection.execute(
        text(
            "INSERT INTO client (id, name, role, scopes, keys, active, registered_at) "
            "VALUES (:id, 'Stopped', 'record_system', '[]', '[]', FALSE, :now) ON CONFLICT DO NOTHING"
        ),
        {"id": STOPPED, "now": signing.now},
    )
    await session.commit()


def headers_of(kind: str, signing: Signing, method: str, path: str, revoked: str) -> dict[str, str]:
    """Return the headers of a request with one kind of token, for one address."""
    plain = {
        "expired": lambda: signing.token(ago=9),
        "of another audience": lambda: signing.token(audience="another"),
        "of another issuer": lambda: signing.token(issuer="https://elsewhere.example"),
        "of a strange key": lambda: signing.token(key=STRANGER),
        "unsigned": lambda: unsigned({"sub": "p.demo", "role": "manager"}, alg="none"),
        "revoked": lambda: revoked,
        "client stopped": lambda: signing.token(client=STOPPED),
        "bound without proof": signing.bound,
    }
    if kind in plain:
        return {"Authorization": f"Bearer {plain[kind]()}"}
    token = signing.bound()
    proof = {
        "bound with a strange proof": lambda: signing.proof(method, path, token, key=STRANGER),
        "bound for another method": lambda: signing.proof("TRACE", path, token),
        "bound with a spent proof": lambda: signing.proof(method, path, token),
    }[kind]()
    return {"Authorization": f"DPoP {token}", "DPoP": proof}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_token_that_is_not_good_opens_no_operation_and_learns_nothing_of_any(
    app: FastAPI,
    people: Mapping[Relation, Person],
    client: AsyncClient,
    signing: Signing,
    committing: Session,
    kind: str,
) -> None:
    revoked, wrong = signing.token(), {}
    await end(committing, revoked, signing)
    for operation in operations_of(app):
        if operation.id in PUBLIC:
            continue
        told = []
        for person in (people[Relation.OWN], people[Relation.ABSENT]):
            headers = headers_of(kind, signing, operation.method, operation.path_about(person), revoked)
            if kind == "bound with a spent proof":
                await call(client, operation, person, headers=headers)
            answer = await call(client, operation, person, headers=headers)
            told.append((answer.status_code, answer.json() | {"trace_id": ""}))
        if told[0] != told[1] or told[0][0] != 401:
            wrong[operation.id] = told

    assert wrong == {}


def test_each_provider_s_operation_is_in_one_scope_or_says_nothing_of_any_person() -> None:
    opened = [operation for scope in SCOPES.values() for operation in scope]
    providers = {operation for operation, roles in PERMITTED.items() if Role.PROVIDER in roles}

    assert len(opened) == len(set(opened))
    assert set(opened) | REFERENCE == providers | REFERENCE
    assert set(opened) <= providers


@pytest.mark.parametrize("scope", list(SCOPES))
async def test_a_narrowed_token_opens_the_operations_of_its_scope_alone(
    app: FastAPI, people: Mapping[Relation, Person], client: AsyncClient, signing: Signing, scope: str
) -> None:
    wrong = {}
    token = signing.token(scopes=frozenset({scope}))  # type: ignore[arg-type]
    for operation in operations_of(app):
        if operation.id in PUBLIC or operation.id in REFERENCE:
            continue
        answer = await call(client, operation, people[Relation.OWN], headers={"Authorization": f"Bearer {token}"})
        is_opened = answer.status_code not in {401, 403, 404} or "change_id" in operation.names
        if is_opened is not (operation.id in SCOPES[scope]) and not (  # type: ignore[index]
            "change_id" in operation.names and scope != "changes.acknowledge"
        ):
            wrong[operation.id] = answer.status_code

    assert wrong == {}


@pytest.mark.parametrize("relation", [Relation.OWN, Relation.OTHERS])
async def test_a_token_narrowed_to_one_referral_finds_no_other(
    app: FastAPI, people: Mapping[Relation, Person], client: AsyncClient, signing: Signing, relation: Relation
) -> None:
    elsewhere = signing.token(narrowed_to=people[Relation.OTHERS].referral_id)  # type: ignore[arg-type]
    wrong = {}
    for operation in operations_of(app):
        if "referral_id" not in operation.names:
            continue
        headers = {"Authorization": f"Bearer {elsewhere}"}
        answer = await call(client, operation, people[relation], headers=headers)
        if answer.status_code != 404:
            wrong[operation.id] = answer.status_code

    assert wrong == {}
    for listing in ("/v1/provider/referrals", "/v1/provider/changes"):
        shown = await client.get(listing, headers={"Authorization": f"Bearer {elsewhere}"})
        assert shown.json()["items"] == []
