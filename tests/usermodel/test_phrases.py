"""Topics by hashes: what is counted, and that it is what counting every phrase gives."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC

import pytest

from idiolect.usermodel.propose.phrases import MOST_TOPICS, propose_phrases
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.propose.seen import Seen
from tests.usermodel.seeds import MONDAY, days, view

WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord")


def topics(views: Sequence[ObservationView]) -> list[Draft]:
    return list(propose_phrases(Seen(tuple(views), (), "Mara", MONDAY, UTC)))


def seen(*texts: str) -> list[ObservationView]:
    """Each text on a day of its own, in two places by turns."""
    return [
        view(text, id=f"obs_{n}", kind="screen", trust="read", application=f"App{n % 2}",
             at=MONDAY + days(n))
        for n, text in enumerate(texts)
    ]  # fmt: skip


def keys(drafts: Sequence[Draft]) -> list[str]:
    return [(draft.estimate_key or "").removeprefix("topic:") for draft in drafts]


@pytest.mark.parametrize(
    "text",
    [
        "amber. Birch",
        "amber\nbirch",
        "amber\tbirch",
        "amber  birch",
        "amber (birch)",
        "amber 7 birch",
    ],
)
def test_a_phrase_ends_where_a_sentence_or_its_words_do(text: str) -> None:
    assert topics(seen(text, text, text)) == []


def test_nothing_seen_gives_no_topic() -> None:
    assert topics([]) == []
    assert topics(seen("", "x", "")) == []


def test_a_quote_is_as_it_was_written_and_the_name_the_usual_one() -> None:
    [draft] = topics(seen("The Amber Birch", "on amber birch", "an Amber Birch"))
    assert draft.text == "Mara often reads about Amber Birch."
    assert {one.quote for one in draft.evidence} == {"Amber Birch", "amber birch"}


def test_of_phrases_met_as_often_the_longest_comes_first_and_takes_its_words() -> None:
    assert keys(topics(seen(*["amber birch cedar"] * 3))) == ["amber birch cedar"]


def test_more_days_come_before_more_places_and_more_times() -> None:
    often = seen(*["amber birch"] * 4, *["cedar delta"] * 3)
    assert keys(topics(often)) == ["amber birch", "cedar delta"]


def test_it_is_what_counting_every_phrase_gives() -> None:
    pick = random.Random(5)
    texts = [" ".join(pick.choices(WORDS, k=6)) for _ in range(14)]
    views = seen(*texts)
    met: dict[str, list[ObservationView]] = defaultdict(list)
    for one in views:
        words = one.text.split()
        said = {
            " ".join(words[start : start + length])
            for length in (2, 3)
            for start in range(len(words) - length + 1)
        }
        for phrase in said:
            met[phrase].append(one)

    def rank(phrase: str) -> tuple[int, int, int, int, str]:
        found = met[phrase]
        return (
            len({one.occurred_at.date() for one in found}),
            len({one.application for one in found}),
            len(found),
            len(phrase),
            phrase,
        )

    chosen: list[str] = []
    for phrase in sorted(met, key=rank, reverse=True):
        is_frequent = rank(phrase)[0] >= 3 and rank(phrase)[1] >= 2
        is_apart = all(set(phrase.split()).isdisjoint(one.split()) for one in chosen)
        if is_frequent and is_apart and len(chosen) < MOST_TOPICS:
            chosen.append(phrase)
    assert len(chosen) > 1
    assert keys(topics(views)) == chosen
