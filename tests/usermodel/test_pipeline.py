"""From observations to propositions on a real SQLite and a real Chroma."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from idiolect.errors import InvalidInputError, ModelError, NotFoundError
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.learning import ProcessReport
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView
from idiolect.usermodel.relate.protocols import Label, Pair
from idiolect.usermodel.relate.rules import RulesRelater
from tests.conftest import add_user
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.seeds import MONDAY, days, draft, store, view


class SaidProposer:
    """Proposes what each observation's text says, with the confidence in its title."""

    name = "said"

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
                item.text,
                confidence=float(item.title or 0.5),
                evidence=(Evidence(item.id, item.text),),
                valid_from=item.occurred_at,
                estimate_key=item.url,
            )
            for item in observations
        ]


class LabelRelater:
    """Gives the same label to every pair."""

    def __init__(self, label: Label | None) -> None:
        self.label = label

    def relate(self, pairs: Sequence[Pair]) -> list[Label | None]:
        return [self.label for _ in pairs]


class FailingRelater:
    """A model that cannot be reached."""

    def relate(self, pairs: Sequence[Pair]) -> list[Label | None]:
        raise ModelError("not reachable")


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[ChromaVectorStore]:
    store = ChromaVectorStore.embedded("hashing-256", tmp_path / "chroma")
    yield store
    store.close()


class Bench:
    """A user model over one database and Chroma whose relater can be changed."""

    def __init__(self, database: Database, vectors: ChromaVectorStore, user_id: str) -> None:
        self.database, self.vectors, self.user_id = database, vectors, user_id
        self.now = MONDAY + days(1)

    def model(self, label: Label | None = "unrelated") -> UserModel:
        return UserModel(
            self.database,
            self.vectors,
            HashingEmbedder(),
            [SaidProposer()],
            LabelRelater(label),
            lambda: self.now,
        )

    def see(self, label: Label | None, *views: ObservationView) -> ProcessReport:
        ids = store(self.database, self.user_id, *views)
        return self.model(label).process(self.user_id, ids)

    def held(self) -> list[Memory]:
        with self.database.transaction() as session:
            found = MemoryRepository(session, self.user_id).list_current("proposition")
            return sorted(found, key=lambda memory: memory.lineage_id)

    def repository_reads(self, lineage_id: str) -> tuple[int, int]:
        """How many versions and how many links a lineage has."""
        with self.database.transaction() as session:
            memories = MemoryRepository(session, self.user_id)
            return len(memories.history(lineage_id)), len(memories.evidence(lineage_id))


@pytest.fixture
def bench(database: Database, vectors: ChromaVectorStore, user_id: str) -> Bench:
    return Bench(database, vectors, user_id)


PIANO = "Mara is learning the piano."


def test_a_draft_becomes_a_proposition_with_its_evidence(bench: Bench) -> None:
    report = bench.see("unrelated", view(PIANO, title="0.8"))
    assert report == ProcessReport(1, new=1)
    [memory] = bench.held()
    assert (memory.text, memory.confidence, memory.state) == (PIANO, 0.8, "activated")
    assert memory.supported_at == MONDAY
    with bench.database.transaction() as session:
        [link] = MemoryRepository(session, bench.user_id).evidence(memory.lineage_id)
    assert (link.source_id, link.relation, link.quote) == ("obs_1", "supports", PIANO)


def test_an_identical_draft_merges_and_history_is_kept(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO, title="0.5"))
    report = bench.see(
        "identical", view("Mara learns the piano.", id="obs_2", title="0.8", at=MONDAY + days(2))
    )
    assert (report.new, report.merged) == (0, 1)
    [memory] = bench.held()
    # odds 1 * 16^(1/2) = 4
    assert memory.confidence == pytest.approx(0.8)
    assert (memory.text, memory.version) == (PIANO, 2)
    assert memory.supported_at == MONDAY + days(2)
    assert bench.repository_reads(memory.lineage_id) == (2, 2)


def test_a_batch_that_comes_twice_changes_nothing(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO, title="0.8"))
    before = bench.held()[0]
    bench.model("identical").process(bench.user_id, ["obs_1"])
    [after] = bench.held()
    assert (after.id, after.confidence) == (before.id, before.confidence)


def test_identical_drafts_of_one_batch_become_one_proposition(bench: Bench) -> None:
    again = "Mara is learning to play the piano."
    report = bench.see("identical", view(PIANO), view(again, id="obs_2", at=MONDAY + days(1)))
    assert (report.new, report.merged) == (1, 1)
    assert [memory.text for memory in bench.held()] == [PIANO]


@pytest.mark.parametrize("label", [None, "similar", "unrelated"])
def test_whatever_is_not_known_to_be_the_same_is_kept(bench: Bench, label: Label | None) -> None:
    bench.see("unrelated", view(PIANO))
    bench.see(label, view("Mara is learning the violin.", id="obs_2"))
    assert len(bench.held()) == 2


