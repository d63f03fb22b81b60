"""``idiolect audit``: what was learned from and what was not, why, and what you want left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, show, table, when
from idiolect.errors import NotFoundError

if TYPE_CHECKING:
    from idiolect.client.responses import AuditPolicy

app = typer.Typer(
    help="What was learned from and what was not, and what you want left out.",
    no_args_is_help=True,
)
policy_app = typer.Typer(help="What you want left out, and what in.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")

Undo = Annotated[bool, typer.Option("--undo", help="Takes it back.")]
_List = Literal["excluded_applications", "excluded_patterns", "opted_in"]


@app.command("ls")
def ls(
    ctx: typer.Context,
    verdict: Annotated[
        Literal["allow", "quote", "drop"] | None,
        typer.Option(help="Only what was learned from, counts as a stranger's, or was left out."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Lists what was decided about the latest observations, and why."""
    with connect(ctx) as client:
        decisions = client.audit_decisions(verdict=verdict, limit=limit)["items"]
    rows = [
        [when(one["occurred_at"]), one["verdict"], one["application"], one["title"], one["reason"]]
        for one in decisions
    ]
    columns = ["seen", "verdict", "application", "title", "why"]
    show(decisions, as_json, lambda: table("Decisions", columns, rows))


@app.command("rules")
def rules(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Lists what is looked for, in the order in which it is, and how often it was met."""
    with connect(ctx) as client:
        found = client.audit_rules()
    rows = [[one["name"], one["verdict"], one["observations"], one["looks_for"]] for one in found]
    show(found, as_json, lambda: table("Rules", ["rule", "verdict", "met", "looks for"], rows))


@policy_app.command("show")
def show_policy(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Shows what you want left out, and the sensitive categories."""
    with connect(ctx) as client:
        _render(client.audit_policy(), as_json)


@policy_app.command("exclude-app")
def exclude_app(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A program's name, such as Signal.")],
    undo: Undo = False,
    as_json: JsonFlag = False,
) -> None:
    """Never learns from a program again."""
    _change(ctx, "excluded_applications", name, undo, as_json)


@policy_app.command("exclude-pattern")
def exclude_pattern(
    ctx: typer.Context,
    pattern: Annotated[
        str, typer.Argument(help="A part of a title or an address, or a pattern with * and ?.")
    ],
    undo: Undo = False,
    as_json: JsonFlag = False,
) -> None:
    """Never learns from windows with such a title or address again."""
    _change(ctx, "excluded_patterns", pattern, undo, as_json)


@policy_app.command("allow-category")
def allow_category(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Such as health; `policy show` lists them.")],
    undo: Undo = False,
    as_json: JsonFlag = False,
) -> None:
    """Lets a sensitive category be learned about."""
    _change(ctx, "opted_in", name, undo, as_json)


@policy_app.command("set")
def set_flags(
    ctx: typer.Context,
    confidential: Annotated[
        Literal["exclude", "allow"] | None,
        typer.Option(help="Password managers, authenticators, wallets and banks."),
    ] = None,
    model: Annotated[
        Literal["ask", "spare"] | None,
        typer.Option(help="Whether a language model looks at what the rules let pass."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Sets what is either so or not."""
    with connect(ctx) as client:
        policy = client.audit_policy()
        if confidential is not None:
            policy["excludes_confidential"] = confidential == "exclude"
        if model is not None:
            policy["asks_model"] = model == "ask"
        _render(client.set_audit_policy(policy), as_json)


@policy_app.command("reset")
def reset(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Takes back all that was set: nothing excluded by name, no category allowed."""
    with connect(ctx) as client:
        _render(client.reset_audit_policy(), as_json)


def _change(ctx: typer.Context, field: _List, entry: str, undo: bool, as_json: bool) -> None:
    """Puts an entry into one of the policy's lists, or takes it out."""
    with connect(ctx) as client:
        policy = client.audit_policy()
        others = [known for known in policy[field] if known != entry]
        if undo and others == policy[field]:
            raise NotFoundError(
                f"{entry!r} is not in the policy",
                hint="`idiolect audit policy show` tells what is, letter by letter.",
            )
        policy[field] = others if undo else [*others, entry]
        _render(client.set_audit_policy(policy), as_json)


def _render(policy: AuditPolicy, as_json: bool) -> None:
    def render() -> None:
        fields(
            {
                "excluded programs": ", ".join(policy["excluded_applications"]),
                "excluded titles and addresses": ", ".join(policy["excluded_patterns"]),
                "confidential programs": _left_out(policy["excludes_confidential"]),
                "a language model": "is asked" if policy["asks_model"] else "is not asked",
            }
        )
        typer.echo()
        rows = [
            [one["name"], _left_out(one["name"] not in policy["opted_in"]), one["description"]]
            for one in policy["categories"]
        ]
        table("Categories", ["category", "", "what it is"], rows)

    show(policy, as_json, render)


def _left_out(is_out: bool) -> str:
    return "left out" if is_out else "learned from"
