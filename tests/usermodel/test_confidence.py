"""The arithmetic of confidence, written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.usermodel import confidence
from idiolect.usermodel.confidence import CAPS, PRIOR

probabilities = st.floats(0.02, 0.97)


@pytest.mark.parametrize(
    ("hits", "misses", "expected"),
    [
        (0, 0, 0.2),  # odds 1/4
        (1, 0, 0.5),  # 1/4 * 4 = 1
        (2, 0, 0.8),  # 1/4 * 16 = 4
        (3, 0, 16 / 17),  # 1/4 * 64 = 16
        (3, 2, 0.5),  # 1/4 * 4^(3 - 2) = 1
        (1, 1, 0.2),
        (0, 1, 1 / 17),  # 1/4 / 4 = 1/16
    ],
)
def test_days_multiply_the_odds_by_four(hits: int, misses: int, expected: float) -> None:
    assert confidence.from_days(hits, misses, ["typed"]) == pytest.approx(expected)


def test_sources_cap_what_days_support() -> None:
    assert confidence.from_days(9, 0, ["read", "untrusted"]) == CAPS["read"]
    assert confidence.from_days(9, 0, ["untrusted"]) == CAPS["untrusted"]
    assert confidence.cap([]) == confidence.LOWEST


def test_an_identical_draft_adds_half_its_weight() -> None:
    # A draft of 0.8 has odds 4, sixteen times the prior's 1/4; half that weight is times 4.
    # Known 0.5 has odds 1, so 1 * 4 = 4, which is 0.8.
    assert confidence.supported(0.5, 0.8, novelty=1.0, ceiling=1.0) == pytest.approx(0.8)


def test_evidence_that_is_known_adds_nothing() -> None:
    assert confidence.supported(0.6, 0.9, novelty=0.0, ceiling=1.0) == pytest.approx(0.6)


def test_half_new_evidence_adds_half_the_weight() -> None:
    # weight ln 16, times 0.5 for dependence, times 0.5 for novelty: odds times 2 -> 2/3
    assert confidence.supported(0.5, 0.8, novelty=0.5, ceiling=1.0) == pytest.approx(2 / 3)


def test_untrusted_support_stops_at_its_ceiling() -> None:
    belief = 0.1
    for _ in range(50):
        belief = confidence.supported(belief, 0.9, novelty=1.0, ceiling=CAPS["untrusted"])
    assert belief == CAPS["untrusted"]


def test_a_ceiling_never_lowers_what_better_sources_gave() -> None:
    assert confidence.supported(0.9, 0.9, novelty=1.0, ceiling=CAPS["untrusted"]) == 0.9


def test_opposition_takes_the_weight_away() -> None:
    # 0.8 has odds 4; a contrary draft of 0.8 takes a factor of 4: odds 1, which is 0.5.
    assert confidence.opposed(0.8, 0.8) == pytest.approx(0.5)


def test_a_contrary_draft_below_the_prior_says_nothing() -> None:
    assert confidence.opposed(0.8, PRIOR / 2) == pytest.approx(0.8)


@given(probabilities, probabilities, st.floats(0, 1))
def test_support_never_lowers_and_opposition_never_raises(
    known: float, draft: float, novelty: float
) -> None:
    assert confidence.supported(known, draft, novelty, ceiling=1.0) >= known
    assert confidence.opposed(known, draft) <= known


@given(st.floats(0, 1))
def test_no_claim_is_ever_settled(p: float) -> None:
    back = confidence.probability(confidence.log_odds(p))
    assert confidence.LOWEST <= back <= confidence.HIGHEST


def test_an_unknown_trust_is_the_lowest() -> None:
    assert confidence.trust("sent") == "sent"
    assert confidence.trust("certified") == "untrusted"
