"""Whether a statement about somebody describes or judges, and how to say it without judging.

People resent reading that they "struggle" or "may be stressed", even where it is right. So what is
stored about a person says what they do, prefer, plan and know. A judgment is one of four kinds:
failing ("wastes time on"), character ("is lazy"), state of mind ("may be depressed") and comparison
with others or with a norm ("drinks too much coffee").

The words are data, in ``tone.toml``. A place in a text is a judgment when a row's words stand there
*as a predicate of the user*: behind the user's name, a pronoun, or a conjunction that carries the
subject on, with nothing between but adverbs, auxiliaries and the like. That is what tells "is lazy"
from "added lazy loading", and "struggles with spelling" from "teaches pupils who struggle with
spelling". Quoted words and proper names ("the Lazy Sunday playlist") are never looked at. A
negation changes nothing: "is not lazy" judges too.

Decisions:

- A rewrite keeps the fact and the verb's form: "often struggled with" gives "was often working on".
  What a row has no neutral form for is refused; so is what is negated, because the negation of a
  neutral form is another fact.
- What users say of themselves is a fact about what they said: "Maya says that she is bad at maths"
  stays as it is. Thinking is not saying: "Maya thinks she is bad at maths" is a guess about a mind,
  and what others say of her is their judgment.
- A statement that rests on the user's own words is still rewritten where a neutral form exists;
  where none does, it is marked as the user's own account instead of being refused (``own_words``).
- "Finds it hard to" and "is afraid of" describe; praise is left, nobody was found to resent it.
  People around the user are judged as the user is; things ("Maya's laptop is slow") are not.

Measured on English text, every alarm read by hand. "Unseen" is what no list was made on.

- ``tests/usermodel/tone_texts.toml``, written before the lists by their author: of the half that
  they were made on, 58 of 58 judgments were found and 1 of 53 neutral statements was taken for one;
  of the unseen half 55 of 55, and 1 of 57. Authors know their own words, so others' tell more:
- the unseen half of a personality inventory's items (IPIP-NEO, 140 of them as statements): 13 of 35
  judgments found, 5 of 105 others taken for one. Its words were added afterwards. A list lets pass
  what it has not met, so a model that reads what it leaves is worth having.
- 242 unseen persona sentences (Persona-Chat): 3 of 4 found, no false alarm.
- 1,487 unseen statements about speakers (LoCoMo): 11 alarms, 6 of them right. Two kinds of false
  ones were taken out afterwards ("finds it tough to"); 570 unseen stated preferences (PrefEval)
  then gave 23: 20 times "refuses to", which becomes "does not", and 2 wrong ones.
- ``gold-user-model``: no alarm in 703 propositions of screens and 478 of pairs, 2 in 489 of talks,
  both of them states of mind ("is worried about parking uphill"). Simulated people: 1 alarm in
  3,448 facts ("has a bad memory").
- 0.04 ms of processor time a statement.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from idiolect.errors import InvalidInputError
from idiolect.usermodel.judgments import (
    BASE,
    NO_VERB,
    PARTICIPLE,
    PAST,
    Judgment,
    Kind,
    grammar,
    judgments,
)

Outcome = Literal["fine", "rewritten", "refused"]

_MOST_FINDINGS = 8
"""A text with more judgments than this is refused; what is left of it would say little."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgment in a text: its kind, and the words as they stand there."""

    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class ToneVerdict:
    """What became of a statement.

    Attributes:
        outcome: ``fine`` as it is; ``rewritten`` without its judgments; or ``refused``.
        text: what may be stored; None when refused.
        findings: the judgments found, in the order in which they were dealt with.
    """

    outcome: Outcome
    text: str | None
    findings: tuple[Finding, ...] = ()

    @property
    def reason(self) -> str:
        """One line for a log that the user can read; empty when nothing was found."""
        found = ", ".join(f'{one.kind}: "{one.words}"' for one in self.findings)
        return f"judges ({found})" if found else ""


