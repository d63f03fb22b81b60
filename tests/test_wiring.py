"""What settings become: the parts that are put together, without starting any of them."""

import pytest

from idiolect.settings import Settings
from idiolect.wiring import installation


def settings(**tree: object) -> Settings:
    return Settings.model_validate(tree)


def test_the_audit_knows_where_our_page_is() -> None:
    given = settings(api={"host": "127.0.0.1", "port": 9001, "hosts": ["desk.home"]})
    assert installation(given).own_origins == (
        "http://127.0.0.1:9001",
        "http://[::1]:9001",
        "http://desk.home:9001",
        "http://localhost:9001",
    )


@pytest.mark.parametrize(
    ("model", "recipient"),
    [
        ({"kind": "bundled"}, "own model"),
        ({"kind": "endpoint", "base_url": "http://127.0.0.1:11434/v1"}, "own model"),
        ({"kind": "endpoint", "base_url": "http://[::1]:11434/v1"}, "own model"),
        ({"kind": "endpoint", "base_url": "https://models.example/v1"}, "hosted model"),
        ({"kind": "endpoint", "base_url": ""}, "hosted model"),  # nobody knows where
    ],
)
def test_the_audit_knows_who_reads_along(model: dict[str, str], recipient: str) -> None:
    assert installation(settings(model=model)).recipient == recipient
