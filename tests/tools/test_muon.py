"""Muon steps by orthogonalised momentum, in batches that change nothing."""

import pytest
import torch

from tools.bundled_model.muon import Muon, orthogonalised


@pytest.mark.parametrize("shape", [(6, 6), (12, 5), (5, 12)])
def test_singular_values_become_about_one(shape: tuple[int, int]) -> None:
    matrices = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    before, after = (torch.linalg.svdvals(each) for each in (matrices, orthogonalised(matrices)))
    assert before.max() / before.min() > 2
    assert after.min() > 0.6
    assert after.max() < 1.3


def test_singular_vectors_stay() -> None:
    matrix = torch.randn(1, 4, 7, generator=torch.Generator().manual_seed(1))
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    turned = left.mT @ orthogonalised(matrix) @ right.mT
    assert turned.allclose(torch.diag_embed(turned.diagonal(dim1=-2, dim2=-1)), atol=1e-4)


def test_a_step_is_that_of_torch_which_rounds_to_bfloat16() -> None:
    torch.manual_seed(2)
    start = [torch.randn(8, 6), torch.randn(8, 6), torch.randn(6, 8)]
    ours, theirs = ([torch.nn.Parameter(each.clone()) for each in start] for _ in range(2))
    optimizers = [Muon(ours, lr=0.1), torch.optim.Muon(theirs, lr=0.1)]
    for _ in range(3):
        for mine, other in zip(ours, theirs, strict=True):
            mine.grad = torch.randn_like(mine)
            other.grad = mine.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    for mine, other, before in zip(ours, theirs, start, strict=True):
        assert not mine.allclose(before, atol=0.05)
        # A singular value near zero is far from 1 after five rounds, and rounding moves it most.
        assert mine.sub(other).norm() < 0.05 * mine.sub(before).norm()


def test_what_has_no_gradient_stays() -> None:
    weights = torch.nn.Parameter(torch.ones(2, 2))
    Muon([weights], lr=0.1).step()
    assert weights.equal(torch.ones(2, 2))


def test_a_closure_is_refused() -> None:
    with pytest.raises(ValueError, match="compute the gradients before"):
        Muon([torch.nn.Parameter(torch.ones(2, 2))], lr=0.1).step(lambda: 0.0)
