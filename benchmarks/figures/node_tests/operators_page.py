"""Write docs/operators.md: what becomes of each operator, from the registries and a run."""

import inspect
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from edgekit.converters.lowering.registry import Registration, registrations
from edgekit.converters.quantize.registry import integer_rules
from node_tests.outcome import IntegerStatus, Outcome, Record, Status
from node_tests.refusals import refusals_of

__all__ = ["operators_page"]

_MOVING = frozenset("CAST EXPAND_DIMS RESHAPE SQUEEZE TRANSPOSE".split())
_INTRODUCTION = """\
# Operators

What the `edgekit` engine does with each ONNX operator. Made from the code and from a run of
ONNX's own node tests (onnx {onnx}); `make docs` writes it again, [node-tests.md](node-tests.md)
has the totals and says how they were measured.

- **opsets**: the versions of the operator, from 11 on, under which a case gave the values that
  ONNX (for older versions: onnxruntime) gives.
- **float**: in how many of the cases that apply the float model is right. *Exact*: one TFLite
  operator computes it, next to some that only move data. *Decomposed*: several operators, whose
  result is equal within the standard's own tolerance. In brackets: how many need inputs that are
  more than data (weights, axes, indices) to be constant.
- **int8**: of those, how many became full integer; which TFLite operators stayed in float, as
  islands; and how many are *imprecise*, further off than the roundings of inputs and outputs
  explain. Operators on integers and booleans have nothing to quantize.
- **refused**: for which reasons, with the number of cases. A refusal names the node; nothing is
  approximated.
"""


