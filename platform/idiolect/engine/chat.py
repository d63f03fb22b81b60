"""From chat messages to token ids, the same way for training, scoring and generation."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from transformers import PreTrainedTokenizerBase

from idiolect.engine.log_probs import TokenSequence
from idiolect.errors import InvalidInputError


def encode_context(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[Mapping[str, str]]
) -> tuple[int, ...]:
    """Token ids of a conversation, up to where the assistant's next reply begins.

    Control tokens inside a message are encoded as ordinary text, so no message can end its own
    turn or speak for another role.

    Raises:
        InvalidInputError: there are no messages, or the tokenizer has no chat template.
    """
    if not messages:
        raise InvalidInputError("a conversation has at least one message")
    if not tokenizer.chat_template:
        raise InvalidInputError(
            "this model's tokenizer has no chat template", hint="Choose a chat model."
        )
    ids = tokenizer.apply_chat_template(
        [dict(message) for message in messages],
        add_generation_prompt=True,
        return_dict=False,
        sanitize_control_tokens=True,
    )
    return tuple(ids)


def encode_response(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[Mapping[str, str]], response: str
) -> TokenSequence:
    """A whole reply after its conversation: its words, then the end of the turn.

    The two are encoded apart, so the ids are those that a generation would have gone through.

    Raises:
        InvalidInputError: as for ``encode_context``.
    """
    return TokenSequence(
        context=encode_context(tokenizer, messages),
        response=(*encode_text(tokenizer, response), end_of_turn(tokenizer)),
    )


def encode_text(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[int, ...]:
    """Token ids of a bare text, in which control tokens count as ordinary text."""
    encoded = tokenizer(text, add_special_tokens=False, split_special_tokens=True)
    return tuple(encoded["input_ids"])


def end_of_turn(tokenizer: PreTrainedTokenizerBase) -> int:
    """The token that ends an assistant's turn: the first control token after its words.

    It is read from the chat template, because some models' end-of-sequence token is another.

    Raises:
        InvalidInputError: the template writes no control token there and there is no
            end-of-sequence token either.
    """
    reply = "reply"
    turn = tokenizer.apply_chat_template(
        [{"role": "user", "content": "text"}, {"role": "assistant", "content": reply}],
        tokenize=False,
    )
    ending = tokenizer(str(turn).rpartition(reply)[2], add_special_tokens=False)["input_ids"]
    control = {token for token, added in tokenizer.added_tokens_decoder.items() if added.special}
    found = next((token for token in ending if token in control), tokenizer.eos_token_id)
    if not isinstance(found, int):
        raise InvalidInputError(
            "this model's chat template does not say where a reply ends",
            hint="Choose a chat model.",
        )
    return found


def shared_beginning(conversations: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The tokens with which all of these begin."""
    shared = zip(*conversations, strict=False)
    return tuple(here[0] for here in takewhile(lambda here: len(set(here)) == 1, shared))


def encode_head(tokenizer: PreTrainedTokenizerBase, head: str) -> tuple[int, ...]:
    """The tokens with which every conversation begins whose system message begins with a head.

    What follows may melt the head's last letters into another token, so those are left out that
    do not stand there whatever follows: nothing, another paragraph, or another line.

    Raises:
        InvalidInputError: as for ``encode_context``.
    """
    followed = [f"{head}{rest}" for rest in ("", "\n\nWhat", "\n\n#", "\n-")]
    return shared_beginning(
        [
            encode_context(
                tokenizer,
                [{"role": "system", "content": system}, {"role": "user", "content": "text"}],
            )
            for system in followed
        ]
    )