def test_untrusted_repetition_stays_under_the_cap(bench: Bench) -> None:
    offer = "Mara is a member of the club."
    bench.see("identical", view(offer, title="0.9", trust="untrusted"))
    for number in range(2, 8):
        bench.see("identical", view(offer, id=f"obs_{number}", title="0.9", trust="untrusted"))
    [memory] = bench.held()
    assert memory.confidence == 0.3


def test_what_the_user_says_later_closes_what_held_before(bench: Bench) -> None:
    bench.see("unrelated", view("Mara lives in Porto.", title="0.9"))
    moved = view("Mara lives in Faro.", id="obs_2", title="0.9", at=MONDAY + days(5))
    report = bench.see("contradicts", moved)
    assert report.contradicted == 1
    assert [memory.text for memory in bench.held()] == ["Mara lives in Faro."]
    with bench.database.transaction() as session:
        memories = MemoryRepository(session, bench.user_id)
        [old] = memories.list_current("proposition", states=("archived",))
        assert old.text == "Mara lives in Porto."
        assert old.valid_to == MONDAY + days(5)
        assert [link.relation for link in memories.evidence(old.lineage_id)] == [
            "supports",
            "contradicts",
        ]
    assert bench.vectors.count(bench.user_id) == 1


def test_a_doubtful_contradiction_lowers_both(bench: Bench) -> None:
    bench.see("unrelated", view("Mara likes tea.", title="0.8"))
    bench.see("contradicts", view("Mara likes no tea.", id="obs_2", title="0.5"))
    known, newer = bench.held()
    # 0.5 is 4 times the prior's odds, its half weight 2: odds 4 / 2 = 2
    assert known.confidence == pytest.approx(2 / 3)
    # 0.8 is 16 times the prior's odds, its half weight 4: odds 1 / 4
    assert newer.confidence == pytest.approx(0.2)


def test_an_advertisement_cannot_argue_against_the_user(bench: Bench) -> None:
    bench.see("unrelated", view("Mara likes tea.", title="0.8"))
    later = MONDAY + days(9)
    bench.see(
        "contradicts",
        view("Mara hates tea.", id="obs_2", title="0.9", trust="untrusted", at=later),
    )
    known, newer = bench.held()
    assert (known.confidence, known.version) == (0.8, 1)
    assert newer.confidence is not None
    assert newer.confidence <= 0.3


def test_a_general_statement_is_as_sure_as_the_special_one(bench: Bench) -> None:
    bench.see("unrelated", view("Mara plays the piano on Tuesdays.", title="0.9"))
    bench.see("generalizes", view("Mara plays the piano.", id="obs_2", title="0.4"))
    special, general = bench.held()
    assert general.confidence == pytest.approx(0.9)
    with bench.database.transaction() as session:
        links = MemoryRepository(session, bench.user_id).evidence(general.lineage_id)
        assert {(link.relation, link.source_id) for link in links} == {
            ("supports", "obs_2"),
            ("derived_from", special.lineage_id),
        }


def test_a_short_statement_that_only_lies_near_inherits_nothing(bench: Bench) -> None:
    bench.see("unrelated", view("Mara practices every evening.", title="0.9"))
    bench.see("generalizes", view("Mara has an hour today.", id="obs_2", title="0.4"))
    _, near = bench.held()
    assert near.confidence == pytest.approx(0.4)


def test_a_newer_estimate_replaces_the_older_one_in_its_lineage(bench: Bench) -> None:
    bench.see("unrelated", view("Mara uses Ink on most days.", title="0.5", url="usage:Ink"))
    report = bench.see(
        "unrelated",
        view("Mara uses Ink every day.", id="obs_2", title="0.9", url="usage:Ink"),
    )
    assert (report.new, report.revised) == (0, 1)
    [memory] = bench.held()
    assert (memory.text, memory.confidence, memory.version) == ("Mara uses Ink every day.", 0.9, 2)
    assert bench.vectors.count(bench.user_id) == 1


def test_a_failing_relater_leaves_nothing_half_written(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO))
    ids = store(bench.database, bench.user_id, view("Mara is learning.", id="obs_2"))
    model = UserModel(
        bench.database,
        bench.vectors,
        HashingEmbedder(),
        [SaidProposer()],
        FailingRelater(),
        lambda: bench.now,
    )
    with pytest.raises(ModelError):
        model.process(bench.user_id, ids)
    assert len(bench.held()) == 1
    assert bench.vectors.count(bench.user_id) == 1


def test_an_unknown_observation_is_refused(bench: Bench) -> None:
    other = add_user(bench.database, "Omar")
    ids = store(bench.database, other, view(PIANO))
    with pytest.raises(NotFoundError):
        bench.model().process(bench.user_id, ids)


def test_an_empty_batch_does_nothing(bench: Bench) -> None:
    assert bench.model().process(bench.user_id, []) == ProcessReport(0)


def test_search_finds_by_meaning_within_one_user(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO), view("Mara cooks vegetarian food.", id="obs_2"))
    other = add_user(bench.database, "Omar")
    theirs = store(bench.database, other, view("Omar is learning the piano.", id="obs_3"))
    bench.model().process(other, theirs)
    [found] = bench.model().search(bench.user_id, "learning the piano", limit=1)
    assert found.memory.text == PIANO
    # Both have 5 words; "learning the piano" has 3, all shared: 3 / sqrt(3 * 5)
    assert found.similarity == pytest.approx(3 / 15**0.5, abs=1e-3)
    assert found.coverage == pytest.approx(1.0)
    assert found.score == pytest.approx(found.relevance * found.confidence * found.recency)


