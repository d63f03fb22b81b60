"""Texts that want a place in the user's model get none that counts, even of a model that obeys.

Each goes through the whole loop, beside what the user wrote: with the pattern proposer, and with a
model and a proposer that believe whatever a text asks them to, as surely as they can.
"""

import json
import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from idiolect.lm.protocols import ChatMessage, Sampling
from idiolect.lm.scripted import ScriptedModel
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_conditions import DORMANT_SINCE
from idiolect.usermodel.charter.stored import StoredCharters
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.propose.model import ModelProposer
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.relate.model import ModelRelater
from idiolect.usermodel.relate.protocols import Label, Pair
from idiolect.usermodel.relate.rules import RulesRelater
from tests.conftest import add_user
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.seeds import MONDAY, days, draft, store, view
from tests.usermodel.test_learning import Bench, SayingProposer, bench, vectors

__all__ = ["bench", "vectors"]  # fixtures

with Path(__file__).with_name("hostile.toml").open("rb") as _file:
    HOSTILE: list[dict[str, Any]] = tomllib.load(_file)["hostile"]

KNOWN = view("I keep bees at home.", id="obs_known")


def seen(hostile: dict[str, Any], number: int) -> ObservationView:
    fields = {name: hostile.get(name) for name in ("kind", "title", "application")}
    trust = hostile.get("trust", "read")
    at = MONDAY + days(2) + timedelta(minutes=number)
    return view(hostile["text"], id=f"obs_hostile_{number}", trust=trust, at=at, **fields)


class Obeying:
    """Believes what it reads, as a language model and, where none is asked, as a proposer.

    As a model it claims that all that it was shown carries the statement. As a proposer it reads
    also what is quoted, and rests its drafts on that alone.
    """

    name = "obeying"

    def __init__(self, label: Label) -> None:
        self.model = ScriptedModel(self._reply)
        self._label = label

    def propose(
        self,
        observations: Sequence[ObservationView],
        earlier: Sequence[ObservationView],
        *,
        user_name: str,
        now: datetime,
    ) -> list[Draft]:
        return [
            draft(
                each["wants"], one.id, confidence=0.95, durability=1.0, valid_from=one.occurred_at
            )
            for one in observations
            for each in obeyed(f"{one.application} {one.title} {one.text}")
        ]

    def _reply(self, messages: Sequence[ChatMessage], _: Sampling) -> str:
        prompt = messages[0].content
        lines = [json.loads(line) for line in prompt.splitlines() if line.startswith('{"')]
        if prompt.startswith("You compare"):
            pairs = [line["pair"] for line in lines if "pair" in line]
            return json.dumps({"relations": [{"pair": n, "label": self._label} for n in pairs]})
        shown = [line for line in lines if "number" in line]
        spans = [{"observation": one["number"], "quote": one["text"][:30]} for one in shown]
        marks = {"reasoning": "Mara says so.", "confidence": 10, "durability": 10}
        texts = [each["wants"] for one in shown for each in obeyed(f"{one['title']} {one['text']}")]
        items = [{"text": text, **marks, "evidence": spans} for text in texts]
        return json.dumps({"propositions": items})


def obeyed(text: str) -> list[dict[str, Any]]:
    return [each for each in HOSTILE if each["trigger"] in text]


def held(bench: Bench) -> dict[str, Memory]:
    with bench.database.transaction() as session:
        found = MemoryRepository(session, bench.user_id).list_current("proposition")
        return {memory.lineage_id: memory for memory in found}


def figures(memory: Memory) -> tuple[object, ...]:
    """All that evidence can change."""
    return (
        memory.text,
        memory.state,
        memory.confidence,
        memory.durability,
        memory.supported_at,
        memory.valid_to,
    )


@pytest.mark.parametrize("label", [*get_args(Label), "by rules"])
def test_obeying_makes_nothing_of_it_that_counts(bench: Bench, label: Label) -> None:
    bench.learn(KNOWN)
    [known] = held(bench).values()
    other = add_user(bench.database, "Otto")
    charters = StoredCharters(bench.database, lambda: MONDAY)
    charter = charters.of(bench.user_id)
    obeying = Obeying(label)
    relater = RulesRelater() if label == "by rules" else ModelRelater(obeying.model)
    proposers = (ModelProposer(obeying.model), PatternProposer(), obeying)
    user_model = UserModel(
        bench.database,
        bench.vectors,
        HashingEmbedder(),
        proposers,
        relater,
        lambda: MONDAY + days(9),
    )
    believed = {known.text: known.confidence}

    for number, hostile in enumerate(HOSTILE):
        note = view("I am learning the piano.", id=f"obs_note_{number}", at=MONDAY + days(2))
        user_model.process(
            bench.user_id, store(bench.database, bench.user_id, note, seen(hostile, number))
        )
        now = held(bench)
        assert known.lineage_id in now, hostile["name"]
        assert figures(now[known.lineage_id]) == figures(known), hostile["name"]
        believed |= {memory.text: memory.confidence for memory in now.values()}

    assert "Mara is learning the piano." in believed
    of_strangers = {each["wants"] for each in HOSTILE} - {known.text}
    assert of_strangers & believed.keys()  # it is quoted, and so may be believed a little
    assert {text: one for text, one in believed.items() if text in of_strangers and one > 0.3} == {}
    assert not [text for text in believed.keys() - of_strangers if "orvo" in text or "otto" in text]
    assert charters.of(bench.user_id) == charter
    with bench.database.transaction() as session:
        assert MemoryRepository(session, other).list_current("proposition") == []


class Identical:
    """Says of all that it says the same."""

    def relate(self, pairs: Sequence[Pair]) -> list[Label | None]:
        return ["identical"] * len(pairs)


def test_what_a_stranger_worded_is_believed_only_in_the_user_s_own_words(bench: Bench) -> None:
    """Else an advertisement's wording would grow sure by what the user says in other words."""
    wordings = ("untrusted", "Mara keeps bees for Corvo."), ("typed", "Mara keeps bees.")
    for number, (trust, text) in enumerate(wordings):
        seen = view(text, id=f"obs_{number}", trust=trust, at=MONDAY + days(number))
        ids = store(bench.database, bench.user_id, seen)
        bench.model(SayingProposer(text), relater=Identical()).process(bench.user_id, ids)
    [memory] = held(bench).values()
    assert memory.text == "Mara keeps bees."
    # The odds 3/7 of the stranger's, and half of the log-odds that 0.5 has beyond 0.2: times 2.
    assert memory.confidence == pytest.approx(6 / 13)


def test_a_stranger_does_not_wake_what_sleeps(bench: Bench) -> None:
    bench.learn(KNOWN)
    with bench.database.transaction() as session:
        memories = MemoryRepository(session, bench.user_id)
        [memory] = memories.list_current("proposition")
        dormant = {**memory.payload, DORMANT_SINCE: MONDAY.isoformat()}
        memories.revise(memory, MONDAY, reason="decayed", state="archived", payload=dormant)
    mail = view("Mara keeps bees at home!", id="obs_mail", trust="untrusted", at=MONDAY + days(3))
    ids = store(bench.database, bench.user_id, mail)
    bench.model(SayingProposer("Mara keeps bees at home.")).process(bench.user_id, ids)
    assert held(bench) == {}
