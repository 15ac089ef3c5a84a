"""A case played asks nothing twice, except what each referral must ask afresh."""

import pytest

from service.demonstration.figures import Figures
from service.demonstration.playing import Played, PlayFailed


def test_an_item_asked_in_two_referrals_fails_the_play() -> None:
    played = Played("Z000001", {}, Figures("A case"))
    played.note("approved_premises:arrival_wanted_on", "arrival_wanted_on")

    with pytest.raises(PlayFailed, match="arrival_wanted_on was asked twice"):
        played.note("cas3:arrival_wanted_on", "arrival_wanted_on")


@pytest.mark.parametrize("item", ["reason_for_referral", "urgency_reason", "manager_approval", "person_consents", None])
def test_what_each_referral_asks_afresh_may_be_asked_again(item: str | None) -> None:
    played = Played("Z000001", {}, Figures("A case"))
    played.note("mappa:question", item)
    played.note("cas3:question", item)

    assert played.asked == ["mappa:question", "cas3:question"]
