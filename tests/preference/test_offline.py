"""Each epoch sees every pair once, in an order that the seed and the step decide."""

import pytest

from idiolect.preference.loops.offline import OfflineLoop


@pytest.mark.parametrize(("pairs", "batch_size", "per_epoch"), [(7, 3, 3), (6, 3, 2), (2, 8, 1)])
def test_every_epoch_sees_every_pair_once(pairs: int, batch_size: int, per_epoch: int) -> None:
    loop = OfflineLoop(pairs=pairs, batch_size=batch_size, epochs=3, seed=5)
    assert loop.steps == 3 * per_epoch
    for epoch in range(3):
        seen = [i for step in range(per_epoch) for i in loop.batch(epoch * per_epoch + step)]
        assert sorted(seen) == list(range(pairs))


def test_epochs_and_seeds_differ_and_repeat() -> None:
    loop = OfflineLoop(pairs=50, batch_size=50, epochs=2, seed=0)
    assert loop.batch(0) != loop.batch(1)
    assert loop.batch(0) == OfflineLoop(pairs=50, batch_size=50, epochs=9, seed=0).batch(0)
    assert loop.batch(0) != OfflineLoop(pairs=50, batch_size=50, epochs=2, seed=1).batch(0)
