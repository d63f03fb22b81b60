"""What a worker does, by kind of job."""

from idiolect.workers.execute import Task
from idiolect.workers.services import WorkerServices
from idiolect.workers.tasks.propose import propose
from idiolect.workers.tasks.reindex import reindex
from idiolect.workers.tasks.suggest import suggest
from idiolect.workers.tasks.train import train
from idiolect.workers.tasks.upkeep import upkeep

TASKS: dict[str, Task[WorkerServices]] = {
    "propose": propose,
    "suggest": suggest,
    "train": train,
    "reindex": reindex,
    "upkeep": upkeep,
}
