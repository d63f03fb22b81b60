"""How well titles name what a message is about."""

from collections.abc import Callable, Sequence

from idiolect.assistant.titles import title_of
from idiolect.handbook.topics import Topic
from idiolect.lm.protocols import Embedder, LanguageModel
from idiolect.usermodel.grounding import content_words
from tools.bundled_model.bank import held_out_ask, load_topics
from tools.bundled_model.tasks.ask_title import write_title
from tools.bundled_model.tasks.people import capitalized
from tools.bundled_model.tasks.scores import Figures, with_interval
from tools.bundled_model.tasks.title import load_everyday

FIRST_WORDS = 6
MOST_ASKS = 200

_Outcome = tuple[str, str]
"""A topic's name and the title."""


def title_figures(embedder: Embedder, model: LanguageModel | None) -> dict[str, Figures]:
    """Every arm's figures on asks that were held out, of known and of held-out topics."""
    del embedder
    arms: dict[str, Callable[[str], str]] = {
        "platform's first 60 characters": title_of,
        "first six words": lambda ask: " ".join(ask.split()[:FIRST_WORDS]),
    }
    if model is not None:
        arms["model, else first 60 characters"] = lambda ask: (
            write_title(model, ask) or title_of(ask)
        )
    sets = {
        "known topics": _held_out_asks(load_topics()),
        "held-out topics": _held_out_asks(load_topics(held_out=True)),
        "everyday messages": load_everyday("test"),
    }
    return {
        arm: {
            name: summary([(title, write(ask)) for ask, title in asks])
            for name, asks in sets.items()
        }
        for arm, write in arms.items()
    }


def summary(outcomes: Sequence[_Outcome]) -> Figures:
    """Shares of content words, a mean over titles.

    ``named``: of the topic's name, stand in the title. ``to the point``: of the title, stand in the
    topic's name. ``words``: the title's length.
    """
    return {
        "named": with_interval(outcomes, lambda rows: _mean([_share(n, t) for n, t in rows])),
        "to the point": with_interval(
            outcomes, lambda rows: _mean([_share(t, n) for n, t in rows])
        ),
        "words": with_interval(outcomes, lambda rows: _mean([len(t.split()) for _, t in rows])),
        "titles": len(outcomes),
    }


def _share(of: str, within: str) -> float:
    words = content_words(of)
    return len(words & content_words(within)) / len(words) if words else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _held_out_asks(topics: Sequence[Topic]) -> list[tuple[str, str]]:
    return [(held_out_ask(topic.id), capitalized(topic.name)) for topic in topics][:MOST_ASKS]
