"""What some tests need beside the project, and what happens where it is missing.

On a machine without it the tests are skipped with a line that says so; where ``CI`` is set it
must be there, and the tests fail instead.
"""

import os
import socket
from typing import NoReturn

import pytest

POSTGRES_URL = os.environ.get("IDIOLECT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
REDIS_URL = os.environ.get("IDIOLECT_TEST_REDIS", "redis://127.0.0.1:6379")


def missing(reason: str) -> NoReturn:
    """Skips the test, or fails it under CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI must have it")
    pytest.skip(reason)


def require_service(name: str, port: int) -> None:
    """Skips, or fails under CI, when nothing listens on a loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        missing(f"{name} does not listen on 127.0.0.1:{port}")
