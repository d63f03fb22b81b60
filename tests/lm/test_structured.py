"""Structured output: what is understood, what is repaired, what is given up on."""

import pytest
from pydantic import BaseModel, Field

from idiolect.errors import StructuredOutputError
from idiolect.lm.protocols import ChatMessage, Sampling
from idiolect.lm.scripted import ScriptedModel
from idiolect.lm.structured import structured


class Fact(BaseModel):
    text: str
    confidence: float = Field(ge=0, le=1)


ASK = [ChatMessage("user", "Name a fact as JSON.")]
GOOD = '{"text": "Mara {edits} videos.", "confidence": 0.75}'


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Sure [1], here is {{it}}: {GOOD} I hope that helps {{:",
        f'{{"thinking": "an object that does not fit"}} {GOOD}',
    ],
    ids=["bare", "fenced", "in prose", "after another object"],
)
def test_json_is_found_where_models_put_it(answer: str) -> None:
    model = ScriptedModel([answer])
    fact = structured(model, ASK, Fact, Sampling(n=3))
    assert fact == Fact(text="Mara {edits} videos.", confidence=0.75)
    assert model.calls[0].sampling.n == 1
    assert model.calls[0].json_schema == Fact.model_json_schema()


def test_one_repair_round_shows_the_problem() -> None:
    wrong = '{"text": "Mara edits videos.", "confidence": 1.5}'
    model = ScriptedModel([wrong, GOOD])
    assert structured(model, ASK, Fact, Sampling()).confidence == 0.75
    *_, answer, repair = model.calls[1].messages
    assert (answer.role, answer.content) == ("assistant", wrong)
    assert "confidence: Input should be less than or equal to 1" in repair.content


def test_a_second_wrong_answer_is_an_error_without_the_answer() -> None:
    model = ScriptedModel(["I would rather not.", '{"text": "a secret", "confidence": "very"}'])
    with pytest.raises(StructuredOutputError, match="confidence: Input should be") as caught:
        structured(model, ASK, Fact, Sampling())
    assert "secret" not in str(caught.value)
    assert len(model.calls) == 2
