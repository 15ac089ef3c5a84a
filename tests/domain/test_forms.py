"""The real form, filled: codes and styles of its own, one item in several rows, and nothing that was kept back."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from service.catalogue.definitions import AgeLimit, Catalogue
from service.catalogue.inventories import inventory
from service.catalogue.loading import load_catalogue
from service.domain.forms import by_field, form_rows
from service.domain.narratives import Variant
from service.domain.population import Draft, Surroundings, populate
from service.domain.profiles import Answer

TODAY = datetime.date(2026, 11, 23)
ITEMS = """
length: {label: Length, value: {type: duration}, reuse: fact, tier: standard}
kind: {label: Kind, value: {type: choice, options: {long_one: Long, short_one: Short}}, reuse: fact, tier: standard}
past: {label: Past, value: {type: boolean}, reuse: fact, tier: standard}
drugs: {label: Drugs, value: {type: text}, reuse: narrative, tier: health}
drink: {label: Drink, value: {type: text}, reuse: narrative, tier: health}
ends_on: {label: Ends on, value: {type: date}, reuse: fact, tier: standard}
"""
PACK = """
pack: form
version: "1"
label: Form
form: none
booleans: yes_no
sections:
  - id: all
    label: All
    questions:
      - item: length
        covers: [f.1, f.2]
        writes: {f.1: value.years, f.2: value.months}
      - {item: kind, covers: [f.3], options: {long_one: longOne, short_one: shortOne}}
      - {item: past, covers: [f.4]}
      - {item: drugs, covers: [f.5]}
      - item: drink
        covers: [f.6]
        writes: {f.6: "drugs + ' ' + value"}
      - item: ends_on
        asked_when: past
        covers: [f.7, f.8]
        writes: {f.8: days_until_ends_on}
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = Path(tmp_path_factory.mktemp("catalogue"))
    (folder / "items").mkdir()
    (folder / "items" / "all.yaml").write_text(ITEMS)
    (folder / "packs" / "form").mkdir(parents=True)
    (folder / "packs" / "form" / "1.yaml").write_text(PACK)
    return load_catalogue(folder)


def rows(catalogue: Catalogue, draft: Draft | None = None, **values: Any) -> dict[str, Any]:
    answers = {
        item: Answer(value=value, source="p", as_of="2026-11-20", recorded_by="p", recorded_at="now", revision=1)
        for item, value in values.items()
    }
    surroundings = Surroundings(TODAY, dict.fromkeys(AgeLimit, "2026-05-23"), catalogue.items)
    return form_rows(populate(catalogue.pack("form"), answers, draft or Draft(), surroundings), TODAY)


def test_one_duration_fills_a_row_for_each_part(catalogue: Catalogue) -> None:
    filled = rows(catalogue, length={"years": 3, "months": 4, "weeks": 0, "days": 0})

    assert (filled["f.1"], filled["f.2"]) == (3, 4)


def test_options_and_booleans_are_written_as_the_form_writes_them(catalogue: Catalogue) -> None:
    assert rows(catalogue, kind="long_one", past=True) == {"f.3": "longOne", "f.4": "yes"}


def test_a_date_can_be_written_as_days_from_today(catalogue: Catalogue) -> None:
    filled = rows(catalogue, past=True, ends_on="2026-12-23")

    assert (filled["f.7"], filled["f.8"]) == ("2026-12-23", 30)


def test_what_is_not_asked_here_fills_nothing(catalogue: Catalogue) -> None:
    assert "f.7" not in rows(catalogue, past=False, ends_on="2026-12-23")


def test_a_narrative_kept_back_fills_no_row_and_adds_no_words_to_another(catalogue: Catalogue) -> None:
    kept = Variant(redacted_because="private", recorded_by="p", recorded_at="now", draft_revision=1)
    filled = rows(catalogue, Draft(variants={"drugs": kept}), drugs="Heroin.", drink="Beer.")

    assert "f.5" not in filled
    assert filled["f.6"].strip() == "Beer."


def test_dates_of_the_accommodation_forms_come_in_three_parts_too() -> None:
    pages = by_field({"cas3.062": "2027-01-09", "cas3.018": "no"}, inventory())
    release = next(page for page in pages.values() if "releaseDate" in page)

    assert release == {
        "releaseDate": "2027-01-09",
        "releaseDate-year": "2027",
        "releaseDate-month": "1",
        "releaseDate-day": "9",
    }
