"""Compose a reply of a wanted style from the pieces of a topic, and read its style back."""

import random
import re
from collections.abc import Iterable, Sequence

from idiolect.handbook.topics import Topic
from tools.bundled_model.phrases import (
    ABSENT,
    ABSENT_QUESTIONS,
    CLOSINGS,
    LEAD_INS,
    OPENINGS,
    RECALL_LEADS,
    RECALL_QUESTIONS,
)
from tools.bundled_model.styles import (
    EMOJI,
    LENGTH_BANDS,
    TONES,
    Style,
    Tone,
    count_words,
    ends_with_question,
    format_of,
    has_emoji,
    length_of,
)

_ATTEMPTS = 40
_CONTRACTIONS = tuple(
    (re.compile(rf"\b{full}\b(?= [a-z])"), short)
    for full, short in (
        ("do not", "don't"),
        ("Do not", "Don't"),
        ("does not", "doesn't"),
        ("is not", "isn't"),
        ("are not", "aren't"),
        ("will not", "won't"),
        ("cannot", "can't"),
        ("you are", "you're"),
        ("You are", "You're"),
        ("It is", "It's"),
    )
)


def _marks(tone: Tone) -> re.Pattern[str]:
    phrases = [p for p in OPENINGS[tone] + CLOSINGS[tone] if p]
    return re.compile("|".join(re.escape(p).replace(r"\{topic\}", ".{3,60}?") for p in phrases))


_TONE_MARKS: dict[Tone, re.Pattern[str]] = {t: _marks(t) for t in TONES if t != "neutral"}


def tone_of(text: str) -> Tone:
    """Name the tone whose openings or closings a text carries; none of them means neutral."""
    return next((tone for tone, marks in _TONE_MARKS.items() if marks.search(text)), "neutral")


def observed_style(text: str) -> Style | None:
    """Read a style back from a text, or None when its length lies outside every band."""
    length = length_of(text)
    if length is None:
        return None
    return Style(length, format_of(text), tone_of(text), has_emoji(text), ends_with_question(text))


def compose_reply(
    topic: Topic,
    style: Style,
    rng: random.Random,
    *,
    tie: str | None = None,
    lead: str | None = None,
) -> str | None:
    """Write one reply about a topic that has exactly the wanted style.

    `tie` is the sentence that uses a fact about the user, `lead` a sentence to begin with (an
    answer to "why?"); both are kept. Points are said from the first on, as many as fit: which of
    them bear on the question is the retriever's affair, who notes those. A small model learns to
    go on from what it said last, where a choice of its own made it say one point twice. None means
    that the pieces did not fit the style.
    """
    for _ in range(_ATTEMPTS):
        text = _draft(topic, style, rng, [s for s in (lead, tie) if s])
        if observed_style(text) == style:
            return text
    return None


def compose_recall(facts: Sequence[str], style: Style, rng: random.Random) -> str | None:
    """Tell the user what is known about them: every fact, in order, in the second person.

    `facts` are predicates of the third person plural ("edit videos as a hobby").
    """
    for _ in range(_ATTEMPTS):
        opening = _opening(style.tone, "", rng)
        question = rng.choice(RECALL_QUESTIONS) if style.question else ""
        if style.format == "prose":
            body = [f"I know that you {facts[0]}."]
            body += [f"I also know that you {fact}." for fact in facts[1:]]
            text = _paragraphs([opening, *body], [], [question], style, rng)
        else:
            items = _marked([f"You {fact}" for fact in facts], style)
            text = _paragraphs([opening, rng.choice(RECALL_LEADS)], items, [question], style, rng)
        if observed_style(text) == style:
            return text
    return None


def compose_absent(style: Style, rng: random.Random) -> str | None:
    """Say that the notes have nothing on the matter, in a short piece of prose."""
    for _ in range(_ATTEMPTS):
        opening = _opening(style.tone, "", rng)
        closing = rng.choice(CLOSINGS[style.tone]) if rng.random() < 0.2 else ""
        question = rng.choice(ABSENT_QUESTIONS) if style.question else ""
        text = _paragraphs([opening, rng.choice(ABSENT)], [], [closing, question], style, rng)
        if observed_style(text) == style:
            return text
    return None


