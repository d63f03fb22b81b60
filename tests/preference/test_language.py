"""The language composes what papers did and did not, and refuses what means nothing."""

from typing import Any

import pytest
import torch

from idiolect.errors import InvalidInputError
from idiolect.preference.language import compose
from idiolect.preference.objective import PairObjective
from idiolect.preference.pieces.label import Posterior, Robust
from idiolect.preference.pieces.score import Alpha, JensenShannon, Mean
from idiolect.preference.presets import PRESETS, objective
from idiolect.preference.state import Reliability
from tests.preference.vector import rows


@pytest.mark.parametrize("name", PRESETS)
def test_a_name_is_its_preset(name: str) -> None:
    assert compose(name) == compose({"preset": name}) == objective(name)


def test_parameters_and_pieces_go_together() -> None:
    composed = compose(
        {"preset": "dpo", "beta": 0.2, "label": {"robust": 0.2}, "score": {"divergence": "js"}}
    )
    assert isinstance(composed, PairObjective)
    assert composed.logit.beta == 0.2
    assert composed.label == Robust(0.2)
    assert composed.score.shape == JensenShannon()
    assert composed(rows()).loss.isfinite().all()


@pytest.mark.parametrize("value", ["smoothed", {"smoothed": 0.1}, {"smoothed": {"flip_rate": 0.1}}])
def test_a_piece_is_written_in_three_ways(value: Any) -> None:
    assert compose({"label": value}) == compose({"preset": "cdpo"})


def test_every_piece_can_be_put_in() -> None:
    composed = compose(
        {
            "score": {"anchors": {"previous": 1}, "length": "mean", "shape": {"alpha": 0.3}},
            "logit": {"beta": 2, "gamma": 0.5, "length_rate": 0.01},
            "link": {"hinge": 2.0},
            "weight": ["reward_agreement", "on_policy"],
            "add_nll": 0.5,
        }
    )
    assert isinstance(composed, PairObjective)
    assert composed.score.anchors == (("previous", 1.0),)
    assert composed.score.length == Mean()
    assert composed.score.shape == Alpha(0.3)
    assert (composed.logit.beta, composed.logit.gamma) == (2.0, 0.5)
    assert len(composed.weights) == 2
    assert composed.needs.collision
    assert composed(rows(rewards=(1.0, 0.0))).loss.isfinite().all()


def test_the_posterior_label_brings_its_reliabilities() -> None:
    composed = compose({"preset": "ipo", "label": {"posterior": 3}})
    assert isinstance(composed, PairObjective)
    assert composed.running == Reliability(sources=3)
    assert composed.label == Posterior()
    # Gibbs' probability of IPO: sigmoid(2 h / tau)
    odds = torch.tensor(2 * 2.5 / 0.1, dtype=torch.float64)
    weight = torch.sigmoid(odds + torch.logit(torch.tensor(0.9, dtype=torch.float64)))
    expected = weight * torch.nn.functional.softplus(-odds) + (1 - weight) * (
        torch.nn.functional.softplus(odds)
    )
    assert composed.running is not None
    got = composed(rows(), composed.running.start()).loss
    torch.testing.assert_close(got, expected.unsqueeze(0))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("dop", "no objective 'dop'"),
        ({"preset": "dpo", "gama": 1}, "no parameter gama"),
        ({"preset": "dpo", "beta": "much"}, "dpo.beta cannot be 'much'"),
        ({"preset": "dpo", "beta": float("nan")}, "dpo.beta cannot be nan"),
        ({"preset": "re_po", "sources": 1.5}, "re_po.sources cannot be 1.5"),
        ({"preset": "f_dpo", "divergence": "tv"}, "f_dpo.divergence cannot be 'tv'"),
        ({"preset": 3}, "objective.preset is a name"),
        ({"label": "sure"}, "objective.label cannot be 'sure'"),
        ({"label": {"robust": 0.1, "smoothed": 0.1}}, "is a name or one name with its parameters"),
        ({"label": {"robust": {"rate": 0.1}}}, "no parameter 'rate'"),
        ({"label": {"given": 1}}, "has no parameter"),
        ({"score": "js"}, "objective.score is a mapping"),
        ({"score": {"lenght": "mean"}}, "objective.score has no lenght"),
        ({"score": {"anchors": {"teacher": 1}}}, "anchors has no teacher"),
        ({"preset": "info_nca", "label": "robust"}, "compares groups and has no label"),
    ],
)
def test_what_does_not_exist_is_refused_by_its_place(spec: Any, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        compose(spec)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"preset": "exo", "label": "robust"}, "smooths the label itself"),
        ({"score": {"shape": "log_odds"}}, "of a probability"),
        ({"score": {"shape": "bounded"}}, "a log-ratio has both signs"),
        ({"preset": "simpo", "score": {"divergence": "js"}}, "no anchor"),
        ({"preset": "aot", "weight": "reward_agreement"}, "of no single pair"),
        ({"preset": "aot", "label": "posterior"}, "of no single pair"),
        ({"preset": "kto", "label": "posterior"}, "keeps another estimate"),
        ({"link": "nothing"}, "nothing would be learned"),
    ],
)
def test_what_means_nothing_is_refused_with_the_reason(spec: Any, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        compose(spec)
    assert caught.value.reason_code == "SENSELESS_OBJECTIVE"
    assert caught.value.hint
