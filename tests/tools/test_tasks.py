"""The small tasks: their forms, what they are made of, and that nothing held out is drawn."""

import random
import re
import string
import time
from collections import Counter

import pytest

from tools.bundled_model.bank import load_topics
from tools.bundled_model.context import Message
from tools.bundled_model.rows import DATA_DIR, read_rows
from tools.bundled_model.tasks import SHARES, TASKS, draw_task, forms
from tools.bundled_model.tasks.claims import Claim
from tools.bundled_model.tasks.frames import ACTS, WINDOWS, Act
from tools.bundled_model.tasks.gold import (
    Part,
    load_relations,
    load_screens,
    load_talks,
    part_of,
)
from tools.bundled_model.tasks.people import CLAIMS, first_person
from tools.bundled_model.tasks.propositions import compose_screen, draw_propositions
from tools.bundled_model.tasks.relation import LABELS, compose_pair, draw_relation
from tools.bundled_model.tasks.title import draw_title, load_everyday
from tools.bundled_model.tasks.words import WORDS, Slots

Task = tuple[Message, ...]
DRAWN = 4000


@pytest.fixture(scope="module")
def titles() -> list[Task]:
    rng = random.Random(1)
    return [draw_title(rng) for _ in range(DRAWN)]


@pytest.fixture(scope="module")
def propositions() -> list[Task]:
    rng = random.Random(2)
    return [draw_propositions(rng) for _ in range(DRAWN)]


@pytest.fixture(scope="module")
def relations() -> list[Task]:
    rng = random.Random(3)
    return [draw_relation(rng) for _ in range(DRAWN)]


def test_a_task_is_a_question_in_a_form_and_its_reply() -> None:
    rng = random.Random(0)
    tasks = [draw_task(rng) for _ in range(1000)]
    for task in tasks:
        assert [said["role"] for said in task] == ["system", "user", "assistant"]
        assert all(said["content"].strip() for said in task)
    systems = Counter(task[0]["content"].partition(" about")[0] for task in tasks)
    assert set(systems) == {forms.TITLE, forms.RELATION, "List what this shows"}
    assert systems["List what this shows"] / len(tasks) == pytest.approx(
        SHARES["propositions"], abs=0.05
    )


def test_equal_seeds_draw_equal_tasks() -> None:
    first, second = random.Random(9), random.Random(9)
    for _ in range(200):
        assert draw_task(first) == draw_task(second)


def test_drawing_is_no_brake_on_training() -> None:
    """Even the shortest task has over 20 tokens, so 1,000 tasks a second are 20,000 tokens."""
    rng = random.Random(4)
    draw_task(rng)
    started = time.process_time()
    for _ in range(2000):
        draw_task(rng)
    assert 2000 / (time.process_time() - started) > 1000


def test_a_fifth_of_the_gold_rows_is_kept_for_the_test() -> None:
    for name, key in (("observe", "id"), ("talk", "id"), ("relate", "old")):
        keys = [row[key] for row in read_rows(DATA_DIR / f"gold_{name}.jsonl.gz")]
        assert 0.12 < sum(part_of(each) == "test" for each in keys) / len(keys) < 0.28
    parts: tuple[Part, Part] = ("training", "test")
    sizes = [[len(load(p)) for p in parts] for load in (load_screens, load_talks, load_relations)]
    assert sizes == [[132, 45], [119, 23], [181, 58]]
    olds = [{pair.old for pair in load_relations(part)} for part in parts]
    assert not olds[0] & olds[1]


def test_no_gold_row_of_the_test_part_is_ever_drawn(
    propositions: list[Task], relations: list[Task]
) -> None:
    """Names are changed, so texts are compared without the words that begin with a capital."""

    def bare(text: str) -> str:
        return re.sub(r"\b[A-Z]\S*|\W", "", text)

    drawn = {bare(task[1]["content"]) for task in propositions}
    held_out = {bare(row.text) for row in (*load_screens("test"), *load_talks("test"))}
    assert len(held_out) == 68
    assert not drawn & held_out
    known = {bare(row.text) for row in (*load_screens("training"), *load_talks("training"))}
    assert len(drawn & known) > 150, "the comparison finds rows that are drawn"
    pairs = {forms.relation_prompt(p.old, p.new)[1].content for p in load_relations("test")}
    assert not pairs & {task[1]["content"] for task in relations}


def test_no_held_out_ask_gets_a_title(titles: list[Task]) -> None:
    asked = {task[1]["content"] for task in titles}
    assert not asked & {ask for ask, _ in load_everyday("test")}
    named = {task[2]["content"] for task in titles}
    held_out = {topic.name[:1].upper() + topic.name[1:] for topic in load_topics(held_out=True)}
    assert not (named & held_out) - {title for _, title in load_everyday("training")}


