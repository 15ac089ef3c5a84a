"""The catalogue as a provider finds it: what they must not know of is in no list, no form, no schema and no error.

Generated from the catalogue, the disclosure table and the routes, so that a new item is nowhere until it is decided.
"""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from tests.contract.test_canaries import (
    ITEMS,
    NOBODY_S_TIERS,
    PACK,
    PRIME,
    SHOWN_LIVE,
    SHOWN_SENT,
    Canaries,
    called,
    canaries,
    items_in,
    provider,
)

__all__ = ["canaries", "provider"]
KNOWN = SHOWN_LIVE | SHOWN_SENT | items_in("live", "withheld") | items_in("sent", "withheld")
UNKNOWN = set(ITEMS) - KNOWN
# A reason to reject a referral and a deadline have the same names as items; names of one word are words.
SAME_WORD = {"risk_to_residents", "mappa_level"}
NAMES = sorted(name for name in UNKNOWN - SAME_WORD if "_" in name)
NAMED = re.compile(rf"(?<![a-z_])(?:{'|'.join(NAMES)})(?![a-z_])")


async def test_the_items_are_those_that_the_table_mentions(provider: Mapping[str, AsyncClient]) -> None:
    listed = (await provider[PRIME].get("/v1/items")).json()["items"]

    assert {one["name"] for one in listed} == KNOWN
    assert {pack for one in listed for pack in one["packs"]} == {"commissioned_services"}


async def test_the_forms_are_those_that_are_sent_to_them_without_what_is_never_mentioned(
    provider: Mapping[str, AsyncClient],
) -> None:
    listed = (await provider[PRIME].get("/v1/packs")).json()["items"]
    shown = (await provider[PRIME].get("/v1/packs/commissioned_services")).json()
    schema = (await provider[PRIME].get("/v1/packs/commissioned_services?format=json_schema")).json()
    questions = [one for section in shown["sections"] for one in section["questions"]]
    kept = {one.id for one in PACK.questions if one.item in UNKNOWN or str(one.tier) in NOBODY_S_TIERS}

    assert [one["pack"] for one in listed] == ["commissioned_services"]
    assert {one["item"] for one in questions if one["item"]} <= KNOWN
    assert kept.isdisjoint({one["id"] for one in questions} | set(schema["properties"]))
    assert {one["id"] for one in questions} == set(schema["properties"])
    assert len(questions) > 20


@pytest.mark.parametrize("pack", ["mappa", "approved_premises", "cas3", "nothing_such"])
async def test_the_form_of_another_recipient_is_as_absent_as_one_there_is_not(
    provider: Mapping[str, AsyncClient], pack: str
) -> None:
    kinds = ("questions", "json_schema")
    answers = [await provider[PRIME].get(f"/v1/packs/{pack}", params={"format": kind}) for kind in kinds]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_no_answer_and_no_error_names_what_is_never_mentioned(
    app: FastAPI, canaries: Canaries, provider: Mapping[str, AsyncClient]
) -> None:
    found = {}
    for operation in called(app):
        body: dict[str, Any] = {"json": {"unheard_of": True}} if operation.takes_a_body else {}
        for sent in ({}, body):
            path = operation.path_about(canaries.own)
            answer = await provider[PRIME].request(operation.method, path, params=operation.query(), **sent)
            if names := set(NAMED.findall(answer.text)):
                found[operation.id] = sorted(names)[:3]

    assert found == {}


async def test_the_published_description_names_no_item_that_nobody_is_shown(client: AsyncClient) -> None:
    described = (await client.get("/openapi.json")).text
    kept = [name for name in NAMES if str(ITEMS[name].tier) in NOBODY_S_TIERS]

    assert [name for name in kept if re.search(rf"(?<![a-z_]){name}(?![a-z_])", described)] == []
