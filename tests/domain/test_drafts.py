"""Changing a draft: who may say what of it, what another version keeps, what a new one starts from."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from service.catalogue.definitions import Pack
from service.catalogue.loading import catalogue
from service.domain.drafts import (
    Barred,
    DraftChange,
    DraftContent,
    Signature,
    apply_change,
    faults_in,
    moved_to,
    started_from,
)
from service.domain.population import OwnAnswer
from service.domain.readiness import must_not_receive
from tests.domain.catalogues import small_catalogue

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
BARRED = Barred([{"name": "Somebody", "reason": "A relation."}], given=True)


@pytest.fixture
def care(tmp_path: Path) -> Pack:
    return small_catalogue(tmp_path).pack("care")


def own(value: Any) -> OwnAnswer:
    return OwnAnswer(value=value, recorded_by="earlier", recorded_at="2026-01-02T09:00:00+00:00", draft_revision=7)


@pytest.mark.parametrize("pack", ["approved_premises", "cas3", "mappa"])
@pytest.mark.parametrize(
    ("value", "by_manager", "pointers"),
    [
        ("approved", False, ["/answers/manager_approval/value"]),
        ("approved", True, []),
        ("needs_an_address_first", False, []),
        ("returned", False, []),
        ("not_required", False, []),
        (None, False, []),
    ],
)
def test_only_a_manager_says_that_a_referral_is_approved(
    pack: str, value: str | None, by_manager: bool, pointers: list[str]
) -> None:
    change = DraftChange({"manager_approval": value}, by_manager=by_manager)

    assert [fault.pointer for fault in faults_in(change, catalogue().pack(pack), {})] == pointers


def test_any_referral_can_be_kept_from_somebody_whatever_its_form_asks(care: Pack) -> None:
    change = DraftChange(must_not_receive=BARRED)
    kept = apply_change(DraftContent({}, {}, {}), change, {}, Signature("p", NOW, 2))

    assert faults_in(change, care, {}) == []
    assert must_not_receive(kept.own, {"name": "SOMEBODY "})
    assert moved_to(kept, care) == (kept, [])


def test_a_must_not_receive_list_is_given_once() -> None:
    change = DraftChange({"must_not_receive": []}, must_not_receive=BARRED)

    assert [fault.code for fault in faults_in(change, catalogue().pack("mappa"), {})] == ["given-twice"]


def test_a_new_draft_takes_over_what_its_form_still_holds_with_its_author_and_no_decision(care: Pack) -> None:
    earlier = {"what_for": own("Help."), "consent": own(True), "gone": own(1), "needs": own(["none"])}

    assert started_from(earlier, care) == {"what_for": {**own("Help."), "draft_revision": 1}}
    assert started_from({"what_for": own(3)}, care) == {}
