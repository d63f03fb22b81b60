"""The house keeps its shape: source roots, import rules, and what a light process loads."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "transformers", "peft", "chromadb")


def test_platform_is_the_standard_librarys() -> None:
    assert platform.system()
    assert Path(platform.__file__).parent != CHECKOUT / "platform"


def test_import_platform_is_the_standard_librarys_from_within_the_checkout() -> None:
    command = [sys.executable, "-c", "import platform; print(platform.python_version())"]
    for folder in (CHECKOUT, CHECKOUT / "platform"):
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        assert answer.stdout.strip() == platform.python_version()


@pytest.mark.parametrize("root", ["platform", "agents"])
def test_source_roots_are_not_packages(root: str) -> None:
    assert not (CHECKOUT / root / "__init__.py").exists()


@pytest.mark.parametrize(
    "module",
    ["idiolect.api.app", "idiolect.api.model_server", "idiolect.cli.app", "idiolect.client"],
)
def test_edges_import_without_torch(module: str) -> None:
    assert loaded_by(module).isdisjoint({"torch", "transformers", "peft"})


def test_command_line_loads_neither_models_nor_servers() -> None:
    heavy = {*HEAVY, "fastapi", "celery", "mcp", "sqlalchemy"}
    assert loaded_by("idiolect.cli.app").isdisjoint(heavy)


def test_observer_stays_small() -> None:
    loaded = loaded_by("idiolect_observer.__main__")
    assert loaded.isdisjoint({*HEAVY, "fastapi", "celery", "sqlalchemy", "mss", "rapidocr"})


def loaded_by(module: str) -> set[str]:
    """The modules in memory after a fresh interpreter has imported one."""
    program = f"import {module}, sys; print(' '.join(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())
