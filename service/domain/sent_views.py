"""What was sent to a provider as they may read it, and the live view beside it, item by item (§7)."""

from collections.abc import Collection, Mapping
from typing import Any

from service.catalogue.definitions import Pack, Question
from service.catalogue.disclosures import NEVER_BY_TABLE, UNDECIDED, DisclosureTable, Form, Rule, View
from service.domain.disclosure import FULL, Shown, decide, shown


def sent_sections(table: DisclosureTable, content: Mapping[str, Any], pack: Pack) -> list[dict[str, Any]]:
    """Return the sections of what was sent, each question as the table has it; those never mentioned leave no trace."""
    sections = []
    for section in content["sections"]:
        questions = [_sent_question(table, question, pack) for question in section["questions"]]
        if shown_ones := [question for question in questions if question is not None]:
            sections.append({"id": section["id"], "label": section["label"], "questions": shown_ones})
    return sections


def rule_of_question(table: DisclosureTable, question: Question | None, pack: Pack) -> Rule:
    """Return how a question of a pack is shown as sent: by its item, or by everything it is worked out from.

    The pack's own questions were written for this recipient, and are shown unless their tier reaches nobody.
    """
    if question is None or question.tier in NEVER_BY_TABLE:
        return UNDECIDED
    if question.item is not None:
        return table.rule(View.SENT, question.item)
    sources = question.derive.sources if question.derive is not None else frozenset()
    read = [pack.by_id[source] for source in sources if source in pack.by_id]
    return FULL if all(rule_of_question(table, one, pack).form is Form.FULL for one in read) else UNDECIDED


def _sent_question(table: DisclosureTable, sent: Mapping[str, Any], pack: Pack) -> dict[str, Any] | None:
    rule = rule_of_question(table, pack.by_id.get(sent["id"]), pack)
    part = shown(rule, {"value": sent["value"], "as_of": sent.get("as_of")})
    if part is None:
        return None
    if rule.form is Form.WITHHELD:
        return {"id": sent["id"], "label": sent["label"], **part}
    said = {name: sent[name] for name in ("source", "wording") if name in sent}
    known = {"asked": sent["asked"], "answered": sent["answered"]}
    return {"id": sent["id"], "label": sent["label"], **known, **part, **said}


NOT_SENT = {"not_sent": True}


def beside(
    table: DisclosureTable,
    sent: Mapping[str, Mapping[str, Any]],
    live: Mapping[str, Shown],
    disclosed: Collection[str],
    needed: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Return the live view item by item beside what was sent of each: `as_sent`, `now`, and whether they differ.

    `sent` are the questions sent, by item; `disclosed` and `needed` as for the live view. Of an item that was not sent
    nothing is said to differ, nor of one withheld: the answer would tell whether there is a value.
    """
    return [
        {
            "item": item,
            "as_sent": (before := _as_sent(table, item, sent.get(item), disclosed, needed)),
            "now": now,
            **_differs(before, now),
        }
        for item, now in live.items()
    ]


def _as_sent(
    table: DisclosureTable,
    item: str,
    question: Mapping[str, Any] | None,
    disclosed: Collection[str],
    needed: Collection[str],
) -> Shown:
    rule = table.rule(View.SENT, item)
    if question is None or not question["asked"] or rule.form is Form.NEVER:
        return dict(NOT_SENT)
    live = decide(table, View.LIVE, item, disclosed, needed)
    form = live if rule.form is Form.FULL and live.form is not Form.WITHHELD else rule
    return shown(form, {"value": question["value"], "as_of": question.get("as_of")}, needed) or dict(NOT_SENT)


def _differs(before: Shown, now: Shown) -> dict[str, bool | None]:
    comparable = "value" in before and "value" in now
    return {"differs": before["value"] != now["value"] if comparable else None}
