"""Adapters made one: the arithmetic by hand, PEFT as the judge, and what is refused."""

import math
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import (
    LoraConfig,
    PeftModel,
    get_peft_model,
    get_peft_model_state_dict,
    set_peft_model_state_dict,
)
from torch import Tensor

from idiolect.errors import InvalidInputError
from idiolect.preference.merging import (
    WEIGHT_RULES,
    Best,
    Last,
    Lora,
    Merged,
    Power,
    Softmax,
    Uniform,
    average_checkpoints,
    merge_adapters,
)
from tests.tiny_model import tiny_llama, tiny_tokenizer

MODULE = "base_model.model.layer"
A, B = f"{MODULE}.lora_A.weight", f"{MODULE}.lora_B.weight"


def tensor(*rows: Sequence[float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def lora(a: Tensor, b: Tensor, scale: float = 1.0) -> Lora:
    return Lora.read({A: a, B: b}, scale)


def random_lora(seed: int, rank: int = 2, scale: float = 1.0, out: int = 7, into: int = 5) -> Lora:
    generator = torch.Generator().manual_seed(seed)
    a = torch.randn(rank, into, generator=generator, dtype=torch.float64)
    b = torch.randn(out, rank, generator=generator, dtype=torch.float64)
    return lora(a, b, scale)


def added(adapter: Lora) -> Tensor:
    """scale * B A, multiplied out."""
    factors = adapter.modules[MODULE]
    return adapter.scale * factors.b @ factors.a


def error(merged: Merged) -> float:
    return merged.errors[MODULE]


# Two adapters of rank 1: B A is [[1, 2], [0, 0]] and [[0, 0], [3, 0]].
ONE = lora(tensor([1.0, 2.0]), tensor([1.0], [0.0]))
OTHER = lora(tensor([3.0, 0.0]), tensor([0.0], [1.0]))


def test_an_exact_merge_is_the_weighted_sum_of_the_products() -> None:
    merged = merge_adapters([ONE, OTHER], [0.5, 2.0])
    assert added(merged.adapter).tolist() == [[0.5, 1.0], [6.0, 0.0]]
    assert merged.adapter.rank == 2
    assert merged.adapter.tensors()[A].tolist() == [[1.0, 2.0], [3.0, 0.0]]
    assert merged.adapter.tensors()[B].tolist() == [[0.5, 0.0], [0.0, 2.0]]
    assert merged.weights == (0.5, 2.0)
    assert error(merged) == 0


def test_scales_and_ranks_may_differ_between_runs() -> None:
    one, other = random_lora(1, rank=2, scale=2.0), random_lora(2, rank=3, scale=0.5)
    merged = merge_adapters([one, other], [0.3, 0.7])
    torch.testing.assert_close(added(merged.adapter), 0.3 * added(one) + 0.7 * added(other))
    assert merged.adapter.rank == 5
    assert merged.adapter.alpha == 5 * 2.0


def test_a_truncated_merge_drops_the_smallest_singular_value() -> None:
    # diag(3, 4) has the singular values 4 and 3: rank 1 keeps 4, and 3 of sqrt(9 + 16) is lost.
    one = lora(tensor([3.0, 0.0]), tensor([1.0], [0.0]))
    other = lora(tensor([0.0, 4.0]), tensor([0.0], [1.0]))
    merged = merge_adapters([one, other], [1.0, 1.0], method="svd")
    torch.testing.assert_close(added(merged.adapter), tensor([0.0, 0.0], [0.0, 4.0]))
    assert error(merged) == pytest.approx(3 / 5)
    assert merged.adapter.rank == 1
    factors = merged.adapter.modules[MODULE]
    assert factors.a.norm().item() == pytest.approx(factors.b.norm().item())


def test_an_adapter_that_weighs_nothing_takes_no_rank() -> None:
    adapters = [random_lora(1, rank=2), random_lora(2, rank=3)]
    for method in ("exact", "svd"):
        merged = merge_adapters(adapters, [1.0, 0.0], method=method)
        assert merged.adapter.rank == 2
        torch.testing.assert_close(added(merged.adapter), added(adapters[0]))


@pytest.mark.parametrize("rank", [1, 2, 3, 4, 5])
def test_truncation_is_that_of_the_product_multiplied_out(rank: int) -> None:
    adapters = [random_lora(1, rank=3), random_lora(2, rank=2, scale=3.0)]
    whole = added(adapters[0]) + 0.4 * added(adapters[1])
    merged = merge_adapters(adapters, [1.0, 0.4], method="svd", rank=rank)
    u, s, v_t = torch.linalg.svd(whole)
    torch.testing.assert_close(
        added(merged.adapter), u[:, :rank] * s[:rank] @ v_t[:rank], rtol=1e-9, atol=1e-9
    )
    lost = (added(merged.adapter) - whole).norm() / whole.norm()
    assert error(merged) == pytest.approx(lost.item(), abs=1e-12)


def test_large_layers_are_never_multiplied_out() -> None:
    # 200,000 x 200,000 in double precision would be 320 GB.
    adapters = [random_lora(seed, rank=2, out=200_000, into=200_000) for seed in (1, 2)]
    merged = average_checkpoints(adapters, [1, 1], rank=2)
    assert 0 < error(merged) < 1


def test_averaging_products_is_exact_and_averaging_factors_is_not() -> None:
    products = average_checkpoints([ONE, OTHER], [1, 1])
    assert added(products.adapter).tolist() == [[0.5, 1.0], [1.5, 0.0]]
    assert error(products) == 0

    factors = average_checkpoints([ONE, OTHER], [1, 1], space="factors")
    # A is [2, 1], B is [.5, .5]: B A is [[1, .5], [1, .5]], off by [[.5, -.5], [-.5, .5]].
    assert added(factors.adapter).tolist() == [[1.0, 0.5], [1.0, 0.5]]
    assert factors.adapter.rank == 1
    assert error(factors) == pytest.approx(1 / math.sqrt(0.25 + 1 + 2.25))


def test_averaging_factors_is_exact_if_one_factor_is_shared() -> None:
    a = random_lora(0).modules[MODULE].a
    checkpoints = [lora(a, random_lora(seed).modules[MODULE].b, 4.0) for seed in range(3)]
    factors = average_checkpoints(checkpoints, [1, 2, 3], space="factors")
    products = average_checkpoints(checkpoints, [1, 2, 3])
    torch.testing.assert_close(added(factors.adapter), added(products.adapter))
    assert error(factors) < 1e-12
    assert factors.weights == pytest.approx((1 / 6, 2 / 6, 3 / 6))


def test_factors_that_differ_where_the_products_cancel_are_infinitely_wrong() -> None:
    one, other = lora(tensor([1.0]), tensor([3.0])), lora(tensor([3.0]), tensor([-1.0]))
    assert error(average_checkpoints([one, other], [1, 1], space="factors")) == math.inf
    untrained = lora(tensor([1.0]), tensor([0.0]))
    assert error(average_checkpoints([untrained] * 2, [1, 1], space="factors")) == 0


@pytest.mark.parametrize("space", ["factors", "products"])
def test_one_checkpoint_comes_back_to_the_last_bit(space: str) -> None:
    checkpoints = [random_lora(seed, scale=0.3) for seed in range(3)]
    merged = average_checkpoints(checkpoints, Last()([3.0, 2.0, 1.0]), space=space)  # type: ignore[arg-type]  # one of the two
    for name, expected in checkpoints[-1].tensors().items():
        assert torch.equal(merged.adapter.tensors()[name], expected)
    assert merged.adapter.scale == 0.3


def test_the_dtype_stays_and_the_inputs_are_not_changed() -> None:
    a, b = torch.ones(2, 3, dtype=torch.bfloat16), torch.ones(4, 2, dtype=torch.bfloat16)
    adapter = lora(a, b)
    for merged in (
        average_checkpoints([adapter, adapter], [1, 1], space="factors"),
        average_checkpoints([adapter, adapter], [1, 1]),
        merge_adapters([adapter, adapter], [1, 1], method="svd"),
    ):
        assert {each.dtype for each in merged.adapter.tensors().values()} == {torch.bfloat16}
    assert torch.equal(a, torch.ones_like(a))
    assert torch.equal(b, torch.ones_like(b))


# PEFT itself


def peft_model(rank: int, alpha: int) -> PeftModel:
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules="all-linear")
    return get_peft_model(tiny_llama(), config)


def randomized(model: PeftModel, seed: int, adapter: str, scale: float) -> Lora:
    generator = torch.Generator().manual_seed(seed)
    state = {
        name: torch.randn(value.shape, generator=generator) * 0.3
        for name, value in get_peft_model_state_dict(model, adapter_name=adapter).items()
    }
    set_peft_model_state_dict(model, dict(state), adapter_name=adapter)
    return Lora.read(state, scale)


def logits(model: PeftModel) -> Tensor:
    tokens = torch.tensor([tiny_tokenizer().encode("a soup of leeks")])
    with torch.no_grad():
        return torch.as_tensor(model.eval()(tokens).logits)


@pytest.mark.parametrize(("combination", "method"), [("cat", "exact"), ("svd", "svd")])
def test_a_merge_acts_in_a_transformer_as_pefts_own(combination: str, method: str) -> None:
    judge = peft_model(rank=2, alpha=6)
    other = LoraConfig(r=3, lora_alpha=3, target_modules="all-linear")
    judge.add_adapter("other", other)
    adapters = [randomized(judge, 1, "default", 6 / 2), randomized(judge, 2, "other", 3 / 3)]
    judge.add_weighted_adapter(["default", "other"], [0.7, 0.4], "merged", combination)
    judge.set_adapter("merged")

    merged = merge_adapters(adapters, [0.7, 0.4], method=method).adapter
    assert merged.rank == (5 if method == "exact" else 3)
    ours = peft_model(rank=merged.rank, alpha=round(merged.alpha))
    set_peft_model_state_dict(ours, merged.tensors())
    torch.testing.assert_close(logits(ours), logits(judge), rtol=1e-4, atol=1e-4)


# Weights


def test_weights_by_hand() -> None:
    metrics = [1.0, 2.0, 4.0]
    assert Uniform()(metrics) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert Last()(metrics) == (0.0, 0.0, 1.0)
    assert Best()(metrics) == (1.0, 0.0, 0.0)
    assert Best("higher")([1.0, 3.0, 3.0]) == (0.0, 1.0, 0.0)
    # 1, 1/4 and 1/16 are 16, 4 and 1 of 21; as steps 1, 2 and 4 are of 7.
    assert Power(2.0)(metrics) == pytest.approx((16 / 21, 4 / 21, 1 / 21))
    assert Power(1.0, "higher")(metrics) == pytest.approx((1 / 7, 2 / 7, 4 / 7))
    low = [math.log(2), math.log(4), math.log(8)]
    assert Softmax(1.0)(low) == pytest.approx((4 / 7, 2 / 7, 1 / 7))
    assert Softmax(1.0, "higher")(low) == pytest.approx((1 / 7, 2 / 7, 4 / 7))


@given(st.lists(st.floats(0.1, 100.0), min_size=1, max_size=8), st.floats(0.0, 50.0))
def test_weights_are_shares_that_the_better_has_more_of(
    metrics: list[float], penalty: float
) -> None:
    for rule in (Power(penalty), Softmax(penalty)):
        weights = rule(metrics)
        assert sum(weights) == pytest.approx(1.0)
        assert weights[metrics.index(min(metrics))] == max(weights)


@pytest.mark.parametrize("better", ["lower", "higher"])
@pytest.mark.parametrize("form", [Power, Softmax])
def test_the_penalty_leads_from_uniform_to_the_best(
    form: type[Power] | type[Softmax], better: str
) -> None:
    metrics = [0.9, 0.7, 0.8]
    assert form(0.0, better)(metrics) == pytest.approx(Uniform()(metrics))  # type: ignore[arg-type]  # one of the two
    assert form(1e9, better)(metrics) == pytest.approx(Best(better)(metrics))  # type: ignore[arg-type]  # as above


def test_softmax_is_finite_on_large_steps() -> None:
    assert Softmax(1.0, "higher")([1e6, 2e6]) == (0.0, 1.0)


@pytest.mark.parametrize("name", WEIGHT_RULES)
@pytest.mark.parametrize("metrics", [[], [1.0, math.nan], [math.inf, 1.0]], ids=str)
def test_every_rule_refuses_metrics_that_say_nothing(name: str, metrics: list[float]) -> None:
    with pytest.raises(InvalidInputError, match=r"no checkpoints|not all finite"):
        WEIGHT_RULES[name]()(metrics)


def test_rules_refuse_what_they_cannot_weigh() -> None:
    with pytest.raises(InvalidInputError, match="above 0, not 0"):
        Power(1.0, "higher")([0, 10, 20])
    for penalty in (-1.0, math.inf, math.nan):
        with pytest.raises(InvalidInputError, match="penalty"):
            Softmax(penalty)([1.0])


# What is refused


@pytest.mark.parametrize(
    ("state", "scale", "why"),
    [
        ({}, 1.0, "or none at all"),
        ({A: tensor([1.0])}, 1.0, "a factor A and no B"),
        ({B: tensor([1.0])}, 1.0, "no pair of LoRA factors"),
        ({A: tensor([1.0]), B: tensor([1.0]), "x.magnitude": tensor([1.0])}, 1.0, "x.magnitude"),
        ({A: torch.ones(2, 3), B: torch.ones(4, 3)}, 1.0, r"do not fit: A \(2, 3\), B \(4, 3\)"),
        ({A: torch.ones(2, 3, 1), B: torch.ones(4, 2)}, 1.0, "do not fit"),
        ({A: torch.ones(0, 3), B: torch.ones(4, 0)}, 1.0, "do not fit"),
        ({A: tensor([math.nan]), B: tensor([1.0])}, 1.0, "not finite"),
        ({A: tensor([1.0]), B: tensor([1.0])}, 0.0, "scale is 0.0"),
        ({A: tensor([1.0]), B: tensor([1.0])}, math.inf, "scale is inf"),
        (
            {
                A: torch.ones(2, 3),
                B: torch.ones(4, 2),
                "m.lora_A.weight": torch.ones(1, 3),
                "m.lora_B.weight": torch.ones(4, 1),
            },
            1.0,
            "different ranks: 1, 2",
        ),
    ],
)
def test_what_is_no_plain_adapter_is_refused(
    state: dict[str, Tensor], scale: float, why: str
) -> None:
    with pytest.raises(InvalidInputError, match=why):
        Lora.read(state, scale)


def test_adapters_of_different_layers_are_refused() -> None:
    elsewhere = Lora.read(
        {"m.lora_A.weight": torch.ones(1, 2), "m.lora_B.weight": torch.ones(2, 1)}, 1
    )
    with pytest.raises(InvalidInputError, match="1 and 2 act on different modules"):
        merge_adapters([ONE, elsewhere], [1, 1])
    with pytest.raises(InvalidInputError, match=r"shape \(2, 2\) in adapter 1 and \(7, 5\)"):
        merge_adapters([ONE, random_lora(0)], [1, 1])


def test_checkpoints_of_two_runs_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="not of one run"):
        average_checkpoints([random_lora(0, rank=2), random_lora(0, rank=3)], [1, 1])
    with pytest.raises(InvalidInputError, match="not of one run"):
        average_checkpoints([random_lora(0, scale=1.0), random_lora(0, scale=2.0)], [1, 1])


