"""The local model: adapters by request, scores, limits."""

import threading

import pytest
import torch

from idiolect.errors import InvalidInputError
from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import AdapterRef, ChatMessage, Sampling
from idiolect.lm.structured import complete
from tests.tiny_model import tiny_llama, tiny_tokenizer

ASK = [ChatMessage("user", "How are you?")]
GREEDY = Sampling(max_tokens=24, temperature=0)
Adapters = tuple[AdapterRef, AdapterRef]


def test_two_users_in_turn_get_their_own_and_the_base_stays(
    local_model: LocalModel, adapters: Adapters
) -> None:
    """Three replies are written at once, token by token in turn, in one thread."""
    who = [None, *adapters]
    alone = [complete(local_model, ASK, GREEDY, adapter=adapter)[0] for adapter in who]
    assert len(set(alone)) == 3
    streams = [local_model.stream(ASK, GREEDY, adapter=adapter) for adapter in who]
    together = ["", "", ""]
    open_streams = dict(enumerate(streams))
    while open_streams:
        for index, stream in list(open_streams.items()):
            delta = next(stream, None)
            if delta is None:
                del open_streams[index]
            else:
                together[index] += delta.text
    assert together == alone
    assert complete(local_model, ASK, GREEDY) == [alone[0]]


def test_threads_get_their_own(local_model: LocalModel, adapters: Adapters) -> None:
    who = [None, *adapters]
    alone = [complete(local_model, ASK, GREEDY, adapter=adapter)[0] for adapter in who]
    together: dict[int, str] = {}

    def ask(index: int) -> None:
        [together[index]] = complete(local_model, ASK, GREEDY, adapter=who[index % 3])

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == {index: alone[index % 3] for index in range(6)}


def test_a_score_is_the_sum_of_the_tokens_log_probabilities(local_model: LocalModel) -> None:
    tokenizer = tiny_tokenizer()
    context = tokenizer.apply_chat_template(
        [m.as_dict() for m in ASK], add_generation_prompt=True, return_dict=False
    )
    response = [*tokenizer("Fine.")["input_ids"], tokenizer.eos_token_id]
    with torch.no_grad():
        log_probs = tiny_llama()(torch.tensor([context + response])).logits[0].log_softmax(-1)
    expected = sum(
        log_probs[len(context) + i - 1, token].item() for i, token in enumerate(response)
    )
    first, second = local_model.score(ASK, ["Fine.", "Not so well, thank you."])
    assert first.tokens == 6  # five letters and the end of the turn
    assert first.log_prob == pytest.approx(expected, abs=1e-4)
    assert second.tokens == 24


def test_scores_under_an_adapter_differ(local_model: LocalModel, adapters: Adapters) -> None:
    texts = [f"Reply {number}." for number in range(11)]  # more than one batch
    base = local_model.score(ASK, texts)
    mara = local_model.score(ASK, texts, adapter=adapters[0])
    assert len(base) == len(mara) == 11
    assert all(abs(a.log_prob - b.log_prob) > 0.01 for a, b in zip(base, mara, strict=True))
    assert local_model.score(ASK, texts) == base
    assert local_model.score(ASK, []) == []


def test_what_does_not_fit_is_refused(local_model: LocalModel, tmp_path) -> None:
    long = [ChatMessage("user", "x" * 600)]
    with pytest.raises(InvalidInputError) as caught:
        local_model.stream(long, GREEDY)
    assert caught.value.reason_code == "CONTEXT_TOO_LONG"
    with pytest.raises(InvalidInputError) as caught:
        local_model.score(ASK, ["x" * 600])
    assert caught.value.reason_code == "CONTEXT_TOO_LONG"
    with pytest.raises(InvalidInputError) as caught:
        local_model.stream(ASK, GREEDY, adapter=AdapterRef("adp_none", tmp_path))
    assert caught.value.reason_code == "ADAPTER_UNUSABLE"
