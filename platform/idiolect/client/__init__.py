"""The typed HTTP client of our own API: ``IdiolectClient(base_url, key)``."""

from idiolect.client.client import IdiolectClient, each
from idiolect.client.transport import Event

__all__ = ["Event", "IdiolectClient", "each"]
