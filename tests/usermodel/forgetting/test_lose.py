"""What falls with sources that are no memories, as arithmetic on a graph."""

import pytest

from idiolect.store.repositories.provenance import Edge
from idiolect.usermodel.memory.cascade import Cascade, Node


def node(name: str, kind: str = "proposition", *, settled: bool = False) -> Node:
    return Node(name, kind, f"hash of {name}", settled)


def on(lineage: str, source: str, source_type: str = "observation", relation: str = "supports",
       ) -> Edge:  # fmt: skip
    return Edge(lineage, source, source_type, relation)


def cascade(*nodes: Node, **below: list[Edge]) -> Cascade:
    return Cascade({one.lineage_id: one for one in nodes}, {one.lineage_id: [] for one in nodes}
                   | below)  # fmt: skip


def test_a_text_falls_with_its_last_support_and_takes_what_rests_on_it() -> None:
    derived = on("b", "a", "memory", "derived_from")
    plan = cascade(node("a"), node("b"), a=[on("a", "obs_1"), on("a", "obs_2")], b=[derived])
    plan.lose([("observation", "obs_1")])
    assert (plan.purged, plan.kept_share("a")) == ([], 0.5)
    plan.lose([("observation", "obs_2")])
    assert plan.purged == ["a", "b"]
    assert plan.cuts == {}


def test_what_also_rests_on_a_memory_that_goes_falls_with_both() -> None:
    edges = [on("b", "obs_1"), on("b", "a", "memory", "derived_from")]
    plan = cascade(node("a"), node("b"), b=edges)
    plan.lose([("observation", "obs_1")])
    assert plan.kept_share("b") == pytest.approx(0.5)
    plan.delete("a")
    assert plan.purged == ["a", "b"]


def test_what_the_user_confirmed_stays_without_its_evidence() -> None:
    plan = cascade(node("a", settled=True), a=[on("a", "obs_1")])
    plan.lose([("observation", "obs_1")])
    assert (plan.purged, plan.cuts) == ([], {"a": [on("a", "obs_1")]})


def test_what_spoke_against_it_is_cut_and_weighs_nothing() -> None:
    against = on("a", "obs_2", relation="contradicts")
    plan = cascade(node("a"), a=[on("a", "obs_1"), against])
    plan.lose([("observation", "obs_2")])
    assert (plan.purged, plan.cuts, plan.kept_share("a")) == ([], {"a": [against]}, 1.0)


def test_weights_are_stale_and_caches_go_with_a_preference() -> None:
    plan = cascade(
        node("lora", "adapter"),
        node("kv", "cache"),
        node("profile", "profile"),
        lora=[on("lora", "pref_1", "preference", "trained_on")],
        kv=[on("kv", "pref_1", "preference", "derived_from")],
        profile=[on("profile", "pref_2", "preference", "derived_from")],
    )
    plan.lose([("preference", "pref_1"), ("observation", "pref_2")])
    assert (plan.stale, plan.purged) == (["lora"], ["kv"])
