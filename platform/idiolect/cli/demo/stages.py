"""The main job, stage by stage, over HTTP: observe, understand, answer, choose, train."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idiolect.client import each
from idiolect.errors import IdiolectError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idiolect.cli.demo.person import Chooser
    from idiolect.cli.demo.progress import StageBar
    from idiolect.cli.demo.recording import Recording
    from idiolect.client import Event, IdiolectClient
    from idiolect.client.responses import Job, Message, Proposition
    from idiolect.observe.wire import ObservationReceipt

EVENTS_AT_ONCE = 50
SCREENS_AT_ONCE = 2
"""Reading a screen keeps one core busy for a second or two."""


@dataclass
class Intake:
    """What became of everything that was sent."""

    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    masked: Counter[str] | None = None

    def add(self, receipt: ObservationReceipt) -> None:
        """Counts one batch."""
        self.accepted += len(receipt.accepted)
        self.duplicates += len(receipt.duplicates)
        self.refused += len(receipt.refused)
        self.masked = (self.masked or Counter()) + sum(
            (Counter(item.masked) for item in receipt.accepted), Counter()
        )


@dataclass(frozen=True)
class Reply:
    """A reply with what was used in it."""

    question: str
    text: str
    used: list[dict[str, Any]]


@dataclass(frozen=True)
class Chosen:
    """What became of the choices.

    Attributes:
        chooser: who made them, used to such drafts.
        preferences: how many there are.
        held_out: the drafts to each question that nothing is learned from.
    """

    chooser: Chooser
    preferences: int
    held_out: dict[str, list[str]]


def observe(client: IdiolectClient, recording: Recording, bar: StageBar) -> Intake:
    """Sends the week: events in batches, then screens one by one, two at a time."""
    bar.total(len(recording.events) + len(recording.screens))
    intake = Intake()
    for start in range(0, len(recording.events), EVENTS_AT_ONCE):
        batch = recording.events[start : start + EVENTS_AT_ONCE]
        intake.add(client.observe(batch))
        bar.done(len(batch))
    with ThreadPoolExecutor(SCREENS_AT_ONCE) as senders:
        sent = [senders.submit(client.observe, [screen]) for screen in recording.screens]
        for receipt in as_completed(sent):
            intake.add(receipt.result())
            bar.done()
    return intake


def understand(client: IdiolectClient, bar: StageBar) -> list[Proposition]:
    """Has the observations read and gives the propositions, the surest first."""
    bar.total(100)
    told = 0

    def on_event(event: Event) -> None:
        nonlocal told
        if event.name == "progress":
            share = round(100 * float(event.data.get("progress", 0)))
            bar.done(max(0, share - told))
            told = max(told, share)

    while job := client.refresh_propositions():
        finished(client.wait_for_job(job["id"], on_event))
    bar.done(100 - told)
    found = each(lambda cursor: client.propositions(cursor=cursor, limit=100))
    return sorted(found, key=lambda proposition: -proposition["confidence"])


def answer(client: IdiolectClient, question: str) -> Reply:
    """Asks one question in a conversation of its own."""
    (message,) = _replies(client, question, candidates=1)
    return Reply(question, message["text"], message["acted"].get("memories", []))


def answers(
    client: IdiolectClient, questions: Sequence[str], adapter_id: str, bar: StageBar
) -> list[list[str]]:
    """Two replies to each question, every one in a conversation of its own.

    Raises:
        ModelError: a reply was not written under the adapter.
    """
    bar.total(len(questions))
    written = []
    for question in questions:
        replies = _replies(client, question, candidates=2)
        if any(reply["acted"]["adapter"] != adapter_id for reply in replies):
            raise ModelError(
                f"the adapter {adapter_id} does not answer",
                hint="See `idiolect doctor`; the model server may have no room for adapters.",
            )
        written.append([reply["text"] for reply in replies])
        bar.done()
    return written


def choose(
    client: IdiolectClient, chooser: Chooser, asks: Sequence[str], seed: int, bar: StageBar
) -> Chosen:
    """Lets the person choose between two drafts to each question.

    All drafts are written first: how far they differ for the person is the measure of their noise.
    """
    rng = random.Random(seed)  # noqa: S311 - a simulated person's noise is no secret
    bar.total(len(asks))
    drafts: dict[str, list[Message]] = {}
    for ask in asks:
        drafts[ask] = _replies(client, ask, candidates=2)
        bar.done()
    texts = {ask: [draft["text"] for draft in both] for ask, both in drafts.items()}
    chooser = chooser.used_to([text for both in texts.values() for text in both])
    for place, (ask, both) in enumerate(drafts.items()):
        said = chooser.choose(texts[ask], place, rng)
        ids = [draft["id"] for draft in both]
        if said == "tie":
            client.choose(ids, "tie")
        else:
            client.choose(ids, "picked", ids[0 if said == "first" else 1])
    made = list(each(lambda cursor: client.preferences(cursor=cursor, limit=100)))
    held_out = {one["context"][-1]["content"] for one in made if one["split"] == "held_out"}
    return Chosen(chooser, len(made), {ask: texts[ask] for ask in asks if ask in held_out})


def train(client: IdiolectClient, bar: StageBar) -> dict[str, Any]:
    """Trains an adapter on the choices and lets the gate judge it; returns the job's result."""
    told = 0

    def on_event(event: Event) -> None:
        nonlocal told
        if event.name == "metrics":
            bar.total(event.data["steps"])
            bar.done(event.data["step"] - told)
            told = event.data["step"]

    job = finished(client.wait_for_job(client.start_job("train")["id"], on_event))
    return job["result"] or {}


@contextmanager
def serving(client: IdiolectClient, training: dict[str, Any]) -> Iterator[None]:
    """The trained adapter answers within the block, and afterwards if the gate promoted it."""
    if training["gate"]["promoted"]:
        yield
        return
    client.promote_adapter(training["adapter_id"], reason="only to compare its replies")
    try:
        yield
    finally:
        client.roll_back_adapter()


def finished(job: Job) -> Job:
    """The job, when it succeeded.

    Raises:
        IdiolectError: it failed or was cancelled; the job's own message and hint.
    """
    if job["state"] == "succeeded":
        return job
    error = job["error"] or {"message": f"the job {job['id']} was {job['state']}"}
    raise IdiolectError(error["message"], hint=error.get("hint"), code=error.get("code"))


def _replies(client: IdiolectClient, text: str, *, candidates: int) -> list[Message]:
    """The finished replies to a message, in the order displayed."""
    conversation = client.create_conversation()
    done: list[Message] = []
    for event in client.stream_reply(conversation["id"], text, candidates=candidates):
        if event.name == "done":
            done.append(event.data["message"])
        elif event.name == "failed":
            problem = event.data["problem"]
            raise ModelError(problem["detail"], hint=problem["hint"], code=problem["code"])
    return sorted(done, key=lambda message: message["position"])
