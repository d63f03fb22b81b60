"""Propositions from what the user says about themself, in the user's own words."""

import re
from collections.abc import Iterator

from idiolect.usermodel.confidence import STATED
from idiolect.usermodel.grounding import content_words
from idiolect.usermodel.propose.claims import CLAIMS
from idiolect.usermodel.propose.grammar import expand, is_past, third_person
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView
from idiolect.usermodel.propose.seen import Seen
from idiolect.usermodel.propose.speakers import own_sentences
from idiolect.usermodel.propose.titles import names_a_file
from idiolect.usermodel.propose.vocabulary import NOT_NAMES

_REQUESTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), text)
    for pattern, text in (
        (
            r"\b(?:keep (?:it|this|that|them|(?:your |the )?(?:answers?|replies)) "
            r"(?:short|brief|concise)|shorter|short (?:answers?|replies|version)"
            r"|be (?:brief|concise)|too long)\b",
            "prefers short answers.",
        ),
        (
            r"\b(?:more detail|in (?:more )?detail|in depth|longer (?:answers?|replies|please))\b",
            "prefers detailed answers.",
        ),
        (
            r"\b(?:bullet(?:s| points?)|bulleted|as a (?:short )?list|in a list|use lists"
            r"|lists? (?:please|instead))\b",
            "prefers answers as lists.",
        ),
        (r"\b(?:step[- ]by[- ]step|numbered steps)\b", "prefers step-by-step answers."),
        (r"\b(?:no|without|skip the|fewer|leave out) emojis?\b", "prefers answers without emoji."),
        (
            r"\b(?:no jargon|without jargon|plain (?:words|language|english)|simple words)\b",
            "prefers plain words to jargon.",
        ),
        (
            r"\b(?:skip|no|without|leave out) (?:the |any )?(?:intro\w*|greetings?|preamble"
            r"|small talk|pleasantries)|\b(?:get|straight) to the point\b",
            "prefers answers that come straight to the point.",
        ),
        (
            r"\b(?:with|give me|add|show) (?:an? |some |more )?examples?\b",
            "prefers answers with examples.",
        ),
        (r"\bmetric (?:units|please)|\bin (?:celsius|kilomet\w+|grams)\b", "uses metric units."),
    )
)
"""Wishes about answers, which are mostly said as orders and not as sentences about oneself."""

