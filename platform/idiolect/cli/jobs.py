"""``idiolect jobs``: long work, followed and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, percent, show, table, when

if TYPE_CHECKING:
    from idiolect.client import Event, IdiolectClient

app = typer.Typer(help="Long work: proposing, training, rebuilding.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="The job's id, job_...")]

_COLUMNS = ["id", "kind", "state", "done", "attempt", "created", "error"]


@app.command("ls")
def ls(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """Lists the latest jobs."""
    with connect(ctx) as client:
        jobs = client.jobs(limit=limit)["items"]
    rows = [
        [
            job["id"],
            job["kind"],
            job["state"],
            percent(job["progress"]),
            f"{job['attempt']}/{job['max_attempts']}",
            when(job["created_at"]),
            (job["error"] or {}).get("message"),
        ]
        for job in jobs
    ]
    show(jobs, as_json, lambda: table("Jobs", _COLUMNS, rows))


@app.command("show")
def show_one(ctx: typer.Context, job_id: JobId, as_json: JsonFlag = False) -> None:
    """Shows one job."""
    with connect(ctx) as client:
        _show(client.job(job_id), as_json)


@app.command("cancel")
def cancel(ctx: typer.Context, job_id: JobId, as_json: JsonFlag = False) -> None:
    """Asks a job to stop; its checkpoint is kept."""
    with connect(ctx) as client:
        _show(client.cancel_job(job_id), as_json)


@app.command("retry")
def retry(ctx: typer.Context, job_id: JobId, as_json: JsonFlag = False) -> None:
    """Queues a failed or cancelled job again; it goes on from its checkpoint."""
    with connect(ctx) as client:
        _show(client.retry_job(job_id), as_json)


@app.command("watch")
def watch(ctx: typer.Context, job_id: JobId, as_json: JsonFlag = False) -> None:
    """Follows a job to its end; exits with 1 when it fails."""
    with connect(ctx) as client:
        follow(client, job_id, as_json)


def follow(client: IdiolectClient, job_id: str, as_json: bool) -> None:
    """Shows a job's progress on standard error until its end, then the job."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("waiting", total=1.0)

        def tell(event: Event) -> None:
            _advance(progress, bar, event)

        job = client.wait_for_job(job_id, tell)
        if job["state"] == "succeeded":  # quick ones tell nothing on their way
            progress.update(bar, completed=1.0)
    _show(job, as_json)
    if job["state"] != "succeeded":
        raise typer.Exit(1)


def _advance(progress: Any, bar: Any, event: Event) -> None:
    data = event.data
    if event.name == "state":
        progress.update(bar, description=str(data["state"]))
    elif event.name == "progress":
        progress.update(bar, description=str(data["stage"]), completed=float(data["progress"]))
    elif event.name == "metrics":
        text = f"step {data['step']:.0f} of {data['steps']:.0f}, loss {data['loss']:.3f}"
        progress.update(bar, description=text, completed=data["step"] / data["steps"])
    elif event.name == "log":
        progress.console.print(str(data["text"]), markup=False)


def _show(job: Any, as_json: bool) -> None:
    wanted = ("id", "kind", "state", "progress", "attempt", "result")
    shown = {name: job[name] for name in wanted}
    shown.update({f"error {name}": value for name, value in (job["error"] or {}).items()})
    show(job, as_json, lambda: fields(shown))