def operators_page(record: Record, root: Path) -> str:
    """Return docs/operators.md as Markdown.

    Args:
        record: A run of all cases with our engine.
        root: The repository.
    """
    known = {(item.domain, item.operator) for item in registrations()}
    outcomes = [item for item in record.outcomes if "_expanded" not in item.case]
    by_operator: dict[str, list[Outcome]] = {
        operator: [] for domain, operator in known if not domain
    }
    for outcome in outcomes:
        by_operator.setdefault(outcome.operator, []).append(outcome)
    lowered = {name: items for name, items in by_operator.items() if ("", name) in known}
    others = {name: items for name, items in by_operator.items() if name not in lowered}
    lines = [
        _INTRODUCTION.format(**record.versions),
        "## ONNX operators",
        "",
        "| operator | opsets | float | int8 | refused |",
        "|---|---|---|---|---|",
        *(_row(name, items) for name, items in sorted(lowered.items())),
        "",
        *_without_lowering(others),
        *_other_domains(known),
        *_families(root),
        *_integers(record),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    applicable = [item for item in outcomes if item.status is not Status.NOT_APPLICABLE]
    if not applicable:
        return f"| {name} | | no case | | |"
    cells = [_opsets(applicable), _float(applicable), _int8(applicable), _refused(applicable)]
    return f"| {name} | {' | '.join(cells)} |"


def _opsets(outcomes: Sequence[Outcome]) -> str:
    found = {item.opset for item in outcomes if item.status.is_pass}
    found |= {trial.opset for item in outcomes for trial in item.older if trial.status.is_pass}
    return ", ".join(map(str, sorted(found)))


def _float(outcomes: Sequence[Outcome]) -> str:
    passed = [item for item in outcomes if item.status.is_pass]
    wrong = sum(item.status is Status.WRONG for item in outcomes)
    exact = [item for item in passed if len(set(item.kinds) - _MOVING) <= 1]
    constant = sum(item.status is Status.PASSED_CONSTANT for item in passed)
    parts = [
        f"exact {len(exact)}" if exact else "",
        f"decomposed {len(passed) - len(exact)}" if len(passed) > len(exact) else "",
        f"WRONG {wrong}" if wrong else "",
    ]
    text = ", ".join(part for part in parts if part) or "0"
    return f"{text} of {len(outcomes)}" + (f" ({constant})" if constant else "")


def _int8(outcomes: Sequence[Outcome]) -> str:
    made = [item.int8 for item in outcomes if item.int8]
    counts = Counter(item.status for item in made)
    counts.pop(IntegerStatus.NO_FLOATS, None)
    if not counts:
        return "no floats" if made else ""
    islands = sorted({kind for item in made for kind in item.islands})
    words = {
        IntegerStatus.FULL: "full",
        IntegerStatus.ISLANDS: "islands",
        IntegerStatus.REFUSED: "refused",
        IntegerStatus.IMPRECISE: "imprecise",
        IntegerStatus.FAILED: "failed",
    }
    text = ", ".join(f"{words[key]} {counts[key]}" for key in words if counts[key])
    return text + (f": {', '.join(f'`{kind}`' for kind in islands)}" if islands else "")


def _refused(outcomes: Sequence[Outcome]) -> str:
    reasons = Counter(item.reason for item in outcomes if item.status is Status.REFUSED)
    trials = (trial for item in outcomes for trial in item.older)
    older = Counter(
        f"opset {trial.opset}: {trial.reason}" for trial in trials if not trial.status.is_pass
    )
    found = [*reasons.most_common(), *sorted(older.items())]
    return "; ".join(f"{_plain(reason)} ({count})" for reason, count in found)


def _plain(text: str) -> str:
    return text.replace(" | ", ", or ").replace("|", "\\|")


def _without_lowering(others: dict[str, list[Outcome]]) -> Iterator[str]:
    yield from ["## ONNX operators without a lowering", ""]
    yield from ["| operator | passed | why the others are not |", "|---|---|---|"]
    for name, outcomes in sorted(others.items()):
        passed = sum(item.status.is_pass for item in outcomes)
        reasons = Counter(item.reason for item in outcomes if not item.status.is_pass)
        text = "; ".join(f"{_plain(reason)} ({count})" for reason, count in reasons.most_common())
        yield f"| {name} | {passed or ''} | {text} |"
    yield ""
    yield "Those with passed cases are folded, or written out as other operators, before lowering."
    yield ""


def _other_domains(known: Iterable[tuple[str, str]]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for domain, operator in sorted(known):
        found.setdefault(domain, []).append(operator)
    found.pop("")
    if found:
        yield from ["## Operators of other domains", ""]
        for domain, operators in found.items():
            yield f"- `{domain}`: {', '.join(operators)}"
        yield ""
    yield "[Operators of your own](custom-operators.md) come by a plugin."
    yield ""


def _families(root: Path) -> Iterator[str]:
    """List what each file lowers, how, and what it refuses."""
    yield from ["## Families", "", "Each file lowers one family; what it refuses, it says so:", ""]
    entries = sorted(registrations(), key=_module)
    for module, group in itertools.groupby(entries, _module):
        path = root / "converters" / "lowering" / "ops" / f"{module}.py"
        yield from [f"### [{module}](../{path.relative_to(root)})", ""]
        for handler, items in _by_handler(group).items():
            yield f"- {_titles(items)}: {_first_line(handler)}"
        for reason in refusals_of(path):
            yield f"  - refused: {reason}"
        yield ""
    yield from ["### Shared", ""]
    for path in sorted((root / "converters" / "lowering").glob("*.py")):
        for reason in refusals_of(path):
            yield f"- refused ([{path.stem}](../{path.relative_to(root)})): {reason}"
    yield ""


def _module(item: Registration) -> str:
    return item.handler.__module__.rpartition(".")[2]


def _by_handler(group: Iterable[Registration]) -> dict[object, list[Registration]]:
    found: dict[object, list[Registration]] = {}
    for item in group:
        found.setdefault(item.handler, []).append(item)
    return found


def _titles(items: Sequence[Registration]) -> str:
    names = []
    for item in items:
        name = f"{item.domain}:{item.operator}" if item.domain else item.operator
        names.append(f"{name} from opset {item.since}" if item.since > 1 else name)
    return ", ".join(names)


def _first_line(function: object) -> str:
    return (inspect.getdoc(function) or "").splitlines()[0]


def _integers(record: Record) -> Iterator[str]:
    """List the TFLite operators with an integer rule, and those that stay in float."""
    rules = integer_rules()
    yield from ["## TFLite operators in int8", "", "By the rule that makes them integer:", ""]
    found: dict[object, list[str]] = {}
    for kind, rule in rules.items():
        found.setdefault(rule, []).append(f"`{kind}`")
    for rule, kinds in found.items():
        yield f"- {', '.join(kinds)}: {_first_line(rule)}"
    islands = Counter(
        kind for item in record.outcomes if item.int8 for kind in set(item.int8.islands)
    )
    yield from ["", "Seen in float in int8 models, with the number of cases:", ""]
    for kind, count in sorted(islands.items()):
        why = "under conditions that its rule names" if kind in rules else "it has no integer rule"
        yield f"- `{kind}` ({count}): {why}"
