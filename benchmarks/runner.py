"""The method of the benchmark: load, first inference, warm-up, then runs until it is enough."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil, isfinite
from pathlib import Path

from edgekit.benchmarks.errors import InvalidOptionError, TargetError
from edgekit.benchmarks.host import HostTarget
from edgekit.benchmarks.inputs import random_inputs
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.result import BenchmarkResult
from edgekit.benchmarks.target import Inputs, Session, Target
from edgekit.bundle import Bundle
from edgekit.files import sha256_bytes

__all__ = ["benchmark"]

# How long one call of Session.run shall take: long against its overhead, short against a wait.
_BATCH_US = 1e5


def benchmark(
    bundle: Bundle | str | Path,
    target: Target | None = None,
    options: BenchmarkOptions | None = None,
    *,
    inputs: Sequence[Inputs] = (),
) -> BenchmarkResult:
    """Run a bundle on a target and return how long it took, with every raw sample.

    Method: load the model; run it once (the first inference); warm up; then run until both
    ``min_seconds`` and ``min_runs`` are reached. Nothing is discarded after the warm-up.

    Args:
        bundle: An open bundle, or the path of one.
        target: Where to run it; this machine by default.
        options: How long, and with what.
        inputs: Raw arrays by the names of the inputs, one mapping for each sample; they are
            taken in turn. Random ones by default: see `edgekit.benchmarks.random_inputs`.

    Raises:
        BundleError: The bundle cannot be read or trusted.
        InvalidOptionError: A sample lacks an input or has one that the model does not.
        TargetError: The target failed or broke its contract.
    """
    opened = bundle if isinstance(bundle, Bundle) else Bundle.open(bundle)
    target = HostTarget() if target is None else target
    options = BenchmarkOptions() if options is None else options
    feeds, description = _feeds(opened, inputs, options)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    session = target.prepare(opened, feeds, options)
    try:
        (first,) = _run(target, session, 1)
        warmup = _repeat(target, session, options.warmup_seconds, options.warmup_runs, first)
        environment = session.environment()
        latest = warmup[-1] if warmup else first
        samples = _repeat(target, session, options.min_seconds, options.min_runs, latest)
        return BenchmarkResult(
            model=opened.manifest.name,
            model_sha256=sha256_bytes(opened.model),
            target=target.name,
            provenance=target.provenance,
            inputs=description,
            started_at=started_at,
            options=options,
            environment=environment,
            load_us=session.load_us,
            first_inference_us=first,
            warmup_runs=len(warmup),
            samples_us=tuple(samples),
            peak_rss_bytes=session.peak_rss_bytes(),
        )
    finally:
        session.close()


def _feeds(
    bundle: Bundle, inputs: Sequence[Inputs], options: BenchmarkOptions
) -> tuple[Sequence[Inputs], str]:
    specs = bundle.manifest.inputs
    if not inputs:
        return random_inputs(specs, seed=options.seed), f"random, seed {options.seed}"
    names = {spec.name for spec in specs}
    for sample in inputs:
        if sample.keys() != names:
            raise InvalidOptionError(
                "inputs", sorted(sample), f"arrays by the names {', '.join(sorted(names))}"
            )
    return inputs, f"given, {len(inputs)} sample{'s' * (len(inputs) > 1)}"


def _repeat(
    target: Target, session: Session, min_seconds: float, min_runs: int, latest_us: float
) -> list[float]:
    """Run until the latencies add up to ``min_seconds`` and are ``min_runs``."""
    samples: list[float] = []
    total_us = 0.0
    while total_us < min_seconds * 1e6 or len(samples) < min_runs:
        count = max(1, int(_BATCH_US / latest_us))
        missing = (min_seconds * 1e6 - total_us) / latest_us
        count = min(count, max(1, ceil(missing), min_runs - len(samples)))
        batch = _run(target, session, count)
        samples += batch
        total_us += sum(batch)
        latest_us = sum(batch) / count
    return samples


def _run(target: Target, session: Session, count: int) -> list[float]:
    latencies = [float(latency) for latency in session.run(count)]
    if len(latencies) != count:
        raise TargetError(target.name, f"it ran {len(latencies)} inferences instead of {count}")
    if not all(isfinite(latency) and latency > 0 for latency in latencies):
        raise TargetError(target.name, "it returned a latency that is no positive number")
    return latencies
