"""A practitioner's desk for tests: a profile and one draft a pack, answered as the list of questions asks."""

import datetime
from typing import Any

from service.catalogue.definitions import AgeLimit, Catalogue, QuestionKind
from service.domain.drafts import DraftChange, DraftContent, Signature, apply_change
from service.domain.population import Draft, Populated, Recipient, Surroundings, populate
from service.domain.profiles import Answer
from service.domain.questions import Filling, Outstanding, outstanding_questions

TODAY = datetime.date(2026, 11, 23)
NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)


class Desk:
    """A practitioner's desk: a profile and one draft a pack, answered as the list asks."""

    def __init__(
        self,
        catalogue: Catalogue,
        packs: list[str],
        sent: frozenset[str] = frozenset(),
        recipient: Recipient | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.recipient = recipient or Recipient("somewhere")
        self.surroundings = Surroundings(TODAY, dict.fromkeys(AgeLimit, "2026-05-23"), catalogue.items, sent)
        self.answers: dict[str, Answer] = {}
        self.drafts = {pack: DraftContent({}, {}, {}) for pack in packs}
        self.recipients: dict[str, Recipient] = {}

    def fill(self, pack: str) -> Populated:
        held = self.drafts[pack]
        draft = Draft(held.own, held.variants, held.ticks, self.recipients.get(pack))
        return populate(self.catalogue.pack(pack), self.answers, draft, self.surroundings)

    def fillings(self) -> list[Filling]:
        return [Filling(self.fill(pack), pack) for pack in self.drafts]

    def listed(self) -> list[Outstanding]:
        return outstanding_questions(self.fillings(), self.catalogue.items)

    def answer(self, outstanding: Outstanding, value: Any) -> None:
        question = outstanding.question
        if outstanding.in_profile and question.item:
            self.answers[question.item] = Answer(
                value=value, source="practitioner", as_of="2026-11-23", recorded_by="p", recorded_at="now", revision=1
            )
            return
        pack = str(outstanding.referral)
        if question.kind is QuestionKind.RECIPIENT:
            self.recipients[pack] = self.recipient
            return
        change = DraftChange(read={str(question.item): True}) if question.shared else DraftChange({question.id: value})
        self.drafts[pack] = apply_change(self.drafts[pack], change, self.answers, Signature("p", NOW, 2))
