"""What a run did to its pairs: how far both sides moved, and how long they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from idiolect.preference.diagnostics.displacement import Displacement, likelihood_displacement
from idiolect.preference.diagnostics.lengths import LengthRatio, length_ratio
from idiolect.preference.objective import Needs
from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies import Encoded, Policy

MOST_PAIRS = 200
"""Of more pairs so many are looked at: enough to know a share to 7 % at worst."""


@dataclass(frozen=True, slots=True)
class PairsReport:
    """What a policy makes of some pairs, once it is trained.

    Attributes:
        pairs: how many there are without ties; ``displacement.pairs`` of them were looked at.
        displacement: how far the policy moved from its reference on both sides.
        lengths: of chosen and rejected samples, in tokens.
    """

    pairs: int
    displacement: Displacement
    lengths: LengthRatio


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run on pairs should be asked before its policy is used.

    Attributes:
        train: the pairs that it learned from.
        held_out: pairs that it did not learn from, if there are any.
    """

    train: PairsReport
    held_out: PairsReport | None


def report_on_run(
    policy: Policy[Encoded], train: Sequence[Pair], held_out: Sequence[Pair] = ()
) -> RunReport | None:
    """Looks at a trained policy's pairs once, without a gradient.

    The entropy of the differential information (``estimated_differential_information``) is not
    among what is told. It takes dozens of samples of each context, written by the policy or its
    reference, where pairs hold two by unknown writers. Those are dear, and over whole replies they
    tell nothing: of 32 that the bundled model wrote to a question one took all the weight (three
    questions; 1.0 effective samples, 7 to 10 seconds).

    Args:
        policy: as it was trained.
        train: what it learned from.
        held_out: what it did not learn from; the policy can take all of them.

    Returns:
        None if there is nothing to tell: no pair that is not a tie, or a policy whose scores are
        no log-probabilities.
    """
    if not policy.gives_log_probs:
        return None
    learned = _report(policy, train)
    if learned is None:
        return None
    return RunReport(train=learned, held_out=_report(policy, held_out))


def _report(policy: Policy[Encoded], pairs: Sequence[Pair]) -> PairsReport | None:
    told = [pair for pair in pairs if not pair.is_tie]
    if not told:
        return None
    number = min(len(told), MOST_PAIRS)
    drawn = [told[place * len(told) // number] for place in range(number)]
    samples = [
        policy.encode(context, sample)
        for pair in drawn
        for context, sample in ((pair.context_w, pair.sample_w), (pair.context_l, pair.sample_l))
    ]
    unjudged = [torch.nan] * len(samples)
    side = policy.side(samples, unjudged, Needs(anchors=frozenset({REFERENCE})), train=False)
    trained, reference = side.policy.double().sum(1), side.anchors[REFERENCE].double().sum(1)
    tokens = side.tokens.tolist()
    return PairsReport(
        pairs=len(told),
        displacement=likelihood_displacement(
            chosen_policy=trained[::2],
            chosen_reference=reference[::2],
            rejected_policy=trained[1::2],
            rejected_reference=reference[1::2],
        ),
        lengths=length_ratio(tokens[::2], tokens[1::2]),
    )
