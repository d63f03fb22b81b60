"""What goes with a deleted memory: as arithmetic on a graph, and in the stores."""

import math
from pathlib import Path

import pytest

from idiolect.errors import NotFoundError
from idiolect.store.repositories.provenance import Edge
from idiolect.usermodel.memory.act import Act, by_user
from idiolect.usermodel.memory.cascade import Cascade, Node, reweighed
from tests.conftest import add_user
from tests.usermodel.memory.conftest import Cube

ASKED = by_user("asked")


def cascade(*nodes: Node, **below: list[Edge]) -> Cascade:
    return Cascade({node.lineage_id: node for node in nodes}, below)


def text(name: str, **fields: object) -> Node:
    return Node(name, "proposition", f"hash of {name}", **fields)  # type: ignore[arg-type]  # the test's own names


def on(lineage: str, source: str, relation: str = "derived_from") -> Edge:
    return Edge(lineage, source, "memory", relation)


def saw(lineage: str, observation: str) -> Edge:
    return Edge(lineage, observation, "observation", "supports")


def test_a_derived_text_goes_with_its_only_source_and_so_on() -> None:
    plan = cascade(text("a"), text("b"), text("c"), b=[on("b", "a")], c=[on("c", "b")])
    plan.delete("a")
    assert plan.purged == ["a", "b", "c"]


def test_a_derived_text_that_has_other_support_keeps_its_share() -> None:
    plan = cascade(text("a"), text("b"), b=[on("b", "a"), saw("b", "obs_1"), saw("b", "obs_2")])
    plan.delete("a")
    assert (plan.purged, plan.cuts) == (["a"], {"b": [on("b", "a")]})
    assert plan.kept_share("b") == pytest.approx(2 / 3)


def test_two_sources_that_fall_together_support_nothing() -> None:
    # b rests on a; c rests on a and b: with a gone b goes, and then c has nothing left.
    plan = cascade(text("a"), text("b"), text("c"), b=[on("b", "a")],
                   c=[on("c", "a"), on("c", "b")])  # fmt: skip
    plan.delete("a")
    assert plan.purged == ["a", "b", "c"]
    assert plan.cuts == {}


def test_what_the_user_confirmed_stays_and_what_repeats_the_words_goes() -> None:
    confirmed = text("b", settled=True)
    repeated = Node("c", "proposition", "hash of a", settled=True)
    plan = cascade(text("a"), confirmed, repeated, b=[on("b", "a")],
                   c=[on("c", "a"), saw("c", "obs_1")])  # fmt: skip
    plan.delete("a")
    assert plan.purged == ["a", "c"]


def test_a_memory_that_only_contradicts_it_stays_as_it_is() -> None:
    plan = cascade(text("a"), text("b"), b=[on("b", "a", "contradicts"), saw("b", "obs_1")])
    plan.delete("a")
    assert (plan.purged, plan.cuts) == (["a"], {})


def test_weights_grow_stale_with_what_was_made_from_them_and_caches_go() -> None:
    plan = cascade(
        text("a"),
        Node("lora", "adapter", "x"),
        Node("both", "adapter", "y"),
        Node("kv", "cache", "z"),
        lora=[on("lora", "a", "trained_on")],
        both=[on("both", "lora")],
        kv=[on("kv", "both")],
    )
    plan.delete("a")
    assert (plan.purged, plan.stale) == (["a", "kv"], ["lora", "both"])


def test_deleting_what_took_others_in_deletes_these_too() -> None:
    plan = cascade(text("a", merged_into="m"), text("b", merged_into="m"), text("m"),
                   m=[on("m", "a"), on("m", "b"), saw("m", "obs_1")])  # fmt: skip
    plan.delete("m")
    assert plan.purged == ["m", "a", "b"]


def test_deleting_what_was_taken_in_takes_its_own_evidence_out() -> None:
    plan = cascade(
        text("a", merged_into="m"), text("b", merged_into="m"), text("m"),
        a=[saw("a", "obs_1"), saw("a", "obs_2")],
        b=[saw("b", "obs_2")],
        m=[on("m", "a"), on("m", "b"), saw("m", "obs_1"), saw("m", "obs_2")],
    )  # fmt: skip
    plan.delete("a")
    assert plan.purged == ["a"]
    assert plan.cuts == {"m": [on("m", "a"), saw("m", "obs_1")]}
    assert plan.kept_share("m") == 0.5


def test_links_in_a_circle_end() -> None:
    plan = cascade(text("a"), text("b"), a=[on("a", "b")], b=[on("b", "a")])
    plan.delete("a")
    assert plan.purged == ["a", "b"]


