"""``python -m idiolect.workers QUEUES``: a worker on the given queues, such as ``cpu,gpu``."""

import sys

from idiolect.kit.logs import configure_logs
from idiolect.settings import Settings
from idiolect.workers.app import QUEUES, run_worker
from idiolect.workers.services import build
from idiolect.workers.tasks import TASKS


def main() -> None:
    """Works until it is told to end."""
    settings = Settings()
    configure_logs(settings.log_level)
    queues = sys.argv[1].split(",") if len(sys.argv) > 1 else QUEUES
    run_worker(settings, queues, lambda: build(settings), TASKS)


main()
