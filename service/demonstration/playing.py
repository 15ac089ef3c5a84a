"""Playing a case through the service's own API, as its callers would: nothing here knows how it is stored."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from service.catalogue.concepts import items_asked_afresh
from service.demonstration.figures import Counting, Fields, Figures
from service.demonstration.people import DemonstrationCase, WantedReferral
from service.domain.drafts import FOR_A_MANAGER

ROUNDS = 12  # answering opens questions at most this deep; a list that has not emptied by then never will


class PlayFailed(Exception):
    """The service did not do what it promises; the message says what, and names no person's data."""


@dataclass(frozen=True, slots=True)
class Cast:
    """One client for each kind of caller a case needs; a manager only where a referral is approved."""

    practitioner: httpx.AsyncClient
    record_system: httpx.AsyncClient
    manager: httpx.AsyncClient | None = None


@dataclass(slots=True)
class Played:
    """A case that was played: its CRN, its referrals by name, and its figures."""

    crn: str
    referrals: dict[str, str]
    figures: Figures
    asked: list[str] = field(default_factory=list)
    asked_for_move_on: int = 0
    items_asked: set[str] = field(default_factory=set)

    def note(self, name: str, item: str | None) -> None:
        """Note that something was asked; PlayFailed for an item asked before, unless each referral asks it afresh."""
        if item is not None and item in self.items_asked - items_asked_afresh():
            raise PlayFailed(f"{self.figures.title}: {item} was asked twice.")
        self.asked.append(name)
        if item is not None:
            self.items_asked.add(item)


async def open_case(cast: Cast, case: DemonstrationCase, crn: str) -> None:
    """Open a case and let the record systems say what they hold."""
    expect(await cast.practitioner.post("/v1/cases", json={"crn": crn, "region": case.region}))
    for recorded in case.recorded:
        answers = {
            item: {
                "value": crn if item == "crn" else value,
                "source": recorded.system,
                "as_of": recorded.as_of.isoformat(),
            }
            for item, value in recorded.answers.items()
        }
        await amend(cast.record_system, crn, answers)


async def amend(client: httpx.AsyncClient, crn: str, answers: Mapping[str, Any]) -> None:
    """Change a profile from its present revision."""
    profile = expect(await client.get(f"/v1/cases/{crn}/profile"))
    headers = {"If-Match": f'"{profile["revision"]}"'}
    expect(await client.patch(f"/v1/cases/{crn}/profile", json={"answers": dict(answers)}, headers=headers))


async def play(
    cast: Cast, case: DemonstrationCase, crn: str, covers: Mapping[str, Mapping[str, Any]], fields: Fields
) -> Played:
    """Open a case, make every referral it wants, answer what is listed until nothing is, and count.

    `covers` maps pack → question → the inventory rows it answers. Raises PlayFailed where an item is asked
    twice, the list does not empty, or a referral is not complete once it has.
    """
    await open_case(cast, case, crn)
    played = Played(crn, {}, Figures(case.title))
    await generate(cast, case, played)
    await answer_everything(cast, case, played)
    counting = Counting(played.figures, fields)
    for wanted in case.wanted:
        await _check_and_count(cast, wanted, played, counting, covers[wanted.pack])
    played.figures.asked_once = len(played.asked)
    if case.screening is not None:
        expect(await cast.practitioner.post(f"/v1/cases/{crn}/mappa-screenings", json=dict(case.screening)))
    return played


async def play_move_on(cast: Cast, case: DemonstrationCase, played: Played) -> None:
    """Make the referrals for the home afterwards from the same profile, and count what they ask that is new.

    They belong to no real form: the figures stay as they were. Raises PlayFailed as playing does.
    """
    afterwards, milliseconds = replace(case, wanted=case.move_on), played.figures.generation_milliseconds
    await generate(cast, afterwards, played)
    await answer_everything(cast, afterwards, played)
    for wanted in case.move_on:
        await _refuse_incomplete(cast, wanted, played)
    played.figures.generation_milliseconds = milliseconds
    played.asked_for_move_on = len(played.asked) - played.figures.asked_once


async def generate(cast: Cast, case: DemonstrationCase, played: Played) -> None:
    """Make every referral a case wants, at once."""
    packs = [
        {"pack": wanted.pack, "recipient": wanted.recipient, "service_category": wanted.service_category}
        for wanted in case.wanted
    ]
    started = time.perf_counter()
    made = expect(
        await cast.practitioner.post(
            f"/v1/cases/{played.crn}/referrals", json={"packs": packs}, headers={"Idempotency-Key": str(uuid.uuid4())}
        )
    )
    played.figures.generation_milliseconds = (time.perf_counter() - started) * 1000
    for wanted, referral in zip(case.wanted, made["items"], strict=True):
        played.referrals[wanted.name] = referral["id"]


