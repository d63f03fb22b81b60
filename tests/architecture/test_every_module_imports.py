"""Every module of both packages can be imported, so that none is broken unseen."""

import importlib
import pkgutil

import pytest

import idiolect
import idiolect_observer


def modules() -> list[str]:
    return sorted(
        module.name
        for package in (idiolect, idiolect_observer)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not module.name.endswith("__main__")
    )


@pytest.mark.parametrize("name", modules())
def test_module_imports(name: str) -> None:
    importlib.import_module(name)
