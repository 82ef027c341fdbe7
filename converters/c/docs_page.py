"""Write the page of operators that the C generator takes, from their planners."""

from edgekit.converters.c.library import Isa
from edgekit.converters.c.registry import Planner, supported_operators

__all__ = ["operators_page"]


def operators_page() -> str:
    """Return docs/c-operators.md as Markdown."""
    operators = supported_operators()
    return "\n".join(
        [
            "# Operators in C",
            "",
            "Made from the planners in `converters/c/ops`; `make docs` writes it again.",
            "",
            "`edgekit package --for mcu` takes these operators. Each computes, byte for byte, what",
            "TensorFlow Lite Micro does, which its tests hold against the interpreter. Any other",
            "operator, and any use that is not listed, is an error that names the operator, before",
            "anything is written. DSP and MVE say which have kernels for the instructions of",
            "Cortex-M4, M7, M33 and of Cortex-M55, M85; the others are portable C there too.",
            "",
            "| operator | what is taken | DSP | MVE |",
            "|---|---|---|---|",
            *(_row(operator, planners) for operator, planners in operators.items()),
            "",
        ]
    )


def _row(operator: str, planners: dict[Isa, Planner]) -> str:
    text = " ".join((planners[Isa.PORTABLE].__doc__ or "").split("\n\n")[0].split()).rstrip(".")
    marks = ("yes" if isa in planners else "" for isa in (Isa.DSP, Isa.MVE))
    return f"| {operator} | {text} | {' | '.join(marks)} |"
