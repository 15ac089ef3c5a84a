"""An issuer's keys are remembered, asked for again when they must be, and never assumed."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from joserfc import jwk

from service.access.issuers import EMBEDDED, EXTERNAL, KeyDocuments, KeyRing, Patience, usable_keys
from service.errors import Unavailable


def public_key() -> dict[str, Any]:
    return dict(jwk.generate_key("EC", "P-256", auto_kid=True).as_dict(private=False))


FIRST, SECOND = public_key(), public_key()


@dataclass
class Published:
    """What an issuer publishes, and how often it was asked."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [FIRST])
    asked: int = 0
    fails: bool = False
    seconds: float = 0.0
    hangs: asyncio.Event | None = None

    async def fetch(self) -> KeyDocuments:
        self.asked += 1
        await (asyncio.sleep(0) if self.hangs is None else self.hangs.wait())
        if self.fails:
            raise Unavailable
        return self.keys

    def monotonic(self) -> float:
        return self.seconds

    def ring(self, patience: Patience) -> KeyRing:
        return KeyRing(self.fetch, patience, self.monotonic)


@pytest.fixture
def published() -> Published:
    """Return an issuer with one key."""
    return Published()


async def test_a_known_key_is_not_asked_for_again_while_it_is_fresh(published: Published) -> None:
    ring = published.ring(EXTERNAL)

    for published.seconds in (0.0, 1.0, EXTERNAL.fresh):
        assert await ring.find(FIRST["kid"]) is not None

    assert published.asked == 1


async def test_a_new_key_of_an_issuer_elsewhere_is_looked_for_at_most_every_thirty_seconds(
    published: Published,
) -> None:
    ring = published.ring(EXTERNAL)
    await ring.find(FIRST["kid"])
    published.keys.append(SECOND)

    published.seconds = 29.9
    assert [await ring.find(SECOND["kid"]) for _ in range(50)] == [None] * 50
    assert published.asked == 1
    published.seconds = 30.0
    assert await ring.find(SECOND["kid"]) is not None
    assert published.asked == 2


async def test_a_hundred_callers_with_a_new_key_share_one_question(published: Published) -> None:
    ring = published.ring(EMBEDDED)

    found = await asyncio.gather(*(ring.find(FIRST["kid"]) for _ in range(100)))

    assert None not in found
    assert published.asked == 1


async def test_a_new_key_of_our_own_is_found_at_once_by_whoever_waits_a_moment() -> None:
    published = Published()
    ring = KeyRing(published.fetch, EMBEDDED)
    await ring.find("nobody's")
    published.keys.append(SECOND)

    found = await asyncio.gather(*(ring.find(kid) for kid in (SECOND["kid"], "nobody's", "nobody's either")))

    assert [key is not None for key in found] == [True, False, False]
    assert published.asked == 2


async def test_a_retired_key_is_forgotten_once_it_is_no_longer_fresh(published: Published) -> None:
    ring = published.ring(EMBEDDED)
    await ring.find(FIRST["kid"])
    published.keys = [SECOND]

    published.seconds = EMBEDDED.fresh + 1

    assert await ring.find(FIRST["kid"]) is None


async def test_keys_that_cannot_be_fetched_are_never_a_pass_nor_a_plain_no(published: Published) -> None:
    published.fails = True
    ring = published.ring(EXTERNAL)

    for published.seconds in (0.0, 1.0, 31.0):
        with pytest.raises(Unavailable):
            await ring.find(FIRST["kid"])

    assert published.asked == 2


async def test_known_keys_outlast_an_issuer_that_is_away_for_a_while_but_not_for_ever(published: Published) -> None:
    ring = published.ring(EXTERNAL)
    await ring.find(FIRST["kid"])
    published.fails = True

    published.seconds = EXTERNAL.kept
    assert await ring.find(FIRST["kid"]) is not None
    published.seconds = EXTERNAL.kept + 60
    with pytest.raises(Unavailable):
        await ring.find(FIRST["kid"])
    published.fails = False
    published.seconds += 60
    assert await ring.find(FIRST["kid"]) is not None


async def test_whoever_has_a_known_key_does_not_wait_for_an_issuer_that_hangs(published: Published) -> None:
    ring = published.ring(replace(EXTERNAL, known=0.0))
    await ring.find(FIRST["kid"])
    published.hangs = asyncio.Event()
    published.keys = [SECOND]

    for published.seconds in (EXTERNAL.fresh + 1, EXTERNAL.fresh + 2, EXTERNAL.fresh + 60):
        assert await asyncio.wait_for(ring.find(FIRST["kid"]), timeout=30) is not None
    assert published.asked == 2
    published.hangs.set()
    assert await ring.find(SECOND["kid"]) is not None
    assert await ring.find(FIRST["kid"]) is None


async def test_a_known_key_that_the_issuer_withdrew_is_gone_with_its_prompt_answer(published: Published) -> None:
    ring = published.ring(EXTERNAL)
    await ring.find(FIRST["kid"])
    published.keys = [SECOND]

    published.seconds = EXTERNAL.fresh + 1
    assert await ring.find(FIRST["kid"]) is None


@pytest.mark.parametrize(
    "unusable",
    [
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
        {key: value for key, value in FIRST.items() if key != "kid"},
        FIRST | {"use": "enc"},
        FIRST | {"crv": "P-257"},
        FIRST | {"x": 7},
        {"kty": "EC", "kid": "half", "crv": "P-256"},
        {"kid": "no type"},
    ],
)
def test_what_is_no_public_signature_key_is_passed_over(unusable: dict[str, Any]) -> None:
    assert list(usable_keys([unusable, SECOND])) == [SECOND["kid"]]


def test_a_private_key_published_by_mistake_is_used_for_its_public_part_alone() -> None:
    private = jwk.generate_key("EC", "P-256", auto_kid=True)

    (key,) = usable_keys([dict(private.as_dict(private=True))]).values()

    assert not key.is_private
