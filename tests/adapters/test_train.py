"""A training writes an adapter that others can load, the same bytes whatever happens to it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file

from idiolect.adapters.recipe import Recipe
from idiolect.adapters.train import train_adapter
from idiolect.errors import InvalidInputError, JobCancelledError, NotReadyError
from idiolect.preference.judged import Group
from idiolect.preference.metrics import StepMetrics
from idiolect.preference.pairs import Pair
from idiolect.store.blobs import hash_dir
from tests.preference.training import capital_pairs
from tests.tiny_model import tiny_llama

CHECKOUT = Path(__file__).resolve().parents[2]


def test_it_says_what_it_did(tiny_base: Path, quick_recipe: Recipe, tmp_path: Path) -> None:
    seen: list[StepMetrics] = []
    trained = train_adapter(
        capital_pairs(),
        base=tiny_base,
        recipe=quick_recipe,
        work_dir=tmp_path,
        on_metrics=seen.append,
    )
    assert trained.history.steps == seen
    assert len(seen) == 8
    assert trained.example_ids == tuple(f"pref_{number}" for number in range(8))
    assert trained.by_source == {"import": 4, "choice": 4}
    assert trained.left_out == ()
    assert trained.base_name == str(tiny_base)
    assert len(trained.base_hash) == 64
    assert trained.path == tmp_path / "adapter"
    assert trained.report is not None
    moved = trained.report.train.displacement
    assert moved.pairs == 8
    assert moved.chosen_drift > moved.rejected_drift
    assert trained.report.held_out is None


def test_held_out_pairs_are_reported_whether_they_are_looked_at_or_not(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    pairs = capital_pairs(12)
    reports = []
    for steps in (0, 4):
        trained = train_adapter(
            pairs[:8],
            base=tiny_base,
            recipe=quick_recipe.model_copy(update={"evaluate_every_steps": steps}),
            work_dir=tmp_path / f"{steps}",
            held_out=pairs[8:],
        )
        assert trained.report is not None
        reports.append(trained.report)
    assert all(one.held_out is not None and one.held_out.pairs == 4 for one in reports)


@pytest.mark.parametrize("rule", ["uniform", "best", "power", "softmax"])
def test_the_checkpoints_of_a_run_may_be_averaged(
    rule: str, tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    recipe = quick_recipe.model_copy(update={"averaging": rule, "checkpoint_every_steps": 1})
    averaged = train_adapter(
        capital_pairs(), base=tiny_base, recipe=recipe, work_dir=tmp_path / rule
    )
    last = train_adapter(
        capital_pairs(), base=tiny_base, recipe=quick_recipe, work_dir=tmp_path / "last"
    )
    one, other = (load_file(run.path / "adapter_model.safetensors") for run in (averaged, last))
    assert one.keys() == other.keys()
    assert all(one[name].shape == other[name].shape for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one) == (rule != "best")


def test_the_files_are_a_plain_lora_that_peft_loads(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    trained = train_adapter(capital_pairs(), base=tiny_base, recipe=quick_recipe, work_dir=tmp_path)
    assert sorted(path.name for path in trained.path.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    config = json.loads((trained.path / "adapter_config.json").read_text())
    expected = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "inference_mode": True}
    assert expected.items() <= config.items()
    vllm_refuses = ("use_dora", "modules_to_save")
    assert not any(config[name] for name in vllm_refuses)
    assert config["target_modules"] == [
        "down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj",
    ]  # fmt: skip
    model = PeftModel.from_pretrained(tiny_llama(), trained.path)
    loaded = {name for name, _ in model.named_parameters() if "lora_" in name}
    written = load_file(trained.path / "adapter_model.safetensors")
    assert len(loaded) == len(written) == 2 * 7 * 2  # A and B of 7 projections in 2 layers
    assert any(tensor.abs().max() > 0 for name, tensor in written.items() if "lora_B" in name)


@pytest.mark.parametrize("last_step", [5])
def test_a_killed_training_ends_with_the_bytes_of_an_unbroken_one(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path, last_step: int
) -> None:
    whole = train_adapter(
        capital_pairs(), base=tiny_base, recipe=quick_recipe, work_dir=tmp_path / "whole"
    )
    killed = subprocess.run(
        [
            *(sys.executable, "-m", "tests.adapters.killed_training"),
            *(tiny_base, tmp_path / "cut", quick_recipe.model_dump_json(), str(last_step)),
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "cut" / "adapter").exists()

    rest: list[StepMetrics] = []
    resumed = train_adapter(
        capital_pairs(),
        base=tiny_base,
        recipe=quick_recipe,
        work_dir=tmp_path / "cut",
        on_metrics=rest.append,
    )
    assert rest[0].step == 4  # the newest checkpoint was of step 3
    assert hash_dir(resumed.path) == hash_dir(whole.path)
    assert [one.loss for one in resumed.history.steps] == [one.loss for one in whole.history.steps]


def test_a_finished_training_gives_its_adapter_again(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    once, again = (
        train_adapter(capital_pairs(), base=tiny_base, recipe=quick_recipe, work_dir=tmp_path)
        for _ in range(2)
    )
    assert again.history.steps == once.history.steps
    assert hash_dir(again.path) == hash_dir(once.path)


def test_new_data_starts_anew(tiny_base: Path, quick_recipe: Recipe, tmp_path: Path) -> None:
    train_adapter(capital_pairs(6), base=tiny_base, recipe=quick_recipe, work_dir=tmp_path)
    trained = train_adapter(
        capital_pairs(8), base=tiny_base, recipe=quick_recipe, work_dir=tmp_path
    )
    assert len(trained.history.steps) == 8


def test_it_can_be_cancelled(tiny_base: Path, quick_recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(JobCancelledError):
        train_adapter(
            capital_pairs(),
            base=tiny_base,
            recipe=quick_recipe,
            work_dir=tmp_path,
            should_stop=lambda: True,
        )
    assert not (tmp_path / "adapter").exists()
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-00000000"]


def test_pairs_that_are_too_long_are_left_out_and_named(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    long = Pair.under([{"role": "user", "content": "x" * 99}], "A", "a", id="pref_long")
    recipe = quick_recipe.model_copy(update={"too_long": "leave_out"})
    trained = train_adapter(
        [*capital_pairs(), long], base=tiny_base, recipe=recipe, work_dir=tmp_path
    )
    assert trained.left_out == ("pref_long",)
    assert "pref_long" not in trained.example_ids
    with pytest.raises(InvalidInputError, match="all examples are longer than 64"):
        train_adapter([long], base=tiny_base, recipe=recipe, work_dir=tmp_path / "none")


def test_everything_is_checked_before_weights_are_loaded(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    bare = tmp_path / "without-weights"
    bare.mkdir()
    for file in tiny_base.iterdir():
        if file.suffix != ".safetensors":
            (bare / file.name).write_bytes(file.read_bytes())
    long = Pair.under([{"role": "user", "content": "x" * 99}], "A", "a", id="row-9")
    thumb = Group.verdict(long.context_w, "A", good=True)
    senseless = quick_recipe.model_copy(update={"objective": {"preset": "dpo", "betta": 1}})

    def refused(recipe: Recipe, *examples: Pair | Group) -> str:
        with pytest.raises(InvalidInputError) as caught:
            train_adapter(examples, base=bare, recipe=recipe, work_dir=tmp_path / "work")
        return caught.value.message

    assert "row-9: 104 tokens" in refused(quick_recipe, *capital_pairs(), long)
    assert "not from verdicts" in refused(quick_recipe, thumb)
    assert "no parameter betta" in refused(senseless, *capital_pairs())
    with pytest.raises(NotReadyError):  # and now there is nothing left but to load them
        train_adapter(capital_pairs(), base=bare, recipe=quick_recipe, work_dir=tmp_path / "work")


def test_it_stops_when_held_out_examples_get_no_better(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    # Held-out pairs that prefer the opposite get worse with every step from the first look on.
    pairs = capital_pairs()
    opposite = [Pair.under(pair.context_w, pair.sample_l, pair.sample_w) for pair in pairs]
    watching = {"evaluate_every_steps": 1, "patience": 2, "dropout": 0.0}
    looks: list[int] = []
    trained = train_adapter(
        pairs,
        base=tiny_base,
        recipe=quick_recipe.model_copy(update=watching),
        work_dir=tmp_path,
        held_out=opposite,
        on_evaluation=lambda look: looks.append(look.step),
    )
    assert trained.history.stopped_early
    assert trained.history.best_step == 1
    assert looks == [1, 2, 3]


def test_held_out_examples_are_not_looked_at_unasked(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    plain, watched = (
        train_adapter(
            capital_pairs(),
            base=tiny_base,
            recipe=quick_recipe,
            work_dir=tmp_path / name,
            held_out=held_out,
        )
        for name, held_out in (("plain", []), ("watched", capital_pairs(16)[8:]))
    )
    assert watched.history.evaluations == []
    assert hash_dir(watched.path) == hash_dir(plain.path)


def test_a_base_that_is_not_there_is_said_so(quick_recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="cannot be loaded"):
        train_adapter(
            capital_pairs(), base="nobody/nothing", recipe=quick_recipe, work_dir=tmp_path
        )


def test_the_thread_count_is_put_back(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path
) -> None:
    before = torch.get_num_threads()
    recipe = quick_recipe.model_copy(update={"threads": before + 1, "epochs": 1})
    inside: list[int] = []
    train_adapter(
        capital_pairs(2),
        base=tiny_base,
        recipe=recipe,
        work_dir=tmp_path,
        on_metrics=lambda _: inside.append(torch.get_num_threads()),
    )
    assert (inside, torch.get_num_threads()) == ([before + 1], before)


def test_a_recipes_hash_is_that_of_its_fields(quick_recipe: Recipe) -> None:
    assert quick_recipe.hash == Recipe(**quick_recipe.model_dump()).hash
    assert quick_recipe.hash != quick_recipe.model_copy(update={"seed": 1}).hash
