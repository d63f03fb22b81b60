"""What every language model promises, asked of each member of the family."""

from collections.abc import Callable, Generator, Mapping

import pytest

from idiolect.lm.endpoint import EndpointModel
from idiolect.lm.models import LANGUAGE_MODELS, ModelOptions
from idiolect.lm.protocols import ChatMessage, LanguageModel, Sampling
from idiolect.lm.structured import complete

ASK = [ChatMessage("system", "Answer shortly."), ChatMessage("user", "How are you?")]
SHORT = Sampling(max_tokens=12, seed=1)


def _endpoint(request: pytest.FixtureRequest) -> LanguageModel:
    model: EndpointModel = request.getfixturevalue("endpoint_model")
    return model


def _local(request: pytest.FixtureRequest) -> LanguageModel:
    model: LanguageModel = request.getfixturevalue("local_model")
    return model


def _by_name(kind: str) -> Callable[[pytest.FixtureRequest], LanguageModel]:
    return lambda _request: LANGUAGE_MODELS[kind](ModelOptions(device="cpu", threads=1))


MEMBERS: Mapping[str, Callable[[pytest.FixtureRequest], LanguageModel]] = {
    "bundled": _by_name("bundled"),
    "endpoint": _endpoint,
    "local": _local,
    "scripted": _by_name("scripted"),
}


@pytest.fixture(params=sorted(LANGUAGE_MODELS))
def model(request: pytest.FixtureRequest) -> LanguageModel:
    return MEMBERS[request.param](request)


def test_it_has_a_name(model: LanguageModel) -> None:
    assert model.name


@pytest.mark.parametrize("n", [1, 2, 3])
def test_every_candidate_is_written_and_ends_once(model: LanguageModel, n: int) -> None:
    deltas = list(model.stream(ASK, Sampling(max_tokens=12, seed=1, n=n)))
    ends = [delta.index for delta in deltas if delta.finish_reason]
    assert sorted(ends) == list(range(n))
    ended: set[int] = set()
    for delta in deltas:
        assert delta.index not in ended
        if delta.finish_reason:
            ended.add(delta.index)


def test_equal_seeds_give_equal_replies(model: LanguageModel) -> None:
    assert complete(model, ASK, SHORT) == complete(model, ASK, SHORT)


def test_a_schema_does_no_harm(model: LanguageModel) -> None:
    [reply] = complete(model, ASK, SHORT, json_schema={"type": "object"})
    assert isinstance(reply, str)


def test_a_stream_can_be_left_early_and_the_model_goes_on(model: LanguageModel) -> None:
    stream = model.stream(ASK, Sampling(max_tokens=200))
    assert isinstance(stream, Generator)
    next(stream)
    stream.close()
    assert len(complete(model, ASK, SHORT)) == 1