async def answer_everything(cast: Cast, case: DemonstrationCase, played: Played) -> None:
    """Answer what is listed until nothing is; PlayFailed where that does not come to an end."""
    packs = ",".join(dict.fromkeys(wanted.pack for wanted in case.wanted))
    names = {identity: name for name, identity in played.referrals.items()}
    for _ in range(ROUNDS):
        listed = expect(await cast.practitioner.get(f"/v1/cases/{played.crn}/questions", params={"packs": packs}))
        if not listed["questions"]:
            return
        await _answer_profile(cast, case, played, listed["questions"])
        for identity, name in names.items():
            mine = [question for question in listed["questions"] if question["referral_id"] == identity]
            if mine:
                await _answer_referral(cast, case, played, (identity, name), mine)
    raise PlayFailed(f"{case.title}: the list of questions did not empty.")


async def _answer_profile(cast: Cast, case: DemonstrationCase, played: Played, questions: list[dict[str, Any]]) -> None:
    answers: dict[str, Any] = {}
    for question in questions:
        item = question["item"]
        if question["answer_in"] != "profile":
            continue
        if item not in case.known:
            raise PlayFailed(f"{case.title}: nobody knows {item} ({', '.join(question['reasons'])}).")
        played.note(item, item)
        answers[item] = {"value": case.known[item]}
        if item in case.known_as_of:
            answers[item]["as_of"] = case.known_as_of[item].isoformat()
    if answers:
        await amend(cast.practitioner, played.crn, answers)


async def _answer_referral(
    cast: Cast,
    case: DemonstrationCase,
    played: Played,
    referral: tuple[str, str],
    questions: list[dict[str, Any]],
) -> None:
    identity, name = referral
    change: dict[str, Any] = {"answers": {}, "read": {}, "variants": {}}
    approved: dict[str, Any] = {"answers": {}}
    own = case.own.get(name, {})
    for question in questions:
        key = question["id"].partition(":")[2]
        if question["reason"] == "unread":
            change["read"][question["item"]] = True
        elif question["reason"] == "over_length":
            change["variants"][question["item"]] = {"text": own[f"{key} (reworded)"]}
        elif key in own:
            changed = approved if FOR_A_MANAGER.get(key) == own[key] else change
            changed["answers"][key] = {"value": own[key]}
            played.note(f"{name}:{key}", question["item"])
        else:
            raise PlayFailed(f"{case.title}: nobody knows {name}:{key} ({', '.join(question['reasons'])}).")
    if any(change.values()):
        await _change_draft(cast.practitioner, identity, change)
    if any(approved.values()):
        if cast.manager is None:
            raise PlayFailed(f"{case.title}: no manager is there to approve {name}.")
        await _change_draft(cast.manager, identity, approved)


async def _change_draft(client: httpx.AsyncClient, identity: str, change: Mapping[str, Any]) -> None:
    draft = await client.get(f"/v1/referrals/{identity}")
    headers = {"If-Match": draft.headers["ETag"]}
    expect(await client.patch(f"/v1/referrals/{identity}", json=change, headers=headers))


async def _check_and_count(
    cast: Cast, wanted: WantedReferral, played: Played, counting: Counting, covers: Mapping[str, Any]
) -> None:
    page = await _refuse_incomplete(cast, wanted, played)
    rows = expect(await cast.practitioner.get(f"/v1/referrals/{played.referrals[wanted.name]}/form"))
    questions = [question for section in page["sections"] for question in section["questions"]]
    counting.count(questions, rows, covers)


async def _refuse_incomplete(cast: Cast, wanted: WantedReferral, played: Played) -> Any:
    page = expect(await cast.practitioner.get(f"/v1/referrals/{played.referrals[wanted.name]}"))
    against = {lack["code"] for lack in page["lacks"]} - {"too_early"}
    if against:
        raise PlayFailed(f"{wanted.name} is not complete: {', '.join(sorted(against))}.")
    return page


def expect(response: httpx.Response) -> Any:
    """Return what the service answered; PlayFailed with its problem where it refused."""
    if response.is_error:
        problem = response.json()
        where = "; ".join(f"{fault['pointer']} {fault['detail']}" for fault in problem.get("errors", []))
        path = response.request.url.path
        raise PlayFailed(f"{response.request.method} {path}: {problem['status']} {problem['detail']} {where}")
    return response.json() if response.content else None
