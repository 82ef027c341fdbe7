"""The worker itself, in this process: it takes samples in turn and leaves out uncounted runs."""

import pytest

from edgekit.benchmarks.engines.worker import Worker


@pytest.fixture
def worker(case):
    return Worker("litert", case)


def test_samples_are_taken_in_turn_counted_or_not(worker, case, monkeypatch):
    seen = []
    run = worker._session.run
    monkeypatch.setattr(worker._session, "run", lambda sample: (seen.append(sample), run(sample)))
    assert len(worker.block(3, 2)) == 3
    assert len(worker.block(len(case.samples), 0)) == len(case.samples)
    assert seen == [index % len(case.samples) for index in range(5 + len(case.samples))]


def test_outputs_are_copies_of_each_sample(worker, case):
    results = worker.outputs()
    assert len(results) == len(case.samples)
    assert len({result["sum"].tobytes() for result in results}) > 1