def test_search_finds_a_word_that_means_nothing_to_the_embedder(bench: Bench) -> None:
    fillers = [f"Mara wrote note {number} about work." for number in range(30)]
    views = [view(text, id=f"obs_{number}") for number, text in enumerate(fillers)]
    bench.see("unrelated", *views, view("Mara calls her boat Xanthippe.", id="obs_boat"))
    query = "Which notes about work did Mara write, and what of Xanthippe?"
    found = bench.model().search(bench.user_id, query, limit=3)
    assert "Mara calls her boat Xanthippe." in [item.memory.text for item in found]


def test_an_empty_query_gives_the_surest(bench: Bench) -> None:
    bench.see(
        "unrelated", view(PIANO, title="0.4"), view("Mara is a baker.", id="obs_2", title="0.9")
    )
    assert [item.memory.text for item in bench.model().search(bench.user_id, " ")] == [
        "Mara is a baker.",
        PIANO,
    ]


def test_reindex_rebuilds_the_vectors_from_sql(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO), view("Mara cooks vegetarian food.", id="obs_2"))
    expected = [item.memory.id for item in bench.model().search(bench.user_id, "piano")]
    bench.vectors.drop(bench.user_id)
    assert bench.model().reindex(bench.user_id) == 2
    assert [item.memory.id for item in bench.model().search(bench.user_id, "piano")] == expected


def test_the_next_batch_mends_lost_vectors(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO))
    bench.vectors.drop(bench.user_id)
    bench.see("unrelated", view("Mara cooks.", id="obs_2"))
    assert bench.vectors.count(bench.user_id) == 2


def test_a_correction_holds_against_inference(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO))
    [memory] = bench.held()
    corrected = bench.model().correct(bench.user_id, memory.id, " Mara is learning the organ. ")
    assert corrected.text == "Mara is learning the organ."
    assert (corrected.version, corrected.confidence) == (2, 0.97)
    bench.see("contradicts", view(PIANO, id="obs_2", title="0.9", at=MONDAY + days(3)))
    assert corrected.text in [held.text for held in bench.held()]
    [found] = bench.model().search(bench.user_id, "organ", limit=1)
    assert found.memory.id == corrected.id


def test_an_empty_correction_is_refused(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO))
    with pytest.raises(InvalidInputError):
        bench.model().correct(bench.user_id, bench.held()[0].id, "  ")


def test_what_the_user_rejects_is_not_learned_again(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO))
    bench.model().ratings.rate(bench.user_id, bench.held()[0].id, "false")
    assert bench.held() == []
    assert bench.model().search(bench.user_id, "piano") == []
    report = bench.see("identical", view("Mara learns the piano.", id="obs_2"))
    assert report.refused == 1
    assert bench.held() == []


def test_a_confirmed_statement_is_as_sure_as_what_was_typed(bench: Bench) -> None:
    bench.see("unrelated", view(PIANO, title="0.4"))
    confirmed = bench.model().ratings.rate(bench.user_id, bench.held()[0].id, "true")
    assert (confirmed.confidence, confirmed.state) == (0.97, "activated")


def test_the_pattern_proposer_learns_from_a_week(bench: Bench) -> None:
    lessons = [
        view(id=f"cal_{week}", kind="calendar", title="Piano lesson", at=MONDAY + days(7 * week))
        for week in range(2)
    ]
    said = view("I'm learning the piano. I am vegetarian, by the way.", at=MONDAY + days(1))
    model = UserModel(
        bench.database,
        bench.vectors,
        HashingEmbedder(),
        [PatternProposer()],
        RulesRelater(),
        lambda: bench.now,
    )
    model.process(bench.user_id, store(bench.database, bench.user_id, *lessons, said))
    assert {memory.text for memory in bench.held()} == {
        "Mara is learning the piano.",
        "Mara is vegetarian.",
        'Mara has "Piano lesson" on Mondays at 09:00.',
    }


def test_habits_are_counted_over_earlier_batches(bench: Bench) -> None:
    model = UserModel(
        bench.database,
        bench.vectors,
        HashingEmbedder(),
        [PatternProposer()],
        RulesRelater(),
        lambda: bench.now,
    )
    for day, expected in enumerate((0, 1, 1)):
        use = view(
            id=f"use_{day}",
            kind="application",
            application="Ink",
            at=MONDAY + days(day),
            duration_s=600,
        )
        model.process(bench.user_id, store(bench.database, bench.user_id, use))
        assert len(bench.held()) == expected
    [memory] = bench.held()
    # three days of three: odds 16; two days before that: odds 4
    assert memory.confidence == pytest.approx(16 / 17)
    assert memory.version == 2
    assert bench.repository_reads(memory.lineage_id) == (2, 3)
