"""Write docs/node-tests.md: how many of ONNX's node tests pass, beside another converter."""

from collections import Counter
from collections.abc import Iterator, Sequence

from node_tests.outcome import IntegerStatus, Outcome, Record, Status

__all__ = ["scores_page"]

_INTRODUCTION = """\
# ONNX's own node tests

Made from the records of two runs in `docs/figures`; `make docs` writes it again.
[operators.md](operators.md) has the same by operator.

The standard (onnx {onnx}) brings {count} cases: one operator each, or the function that stands
for it ("expanded"), with inputs and the outputs to expect. Each is lowered to float TFLite, run
in LiteRT ({ai-edge-litert}) on its own inputs, and compared with the standard's tolerance. What
needs weights, axes or indices to be constant is tried with its inputs as they are, then with
integer inputs frozen, then with all but one: such a case counts as passed with constant input.
NonMaxSuppression gives a fixed number of rows here; those of -1, which select no box, are taken
out before its rows are compared.

    python benchmarks/figures/onnx_node_tests.py --json docs/figures/onnx_node_tests.json
    python benchmarks/figures/onnx_node_tests.py --engine onnx2tf --sample {drawn} --seed {seed} \\
        --json docs/figures/onnx_node_tests_onnx2tf.json
"""
_NOT_APPLICABLE = """\
Not applicable are strings, sequences and optionals, training, random values, models without
inputs, and types that LiteRT does not compute with.
"""
_INT8 = """\
Each case that passes is quantized to int8 (calibrated on its inputs and four perturbations of
them) and run on its inputs. An output is as precise as its roundings explain when it has 20 dB
SQNR, or when each value is within twice of what the float model does under inputs moved by up to
one int8 step, plus four steps of the output. `benchmarks/figures/node_tests/integers.py` is the
method. A build holds its own model against its own samples, so that an imprecise one is refused
there; so are operators in float, unless `--allow-float-islands` allows them.
"""
_OLDER = """\
Each case of one node that passes is also declared under every older version of its operator, from
opset 11 on, that can express it (as it is, or by ONNX's version converter), and compared with
onnxruntime under that opset.
"""
_PEER = """\
{drawn} of the cases, drawn with seed {seed}. onnx2tf runs as the engine `--engine onnx2tf`, in a
process of its own, with at most two minutes a lowering and the first three of the freezings. It
is judged by the same comparison, after the engine's own proof against onnxruntime. What the proof
stops as a wrong lowering counts as wrong, since onnx2tf itself returns it, unless it comes out
right with more of its inputs frozen.
"""


def scores_page(own: Record, peer: Record) -> str:
    """Return docs/node-tests.md as Markdown.

    Args:
        own: A run of all cases with our engine.
        peer: A run of a sample with onnx2tf.
    """
    assert peer.sample is not None
    drawn, seed = peer.sample["count"], peer.sample["seed"]
    sample = own.only([item.case for item in peer.outcomes])
    name = f"onnx2tf {peer.versions['onnx2tf']}"
    count = len(own.outcomes)
    lines = [
        _INTRODUCTION.format(count=count, drawn=drawn, seed=seed, **own.versions),
        f"| | edgekit, all {count} | edgekit, sample of {drawn} | {name}, the same sample |",
        "|---|---:|---:|---:|",
        *_scores([own, sample, peer]),
        "",
        _NOT_APPLICABLE,
        "## The sample",
        "",
        _PEER.format(drawn=drawn, seed=seed),
        f"Versions: {', '.join(f'{key} {value}' for key, value in peer.versions.items())}.",
        "",
        *_apart(sample, peer),
        "## In int8",
        "",
        _INT8,
        *_int8(own.outcomes),
        "## Under older opsets",
        "",
        _OLDER,
        *_older(own.outcomes),
        "## Refused",
        "",
        *_reasons(own.outcomes),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _scores(records: Sequence[Record]) -> Iterator[str]:
    counts = [Counter(item.status for item in record.outcomes) for record in records]
    for status in Status:
        yield f"| {status} | " + " | ".join(str(item[status]) for item in counts) + " |"


def _apart(sample: Record, peer: Record) -> Iterator[str]:
    ours = {item.case: item for item in sample.outcomes}
    only_peer = [
        o.case for o in peer.outcomes if o.status.is_pass and not ours[o.case].status.is_pass
    ]
    wrong = [item for item in peer.outcomes if item.status is Status.WRONG]
    yield f"Passed with onnx2tf and not with edgekit: {_names(only_peer)}."
    yield ""
    if wrong:
        yield "Wrong with onnx2tf:"
        yield ""
        yield from (f"- `{item.case}`: {item.reason}" for item in wrong)
        yield ""


def _int8(outcomes: Sequence[Outcome]) -> Iterator[str]:
    made = [(item.case, item.int8) for item in outcomes if item.int8]
    counts = Counter(item.status for _, item in made)
    yield from ["| int8 | cases |", "|---|---:|"]
    yield from (f"| {status} | {counts[status]} |" for status in IntegerStatus)
    yield ""
    for status in (IntegerStatus.FAILED, IntegerStatus.REFUSED, IntegerStatus.IMPRECISE):
        found = [f"- `{case}`: {item.reason}" for case, item in made if item.status is status]
        if found:
            yield from [f"{status.capitalize()}:", "", *found, ""]


def _older(outcomes: Sequence[Outcome]) -> Iterator[str]:
    trials = [(item, trial) for item in outcomes for trial in item.older]
    statuses = (Status.PASSED, Status.PASSED_CONSTANT, Status.REFUSED, Status.WRONG)
    yield f"| opset | {' | '.join(statuses)} |"
    yield "|---|" + "---:|" * len(statuses)
    for opset in sorted({trial.opset for _, trial in trials}):
        counts = Counter(trial.status for _, trial in trials if trial.opset == opset)
        yield f"| {opset} | " + " | ".join(str(counts[status]) for status in statuses) + " |"
    yield ""
    for item, trial in trials:
        if trial.status is Status.WRONG:
            yield f"- wrong: `{item.case}` under opset {trial.opset}: {trial.reason}"
    yield ""


def _reasons(outcomes: Sequence[Outcome]) -> Iterator[str]:
    refused = [item for item in outcomes if item.status is Status.REFUSED]
    by_reason: dict[str, Counter[str]] = {}
    for item in refused:
        by_reason.setdefault(item.reason, Counter())[item.operator] += 1
    yield from ["| reason | cases | operators |", "|---|---:|---|"]
    for reason, operators in sorted(by_reason.items(), key=lambda pair: -pair[1].total()):
        text = reason.replace(" | ", ", or ").replace("|", "\\|")
        yield f"| {text} | {operators.total()} | {', '.join(sorted(operators))} |"
    wrong = [item for item in outcomes if item.status is Status.WRONG]
    yield from ["", *(f"- wrong: `{item.case}`: {item.reason}" for item in wrong)]


def _names(cases: Sequence[str]) -> str:
    return ", ".join(f"`{case}`" for case in cases) or "none"
