"""Chosen log-probabilities and their gradient against autograd through the whole softmax."""

import pytest
import torch
from torch import Tensor, nn

from idiolect.engine.fast_layers import FrozenLinear
from idiolect.engine.head import Head, chosen_log_probs, log_collision

ROWS, WIDTH, VOCABULARY = 7, 5, 11
HEADS = [(1.0, None), (0.25, None), (3.0, 2.0), (1.0, 0.5)]


def projection(kind: type[nn.Linear] = nn.Linear, *, frozen: bool = True) -> nn.Linear:
    torch.manual_seed(1)
    return kind(WIDTH, VOCABULARY, bias=False).requires_grad_(not frozen)


def inputs() -> tuple[Tensor, Tensor]:
    torch.manual_seed(2)
    return torch.randn(ROWS, WIDTH, requires_grad=True), torch.randint(VOCABULARY, (ROWS,))


def textbook(layer: nn.Linear, scale: float, limit: float | None, hidden: Tensor) -> Tensor:
    logits = scale * (hidden @ layer.weight.T)
    if limit is not None:
        logits = limit * torch.tanh(logits / limit)
    return logits.log_softmax(dim=1)


@pytest.mark.parametrize("chunk_rows", [1, 3, 100])
@pytest.mark.parametrize("kind", [nn.Linear, FrozenLinear])
@pytest.mark.parametrize(("scale", "limit"), HEADS)
def test_values_and_gradients(
    kind: type[nn.Linear], scale: float, limit: float | None, chunk_rows: int
) -> None:
    layer = projection(kind)
    hidden, target = inputs()
    weight = torch.randn(ROWS)
    expected = textbook(layer, scale, limit, hidden)[torch.arange(ROWS), target]
    (slope,) = torch.autograd.grad(expected @ weight, hidden)
    found = chosen_log_probs(Head(layer, scale, limit), hidden, target, chunk_rows=chunk_rows)
    torch.testing.assert_close(found, expected)
    (found_slope,) = torch.autograd.grad(found @ weight, hidden)
    torch.testing.assert_close(found_slope, slope)


def test_the_gradient_is_the_finite_difference() -> None:
    head = Head(projection(), 2.0, 1.5)
    hidden, target = inputs()
    chosen_log_probs(head, hidden, target).sum().backward()
    assert hidden.grad is not None
    step = torch.zeros_like(hidden)
    step[3, 2] = 1e-2
    with torch.no_grad():
        up = chosen_log_probs(head, hidden + step, target).sum()
        down = chosen_log_probs(head, hidden - step, target).sum()
    assert hidden.grad[3, 2].item() == pytest.approx(((up - down) / 2e-2).item(), abs=1e-3)


def test_a_head_that_is_trained_gets_its_gradient() -> None:
    hidden, target = inputs()
    gradients = []
    for chunk_rows in (2, 100):
        layer = projection(frozen=False)
        chosen_log_probs(Head(layer), hidden, target, chunk_rows=chunk_rows).sum().backward()
        gradients.append(layer.weight.grad)
    layer = projection(frozen=False)
    textbook(layer, 1.0, None, hidden)[torch.arange(ROWS), target].sum().backward()
    for gradient in gradients:
        torch.testing.assert_close(gradient, layer.weight.grad)


def test_what_is_hooked_to_the_head_acts() -> None:
    layer = projection()
    layer.register_forward_hook(lambda _layer, _inputs, output: 2 * output)
    hidden, target = inputs()
    expected = textbook(layer, 2.0, None, hidden)[torch.arange(ROWS), target]
    found = chosen_log_probs(Head(layer), hidden, target)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(
        torch.autograd.grad(found.sum(), hidden), torch.autograd.grad(expected.sum(), hidden)
    )


def test_sums_are_float32_under_bfloat16() -> None:
    layer = projection().bfloat16()
    hidden = inputs()[0].detach().bfloat16().requires_grad_()
    found = chosen_log_probs(Head(layer), hidden, inputs()[1])
    assert found.dtype == torch.float32
    found.sum().backward()
    assert hidden.grad is not None
    assert hidden.grad.dtype == torch.bfloat16


def test_logits_of_any_size_are_safe() -> None:
    layer = projection()
    hidden, target = inputs()
    found = chosen_log_probs(Head(layer, scale=1e4), hidden, target)
    found.sum().backward()
    assert found.isfinite().all()
    assert hidden.grad is not None
    assert hidden.grad.isfinite().all()


@pytest.mark.parametrize("chunk_rows", [2, 100])
def test_the_chance_that_two_draws_agree(chunk_rows: int) -> None:
    layer, (hidden, _) = projection(), inputs()
    expected = textbook(layer, 1.0, None, hidden).exp().square().sum(dim=1).log()
    found = log_collision(Head(layer), hidden, chunk_rows=chunk_rows)
    torch.testing.assert_close(found, expected)
    assert not found.requires_grad
