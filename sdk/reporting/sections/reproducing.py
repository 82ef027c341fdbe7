"""Reproducing: what was run where, and the command that does it again."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from edgekit.benchmarks import BenchmarkOptions, BenchmarkResult
from edgekit.reporting.document import Block, Prose, Section, Table
from edgekit.reporting.subject import Subject

__all__ = ["reproducing"]


def reproducing(subjects: Sequence[Subject]) -> Section | None:
    """Return environments and commands; None without results."""
    measured = [item for item in subjects if item.result]
    blocks: list[Block] = []
    for subject in measured:
        result = subject.result
        assert result is not None
        blocks += [_environment(subject.name, result), Prose(_command(result), is_code=True)]
        if not result.inputs.startswith("random"):
            blocks.append(Prose(f"Inputs were {result.inputs}: add --inputs FILE."))
    if not blocks:
        return None
    hashes = "The results keep the SHA-256 of each model; another model gives another one."
    return Section("reproduce", "How to reproduce", (*blocks, Prose(hashes)))


def _environment(name: str, result: BenchmarkResult) -> Table:
    facts = {
        "model.tflite, SHA-256": result.model_sha256,
        "measured at": result.started_at,
        "inputs": result.inputs,
        **result.environment.to_json(),
    }
    rows = tuple((key.replace("_", " "), _text(value)) for key, value in facts.items())
    return Table(f"Where {name} was measured", ("what", "value"), rows)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "unknown"
    return "unknown" if value is None else str(value)


def _command(result: BenchmarkResult) -> str:
    """Return the command line with every option that is not the default."""
    asked, usual = result.options, BenchmarkOptions()
    flags: Mapping[str, object] = {
        "--windows": asked.windows if asked.windows != usual.windows else None,
        "--window-seconds": (
            asked.window_seconds if asked.window_seconds != usual.window_seconds else None
        ),
        "--threads": asked.threads if asked.threads != usual.threads else None,
        "--kernels": asked.kernels if asked.kernels != usual.kernels else None,
        "--pin": ",".join(map(str, asked.pin)) or None,
        "--on": result.target if result.target != "host" else None,
    }
    words = ["edgekit", "benchmark", f"{result.model}.edgekit"]
    for flag, value in flags.items():
        if value is not None:
            words += [flag, str(value)]
    return shlex.join(words)
