"""A stored referral becomes a document in words: names and labels, its own instant, and what it was sent past."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from service.catalogue.definitions import Catalogue
from service.catalogue.loading import load_catalogue
from service.documents.outlines import outline_referral
from service.documents.referrals import referral_contents

NOW = datetime.datetime(2026, 11, 23, 14, 30, tzinfo=datetime.UTC)
SENT_AT = datetime.datetime(2026, 11, 20, 9, 0, tzinfo=datetime.UTC)
EARLIER = datetime.datetime(2026, 10, 1, 9, 0, tzinfo=datetime.UTC)
VERSION = {"number": 1, "submitted_at": SENT_AT, "submitted_by": "p.demo", "digest": "9f" * 32, "differences": []}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Path(__file__).parents[2] / "service" / "catalogue")


def stored(pack: str, **changes: Any) -> dict[str, Any]:
    return {
        "crn": "X320741",
        "pack": pack,
        "status": "submitted",
        "recipient_id": "elm-house",
        "recipient_name": "Elm House",
        "updated_at": EARLIER,
    } | changes


def content_of(*questions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"sections": [{"id": "one", "label": "One", "questions": list(questions)}]} | changes


def outlined(
    catalogue: Catalogue,
    referral: dict[str, Any],
    content: dict[str, Any],
    version: dict[str, Any] | None = VERSION,
) -> Any:
    contents = referral_contents(content, catalogue.pack(referral["pack"]), referral, version, NOW)
    return outline_referral(contents, with_provenance=False)


def facts(outline: Any) -> dict[str, str]:
    return {fact["label"]: fact["text"] for fact in outline["facts"]}


def chosen(asked: bool = True) -> dict[str, Any]:
    return {
        "id": "recipient",
        "label": "Where to",
        "kind": "recipient",
        "asked": asked,
        "answered": asked,
        "value": "elm-house",
    }


def test_the_choice_of_recipient_is_printed_by_name(catalogue: Catalogue) -> None:
    outline = outlined(catalogue, stored("mappa"), content_of(chosen()))

    assert outline["sections"][0]["entries"][0]["paragraphs"] == ["Elm House"]


@pytest.mark.parametrize(
    ("pack", "form"),
    [
        ("approved_premises", "Approved premises (CAS1), version 2026-11"),
        ("cas3", "CAS3 accommodation, version 2026-11"),
        ("commissioned_services", "Commissioned services (CRS), version 2026-11"),
        ("mappa", "MAPPA level 2 or 3, version 2026-11"),
        ("duty_to_refer", "Duty to refer, version 2026-11"),
        ("supported_housing", "Supported housing, version 2026-11"),
    ],
)
def test_the_form_is_named_in_words(catalogue: Catalogue, pack: str, form: str) -> None:
    assert facts(outlined(catalogue, stored(pack), content_of()))["Form"] == form


@pytest.mark.parametrize(
    ("pack", "status", "words"),
    [
        ("approved_premises", "submitted", "Awaiting assessment"),
        ("cas3", "received", "In review"),
        ("cas3", "parked_for_now", "Parked for now"),
    ],
    ids=["the pack's own word", "another pack's own word", "a status the pack has no word for"],
)
def test_the_status_is_in_the_packs_own_words(catalogue: Catalogue, pack: str, status: str, words: str) -> None:
    outline = outlined(catalogue, stored(pack, status=status), content_of())

    assert facts(outline)["Status"] == words
    assert outline["standing"] == f"{words} · version 1"


def test_a_draft_says_the_moment_it_was_made_and_never_when_it_was_submitted(catalogue: Catalogue) -> None:
    outline = outlined(catalogue, stored("cas3", status="draft"), content_of(), None)

    assert facts(outline)["As it stood on"] == "23 November 2026 at 14:30 GMT"
    assert "Submitted" not in facts(outline)


def test_a_sent_version_keeps_the_instant_it_was_sent_at(catalogue: Catalogue) -> None:
    shown = facts(outlined(catalogue, stored("cas3"), content_of()))

    assert shown["Submitted"] == "20 November 2026 at 09:00 GMT, by p.demo"
    assert "As it stood on" not in shown


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (VERSION, "Sent while the domestic abuse check was not answered"),
        (None, "The domestic abuse check is not answered"),
    ],
    ids=["sent", "draft"],
)
def test_a_check_still_outstanding_is_said_to_the_reader(
    catalogue: Catalogue, version: dict[str, Any] | None, says: str
) -> None:
    codes = ["domestic_abuse_check_outstanding", "child_safeguarding_check_outstanding"]
    outline = outlined(catalogue, stored("cas3"), content_of(checks_outstanding=codes), version)

    assert outline["cautions"][0].startswith(says)
    assert "child safeguarding check" in outline["cautions"][1]


def test_a_version_sent_before_checks_were_kept_says_nothing_of_them(catalogue: Catalogue) -> None:
    assert outlined(catalogue, stored("cas3"), content_of())["cautions"] == []
