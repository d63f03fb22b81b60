"""Arithmetic on products of thin factors, which are never multiplied out.

With B = Q_B R_B and A^T = Q_A R_A (both Q orthonormal), B A = Q_B (R_B R_A^T) Q_A^T: norms and
singular values of the [out, in] product are those of a core [rank, rank]. All of it is computed
in double precision.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from idiolect.errors import InvalidInputError
from idiolect.preference.merging.lora import Factors


def weighted_sum(parts: Sequence[Factors], weights: Sequence[float]) -> Factors:
    """sum_i w_i B_i A_i as [w_1 B_1, w_2 B_2, ...] @ [A_1; A_2; ...]: exact, the ranks add up.

    Parts that weigh nothing take no rank.
    """
    used = [(part, weight) for part, weight in zip(parts, weights, strict=True) if weight != 0]
    return Factors(
        a=torch.cat([part.a for part, _ in used]),
        b=torch.cat([weight * part.b for part, weight in used], dim=1),
    )


def mean_of_factors(parts: Sequence[Factors], weights: Sequence[float]) -> Factors:
    """(sum_i w_i B_i, sum_i w_i A_i), whose product is not the sum of the products."""
    first = parts[0]
    weighed = list(zip(parts, weights, strict=True))
    a = torch.stack([weight * part.a.double() for part, weight in weighed]).sum(dim=0)
    b = torch.stack([weight * part.b.double() for part, weight in weighed]).sum(dim=0)
    return Factors(a=a.to(first.a), b=b.to(first.b))


def truncated(product: Factors, rank: int) -> tuple[Factors, float]:
    """The nearest product of this rank (Eckart and Young 1936), and how far it is.

    B' = Q_B U sqrt(S), A' = sqrt(S) V^T Q_A^T with the ``rank`` greatest singular values S of the
    core, so that both factors have the same norm.

    Returns:
        The factors in the dtype of the input, and sqrt(sum of dropped s^2 / sum of all s^2).

    Raises:
        InvalidInputError: the product has no such rank.
    """
    most = min(product.rank, *product.shape)
    if not 0 < rank <= most:
        raise InvalidInputError(
            f"a product of shape {product.shape} and rank {product.rank} cannot be cut to rank"
            f" {rank}",
            hint=f"Use a rank from 1 to {most}, or merge exactly.",
        )
    q_b, r_b = torch.linalg.qr(product.b.double())
    q_a, r_a = torch.linalg.qr(product.a.double().T)
    u, s, v_t = torch.linalg.svd(r_b @ r_a.T, full_matrices=False)
    root = s[:rank].sqrt()
    kept = Factors(
        a=(root.unsqueeze(1) * (v_t[:rank] @ q_a.T)).to(product.a),
        b=((q_b @ u[:, :rank]) * root).to(product.b),
    )
    return kept, _ratio(torch.linalg.vector_norm(s[rank:]), torch.linalg.vector_norm(s))


def distance(product: Factors, to: Factors) -> float:
    """||B A - B' A'|| / ||B' A'|| in Frobenius norms; infinite if only ``to`` is 0."""
    difference = weighted_sum([product, to], [1.0, -1.0])
    return _ratio(_norm(difference), _norm(to))


def _norm(product: Factors) -> Tensor:
    r_b = torch.linalg.qr(product.b.double(), mode="r").R
    r_a = torch.linalg.qr(product.a.double().T, mode="r").R
    norm: Tensor = torch.linalg.matrix_norm(r_b @ r_a.T)
    return norm


def _ratio(error: Tensor, whole: Tensor) -> float:
    if whole.item() == 0:
        return 0.0 if error.item() == 0 else math.inf
    return (error / whole).item()
