"""A pair says what beats what, and refuses what cannot be learned from."""

import pytest

from idiolect.errors import InvalidInputError
from idiolect.preference.pairs import Pair

ASK = [{"role": "user", "content": "Name a soup."}]


def test_a_pair_of_two_replies_shares_its_context() -> None:
    pair = Pair.under(ASK, "Leek.", "Tomato.", source="choice", id="pref_1")
    assert pair.context_w == pair.context_l == tuple(ASK)
    assert (pair.sample_w, pair.sample_l, pair.weight, pair.margin) == ("Leek.", "Tomato.", 1, 0)
    assert pair.id == "pref_1"


def test_contexts_may_differ_while_the_sample_stays() -> None:
    pair = Pair(sample_w="Leek.", context_w=(5, 6), sample_l="Leek.", context_l=(7,))
    assert pair.id == pair.content_hash


def test_equal_content_has_an_equal_hash_whatever_its_id() -> None:
    one, other = (Pair.under(ASK, "Leek.", "Tomato.", id=name) for name in ("a", "b"))
    assert one.content_hash == other.content_hash
    assert one.content_hash != Pair.under(ASK, "Leek.", "Tomato.", weight=0.5).content_hash
    assert one.content_hash != Pair.under(ASK, "Tomato.", "Leek.").content_hash


@pytest.mark.parametrize(
    ("fault", "fields"),
    [
        ("chosen sample is empty", {"chosen": "  "}),
        ("rejected sample is empty", {"rejected": ""}),
        ("context is empty", {"context": []}),
        ("both sides are the same", {"rejected": "Leek."}),
        ("weight is not", {"weight": -1.0}),
        ("weight is not", {"weight": float("nan")}),
        ("margin is not", {"margin": float("inf")}),
    ],
)
def test_what_cannot_be_learned_from_is_refused_by_its_id(
    fault: str, fields: dict[str, object]
) -> None:
    arguments: dict[str, object] = {"context": ASK, "chosen": "Leek.", "rejected": "Tomato."}
    with pytest.raises(InvalidInputError, match=f"pair pref_7: .*{fault}"):
        Pair.under(**(arguments | fields), id="pref_7")  # type: ignore[arg-type]  # built by case
