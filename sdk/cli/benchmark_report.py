"""What `edgekit benchmark` prints: every figure with its provenance, and what speaks against it."""

from typing import Any

from edgekit.benchmarks import BenchmarkResult, Environment, SystemState
from edgekit.benchmarks.trust import other_load
from edgekit.cli.tables import make_table, print_table

__all__ = ["show_result"]


def show_result(console: Any, result: BenchmarkResult) -> None:
    """Print a result on a rich console."""
    columns = ("figure", "value", "provenance", "interval", "how")
    table = make_table(*columns, right=("value", "interval"))
    for name, measurement in result.measurements().items():
        interval = measurement.interval
        table.add_row(
            name.replace("_", " "),
            f"{_number(measurement.value)} {measurement.unit}",
            str(measurement.provenance),
            f"{_number(interval[0])} to {_number(interval[1])}" if interval else "",
            measurement.method,
        )
    print_table(console, f"{result.model} on {result.target}, inputs {result.inputs}", table)
    there = result.environment
    threads = f"{there.threads} thread{'s' * (there.threads > 1)}"
    console.print(
        f"{there.interpreter} {there.interpreter_version}, {there.kernels} kernels, {threads}"
    )
    console.print(f"{there.cpu_model}, {there.logical_cores} cores, {there.os}")
    console.print(_machine(there))
    if result.states:
        console.print(_disturbances(result.states))
    for note in result.energy.notes if result.energy else ():
        console.print(f"energy: {note}")
    for reason in result.unstable_reasons:
        console.print(f"UNSTABLE: {reason}", style="bold red")


def _machine(there: Environment) -> str:
    pinned = 0 < len(there.affinity) < there.logical_cores
    facts = [
        f"governor {there.governor or 'unknown'}",
        f"virtualization {there.virtualization or 'not seen'}",
        f"on processor {', '.join(map(str, there.affinity))}" if pinned else "not pinned",
    ]
    return ", ".join(facts)


def _disturbances(states: tuple[SystemState, ...]) -> str:
    first, last = states[0], states[-1]
    load = other_load(states)
    facts = [
        f"load average {first.load_average}",
        "other load unknown" if load is None else f"other processes {load:.2f} processors",
    ]
    if first.frequency_hz and last.frequency_hz:
        facts.append(f"{first.frequency_hz / 1e6:,.0f} to {last.frequency_hz / 1e6:,.0f} MHz")
    if first.celsius is not None and last.celsius is not None:
        facts.append(f"{first.celsius:.0f} to {last.celsius:.0f} degrees Celsius")
    return ", ".join(facts)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.2f}"
