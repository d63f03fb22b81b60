"""The general preference model: who beats whom, also where tastes go round in a circle.

Zhang et al. 2024, General preference modeling, section 4, and the authors' code. Each sample has
an embedding v of k planes; in each plane a preference is the area between two embeddings,

    s(i > j) = sum_m lambda_m ( v_i[2m] v_j[2m+1] - v_i[2m+1] v_j[2m] ),   P = sigmoid( s / tau )

so s(i > j) = -s(j > i) and s(i > i) = 0 to the last bit. Bradley-Terry is the plane v = (r, c) of
a reward and a constant: s = c (r_i - r_j).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


def score(v_i: Tensor, v_j: Tensor, scales: Tensor | None = None) -> Tensor:
    """s(i > j), ``[n]``.

    Args:
        v_i: embeddings, ``[n, 2k]``.
        v_j: those of the other samples.
        scales: lambda of each plane, ``[n, k]`` or ``[k]``; 1 by default.
    """
    one, other = _planes(v_i), _planes(v_j)
    areas = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return (areas if scales is None else scales * areas).sum(-1)


def loss(
    v_w: Tensor,
    v_l: Tensor,
    scales: Tensor | None = None,
    *,
    temperature: float = 0.1,
    margin: float = 0.0,
) -> Tensor:
    """-log sigmoid( (s(w > l) - margin) / tau ) of each pair, ``[n]``.

    Args:
        temperature: tau; the authors use 0.1 here and 1 for Bradley-Terry.
        margin: by how much the chosen sample must win, in units of s.
    """
    return functional.softplus((margin - score(v_w, v_l, scales)) / temperature)


class ScaleGate(nn.Module):
    """How much each plane counts in a context: softmax over planes of a linear map.

    As in the authors' released code: the planes' shares sum to 1. Their training file scales them
    by k instead, and reads a variable that it never sets there.

    Args:
        hidden: width of the context's state.
        planes: k.
    """

    def __init__(self, hidden: int, planes: int) -> None:
        super().__init__()
        self.projection = nn.Linear(hidden, planes, bias=False)

    def forward(self, context: Tensor) -> Tensor:
        """``[n, hidden]`` to lambda, ``[n, k]``."""
        return torch.softmax(self.projection(context), dim=-1)


class PreferenceHead(nn.Module):
    """Embeds samples from their last hidden state: linear, without bias.

    Args:
        hidden: width of the state.
        planes: k; the embedding has two numbers a plane.
        normalized: embeddings have length 1, so that |s| is at most the largest scale.
    """

    def __init__(self, hidden: int, planes: int, *, normalized: bool = False) -> None:
        super().__init__()
        self.projection = nn.Linear(hidden, 2 * planes, bias=False)
        nn.init.normal_(self.projection.weight, std=1 / (hidden + 1))
        self._normalized = normalized

    def forward(self, state: Tensor) -> Tensor:
        """``[n, hidden]`` to v, ``[n, 2k]``."""
        embedded: Tensor = self.projection(state)
        return functional.normalize(embedded, dim=-1) if self._normalized else embedded


def _planes(embedding: Tensor) -> Tensor:
    return embedding.reshape(*embedding.shape[:-1], -1, 2)
