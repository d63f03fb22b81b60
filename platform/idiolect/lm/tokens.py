"""How many tokens a text takes of a model that is not at hand."""

import re

LETTERS_A_TOKEN = 6
"""Of one word: a longer one is taken to be cut."""

BYTES_A_TOKEN = 2
"""Of what is not ASCII, in UTF-8: two letters of Cyrillic are two tokens, two of Chinese three."""

_WORD = re.compile(r"[A-Za-z]+")
_MARK = re.compile(r"[!-@\[-`{-~]")  # a digit or another sign of ASCII


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few.

    A word has one for every six letters begun, a digit or mark one of its own, and everything that
    is not ASCII one for every two bytes. Four characters a token, the usual rule of thumb, is true
    of long English prose alone: statements with figures and dates take a quarter to a half more,
    and Chinese takes twice as many. Of this estimate four tokenizers in wide use take 0.80 to 0.91
    for English, 0.80 to 0.99 for German and 0.48 to 1.06 for other scripts
    (``benchmarks.token_estimate``, docs/benchmarks/context.md).
    """
    words = sum(-(-len(word) // LETTERS_A_TOKEN) for word in _WORD.findall(text))
    other_bytes = len(text.encode()) - len(text.encode("ascii", "ignore"))
    return words + len(_MARK.findall(text)) + -(-other_bytes // BYTES_A_TOKEN)
