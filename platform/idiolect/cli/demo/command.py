"""``idiolect demo``: starts everything on a store of its own, runs the job, and serves."""

from __future__ import annotations

import json
import socket
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from idiolect.cli import up
from idiolect.cli.connection import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from idiolect.cli.demo.person import Chooser
    from idiolect.cli.demo.recording import Recording
    from idiolect.cli.demo.report import Report
    from idiolect.client import IdiolectClient
    from idiolect.settings import Settings

SEED = 7
"""Of the person's noise."""

QUESTION = "How should I practice for the recital?"


def demo(
    once: Annotated[bool, typer.Option("--once", help="Leave at the end, do not serve.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
    questions: Annotated[
        int, typer.Option(min=60, max=100, help="How many choices the person makes.")
    ] = 76,
) -> None:
    """Runs the whole job on the bundled recording, then serves the page until Ctrl-C."""
    from rich.console import Console

    from idiolect.cli.demo.person import Chooser
    from idiolect.cli.demo.recording import load_recording
    from idiolect.client import IdiolectClient
    from idiolect.kit.logs import configure_logs
    from idiolect.kit.resources import resource_dir

    configure_logs("WARNING")
    console = Console(stderr=as_json)
    recording, chooser = load_recording(resource_dir("recording")), Chooser.draw()
    with _own_store(recording.time_zone, any_port=once) as settings, up.only_one(settings):
        prepared = up.prepare(settings, owner=recording.name)
        with up.supervisor(settings) as running:
            up.stop_on_signals(running)
            with console.status("Starting the server, the worker and the model"):
                began = time.monotonic()
                if not running.start():
                    return
                seconds = {"start": time.monotonic() - began}
            with IdiolectClient(up.url(settings), prepared.key, timeout_s=300.0) as client:
                report = _run(console, client, recording, chooser, questions, seconds)
            if as_json:
                typer.echo(json.dumps(report.as_json(), ensure_ascii=False))
            else:
                report.print(console)
            if not once:
                typer.echo(
                    f"\nThe page is open: {up.url(settings)}/#key={prepared.key}\n"
                    "Ctrl-C ends the demo and removes its store.",
                    err=as_json,
                )
                running.watch()


def _run(
    console: Console,
    client: IdiolectClient,
    recording: Recording,
    chooser: Chooser,
    questions: int,
    seconds: dict[str, float],
) -> Report:
    from idiolect.cli.demo import stages
    from idiolect.cli.demo.progress import stage_bars
    from idiolect.cli.demo.report import Example, Report

    with stage_bars(console) as stage:
        with stage("Observing the week", seconds, "observe") as bar:
            intake = stages.observe(client, recording, bar)
        with stage("Reading what was observed", seconds, "propose") as bar:
            propositions = stages.understand(client, bar)
        with stage("Answering", seconds, "reply") as bar:
            bar.total(1)
            reply = stages.answer(client, QUESTION)
            bar.done()
        with stage("Choosing between two drafts", seconds, "choose") as bar:
            chosen = stages.choose(client, chooser, recording.asks[:questions], SEED, bar)
        with stage("Training an adapter", seconds, "train") as bar:
            training = stages.train(client, bar)
        with (
            stage("Answering again", seconds, "answer again") as bar,
            stages.serving(client, training),
        ):
            after = stages.answers(client, list(chosen.held_out), training["adapter_id"], bar)
    before = list(chosen.held_out.values())
    return Report(
        name=recording.name,
        intake=intake,
        propositions=propositions,
        reply=reply,
        preferences=chosen.preferences,
        training=training,
        truth=chosen.chooser.truly_prefers(after, before),
        example=Example(list(chosen.held_out)[-1], before[-1][0], after[-1][0]),
        seconds=seconds,
    )


@contextmanager
def _own_store(time_zone: str, *, any_port: bool) -> Iterator[Settings]:
    """A store in a temporary folder, with the bundled model, whatever else is configured."""
    from idiolect.settings import (
        ApiSettings,
        EmbeddingSettings,
        ModelServerSettings,
        ModelSettings,
        QueueSettings,
        Settings,
        TrainingSettings,
        UserModelSettings,
        VectorSettings,
    )

    with tempfile.TemporaryDirectory(prefix="idiolect-demo-", ignore_cleanup_errors=True) as folder:
        settings = load_settings()
        yield Settings(
            data_dir=Path(folder),
            database_url="",
            api=ApiSettings(port=_free_port() if any_port else settings.api.port),
            model=ModelSettings(kind="bundled"),
            model_server=ModelServerSettings(port=_free_port()),
            embedding=EmbeddingSettings(),
            vectors=VectorSettings(),
            queue=QueueSettings(),
            user_model=UserModelSettings(time_zone=time_zone),
            training=TrainingSettings(),
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
