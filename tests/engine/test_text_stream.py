"""Text as it comes: whole characters, and nothing past a stop string."""

from hypothesis import given
from hypothesis import strategies as st

from idiolect.engine.chat import encode_text
from idiolect.engine.text_stream import TextStream
from tests.tiny_model import tiny_tokenizer

TOKENIZER = tiny_tokenizer()
texts = st.text(alphabet=st.sampled_from("ab é漢👩🏽‍🚀\n"), max_size=12)


def pieces(text: str, *stop: str) -> tuple[list[str], TextStream]:
    """What a reply of one token a byte shows, piece by piece."""
    stream = TextStream(TOKENIZER, stop)
    shown = [stream.push(token) for token in encode_text(TOKENIZER, text)]
    return [*shown, stream.finish()], stream


@given(texts)
def test_the_pieces_are_the_text_in_whole_characters(text: str) -> None:
    shown, stream = pieces(text)
    assert "".join(shown) == text
    assert "\ufffd" not in "".join(shown)
    assert not stream.stopped


def test_a_character_waits_for_its_last_byte() -> None:
    assert pieces("a漢")[0] == ["a", "", "", "漢", ""]


def test_a_reply_that_ends_within_a_character_shows_the_damage() -> None:
    stream = TextStream(TOKENIZER)
    first_byte, *_ = encode_text(TOKENIZER, "漢")
    assert stream.push(first_byte) == ""
    assert stream.finish() == "\ufffd"


@given(texts, texts, st.sampled_from(["ab", "aa", "b\n", "漢a"]))
def test_nothing_of_or_after_a_stop_string_is_shown(before: str, after: str, stop: str) -> None:
    text = before + stop + after
    shown, stream = pieces(text, stop)
    assert "".join(shown) == text[: text.index(stop)]
    assert stream.stopped


def test_what_only_began_like_a_stop_string_is_shown() -> None:
    assert pieces("ab", "abc")[0] == ["", "", "ab"]
    assert pieces("abx", "abc")[0] == ["", "", "abx", ""]


def test_control_tokens_are_no_text() -> None:
    stream = TextStream(TOKENIZER)
    assert stream.push(TOKENIZER.convert_tokens_to_ids("<|user|>")) == ""
    assert stream.push(*encode_text(TOKENIZER, "a")) == "a"
