"""The scripted model: what tests rely on when they rely on it."""

import pytest

from idiolect.errors import ModelError
from idiolect.lm.protocols import ChatMessage, Sampling
from idiolect.lm.scripted import ScriptedModel
from idiolect.lm.structured import complete

ASK = [ChatMessage("user", "Hello?")]


def test_replies_are_read_out_in_order() -> None:
    model = ScriptedModel(["one two", "three", ""])
    assert complete(model, ASK, Sampling(n=2)) == ["one two", "three"]
    assert complete(model, ASK, Sampling()) == [""]
    assert [call.sampling.n for call in model.calls] == [2, 1]


def test_candidates_take_turns_and_end() -> None:
    deltas = list(ScriptedModel(["a b", "c"]).stream(ASK, Sampling(n=2)))
    assert [(d.index, d.text, d.finish_reason) for d in deltas] == [
        (0, "a ", None),
        (1, "c", "stop"),
        (0, "b", "stop"),
    ]


def test_a_function_sees_the_messages() -> None:
    model = ScriptedModel(
        lambda messages, sampling: f"{messages[-1].content} {sampling.max_tokens}"
    )
    assert complete(model, ASK, Sampling(max_tokens=7)) == ["Hello? 7"]


def test_a_script_that_is_used_up_says_so() -> None:
    with pytest.raises(ModelError, match="1 replies is used up"):
        complete(ScriptedModel(["one"]), ASK, Sampling(n=2))