def _draft(topic: Topic, style: Style, rng: random.Random, kept: list[str]) -> str:
    opening = _opening(style.tone, topic.name, rng)
    closings = CLOSINGS[style.tone] if rng.random() < 0.4 else ("",)
    closing = rng.choice(closings)
    question = topic.question if style.question else ""
    lead_in = rng.choice(LEAD_INS[style.format]).format(topic=topic.name)
    fixed = [opening, *kept, lead_in, closing, question]
    room = rng.randint(*LENGTH_BANDS[style.length]) - sum(map(count_words, fixed))

    if style.format == "prose":
        head, tail = _prose_pieces(topic, rng, room, has_lead=bool(kept))
        text = _paragraphs([opening, *kept, *head], [], [*tail, closing, question], style, rng)
    else:
        items, tail = _list_pieces(topic, style, rng, room)
        text = _paragraphs(
            [opening, *kept, lead_in], _marked(items, style), [*tail, closing, question], style, rng
        )
    return _contract(text) if style.tone in ("warm", "playful") else text


def _prose_pieces(
    topic: Topic, rng: random.Random, room: int, *, has_lead: bool
) -> tuple[list[str], list[str]]:
    points = [long for _, long in topic.points]
    tail = [piece for piece in (topic.example, topic.caution) if rng.random() < 0.5]
    first = [piece for piece in (topic.why, topic.technical) if rng.random() < 0.35]
    # A short reply has room for one sentence, and that should be advice.
    kept = [] if has_lead else points[:1]
    room -= sum(map(count_words, kept))
    head = _fit(first, room)
    room -= sum(map(count_words, head))
    tail = _fit(tail, room)
    room -= sum(map(count_words, tail))
    return [*head, *kept, *_first(points[len(kept) :], room)], tail


def _list_pieces(
    topic: Topic, style: Style, rng: random.Random, room: int
) -> tuple[list[str], list[str]]:
    # Only the first five points of a topic read as steps, in their order.
    usable = topic.points[:5] if style.format == "steps" else topic.points
    wants_sentences = style.length == "long" or (style.length == "medium" and rng.random() < 0.3)
    texts = [long if wants_sentences else short for short, long in usable]
    tail = [topic.caution] if style.length != "short" and rng.random() < 0.3 else []
    room -= sum(map(count_words, tail))
    return _first(texts, room), tail


def _first(pieces: Sequence[str], room: int) -> list[str]:
    """So many from the first on as fit."""
    kept = []
    for piece in pieces:
        room -= count_words(piece)
        if room < 0:
            break
        kept.append(piece)
    return kept


def _fit(pieces: Iterable[str], room: int) -> list[str]:
    kept = []
    for piece in pieces:
        if count_words(piece) <= room:
            kept.append(piece)
            room -= count_words(piece)
    return kept


def _opening(tone: Tone, topic: str, rng: random.Random) -> str:
    openings = [o for o in OPENINGS[tone] if topic or "{topic}" not in o]
    return rng.choice(openings).format(topic=topic)


def _marked(items: Sequence[str], style: Style) -> list[str]:
    if style.format == "bullets":
        return [f"- {item}" for item in items]
    return [f"{number}. {item}" for number, item in enumerate(items, 1)]


def _paragraphs(
    head: Sequence[str], items: Sequence[str], tail: Sequence[str], style: Style, rng: random.Random
) -> str:
    first, last = " ".join(filter(None, head)), " ".join(filter(None, tail))
    if style.emoji:
        emoji = rng.choice(EMOJI)
        if head[0] and rng.random() < 0.5:
            first = f"{head[0]} {emoji} {first.removeprefix(head[0]).lstrip()}".rstrip()
        else:
            last = f"{last} {emoji}".lstrip()
    lines = [first, *items, last]
    return ("\n" if items else " ").join(line for line in lines if line)


def _contract(text: str) -> str:
    for full, short in _CONTRACTIONS:
        text = full.sub(short, text)
    return text
