"""Small catalogues for tests, written as their files are."""

from pathlib import Path

from service.catalogue.definitions import Catalogue
from service.catalogue.loading import load_catalogue

ITEMS = """
release_known:
  {label: Is the date known, value: {type: boolean}, reuse: fact, tier: standard, held_by: [nomis]}
release_on:
  {label: Release date, value: {type: date}, reuse: fact, tier: standard, held_by: [nomis]}
wheelchair:
  {label: Uses a wheelchair, value: {type: boolean}, reuse: fact, tier: health}
needs:
  label: Needs
  value: {type: choices, options: {mobility: Mobility, hearing: Hearing, none: None}, exclusive: [none]}
  reuse: fact
  tier: health
risk:
  {label: Who is at risk, value: {type: text, max_length: 500}, reuse: narrative, tier: risk_narrative,
   held_by: [oasys], maximum_age: oasys}
council:
  {label: Council, value: {type: string}, reuse: fact, tier: standard, held_by: [broker]}
consent:
  {label: Has the person agreed, value: {type: boolean}, reuse: decision, tier: standard}
"""

HOUSING = """
pack: housing
version: "1"
label: Housing
form: none
booleans: yes_no
windows:
  - {question: release_on, opens_months_before: 3, code: too_early, reason: Up to three months ahead.}
sections:
  - id: release
    label: Release
    questions:
      - item: release_known
      - {item: release_on, asked_when: release_known}
      - id: soon
        derive: release_known && days_until_release_on < 28
        label: Is it soon
        value: {type: boolean}
      - {id: why_late, label: Why so late, value: {type: text, max_length: 100}, asked_when: soon}
      - {item: risk, max_length: 40}
      - {item: council, required_when: "false"}
      - item: consent
"""

CARE = """
pack: care
version: "1"
label: Care
form: none
booleans: true_false
sections:
  - id: needs
    label: Needs
    questions:
      - item: needs
      - {item: wheelchair, asked_when: "'mobility' in needs"}
      - {item: risk}
      - id: sent
        derive: broker_has_sent_housing || council != ''
        label: Has the council been told
        value: {type: boolean}
      - {id: what_for, label: What for, value: {type: text}}
      - item: consent
"""


def small_catalogue(folder: Path) -> Catalogue:
    """Return a catalogue of seven items and two packs, `housing` and `care`, written below a folder."""
    (folder / "items").mkdir(parents=True)
    (folder / "items" / "person.yaml").write_text(ITEMS)
    for name, content in (("housing", HOUSING), ("care", CARE)):
        (folder / "packs" / name).mkdir(parents=True)
        (folder / "packs" / name / "1.yaml").write_text(content)
    return load_catalogue(folder)
