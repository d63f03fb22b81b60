"""What a worker does, by kind of job."""

from idiolect.workers.execute import Task
from idiolect.workers.services import WorkerServices
from idiolect.workers.tasks.propose import propose
from idiolect.workers.tasks.reindex import reindex
from idiolect.workers.tasks.train import train

TASKS: dict[str, Task[WorkerServices]] = {"propose": propose, "train": train, "reindex": reindex}
