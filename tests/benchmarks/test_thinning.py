"""Of very many samples a random part is kept, in order; of fewer, all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks.thinning import Thinning
from edgekit.benchmarks.window import MAX_WINDOW_SAMPLES


@given(st.integers(1, 300), st.floats(0, 1e9))
def test_what_is_kept_is_a_part_in_order(count, expected):
    thinning = Thinning(0)
    thinning.expect(expected)
    batch = np.arange(float(count))
    kept = thinning.kept(batch)
    assert kept == sorted(set(kept))
    assert set(kept) <= set(batch.tolist())
    share = min(1.0, MAX_WINDOW_SAMPLES / max(1.0, expected))
    assert len(kept) == max(1, round(share * count))


def test_all_are_kept_of_a_window_of_the_usual_size():
    thinning = Thinning(0)
    thinning.expect(MAX_WINDOW_SAMPLES)
    assert len(thinning.kept(np.ones(5000))) == 5000


def test_inputs_taken_in_turn_are_all_met():
    thinning = Thinning(1)
    thinning.expect(10 * MAX_WINDOW_SAMPLES)
    kept = np.array(thinning.kept(np.arange(8000.0)))
    assert set((kept % 8).tolist()) == set(range(8))


def test_the_same_seed_keeps_the_same():
    first, second = Thinning(5), Thinning(5)
    for thinning in (first, second):
        thinning.expect(1e6)
    batch = np.arange(1000.0)
    assert first.kept(batch) == second.kept(batch)
