"""Forms of first-person sentences that say something lasting enough to keep: data."""

import re
from dataclasses import dataclass

from idiolect.usermodel.propose.vocabulary import IRREGULAR_PAST, SMALL_TALK_VERBS

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_WHEN = (
    rf"tomorrow|tonight|next \w+|this (?:week|weekend|month|term|evening|afternoon|{_DAY})|{_DAY}"
    r"|on the \d+|at \d|from \d|until|till|by the end|\d{1,2}(?:st|nd|rd|th)?"
    r" (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)\w* \d|in (?:january|february|march|april"
    r"|may|june|july|august|september|october|november|december|spring|summer|autumn|winter)"
)
_OFTEN = (
    r"always|usually|never|often|rarely|seldom|every (?:other |second |first )?\w+|each \w+"
    r"|(?:once|twice|\w+ times|\w+ (?:days|mornings|evenings|nights)) a (?:day|week|month|year)"
    rf"|on (?:{_DAY}|weekdays|weekends)|most (?:days|mornings|evenings|weekends)"
    r"|in the (?:mornings?|evenings?)|daily|weekly"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A form of first-person sentence that says something lasting enough to keep.

    Attributes:
        name: what it says.
        pattern: matches the clause from its start.
        durability: how long such a thing lasts, in [0, 1].
        certainty: how often it says what it seems to, in [0, 1].
        least_words: content words that the clause must have.
    """

    name: str
    pattern: re.Pattern[str]
    durability: float
    certainty: float = 1.0
    least_words: int = 1


def _claim(
    name: str, pattern: str, durability: float, certainty: float = 1.0, least_words: int = 1
) -> Claim:
    compiled = re.compile(rf"^(?:{pattern})", re.IGNORECASE)
    return Claim(name, compiled, durability, certainty, least_words)


_PASSING = "|".join(sorted(SMALL_TALK_VERBS))
_DONE = "|".join(sorted(IRREGULAR_PAST - {"was", "did"}))
_AUXILIARY = (
    "am|was|have|had|do not|don't|did|will|would|shall|can|can't|cannot|could|may|might|must|should"
)


CLAIMS: tuple[Claim, ...] = (
    _claim(
        "trait",
        r"I am (?:also )?(?:not )?(?:an? (?!bit\b|little\b|lot\b)|the |from |based |vegetarian"
        r"|vegan|allergic|intolerant"
        r"|left[- ]handed|color[- ]?blind|colour[- ]?blind|married|divorced|retired|diabetic"
        r"|celiac|coeliac|deaf|afraid of|fond of|keen on|used to|good at|bad at|responsible for"
        r"|in charge of|\d+ years? old)"
        r"|my (?:name|birthday|job|mother tongue|first language|native language|home town) ",
        0.9,
    ),
    _claim(
        "preference",
        r"I (?:\w+ly )?(?:prefer|like|love|enjoy|hate|dislike|can't stand|cannot stand"
        r"|(?:don't|do not) (?:like|eat|drink|want|use|need|enjoy|mind)"
        r"|would rather|would (?:like|love|prefer)|want|care about)\b|my favou?rite ",
        0.75,
    ),
    _claim(
        "plan", rf"I (?:am going to|will|am \w+ing|plan to|have to|need to).*\b(?:{_WHEN})", 0.2
    ),
    _claim(
        "plan",
        r"I (?:plan|want|intend|hope) to |I am (?:planning|going|saving|preparing|moving"
        r"|booked|looking for|thinking of|hoping)\b",
        0.45,
        0.95,
    ),
    _claim("absence", rf"I am (?:away|off|out|back|in|at|on) .*\b(?:{_WHEN})", 0.15),
    _claim(
        "occupation",
        r"I am (?:now |still |currently |also )?(?:learning|studying|working (?:on|at|for|as)"
        r"|training|reading|writing|building|knitting|making|practi[sc]ing|teaching|volunteering"
        r"|doing|taking|growing|restoring|repairing|organi[sz]ing|trying to|saving|rehearsing)\b",
        0.55,
    ),
    _claim("habit", rf"I (?!will\b|would\b|am\b|was\b|had\b).*\b(?:{_OFTEN})\b", 0.7, 1.0, 2),
    _claim(
        "history",
        r"I have (?:\w+ly )?(?:lived|worked|been|played|studied|used|known|written|built|moved"
        r"|signed|booked|bought|joined|started|finished|given up|stopped|ordered|read)\b",
        0.6,
    ),
    _claim(
        "history",
        r"I (?:moved|bought|booked|joined|signed|started|began|finished|quit|sold|adopted|passed"
        r"|failed|accepted|declined|turned down|cancelled|canceled|gave up|became|used to"
        r"|had .* for \w+ years)\b",
        0.5,
    ),
    _claim(
        "change", r"I no longer |I (?:don't|do not|can't|cannot|won't) .*\b(?:any ?more)\b", 0.7
    ),
    _claim(
        "fact",
        r"I (?:also |still )?(?:live|work|study|own|have (?:an? |two |three |four |five |\d+ )"
        r"|keep|speak|teach|run|play|draw|paint|sing|garden|cook|bake|drive|commute|write|grow"
        r"|collect|coach|volunteer|follow|support|use|make|knit|sew|swim|cycle|hike|climb|repair)\b",
        0.7,
        0.95,
    ),
    _claim("intention", rf"I will (?!not\b|be\b|let\b|(?:{_PASSING})\b)\w+ ", 0.15, 0.9, 3),
    _claim(
        "deed",
        rf"I (?:also |just |already |finally |recently )?"
        rf"(?:did (?!not\b)\w+ |(?!(?:{_PASSING})\b)(?:\w+ed|{_DONE}) )",
        0.35,
        0.9,
        3,
    ),
    _claim(
        "practice",
        rf"I (?:also |still |mostly )?(?!(?:{_AUXILIARY}|{_PASSING})\b(?! after))(?-i:[a-z]+) ",
        0.5,
        0.9,
        3,
    ),
)
"""The first form that fits decides a sentence's durability and certainty."""
