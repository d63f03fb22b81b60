"""``python -m idiolect.api.serve api`` or ``model``: one of our HTTP servers in this process."""

import sys
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

from idiolect.kit.logs import configure_logs
from idiolect.kit.secret_files import read_or_make_secret
from idiolect.lm.bundled import MODEL_DIR
from idiolect.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

_GRACE_S = 5


def serve_api(settings: Settings) -> None:
    """Serves the API and the page until it is told to end."""
    from idiolect import wiring
    from idiolect.api.app import create_app

    _serve(create_app(wiring.build(settings)), settings.api.host, settings.api.port)


def serve_model(settings: Settings) -> None:
    """Serves the bundled or local language model until it is told to end."""
    from idiolect.api.model_server import create_model_server
    from idiolect.lm.local import LocalModel

    own = settings.model_server
    path = settings.model.name if settings.model.kind == "local" else MODEL_DIR
    model = LocalModel(path, settings.training.device, own.threads)
    key = read_or_make_secret(settings.data_dir / "secrets" / "model-server.key")
    Thread(target=model.revision, daemon=True).start()  # a large model's files take a while to read
    _serve(create_model_server(model, key), own.host, own.port)


SERVERS: dict[str, Callable[[Settings], None]] = {"api": serve_api, "model": serve_model}


def _serve(app: "FastAPI", host: str, port: int) -> None:
    # Lines of access would tell what the user does; errors are logged by our own loggers.
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE_S,
    )


def main() -> None:
    """Runs the server that the argument names."""
    settings = Settings()
    configure_logs(settings.log_level)
    SERVERS[sys.argv[1]](settings)


if __name__ == "__main__":
    main()