def test_confidence_falls_to_the_prior_with_its_supports() -> None:
    # ln(0.8/0.2) = 1.3863; the prior's 0.2 is -1.3863; half of the way between is 0: even odds.
    assert reweighed(0.8, 0.5) == pytest.approx(0.5)
    assert reweighed(0.8, 1.0) == pytest.approx(0.8)
    assert reweighed(0.8, 0.0) == pytest.approx(0.2)
    assert reweighed(0.1, 0.5) == 0.1
    odds = math.log(0.9 / 0.1) / 3 - 2 * math.log(4) / 3
    assert reweighed(0.9, 1 / 3) == pytest.approx(1 / (1 + math.exp(-odds)))


def test_deleting_in_the_stores(cube: Cube, tmp_path: Path) -> None:
    verbs, user = cube.verbs, cube.user_id
    secret = cube.knows("Mara has diabetes.", "obs_1")
    only = verbs.add(user, "profile", ASKED, text="Mind the sugar.", derived_from=[secret.id])
    partly = cube.knows("Mara minds her health.", "obs_2", confidence=0.8)
    cube.link(partly, "memory", "derived_from", secret.lineage_id)
    key = cube.put(tmp_path / "lora")
    adapter = verbs.add(user, "adapter", ASKED, state="activated", blob_key=key,
                        derived_from=[secret.id])  # fmt: skip
    other = cube.knows("Mara swims.", "obs_1")
    cube.verbs.update(user, secret.id, Act("user", "diabetes, type 1", 1),
                      text="Mara has diabetes, type 1.")  # fmt: skip

    before = cube.states()
    planned = verbs.expected_deletion(user, secret.id)
    assert cube.states() == before
    done = verbs.delete(user, secret.id, ASKED)

    assert done == planned
    assert done.purged == (secret.lineage_id, only.lineage_id)
    assert (done.reweighed, done.stale) == ((partly.lineage_id,), (adapter.lineage_id,))
    assert cube.reader.get(partly.id).confidence == pytest.approx(0.5)  # one of two supports
    assert "deleted" in cube.reader.get(adapter.id).payload["stale"]
    assert cube.blobs.verify(key), "a stale adapter keeps its files until it is withdrawn"
    assert cube.reader.get(other.id).confidence == 0.8
    assert cube.evidence(secret) == set()
    assert cube.evidence(partly) == {"obs_2"}
    assert cube.indexed(secret, only, partly, other) == [False, False, True, True]
    for memory in (secret, only):
        with pytest.raises(NotFoundError, match="forgotten"):
            cube.reader.get(memory.id)
        versions = cube.reader.history(memory.id)
        assert {version.text for version in versions} == {None}
    assert not any("diabetes" in f"{event.reason} {event.detail}" for event in cube.events())


def test_files_go_with_the_last_memory_that_has_them(cube: Cube, tmp_path: Path) -> None:
    key = cube.put(tmp_path / "lora")
    mine = cube.verbs.add(cube.user_id, "adapter", ASKED, blob_key=key)
    omar = add_user(cube.database, "Omar")
    theirs = cube.verbs.add(omar, "adapter", ASKED, blob_key=key)
    assert cube.verbs.delete(cube.user_id, mine.id, ASKED).blobs == (key,)
    assert cube.blobs.verify(key)
    cube.verbs.delete(omar, theirs.id, ASKED)
    assert not cube.blobs.path(key).exists()
    with pytest.raises(NotFoundError, match="no blob"):
        cube.verbs.add(omar, "adapter", ASKED, blob_key=key)


def test_provenance_is_a_tree_both_ways(cube: Cube) -> None:
    source = cube.knows("Mara swims at the lake.", "obs_1")
    general = cube.knows("Mara swims.", "obs_2")
    cube.link(general, "memory", "derived_from", source.lineage_id)
    profile = cube.verbs.add(cube.user_id, "profile", ASKED, text="a", derived_from=[general.id])
    cube.link(source, "memory", "supports", profile.lineage_id)  # round in a circle

    found = cube.reader.provenance(general.id)
    seen, derived = found.rests_on
    assert (seen.source_id, seen.quote, seen.memory) == ("obs_2", "of obs_2", None)
    assert derived.memory is not None
    assert (derived.memory.id, derived.relation) == (source.id, "derived_from")
    assert [branch.source_id for branch in derived.branches] == ["obs_1", profile.lineage_id]
    [carried] = found.carries
    assert carried.source_id == profile.lineage_id
    assert [branch.source_id for branch in carried.branches] == [source.lineage_id]
    [back] = carried.branches[0].branches
    assert (back.source_id, back.branches) == (general.lineage_id, ())