_ADDRESSED = re.compile(
    r"\b(?:please|can you|could you|answer|reply|replies|write|give me|keep|make it|use|too)\b",
    re.IGNORECASE,
)
_RELATIONS = (
    r"daughter|son|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|sister|brother|niece"
    r"|nephew|granddaughter|grandson|dog|cat|horse|flatmate|roommate|boss|manager|landlord"
    r"|landlady|piano teacher|neighbou?r"
)
_MY = re.compile(
    rf"\b[Mm]y (?:(?:older|younger|little|big|elder|eldest|youngest|late) )?(?P<who>{_RELATIONS})\b"
    r"(?:,? (?P<name>[A-Z][a-zé-]+)\b)?"
)
_NAMED_ONLY = frozenset({"neighbor", "neighbour", "boss", "manager", "landlord", "landlady"})
_VAGUE = re.compile(
    r"\?|\bif\b|\b(?:you|your|yours|you're)\b|\b(?:could|should|wish|might|joking|kidding|swear)\b"
    r"|\b(?:it|him|thing|those|these)\b"
    r"|\bthis (?!week|month|year|spring|summer|autumn|winter|term|morning|evening|afternoon)"
    r"|\bI would (?!rather|like|love|prefer)|\bas if\b|\bsorry\b"
    r"|\bwe (?:talked|spoke|discussed|agreed)\b|\bthe (?:rest|latter|former|other one)\b"
    r"|\bI (?:am|was) sure\b|\bto (?:come|join|help|go|see)\W*$",
    re.IGNORECASE,
)
_SPEAKING = re.compile(
    r"\b(?:want|like|love|rather|have|need|prefer) (?:to )?(?:say|ask|know|thank|tell|mention|point"
    r"|add|remind|apologi[sz]e|hear|be sure)\b",
    re.IGNORECASE,
)
_HEDGE = re.compile(r"\b(?:maybe|perhaps|probably|possibly|I think|I guess|i suppose)\b", re.I)
_OPENING = re.compile(
    r"^(?:(?:and|but|so|well|also|oh|ok|okay|yes|no|btw|by the way|actually|anyway|hi|hello|hey"
    r"|sorry|thanks|thank you|honestly|note|reminder|ps|p\.s\.|i think|i guess"
    r"|please note(?: that)?|remember(?: that)?|fyi|just so)\b[\s,:.!-]*(?:[A-Z]\w+,\s+)?)+",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?P<lead>(?:from|at|in|on|last|next|every|this|now|these|by|after|before|as|for|until"
    r"|right|most|nowadays|lately)\b(?:(?!\bI\b)[^,.;]){0,50}?),?\s+(?=I\b|my\b)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\s*(?:[;:(]|\s[—\u2013-]\s|,\s*(?:so|but|and|please|though|which|can|could|would|what|why|let"
    r"|not|no|or|it|that|he|she|they|we|this|there|because|since|as|I|my|our|up|by the way|btw"
    r"|actually|anyway)\b"
    r"|,?\s+(?:but|so that)\s|"
    r"\s+and (?:still|also|then|the only|I|we|my|our|it|he|she|they)\b|\s+though\W*$)"
)
DOCUMENT_SHARE = 0.5
"""In a file the first person may be anyone's: a persona's, a figure's, a template's."""

_LONGEST_WORDS, _SHORTEST_WORDS = 24, 3
_HEDGED_SHARE = 0.7


def propose_statements(seen: Seen) -> Iterator[Draft]:
    """One draft for each thing that the user says about themself in the new observations."""
    for observation in seen.fresh:
        for sentence in own_sentences(observation, seen.user_name):
            yield from _relations(sentence, observation, seen.user_name)
            yield from _requests(sentence, observation, seen.user_name)
            draft = _claim_of(sentence, observation, seen.user_name)
            if draft is not None:
                yield draft


def _claim_of(sentence: str, observation: ObservationView, name: str) -> Draft | None:
    clause, lead = _clause(expand(sentence))
    words = clause.split()
    if (
        _VAGUE.search(clause)
        or _SPEAKING.search(clause)
        or not _SHORTEST_WORDS <= len(words) <= _LONGEST_WORDS
    ):
        return None
    was_done = is_past(words[1].casefold())
    fitting = (claim for claim in CLAIMS if claim.pattern.search(clause))
    claim = next((one for one in fitting if not (was_done and one.name == "habit")), None)
    text = third_person(clause, name)
    if claim is None or text is None or len(content_words(clause)) < claim.least_words:
        return None
    if lead:
        text = f"{text.rstrip('.')} {lead}."
    certainty = claim.certainty * (_HEDGED_SHARE if _HEDGE.search(sentence) else 1.0)
    if observation.kind == "text" and names_a_file(observation.title or ""):
        certainty *= DOCUMENT_SHARE
    return _draft(
        text,
        f"The user says so ({claim.name}).",
        sentence,
        observation,
        certainty=certainty,
        durability=claim.durability,
    )


def _clause(sentence: str) -> tuple[str, str]:
    """The sentence's first main clause, and the adverbial that led it (without a pronoun)."""
    body = _OPENING.sub("", sentence).strip()
    lead = _LEAD.match(body)
    opening = ""
    if lead is not None:
        body = body[lead.end() :]
        opening = lead["lead"].strip()
        opening = opening[0].lower() + opening[1:]
    clause = _HEDGE.sub("", _CUT.split(body, maxsplit=1)[0]).strip(" ,.!…|")
    return re.sub(r"\s+", " ", clause), opening


def _relations(sentence: str, observation: ObservationView, name: str) -> Iterator[Draft]:
    for found in _MY.finditer(sentence):
        who, called = found["who"], found["name"]
        if called in NOT_NAMES:
            called = None
        if called is None and who in _NAMED_ONLY:
            continue
        article = "an" if who[0] in "aeiou" else "a"
        text = f"{name} has {article} {who}" + (f" called {called}." if called else ".")
        yield _draft(
            text,
            "The user speaks of them.",
            found.group(),
            observation,
            certainty=0.95,
            durability=0.9,
        )


def _requests(sentence: str, observation: ObservationView, name: str) -> Iterator[Draft]:
    if observation.kind == "screen" or not _ADDRESSED.search(sentence):
        return
    for pattern, wish in _REQUESTS:
        if pattern.search(sentence):
            yield _draft(
                f"{name} {wish}",
                "The user asks for it.",
                sentence,
                observation,
                certainty=0.9,
                durability=0.7,
            )


def _draft(
    text: str,
    reasoning: str,
    quote: str,
    observation: ObservationView,
    *,
    certainty: float,
    durability: float,
) -> Draft:
    return Draft(
        text=text,
        reasoning=reasoning,
        confidence=STATED[observation.trust] * certainty,
        durability=durability,
        evidence=(Evidence(observation.id, quote),),
        valid_from=observation.occurred_at,
    )
