"""How wake-ups travel: files in the data directory, or Redis."""

import json
import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.transport import filesystem

_POLLING_S = 0.05
_VISIBILITY_S = 24 * 3600  # above the longest job; what is lost sooner, the relay sends again


def broker_settings(broker_url: str, folder: Path) -> dict[str, Any]:
    """Celery's broker settings: the given server, or files in ``folder``, which is created."""
    if broker_url:
        return {
            "broker_url": broker_url,
            "broker_transport_options": {
                "visibility_timeout": _VISIBILITY_S,
                "global_keyprefix": "idiolect:",
            },
        }
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "broker_url": "filesystem://localhost//",
        "broker_transport": f"{__name__}:FileTransport",
        "broker_transport_options": {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "processed_folder": str(folder / "taken"),
            "control_folder": str(folder / "exchanges"),
            "polling_interval": _POLLING_S,
        },
    }


class FileChannel(filesystem.Channel):
    """Kombu's channel of files, safe against half-written ones and a wiped folder.

    Its own ``_put`` writes under the final name, where a reader can meet half a message and
    stop the worker; here a message appears whole, by a rename.
    """

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as kombu's
        folder = Path(self.data_folder_out)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}"
        unfinished = folder / f"{name}.part"
        unfinished.write_text(json.dumps(payload), encoding="utf-8")
        unfinished.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        del timeout  # its own channel has none either: the transport polls
        Path(self.data_folder_in).mkdir(parents=True, exist_ok=True)
        return super()._get(queue)  # type: ignore[no-untyped-call]  # kombu's own


class FileTransport(filesystem.Transport):
    """Kombu's transport of files, over ``FileChannel``."""

    Channel = FileChannel
