"""A real worker with the real tasks on a tiny model: ``train_worker.py DATA_DIR MODEL_DIR``."""

import sys
from pathlib import Path

from idiolect.kit.logs import configure_logs
from idiolect.settings import QueueSettings, Settings
from idiolect.workers.app import QUEUES, run_worker
from idiolect.workers.tasks import TASKS

if __name__ == "__main__":
    from tests.workers.bench import worker_services

    data_dir, model_dir = map(Path, sys.argv[1:])
    configure_logs("INFO")
    settings = Settings(data_dir=data_dir, queue=QueueSettings(lease_s=2, poll_s=0.05))
    run_worker(settings, QUEUES, lambda: worker_services(settings, model_dir), TASKS)
