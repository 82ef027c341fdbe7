"""Results and comparisons as tests of this folder need them."""

import pytest

from edgekit.benchmarks import (
    BenchmarkOptions,
    BenchmarkResult,
    Provenance,
    Window,
    capture_environment,
)
from edgekit.runtime import Backend, Kernels


@pytest.fixture
def result():
    """Make a result of windows with the given medians."""

    def make(*medians, model="tiny"):
        return BenchmarkResult(
            model=model,
            model_sha256="ab" * 32,
            target="host",
            provenance=Provenance.MEASURED,
            inputs="random, seed 0",
            started_at="2024-05-06T07:08:09+00:00",
            options=BenchmarkOptions(),
            environment=capture_environment(Backend("ai-edge-litert", "2.3.0", Kernels.DEFAULT, 1)),
            load_us=1500.0,
            first_inference_us=321.0,
            warmup_runs=7,
            windows=tuple(
                Window(0.0, 10.0, 3, 10e6, (0.9 * median, median, 1.2 * median))
                for median in medians
            ),
            states=(),
            peak_rss_bytes=None,
        )

    return make
