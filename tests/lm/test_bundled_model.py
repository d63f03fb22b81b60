"""The shipped model is a real one: it loads, speaks, scores, follows a style and can be tuned."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from idiolect.lm.bundled import MODEL_DIR, MODEL_NAME

MAX_FOLDER_BYTES = 15_000_000
SPECIAL_TOKENS = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
ASK = "How do I keep my files tidy?"
PROSE = (
    "Choose five or six main folders, such as home, money and work. "
    "Sort a small batch of files each day, because a short job is easier to finish."
)
BULLETS = "Here are some ideas:\n- Choose five or six main folders\n- Sort a small batch each day"


@pytest.fixture(autouse=True)
def _offline_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(MODEL_DIR)


@pytest.fixture
def model() -> Any:
    return AutoModelForCausalLM.from_pretrained(MODEL_DIR, dtype=torch.float32)


def chat(system: str | None, ask: str = ASK) -> list[dict[str, str]]:
    turns = [{"role": "system", "content": system}] if system else []
    return [*turns, {"role": "user", "content": ask}]


def mean_log_prob(model: Any, tokenizer: Any, messages: list[dict[str, str]], reply: str) -> float:
    """Mean log-probability of the reply's tokens and of the end of its turn, in nats."""
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    prompt_ids = tokenizer.encode(prompt)
    ids = torch.tensor([prompt_ids + tokenizer.encode(reply) + [tokenizer.eos_token_id]])
    with torch.inference_mode():
        log_probs = model(ids).logits[0, :-1].log_softmax(-1)
    taken = log_probs.gather(-1, ids[0, 1:, None])[len(prompt_ids) - 1 :]
    return float(taken.mean())


def test_the_folder_is_small_and_named() -> None:
    files = [path for path in MODEL_DIR.iterdir() if path.is_file()]
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md"} <= {
        path.name for path in files
    }
    assert sum(path.stat().st_size for path in files) <= MAX_FOLDER_BYTES
    assert MODEL_NAME == "idiolect-bundled"


def test_every_special_token_is_one_token_and_comes_back(tokenizer: Any) -> None:
    for token in SPECIAL_TOKENS:
        ids = tokenizer.encode(token)
        assert len(ids) == 1
        assert tokenizer.decode(ids) == token
    assert tokenizer.eos_token == "<|end|>"
    assert tokenizer.pad_token == "<|pad|>"


@pytest.mark.parametrize("text", ["Grüße, 世界 😊", "1. Step\n- dash\n\n", "\t tab and  spaces "])
def test_any_text_comes_back_from_its_tokens(tokenizer: Any, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_the_template_writes_each_turn_and_opens_the_reply(tokenizer: Any) -> None:
    messages = [*chat("Be brief.", "Hi"), {"role": "assistant", "content": "Hello."}]
    rendered = tokenizer.apply_chat_template(messages, tokenize=False)
    assert rendered == ("<|system|>Be brief.<|end|><|user|>Hi<|end|><|assistant|>Hello.<|end|>")
    opened = tokenizer.apply_chat_template(messages[:2], add_generation_prompt=True, tokenize=False)
    assert rendered.startswith(opened)
    assert opened.endswith("<|assistant|>")


def test_weights_are_finite_bfloat16_of_the_stated_shape() -> None:
    stored = AutoModelForCausalLM.from_pretrained(MODEL_DIR)
    parameters = dict(stored.named_parameters())
    assert stored.config.model_type == "llama"
    assert {p.dtype for p in parameters.values()} == {torch.bfloat16}
    assert all(bool(p.isfinite().all()) for p in parameters.values())
    # 8192*256 shared embeddings; a layer has q, k, v and o of 256*256, three 256*688 matrices
    # and two norms of 256; one norm closes the model.
    layer = 4 * 256 * 256 + 3 * 256 * 688 + 2 * 256
    assert sum(p.numel() for p in parameters.values()) == 8192 * 256 + 6 * layer + 256


def test_it_speaks_and_ends_its_turn(model: Any, tokenizer: Any) -> None:
    torch.manual_seed(0)
    inputs = tokenizer.apply_chat_template(
        chat("Keep it short."), add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    output = model.generate(**inputs)[0, inputs["input_ids"].shape[1] :]
    assert output[-1] == tokenizer.eos_token_id
    assert len(tokenizer.decode(output, skip_special_tokens=True).split()) >= 3


def test_it_prefers_english_to_the_same_words_shuffled(model: Any, tokenizer: Any) -> None:
    shuffled = " ".join(sorted(PROSE.split()))
    plain = mean_log_prob(model, tokenizer, chat(None), PROSE)
    # A uniform guess over 8,192 tokens scores -9.0.
    assert -9.0 < plain < 0
    assert plain > mean_log_prob(model, tokenizer, chat(None), shuffled) + 0.5


@pytest.mark.parametrize(
    ("asked", "other", "reply"),
    [
        # What the card claims: format and tone. A lone wish about emoji, a closing question or
        # length it follows too weakly to be tested by one reply.
        ("Use flowing prose.", "Use bullet points.", PROSE),
        ("Be formal.", "Be playful.", f"Certainly. {PROSE}"),
        # Wordings that training never used.
        ("Lay the answer out as bullet points.", "Keep to ordinary paragraphs.", BULLETS),
    ],
)
def test_a_reply_is_likelier_under_the_message_that_asks_for_its_style(
    model: Any, tokenizer: Any, asked: str, other: str, reply: str
) -> None:
    under_asked = mean_log_prob(model, tokenizer, chat(asked), reply)
    under_other = mean_log_prob(model, tokenizer, chat(other), reply)
    assert under_asked > under_other + 0.02


def test_a_known_fact_makes_its_use_likelier(model: Any, tokenizer: Any) -> None:
    reply = "Since you are a student, make one folder for each class."
    known = "What you know about the user:\n- The user is a student."
    about_another = "What you know about the user:\n- The user keeps bees."
    assert (
        mean_log_prob(model, tokenizer, chat(known), reply)
        > mean_log_prob(model, tokenizer, chat(about_another), reply) + 0.1
    )


def test_one_step_of_a_lora_changes_the_model_and_only_the_lora(model: Any, tokenizer: Any) -> None:
    before = mean_log_prob(model, tokenizer, chat(None), BULLETS)
    adapted = get_peft_model(
        model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    )
    assert mean_log_prob(adapted, tokenizer, chat(None), BULLETS) == pytest.approx(before, abs=1e-5)
    optimizer = torch.optim.SGD([p for p in adapted.parameters() if p.requires_grad], lr=0.5)
    ids = torch.tensor([tokenizer.encode(BULLETS)])
    torch.autograd.backward(adapted(input_ids=ids, labels=ids).loss)
    optimizer.step()
    after = mean_log_prob(adapted, tokenizer, chat(None), BULLETS)
    assert after != pytest.approx(before, abs=1e-5)
    with adapted.disable_adapter():
        assert mean_log_prob(adapted, tokenizer, chat(None), BULLETS) == pytest.approx(
            before, abs=1e-5
        )
