"""The rows of ``tone.toml`` as patterns: what judges, whom it must be about, what stands instead.

All patterns are for masked text, in which the user's name is ``U`` for each of its letters, what is
no prose is ``Q``, and the rest is in lower case (see ``tone.masked``).
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["failing", "character", "state of mind", "comparison"]

USER = r"U+(?: U+)*"
BASE, PAST, PARTICIPLE = 0, 2, 3
"""Columns of a verb's forms."""

NO_VERB = ""

_DATA = Path(__file__).with_name("tone.toml")


@dataclass(frozen=True, slots=True)
class Judgment:
    """A row of the data.

    Attributes:
        kind: of judgment.
        head: finds its words: the groups ``verb``, ``degree`` and, in some, ``kept``.
        lead: finds at the end of a text its subject (``who``) and what stands between (``fill``).
        columns: by a verb's form, which of the forms it is; empty for a row without verbs.
        neutral: what stands in its place, for each of the forms or once for all; none: nothing can.
        needs_negation: without one before it, it is no judgment.
    """

    kind: Kind
    head: re.Pattern[str]
    lead: re.Pattern[str]
    columns: Mapping[str, Sequence[int]]
    neutral: Sequence[str]
    needs_negation: bool


@dataclass(frozen=True, slots=True)
class Grammar:
    """What of the data is about sentences and not about judgments.

    Attributes:
        fixed: phrases in which a label is no label; for text that is not masked yet.
        reported: a statement of what the user says about themself.
        negation: words of negation.
        passive: at the end of a text, what makes a participle a passive one.
        perfect: auxiliaries before which a past form is a participle.
        bare: words behind which a verb stands in its base form.
        support: forms of "do", behind which there is no "be".
        absolute: adverbs that do not stand before "does not".
        last_adverbs: the adverbs at the end of a text.
    """

    fixed: re.Pattern[str]
    reported: re.Pattern[str]
    negation: re.Pattern[str]
    passive: re.Pattern[str]
    perfect: re.Pattern[str]
    bare: re.Pattern[str]
    support: re.Pattern[str]
    absolute: re.Pattern[str]
    last_adverbs: re.Pattern[str]


@cache
def judgments() -> dict[str, list[Judgment]]:
    """The rows by the first word of each form of their verbs, in the data's order.

    Those without verbs are under ``NO_VERB``.
    """
    rows: dict[str, list[Judgment]] = {NO_VERB: []}
    for values in _data()["judgments"]:
        row = _judgment(values)
        for word in {form.split()[0] for form in row.columns} or {NO_VERB}:
            rows.setdefault(word, []).append(row)
    return rows


@cache
def grammar() -> Grammar:
    """The patterns of sentences."""
    before = {name: _any(words) for name, words in _data()["before"].items()}
    parts = _parts()
    words = ("negations", "perfect", "bare", "support", "absolutes")
    [negation, perfect, bare, support, absolute] = (
        re.compile(rf"\b(?:{before[name]})\b") for name in words
    )
    return Grammar(
        fixed=re.compile(rf"\b(?:{_list(_data()['fixed']['phrases'])})\b", re.IGNORECASE),
        reported=re.compile(parts["reported"]),
        negation=negation,
        passive=re.compile(rf"\b(?:{before['passive']}) (?:{parts['adverb']} )*$"),
        perfect=perfect,
        bare=bare,
        support=support,
        absolute=absolute,
        last_adverbs=re.compile(rf"(?:{parts['adverb']} )+$"),
    )


def _judgment(values: Mapping[str, Any]) -> Judgment:
    data, parts = _data(), _parts()
    named = values.get("verbs", "").split()
    verbs = [verb for name in named for verb in data["groups"].get(name, name).split()]
    columns: dict[str, list[int]] = {}
    for verb in verbs:
        for column, form in enumerate(_forms(verb)):
            columns.setdefault(form, []).append(column)
    then = f"(?:{_filled(_list(values['then']), parts)})" if "then" in values else ""
    if columns:
        forms = "|".join(sorted(columns, key=len, reverse=True))
        degree = rf"(?P<degree>(?: {parts['between']})*)"
        head = rf"(?P<verb>{forms}){degree}{' ' if then else ''}{then}(?!\w)"
    else:
        head = f"(?P<verb>)(?P<degree>){then}"
    return Judgment(
        kind=values["kind"],
        head=re.compile(rf"\b{head}"),
        lead=_leads()[values.get("of", "user")],
        columns=columns,
        neutral=_neutral(values),
        needs_negation=values.get("negated", False),
    )


def _neutral(values: Mapping[str, Any]) -> list[str]:
    if "instead" in values:
        verb, _, rest = values["instead"].partition(" ")
        return [f"{form} {rest}" for form in _forms(verb)]
    return [part.strip() for part in values["neutral"].split("|")] if "neutral" in values else []


@cache
def _data() -> dict[str, Any]:
    with _DATA.open("rb") as file:
        return tomllib.load(file)


@cache
def _parts() -> dict[str, str]:
    """Patterns that others name in braces: the lists, what grammar needs, and the fragments."""
    data = _data()
    before = {name: _any(words) for name, words in data["before"].items()}
    filler = "|".join(before[name] for name in ("auxiliaries", "negations", "catenatives"))
    parts = {name: f"(?:{_list(words)})" for name, words in data["lists"].items()}
    parts["adverb"] = rf"(?:[\w-]+ly|{before['adverbs']})"
    parts["between"] = rf"(?:[\w-]+ly|{_list(data['degree']['words'])})"
    parts["user"] = USER
    parts["owner"] = rf"(?:{USER}'s?|her|his|their)"
    parts["fill"] = rf"(?P<fill>(?:(?:{parts['adverb']}|{filler}),? ){{0,8}})$"
    for name, fragment in data["fragments"].items():
        parts[name] = _filled(_list(fragment), parts)
    return parts


@cache
def _leads() -> dict[str, re.Pattern[str]]:
    """By whose predicate it is, what must end where a judgment begins."""
    leads = {
        "user": r"(?:{person}|{carried}) {fill}",
        "aspect": r"{owner} (?:[\w-]+ )?{aspects} {fill}",
        "anyone": r"(?P<fill>)$",
    }
    return {of: re.compile(_filled(lead, _parts())) for of, lead in leads.items()}


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    """A pattern with the parts that it names in braces; {0,2} stays as it is."""
    return re.sub(r"\{([a-z_]+)\}", lambda found: parts[found[1]], pattern)


def _list(text: str) -> str:
    """A list parted by " | " as alternatives; a bar that begins a line may stand in a group."""
    joined = re.sub(r"\s*\n\|(?=\S)", "|", text.strip()).replace("\n", " ")
    return re.sub(r"\s+\|\s+", "|", joined)


def _any(words: str) -> str:
    return "|".join(re.escape(word) for word in words.split())


def _forms(verb: str) -> list[str]:
    """Base, third person, past, participle and gerund of a verb."""
    irregular = _data()["forms"]
    if verb in irregular:
        return [form.strip() for form in irregular[verb].split("|")]
    if re.search(r"[^aeiou]y$", verb):
        return [verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb[:-1]}ied", f"{verb}ing"]
    stem = verb.removesuffix("e")
    third = f"{verb}es" if re.search(r"(?:s|x|z|ch|sh|o)$", verb) else f"{verb}s"
    return [verb, third, f"{stem}ed", f"{stem}ed", f"{stem}ing"]
