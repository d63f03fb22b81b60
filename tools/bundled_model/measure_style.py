"""How often replies have the style that was asked for."""

import random
from collections.abc import Sequence

from idiolect.personalize.profile import style_of
from idiolect.usermodel.charter.subjects import sentence
from tools.bundled_model.bank import load_style_messages
from tools.bundled_model.context import ATTRIBUTES
from tools.bundled_model.measure_cases import Case
from tools.bundled_model.replies import observed_style
from tools.bundled_model.speaker import Speaker
from tools.bundled_model.styles import Style

WISHES: tuple[tuple[str, str, object], ...] = (
    ("The user prefers short answers.", "length", "short"),
    ("The user likes detailed answers.", "length", "long"),
    ("The user prefers bullet points.", "format", "bullets"),
    ("The user likes numbered steps.", "format", "steps"),
    ("The user prefers answers in flowing prose.", "format", "prose"),
    ("The user likes warm replies.", "tone", "warm"),
    ("The user likes playful replies.", "tone", "playful"),
    ("The user prefers formal replies.", "tone", "formal"),
    ("The user prefers a neutral tone.", "tone", "neutral"),
    ("The user likes emoji.", "emoji", True),
    ("The user dislikes emoji.", "emoji", False),
    ("The user likes answers with a question at the end.", "question", True),
    ("The user dislikes follow-up questions.", "question", False),
)
"""Propositions of one wish, and what the platform makes of each: one sentence to the model."""

Agreement = dict[str, float | dict[str, float]]


def style_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Agreement:
    """Share of replies with each attribute as asked, in wordings never trained on."""
    fixed = cases[0].paragraph
    alone = [case.alone() for case in cases]
    replies = speaker.reply([case.prompt() for case in alone], seed)
    same = speaker.reply([case.prompt(paragraph=fixed) for case in alone], seed)
    return _agreement([case.style for case in cases], replies, same)


def hand_written_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Agreement:
    """The same under system messages that people wrote and training never saw."""
    messages = random.Random(seed).choices(load_style_messages(held_out=True), k=len(cases))
    alone = [case.alone() for case in cases]
    prompts = [
        case.prompt(paragraph=message.text) for case, message in zip(alone, messages, strict=True)
    ]
    same = speaker.reply([case.prompt(paragraph=messages[0].text) for case in alone], seed)
    return _agreement([message.style for message in messages], speaker.reply(prompts, seed), same)


def wish_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Agreement:
    """Share of replies that grant the one wish that is known of the user.

    *No wish* asks the same without one.
    """
    wishes = [WISHES[number % len(WISHES)] for number in range(len(cases))]
    alone = [case.alone() for case in cases]
    prompts = [
        case.prompt(paragraph=" ".join(sentence(*wish) for wish in style_of(statement).items()))
        for case, (statement, _, _) in zip(alone, wishes, strict=True)
    ]
    granted = [
        _has(reply, attribute, value)
        for reply, (_, attribute, value) in zip(speaker.reply(prompts, seed), wishes, strict=True)
    ]
    plain = speaker.reply([case.prompt(paragraph="") for case in alone], seed)
    figures: Agreement = {}
    for attribute in ATTRIBUTES:
        places = [place for place, (_, named, _) in enumerate(wishes) if named == attribute]
        figures[attribute] = {
            "asked": share([granted[place] for place in places]),
            "no wish": share([_has(plain[place], *wishes[place][1:]) for place in places]),
        }
    return figures


def share(flags: Sequence[bool]) -> float:
    """Of those that hold."""
    return round(sum(flags) / len(flags), 3)


def _has(reply: str, attribute: str, value: object) -> bool:
    style = observed_style(reply)
    return style is not None and getattr(style, attribute) == value


def _agreement(styles: Sequence[Style], replies: Sequence[str], same: Sequence[str]) -> Agreement:
    """Each attribute's share right: as asked, against another's message, under one message."""
    arms = {
        "asked": (replies, styles),
        "another message": (replies, [*styles[1:], styles[0]]),
        "one fixed message": (same, styles),
    }
    return {
        attribute: {
            name: share(
                [
                    _has(reply, attribute, getattr(wanted, attribute))
                    for reply, wanted in zip(said, asked, strict=True)
                ]
            )
            for name, (said, asked) in arms.items()
        }
        for attribute in ATTRIBUTES
    }