def check_tone(text: str, user_name: str, *, own_words: bool = False) -> ToneVerdict:
    """Finds what a statement judges, and rewrites or refuses it.

    Args:
        text: one statement in the third person, in English.
        user_name: how statements call the user; the first name alone is understood as well, and so
            is "the user".
        own_words: the statement rests on what the user said about themself in so many words.

    Raises:
        InvalidInputError: the text or the name is empty.
    """
    if not text.strip() or not user_name.strip():
        raise InvalidInputError("a statement about a user needs a text and the user's name")
    findings: list[Finding] = []
    current = told = " ".join(text.split())
    while (place := _first_judgment(current, user_name)) is not None:
        findings.append(place.finding)
        if place.rewritten is None or len(findings) > _MOST_FINDINGS:
            if not own_words:
                return ToneVerdict("refused", None, tuple(findings))
            current = f"{told.rstrip('.')}, by {_short(user_name)}'s own account."
            break
        current = place.rewritten
    return ToneVerdict("rewritten" if findings else "fine", current, tuple(findings))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a judgment stands, and the text without it if there is a way to say that."""

    start: int
    finding: Finding
    rewritten: str | None


def _first_judgment(text: str, user_name: str) -> _Place | None:
    """The judgment that begins first; of several there, the one whose row comes first."""
    plain = masked(text, user_name)
    if grammar().reported.search(plain):
        return None
    return min(_places(text, plain), key=lambda place: place.start, default=None)


def _places(text: str, plain: str) -> Iterator[_Place]:
    for row, head in _heads(plain):
        lead = row.lead.search(plain[: head.start()])
        if lead is None:
            continue
        fill = lead["fill"]
        column = _column(row, head, fill)
        negated = grammar().negation.search(f"{fill} {head['degree']}") is not None
        is_passive = column in (PAST, PARTICIPLE) and grammar().passive.search(fill)
        # "pupils who lose heart and struggle": behind a conjunction the base form is of many.
        is_of_many = column == BASE and not fill and lead.groupdict().get("who", "") is None
        if is_passive or is_of_many or (row.needs_negation and not negated):
            continue
        rewritten = None if negated else _rewritten(row, text, head, fill, column)
        found = Finding(row.kind, text[head.start() : head.end()])
        yield _Place(head.start(), found, rewritten)


def _heads(plain: str) -> Iterator[tuple[Judgment, re.Match[str]]]:
    """Where the words of rows stand, whoever they are about."""
    rows = judgments()
    for word in _WORD.finditer(plain):
        for row in rows.get(word[0], ()):
            if head := row.head.match(plain, word.start()):
                yield row, head
    for row in rows[NO_VERB]:
        yield from ((row, head) for head in row.head.finditer(plain))


def _column(row: Judgment, head: re.Match[str], fill: str) -> int:
    """Which form of its verb was found; has/had before it tells a participle from a past."""
    columns = row.columns.get(head["verb"], (BASE,))
    is_perfect = PARTICIPLE in columns and grammar().perfect.search(fill)
    return PARTICIPLE if is_perfect else columns[0]


def _rewritten(row: Judgment, text: str, head: re.Match[str], fill: str, column: int) -> str | None:
    phrase = _phrase(row, fill, column)
    if phrase is None:
        return None
    start = head.start()
    adverbs = grammar().last_adverbs.search(fill)
    if adverbs and phrase.startswith(("is ", "was ")):  # "often is working": "is often working"
        start -= len(adverbs[0])
        auxiliary, phrase = phrase.split(" ", 1)
        phrase = f"{auxiliary} {text[start : head.start()]}{phrase}"
    found = {name: text[slice(*head.span(name))] for name in head.groupdict()}
    return " ".join(f"{text[:start]}{phrase.format_map(found)}{text[head.end() :]}".split())


def _phrase(row: Judgment, fill: str, column: int) -> str | None:
    """What stands in a judgment's place behind these words; None when nothing can.

    The words behind the subject decide: there is no "does be working" and no "always does not".
    A base form without an auxiliary belongs to "they", for which there are no forms.
    """
    by_form = len(row.neutral) > 1
    phrases = row.neutral[column : column + 1] if by_form else row.neutral
    if not phrases or (by_form and not phrases[0]):
        return None
    [phrase] = phrases
    is_plural = by_form and column == BASE and not grammar().bare.search(fill)
    is_doubled = phrase.startswith("be ") and grammar().support.search(fill)
    is_absolute = "not" in phrase.split()[:2] and grammar().absolute.search(fill)
    return None if is_plural or is_doubled or is_absolute else phrase


def masked(text: str, user_name: str) -> str:
    """The text in lower case, letter for letter as long, with the user as U and no prose as Q.

    No prose is what is quoted, what else has a name, and the fixed phrases.
    """
    plain = text.replace("\u2019", "'")
    names = "|".join(re.escape(name) for name in (user_name, _short(user_name), _UNNAMED))
    plain = re.sub(rf"(?<!\w)(?:{names})(?!\w)", _signs("U", r"\S"), plain, flags=re.IGNORECASE)
    for pattern in (_QUOTED, grammar().fixed, _NAMED):
        plain = pattern.sub(_signs("Q", r"\w"), plain)
    return "".join(sign if sign in "UQ" else _lower(sign) for sign in plain)


def _short(user_name: str) -> str:
    """The first name; somebody without a name stays "the user"."""
    return _UNNAMED if user_name.casefold() == _UNNAMED else user_name.split()[0]


_UNNAMED = "the user"
_WORD = re.compile(r"[\w-]+")
_QUOTED = re.compile(
    r"\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u2018[^\u2019]*\u2019|(?<!\w)'[^']+'(?!\w)"
)
_NAMED = re.compile(r"(?<!^)(?<![.!?] )\b(?!U+\b)[A-Z][\w-]*")


def _signs(letter: str, sign: str) -> Callable[[re.Match[str]], str]:
    return lambda found: re.sub(sign, letter, found[0])


def _lower(sign: str) -> str:
    return sign.lower() if len(sign.lower()) == 1 else sign
