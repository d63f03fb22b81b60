"""Screens that a careful reader judged: strangers' ones are quoted, genuine ones are let pass."""

from typing import Any

import pytest

from idiolect.usermodel.audit.audit import audit
from idiolect.usermodel.audit.policy import Policy
from idiolect.usermodel.batch import Batch
from tests.simulation.sets import rows
from tests.usermodel.seeds import view


@pytest.fixture(scope="module")
def screens() -> list[dict[str, Any]]:
    return rows("gold-user-model", "observe.jsonl.gz")


def test_strangers_screens_are_quoted_and_no_other_is(screens: list[dict[str, Any]]) -> None:
    for row in screens:
        screen = view(
            row["text"], id=row["id"], kind="screen", application=row["kind"], trust=row["trust"]
        )
        [decision] = audit(
            Batch(row["user"], [screen], []), Policy(), sensitive=lambda _: frozenset()
        ).decisions
        expected = "quote" if row["trust"] == "untrusted" else "allow"
        assert (row["id"], decision.verdict) == (row["id"], expected)