@pytest.mark.parametrize(
    ("weights", "why"),
    [
        ([1.0], "as many weights"),
        ([1.0, -0.5], "at least 0"),
        ([1.0, math.nan], "finite"),
        ([0.0, 0.0], "every weight is 0"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights: list[float], why: str) -> None:
    for merge in (average_checkpoints, merge_adapters):
        with pytest.raises(InvalidInputError, match=why):
            merge([ONE, OTHER], weights)


def test_nothing_is_refused() -> None:
    for merge in (average_checkpoints, merge_adapters):
        with pytest.raises(InvalidInputError, match="no adapters or checkpoints"):
            merge([], [])


def test_merging_factor_by_factor_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidInputError, match="mixes each one's A with the others' B") as caught:
        merge_adapters([ONE, OTHER], [1, 1], method="linear")
    assert caught.value.hint == "Use exact, or svd for a lower rank."


def test_unknown_ways_and_unfit_ranks_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="no merge 'ties'"):
        merge_adapters([ONE, OTHER], [1, 1], method="ties")
    with pytest.raises(InvalidInputError, match="no space 'weights'"):
        average_checkpoints([ONE, OTHER], [1, 1], space="weights")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(InvalidInputError, match="exact merge has the rank"):
        merge_adapters([ONE, OTHER], [1, 1], rank=1)
    with pytest.raises(InvalidInputError, match="cannot be cut"):
        average_checkpoints([ONE, OTHER], [1, 1], space="factors", rank=1)
    for rank in (0, 3):
        with pytest.raises(InvalidInputError, match=f"cannot be cut to rank {rank}"):
            average_checkpoints([ONE, OTHER], [1, 1], rank=rank)
