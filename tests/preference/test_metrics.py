"""Running estimates as metrics show them."""

import torch

from idiolect.preference.metrics import by_name


def test_numbers_keep_their_names_and_vectors_take_those_of_the_sources() -> None:
    estimates = {"samples": torch.tensor(4.0), "reliability": torch.tensor([0.75, 0.5, 0.25])}
    assert by_name(estimates, ["ann", "ben"]) == {
        "samples": 4.0,
        "reliability/ann": 0.75,
        "reliability/ben": 0.5,
    }


def test_one_source_is_named_too() -> None:
    assert by_name({"reliability": torch.tensor([0.5])}, ["ann"]) == {"reliability/ann": 0.5}