def test_titles_are_short_lines(titles: list[Task]) -> None:
    for *_, reply in titles:
        title = reply["content"]
        assert 2 <= len(title.split()) <= 7
        assert title[0] == title[0].upper()
        assert "\n" not in title


def test_statements_are_a_list_about_the_user(propositions: list[Task]) -> None:
    nothing = 0
    for system, _, reply in propositions:
        name = re.match(r"List what this shows about (.+?)\. ", system["content"])
        assert name is not None
        statements = forms.statements_of(reply["content"])
        nothing += not statements
        assert statements or reply["content"] == forms.NOTHING
        assert forms.listed(statements) == reply["content"]
        assert all(statement.endswith(".") for statement in statements)
    assert 0.1 < nothing / len(propositions) < 0.25


def test_what_is_concluded_from_a_composed_screen_stands_on_it() -> None:
    """Numbers, days and times of the statements are on the screen: they can only be copied."""
    rng = random.Random(5)
    exact = re.compile(r"\d[\d:]*|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day")
    found = 0
    for _ in range(DRAWN):
        screen = compose_screen(rng)
        for statement in screen.statements:
            assert statement.startswith(f"{screen.name} ")
            for word in exact.findall(statement.removeprefix(screen.name)):
                found += 1
                assert word.lower() in screen.text.lower()
    assert found > DRAWN / 4


def test_strangers_and_others_say_nothing_about_the_user() -> None:
    rng = random.Random(6)
    screens = [compose_screen(rng) for _ in range(DRAWN)]
    assert all(not screen.statements for screen in screens if screen.trust == "untrusted")
    assert any(not screen.statements for screen in screens if screen.trust == "read")
    assert any(screen.statements for screen in screens if screen.trust == "read")


def slots_of(template: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(template) if field}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.held[0])
def test_a_claim_holds_only_what_every_wording_of_it_says(claim: Claim) -> None:
    for said in claim.said:
        assert slots_of(claim.held[0]) <= slots_of(said), said
    for held in (*claim.held, *claim.less):
        assert slots_of(held) <= slots_of(claim.held[0]), held
    assert set(claim.change) <= slots_of(claim.held[0])
    assert len(claim.held) > 1


def test_an_act_shows_what_is_held_of_it() -> None:
    acts: list[Act] = [act for kind in ACTS.values() for act in kind]
    for act in acts:
        assert slots_of(act.held) <= slots_of(act.shown), act
    own = {"own", *(f"act_{kind}" for kind in ACTS)}
    assert not any(slots_of(window) & own for window in WINDOWS)


def test_pairs_are_of_every_label(relations: list[Task]) -> None:
    labels = Counter(task[2]["content"] for task in relations)
    assert set(labels) == set(LABELS)
    assert min(labels.values()) > 0.15 * len(relations)


def test_a_composed_pair_fits_its_label() -> None:
    rng = random.Random(7)
    pairs = [compose_pair(rng) for _ in range(DRAWN)]
    for pair in pairs:
        assert pair.old != pair.new
        assert pair.old.endswith(".")
        assert pair.new.endswith(".")
        assert pair.old.split()[0].removesuffix("'s") == pair.new.split()[0].removesuffix("'s")
    by_pair: dict[tuple[str, str], set[str]] = {}
    for pair in pairs:
        by_pair.setdefault((pair.old, pair.new), set()).add(pair.label)
    assert all(len(labels) == 1 for labels in by_pair.values())
    assert len(by_pair) > 0.9 * len(pairs)


def test_slots_of_one_kind_differ() -> None:
    rng = random.Random(8)
    for _ in range(200):
        slots = Slots(rng, "Mara")
        days = {slots["day"], slots["day2"], slots["day3"]}
        assert len(days) == 3
        assert slots["person"] != "Mara"
        changed = slots.changed("day")
        assert changed["day"] not in days
        assert changed["day2"] == slots["day2"]
        assert slots["day"] in WORDS["day"]


@pytest.mark.parametrize(
    ("predicate", "clause"),
    [
        ("keeps bees", "I keep bees"),
        ("is a student", "I am a student"),
        ("has twins with their own passports", "I have twins with my own passports"),
        ("often reads", "I often read"),
        ("cannot swim", "I cannot swim"),
        ("was a sailor", "I was a sailor"),
    ],
)
def test_a_fact_in_the_first_person(predicate: str, clause: str) -> None:
    assert first_person(predicate) == clause


def test_every_kind_of_task_has_a_share() -> None:
    assert set(SHARES) == set(TASKS)
    assert sum(SHARES.values()) == pytest.approx(1)


def test_the_users_of_talks_have_names() -> None:
    names = {talk.name for part in ("training", "test") for talk in load_talks(part)}
    assert names.isdisjoint({"Since", "Four", "The", "When"})
