"""``idiolect mcp`` does not start without a key of the assistant's own, or without the SDK."""

import sys

import pytest
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.errors import NotReadyError, UnauthorizedError


def test_the_first_users_key_is_not_handed_out_unasked() -> None:
    refused = CliRunner().invoke(app, ["mcp"])

    assert isinstance(refused.exception, UnauthorizedError)
    assert "`idiolect keys create NAME --scope read`" in refused.exception.hint


def test_without_the_sdk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["mcp", *(known for known in sys.modules if known.startswith("mcp."))]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "idiolect.cli.mcp.server", raising=False)

    refused = CliRunner().invoke(app, ["--key", "idk_x", "mcp"])

    assert isinstance(refused.exception, NotReadyError)
    assert "idiolect[mcp]" in refused.exception.hint
