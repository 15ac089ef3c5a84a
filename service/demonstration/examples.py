"""One sent referral of each kind as its recipient gets it, for a reader who has no service running."""

from collections.abc import Sequence

from service.demonstration.people import DemonstrationCase
from service.demonstration.playing import Cast, Played, expect

FORMATS = {"pdf": "application/pdf", "html": "text/html"}
GOING_ON = "An invented reason: the example shows a referral that was sent."


async def sent_examples(cast: Cast, played: Sequence[tuple[DemonstrationCase, Played]]) -> dict[str, bytes]:
    """Send one referral of each pack, from the first case that can; return its documents by file name."""
    documents: dict[str, bytes] = {}
    shown: set[str] = set()
    for case, play in played:
        for wanted in (*case.wanted, *case.move_on):
            if wanted.pack not in shown and await send(cast, play.referrals[wanted.name]):
                shown.add(wanted.pack)
                documents |= await _documents(cast, play.referrals[wanted.name], wanted.pack)
    return documents


async def send(cast: Cast, referral: str) -> bool:
    """Send a referral, giving a reason for each warning; False where its recipient does not take it yet."""
    address = f"/v1/referrals/{referral}/submission"
    refused = await cast.practitioner.post(address, json={})
    if refused.is_success:
        return True
    against = refused.json().get("errors", [])
    if any(fault["code"] == "too_early" for fault in against):
        return False
    reasons = {fault["code"]: GOING_ON for fault in against if fault["pointer"].startswith("/reasons/")}
    expect(await cast.practitioner.post(address, json={"reasons": reasons}))
    return True


async def _documents(cast: Cast, referral: str, pack: str) -> dict[str, bytes]:
    documents = {}
    for ending, kind in FORMATS.items():
        answer = await cast.practitioner.get(f"/v1/referrals/{referral}/document", headers={"Accept": kind})
        answer.raise_for_status()
        documents[f"{pack}.{ending}"] = answer.content
    return documents
