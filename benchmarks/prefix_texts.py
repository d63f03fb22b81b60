"""Texts of a given number of tokens that are new each time, for ``prefix_cache``."""

import random
from collections.abc import Sequence
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from idiolect.engine.chat import encode_context, encode_text
from idiolect.lm.protocols import ChatMessage

_PROSE = Path(__file__).parents[1] / "docs"


class Writer:
    """Writes with the words of this project's own documentation, in any order.

    Args:
        tokenizer: counts.
        seed: equal seeds write equal texts.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, seed: int) -> None:
        self._tokenizer = tokenizer
        self._random = random.Random(seed)
        files = sorted((_PROSE / "decisions").glob("*.md"))
        self._words = " ".join(file.read_text(encoding="utf-8") for file in files).split()

    def text(self, tokens: int) -> str:
        """A text of this many tokens, or of up to three more."""
        words = self._random.choices(self._words, k=tokens)
        size = 0
        kept: list[str] = []
        for word in words:
            if size >= tokens:
                break
            kept.append(word)
            size += len(encode_text(self._tokenizer, f" {word}"))
        while len(kept) > 1 and len(encode_text(self._tokenizer, " ".join(kept))) > tokens + 3:
            kept.pop()
        return " ".join(kept)

    def context(self, head: str) -> list[ChatMessage]:
        """A head, then what is known and a question, both new."""
        system = f"{head}\n\nWhat you know about the user:\n- {self.text(30)}"
        return [ChatMessage("system", system), ChatMessage("user", self.text(18))]

    def count(self, messages: Sequence[ChatMessage]) -> int:
        """The tokens of a context."""
        return len(encode_context(self._tokenizer, [each.as_dict() for each in messages]))
