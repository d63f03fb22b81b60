"""Text from tokens as they come: never half a character, never past a stop string."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

_INCOMPLETE = "\ufffd"


class TextStream:
    """Turns one reply's tokens into pieces of text whose concatenation is the reply.

    A token may hold part of a character, and a stop string may come in parts; text is kept
    back until it is certain.

    Args:
        tokenizer: of the model that writes.
        stop: the reply ends before the first of these strings.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, stop: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._stop = tuple(stop)
        self._tokens: list[int] = []
        self._shown = 0  # tokens whose text has been decoded
        self._context = 0  # where decoding starts: spaces depend on the token before
        self._held = ""
        self.stopped = False

    def push(self, token: int) -> str:
        """The text that this token makes certain; after a stop string there is none."""
        if self.stopped:
            return ""
        self._tokens.append(token)
        text = self._decode()
        if text.endswith(_INCOMPLETE):
            return ""
        return self._release(text)

    def finish(self) -> str:
        """What is still kept back, once no token follows."""
        if self.stopped:
            return ""
        released = self._release(self._decode())
        rest, self._held = self._held, ""
        return released + rest

    def _decode(self) -> str:
        tail = self._tokens[self._context :]
        before = self._text(tail[: self._shown - self._context])
        return self._text(tail)[len(before) :]

    def _release(self, text: str) -> str:
        self._context, self._shown = self._shown, len(self._tokens)
        self._held += text
        found = [at for at in map(self._held.find, self._stop) if at >= 0]
        if found:
            self.stopped = True
            released, self._held = self._held[: min(found)], ""
            return released
        keep = _start_of_stop(self._held, self._stop)
        cut = len(self._held) - keep
        released, self._held = self._held[:cut], self._held[cut:]
        return released

    def _text(self, tokens: list[int]) -> str:
        text = self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text)


def _start_of_stop(text: str, stop: Sequence[str]) -> int:
    """The length of the longest end of the text that a stop string begins with."""
    longest = max(map(len, stop), default=0) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(string.startswith(text[-length:]) for string in stop):
            return length
    return 0
