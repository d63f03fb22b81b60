"""How far the estimate of tokens (``lm/tokens.py``) is from what tokenizers count.

    python -m benchmarks.token_estimate [TOKENIZER.json | ENCODING ...]

For each language a text as assistants are told it, and for each tokenizer its tokens as a share of
the estimate, and of one token for every four characters: above 1 a budget is not kept. Without
arguments the two tokenizers that ship; a name that is no file is an encoding of ``tiktoken``, which
is to be installed and to have its vocabularies.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from tokenizers import Tokenizer

import idiolect.lm
from idiolect.assistant.briefing import HEADING
from idiolect.lm.tokens import estimated_tokens

LM = Path(idiolect.lm.__file__).parent
SHIPPED = ("bundled/tokenizer.json", "embedding/minilm/tokenizer.json")

STATEMENTS = {
    "English": (
        "Mara bakes sourdough with rye flour on Mondays.",
        "Mara prefers the train to the plane for trips in Europe.",
        "Mara works on the quarterly report in LibreOffice Calc.",
    ),
    "short": ("Mara runs.", "Mara codes.", "Mara plays go.", "Mara skis."),
    "technical": (
        "Mara runs `uvicorn --port 8080` in ~/src/platform/api/serve.py.",
        "Mara's ticket JIRA-48213 is about `TypeError: object is not subscriptable`.",
    ),
    "German": (
        "Mara arbeitet an der Steuererklärung für das Geschäftsjahr.",
        "Mara bevorzugt kurze Antworten ohne Aufzählungen.",
    ),
    "Russian": ("Мара предпочитает короткие ответы без списков.",),  # noqa: RUF001 - Cyrillic
    "Chinese": ("玛拉每周一用黑麦粉烤酸面包。", "玛拉正在写季度报告。"),
    "Arabic": ("مارا تخبز خبز العجين المخمر كل يوم اثنين.",),
    "Hindi": ("मारा हर सोमवार को राई के आटे से रोटी बनाती है।",),
    "Thai": ("มาร่าอบขนมปังทุกวันจันทร์",),
    "emoji": ("Mara uses 🎉🚀🔥👩‍👩‍👧‍👦 in chats.", "Mara likes 😂🤣🥰."),
}
LINES = 9


def told(statements: tuple[str, ...]) -> str:
    """What an assistant is told of these, over and over."""
    lines = (
        f'- "{statements[n % len(statements)]}" ({60 + n}% sure, last seen 2026-0{1 + n}-1{n})'
        for n in range(LINES)
    )
    return "\n".join([HEADING, *lines])


def counter(named: str) -> Callable[[str], int]:
    """What counts the tokens of a text."""
    if not Path(named).exists():
        encoding = importlib.import_module("tiktoken").get_encoding(named)
        return lambda text: len(encoding.encode(text))
    tokenizer = Tokenizer.from_file(named)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def main() -> None:
    for named in sys.argv[1:] or [str(LM / each) for each in SHIPPED]:
        count = counter(named)
        print(named)
        for language, statements in STATEMENTS.items():
            text = told(statements)
            tokens = count(text)
            share, of_four = tokens / estimated_tokens(text), tokens / (len(text) / 4)
            print(f"  {language:10} of the estimate {share:.2f}   of four characters {of_four:.2f}")


if __name__ == "__main__":
    main()
