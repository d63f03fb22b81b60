"""The fake model that all engines of the user model's benchmark ask."""

import json
from collections.abc import Iterator

import numpy as np
import openai
import pytest

from benchmarks.user_model.endpoint import MODEL, create_app
from benchmarks.user_model.hashed import DIMENSIONS, NAME, hashed
from benchmarks.user_model.replies import FakeModel, fitted
from idiolect.lm.endpoint import EndpointModel
from idiolect.lm.protocols import ChatMessage, Sampling
from idiolect.lm.structured import structured
from idiolect.usermodel.propose.model import ProposeAnswer
from tests.http_server import serving

DEEDS = ("reads novels", "bakes bread", "plays chess")
SETTINGS = ("on Mondays", "at weekends")
OBSERVED = "\n".join(
    json.dumps({"number": n, "time": "now", "text": f"one two three four five six seven {n}"})
    for n in (1, 2)
)


@pytest.fixture
def url() -> Iterator[str]:
    with serving(create_app(FakeModel(DEEDS, SETTINGS, "Mara"))) as base:
        yield f"{base}/v1"


def test_our_model_proposer_gets_statements_with_quotes_that_stand_there(url: str) -> None:
    model = EndpointModel(base_url=url, name=MODEL, api_key="")
    asked = [ChatMessage("user", f"Observations:\n{OBSERVED}")]
    answer = structured(model, asked, ProposeAnswer, Sampling(max_tokens=100))
    model.close()
    assert len(answer.propositions) == 5
    for one in answer.propositions:
        assert one.text.startswith("Mara ")
        assert {span.observation for span in one.evidence} == {1, 2}
        assert all(span.quote == "one two three four five six" for span in one.evidence)


def test_embeddings_are_the_same_in_base64_and_as_numbers(url: str) -> None:
    with openai.OpenAI(base_url=url, api_key="none") as client:
        plain = client.embeddings.create(model=NAME, input=["a b", "b a"], encoding_format="float")
        packed = client.embeddings.create(model=NAME, input="a b")  # the client asks for base64
    first, second = (np.array(item.embedding) for item in plain.data)
    assert np.array_equal(first, second)  # the order of words does not count
    assert np.allclose(packed.data[0].embedding, first, atol=1e-6)
    assert len(first) == DIMENSIONS
    assert np.linalg.norm(first) == pytest.approx(1)


def test_texts_that_share_words_are_near() -> None:
    said, near, far = (
        np.array(hashed(text)) for text in ("a red bike", "a red car", "my two cats")
    )
    assert said @ near == pytest.approx(2 / 3, abs=0.01)
    assert abs(said @ far) < 0.01


def test_gum_gets_its_own_fields_and_as_many_as_it_has_revised() -> None:
    item = {
        "type": "object",
        "properties": {
            "proposition": {"type": "string"},
            "decay": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
    }
    schema = {
        "$defs": {"Item": item},
        "type": "object",
        "properties": {"propositions": {"type": "array", "items": {"$ref": "#/$defs/Item"}}},
    }
    model = FakeModel(DEEDS, SETTINGS, "Mara")
    proposed = json.loads(model.reply("Say something.", schema))["propositions"]
    revised = json.loads(model.reply("Proposition 1: a\nProposition 2: b", schema))["propositions"]
    assert len(proposed) == 5
    assert len(revised) == 2
    assert all(set(one) == {"proposition", "decay"} for one in proposed)
    assert all(isinstance(one["decay"], int) for one in proposed)


def test_relations_name_the_ids_of_the_prompt() -> None:
    item = {
        "type": "object",
        "properties": {
            "source": {"type": "integer"},
            "label": {"enum": ["IDENTICAL", "SIMILAR", "UNRELATED"]},
            "target": {"type": "array", "items": {"type": "integer"}},
        },
    }
    schema = {"type": "object", "properties": {"relations": {"type": "array", "items": item}}}
    prompt = "\n\n".join(f"[id={number}] Mara does it" for number in range(1, 401))
    found = json.loads(FakeModel(DEEDS, SETTINGS, "Mara").reply(prompt, schema))["relations"]
    assert [one["source"] for one in found] == list(range(1, 401))
    shares = [
        sum(one["label"] == label for one in found) / 400 for label in ("SIMILAR", "IDENTICAL")
    ]
    assert shares == pytest.approx([0.15, 0.05], abs=0.04)
    assert all(bool(one["target"]) == (one["label"] != "UNRELATED") for one in found)


def test_without_a_schema_mem0_gets_its_memories() -> None:
    memories = json.loads(FakeModel(DEEDS, SETTINGS, "Mara").reply("Facts?", None))["memory"]
    assert [one["id"] for one in memories] == ["0", "1", "2", "3", "4"]
    assert all(one["text"].startswith("Mara ") for one in memories)


def test_a_statement_is_new_like_an_earlier_one_or_repeated_in_the_shares_it_says() -> None:
    said = FakeModel(DEEDS, SETTINGS, "Mara").statements(2000)
    stems = [one.rsplit(" ", 2)[0] for one in said]  # without the setting
    new = len(set(stems)) / len(said)
    assert new == pytest.approx(0.8, abs=0.03)
    assert len(set(said)) < len(said)


def test_what_no_value_is_given_for_is_filled_as_the_schema_asks() -> None:
    schema = {
        "type": "object",
        "properties": {
            "kind": {"enum": ["a", "b"]},
            "name": {"type": "string"},
            "count": {"type": "integer", "minimum": 3},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "sure": {"type": "boolean"},
        },
    }
    filled = fitted({"kind": "c"}, schema, {})
    assert filled == {"kind": "a", "name": "", "count": 3, "tags": [""], "sure": False}
