"""The area under the ROC curve of paired scores, with its interval."""

import torch
from torch import Tensor

from idiolect.preference.diagnostics.intervals import Z_95


def paired_auc(chosen: Tensor, rejected: Tensor) -> tuple[float, tuple[float, float]]:
    """How often a chosen sample outscores a rejected one of any pair; ties count half.

    The interval is DeLong's (DeLong et al. 1988) with each pair as one cluster (Obuchowski 1997),
    since the samples of a pair answer the same prompt. With the placements

        V_i = share of rejected scores below chosen score i
        U_i = share of chosen scores above rejected score i

    AUC = mean V = mean U and var(AUC) = var(V + U) / n, taken over pairs. At an AUC of 0 or 1 it
    has no width, and says nothing on how few the pairs are.

    Args:
        chosen: ``[n]``.
        rejected: the other side of the same pairs, ``[n]``.

    Returns:
        AUC, and its 95 % interval within [0, 1]; that is all of [0, 1] for a single pair.
    """
    v = _share_below(rejected, chosen)
    u = 1 - _share_below(chosen, rejected)
    area = v.mean().item()
    if len(v) < 2:
        return area, (0.0, 1.0)
    half = Z_95 * ((v + u).var() / len(v)).sqrt().item()
    return area, (max(0.0, area - half), min(1.0, area + half))


def _share_below(values: Tensor, limits: Tensor) -> Tensor:
    """For each limit, the share of values below it, and half of those equal to it."""
    ordered = values.double().sort().values
    limits = limits.double().contiguous()
    below = torch.searchsorted(ordered, limits)
    up_to = torch.searchsorted(ordered, limits, right=True)
    return (below + up_to).double() / (2 * len(values))
