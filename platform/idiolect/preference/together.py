"""Several users' runs, a step of each at a time, so that their policies can share a forward pass.

Each run is a ``Trainer`` of its own, with its own data, state, optimizer and checkpoints: what one
user's run does depends on the others by rounding alone.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic, Protocol, TypeVar

import torch

from idiolect.errors import IdiolectError
from idiolect.preference.columns import Side
from idiolect.preference.metrics import StepMetrics
from idiolect.preference.passes import Wanted
from idiolect.preference.policies import Encoded
from idiolect.preference.trainer import History, Trainer

Result = TypeVar("Result")


class JointPolicy(Protocol[Encoded]):
    """Policies of several users, counted from 0, that can be scored at once."""

    def sides(self, wanted: Mapping[int, Wanted[Encoded]]) -> dict[int, Side]:
        """The columns of each of these users, the policy's with its gradient."""
        ...


def train_together(
    policy: JointPolicy[Encoded],
    trainers: Sequence[Trainer[Encoded]],
    *,
    on_metrics: Callable[[int, StepMetrics], None] = lambda *_: None,
    should_stop: Callable[[int], bool] = lambda _: False,
    timer: Callable[[], float] = time.perf_counter,
) -> list[History | IdiolectError]:
    """Trains every user to the end, each from the newest checkpoint of its own.

    Args:
        policy: scores the users' samples.
        trainers: one for each user, over the user's part of the policy, each with small batches:
            a step of all of them goes through in one pass.
        on_metrics: called after every step of a user.
        should_stop: asked for a user before every step of that user.
        timer: the same as the trainers'.

    Returns:
        For each user what happened, or the error that ended this user's run: the others go on.
    """
    crew = _Crew(trainers)
    with torch.random.fork_rng():
        for user, trainer in enumerate(trainers):
            crew.attempt(user, trainer.begin)
        while going := crew.going():
            for user in filter(should_stop, going):
                crew.attempt(user, trainers[user].cancel)
            going = [user for user in going if user not in crew.ended]
            if going:
                crew.step(policy, going, started=timer(), on_metrics=on_metrics)
    return [crew.ended[user] for user in range(len(trainers))]


class _Crew(Generic[Encoded]):
    """Who still goes on, and how the others ended."""

    def __init__(self, trainers: Sequence[Trainer[Encoded]]) -> None:
        self.trainers = trainers
        self.ended: dict[int, History | IdiolectError] = {}

    def attempt(self, user: int, act: Callable[[], Result]) -> Result | None:
        """What an act of one user gives; None if it ended that user's run."""
        try:
            return act()
        except IdiolectError as error:
            self.ended[user] = error
            return None

    def going(self) -> list[int]:
        """The users with another step; whoever has none is brought to an end."""
        for user, trainer in enumerate(self.trainers):
            if user not in self.ended and not trainer.goes_on:
                self.ended[user] = trainer.end()
        return [user for user in range(len(self.trainers)) if user not in self.ended]

    def step(
        self,
        policy: JointPolicy[Encoded],
        users: Sequence[int],
        *,
        started: float,
        on_metrics: Callable[[int, StepMetrics], None],
    ) -> None:
        """One step of each of these users."""
        sides = policy.sides({user: self.trainers[user].wanted() for user in users})
        judged = {user: self.trainers[user].judge(side) for user, side in sides.items()}
        # One backward pass for all: the frozen layers carry everybody's gradient at once.
        torch.autograd.backward([loss for loss, _ in judged.values()])
        for user, (_, seen) in judged.items():
            done = self.attempt(user, partial(self.trainers[user].advance, seen, started))
            if done is not None:
                on_metrics(user, done[0])
