"""Each attribute says what a reader would say of a few sentences."""

import math
import sys
from collections.abc import Sequence
from subprocess import run

import pytest

from idiolect.errors import InvalidInputError, NotReadyError
from idiolect.simulation.attributes import (
    ATTRIBUTES,
    Attribute,
    Measured,
    enthusiasm,
    measure,
    scaled,
)
from idiolect.simulation.attributes.emojis import without_emoji
from idiolect.simulation.attributes.reading_level import coleman_liau_grade
from idiolect.simulation.attributes.words import list_marks, sentences, words

TEXTS = (
    "",
    "...",
    "Bread",
    "😊",
    "Try this:\n- Bread\n- Soup",
    "You could try bread or soup today! 😊 Shall I go on?",
    "However, it is advisable to consult a physician regarding the appropriate medication.",
    "l'été dernier, je suis allé à la mer",
    "a\x00b \u200d ﷽ 漢字かな交じり文",
    "word " * 3000,
)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_attribute_keeps_its_promises(name: str) -> None:
    checker = ATTRIBUTES[name]
    least, greatest = checker.range
    assert checker.name == name
    assert checker.unit
    for text in TEXTS:
        measured = checker(text)
        assert math.isfinite(measured.value)
        assert least <= measured.value <= greatest
        assert checker(text) == measured
        assert 0 <= checker.scaled(measured.value) <= 1


def test_a_span_lies_within_the_range() -> None:
    with pytest.raises(InvalidInputError, match="no span"):
        Attribute("broken", "words", (0.0, 1.0), (0.0, 2.0), lambda _: Measured(0.0))
    with pytest.raises(InvalidInputError, match="no span"):
        Attribute("broken", "words", (0.0, 1.0), (0.5, 0.5), lambda _: Measured(0.0))


def test_scaled_puts_the_span_on_zero_to_one() -> None:
    half = Attribute("half", "words", (0.0, math.inf), (10.0, 30.0), lambda _: Measured(0.0))
    assert [half.scaled(value) for value in (0, 10, 20, 30, 99)] == [0, 0, 0.5, 1, 1]
    assert scaled("one two three")["length"] == 3 / 130


def test_words_and_sentences_are_those_a_reader_counts() -> None:
    assert words("It's 3 o'clock, well-known") == ["It's", "3", "o'clock", "well-known"]
    assert words("1. Eat\n2) Sleep\n- Walk") == ["Eat", "Sleep", "Walk"]
    assert list_marks("1. Eat\n2) Sleep\n- Walk") == ["1.", "2)", "-"]
    assert sentences("One, e.g. this. Two!\nThree\n\n- Four?") == [
        "One, e.g. this.",
        "Two!",
        "Three",
        "Four?",
    ]
    # An emoji between two sentences stands for a full stop.
    assert sentences("Walk 🫖 Who comes along?") == ["Walk 🫖", "Who comes along?"]


@pytest.mark.parametrize(
    ("name", "text", "value", "band"),
    [
        ("length", "One two three.", 3, "short"),
        ("length", "word " * 28, 28, "short"),
        ("length", "word " * 29, 29, "medium"),
        ("length", "word " * 66, 66, "long"),
        ("bullets", "Try:\n- Bread\n- Soup", 2 / 3, "bullets"),
        ("bullets", "1. Bread\n2. Soup", 1, "steps"),
        ("bullets", "- One dash is no list", 0, "prose"),
        ("emoji", "No emoji, but © and 5 of them", 0, "none"),
        ("emoji", "Hi 😊 sun ☀️ family 👨‍👩‍👧", 3, "many"),
        ("questions", "Walk more. Do you like walking? 😊", 1 / 2, "closing"),
        ("questions", "Who knows? I do not.", 1 / 2, "within"),
        ("questions", "I do not ask.", 0, "none"),
        ("hedging", "It may rain. It rains.", 1 / 2, ""),
        ("hedging", "The mayor knows.", 0, ""),
        ("examples", "Fruit, such as pears. For example, eat one.", 2, "given"),
        ("examples", "Eat fruit.", 0, "none"),
        ("address", "I told my friend.", -1, "first"),
        ("address", "You told me.", 0, "neither"),
        ("address", "You'll like your new bike.", 1, "second"),
        ("simplicity", "I like plain words.", 1, ""),
        ("simplicity", "Magnificent words", 1 / 2, ""),
        ("humor", "Haha! Now work.", 1 / 2, ""),
        ("humor", "Work without a break.", 0, ""),
        ("humor", "It rings like a goose with a cold.", 1, ""),
        ("humor", "I'd like a latte. They like a walk. You don't like an audience.", 0, ""),
        ("directness", "Drink water. You should sleep.", 1, "direct"),
        ("directness", "You could drink water. Maybe sleep.", -1, "suggesting"),
        ("directness", "Water is wet.", 0, "mixed"),
        ("directness", "Please don't run. You might fall.", 0, "mixed"),
        ("enthusiasm", "The table has four legs.", 0, ""),
    ],
)
def test_a_sentence_has_the_value_that_a_reader_counts(
    name: str, text: str, value: float, band: str
) -> None:
    measured = ATTRIBUTES[name](text)
    assert measured.value == pytest.approx(value)
    assert measured.band == band


@pytest.mark.parametrize(
    ("name", "ascending"),
    [
        (
            "formality",
            [
                "hey, dont worry, i'm gonna fix it",
                "The shop opens at nine.",
                "Please ensure that additional documentation is provided; otherwise, permission "
                "cannot be granted.",
            ],
        ),
        ("enthusiasm", ["That is a table.", "That is a nice table.", "That is a great table!"]),
        (
            "reading_level",
            [
                "The cat sat on the mat. It was fat.",
                "The capital of the country lies on a broad river with seven bridges.",
                "Photosynthetic organisms convert electromagnetic radiation into energy.",
            ],
        ),
        ("humor", ["Peel the apple.", "Peel the apple. lol", "Peel it like a ninja 😂"]),
    ],
)
def test_texts_stand_in_the_order_in_which_a_reader_puts_them(
    name: str, ascending: Sequence[str]
) -> None:
    values = [ATTRIBUTES[name](text).value for text in ascending]
    assert values == sorted(values)
    assert len(set(values)) == len(values)


def test_sentiment_of_an_emoji_is_no_enthusiasm() -> None:
    assert measure("The table has four legs. 😍")["enthusiasm"].value == 0
    assert without_emoji("a 😍 b ©") == "a  b ©"


def test_the_reading_level_is_coleman_and_liaus() -> None:
    # 10 words of 40 letters in 2 sentences: 0.0588 * 400 - 0.296 * 20 - 15.8 = 1.8
    text = "Four more cats like this. Nine dogs also came home."
    assert sum(len(word) for word in words(text)) == 40
    assert coleman_liau_grade(text) == pytest.approx(1.8)
    assert coleman_liau_grade("a") == 0
    assert coleman_liau_grade("antidisestablishmentarianism") == 20


@pytest.mark.parametrize(
    ("name", "package"), [("emoji", "emoji"), ("enthusiasm", "vaderSentiment.vaderSentiment")]
)
def test_a_missing_package_is_named_with_the_way_to_install_it(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enthusiasm._analyzer.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(NotReadyError, match="is not installed") as raised:
        ATTRIBUTES[name]("Hi!")
    assert "idiolect[simulation]" in str(raised.value.hint)


def test_importing_the_table_loads_no_library() -> None:
    code = (
        "import sys, idiolect.simulation.choices, idiolect.simulation.population; "
        "sys.exit(bool({'torch', 'emoji', 'vaderSentiment'} & set(sys.modules)))"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
