"""Smooth activations, each by a formula that is exact and stays finite."""

import math
from collections.abc import Callable

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula, over_elements
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_TINY = 1e-20  # above the smallest float whose half is still exact, far below float rounding


def softplus(x: Formula) -> Formula:
    """Return ``log(1 + exp(x))`` as ``max(x, 0) - log(sigmoid(|x|))``, which never overflows."""
    return x.unary("RELU") - x.unary("ABS").unary("LOGISTIC").unary("LOG")


def erf(x: Formula) -> Formula:
    """Return the error function by GELU, whose definition has it.

    ``gelu(z) = z / 2 * (1 + erf(z / sqrt(2)))``, solved for erf with a positive z, and given
    the sign of ``x``.
    """
    z = (x.unary("ABS") * math.sqrt(2.0)).binary("MAXIMUM", _TINY)
    return x.unary("SIGN") * (z.unary("GELU", approximate=False) / z * 2.0 - 1.0)


_FORMULAS: dict[str, Callable[[Formula], Formula]] = {
    "Acos": lambda x: _leg(x).binary("ATAN2", x),
    "Acosh": lambda x: (x + ((x - 1.0) * (x + 1.0)).unary("SQRT")).unary("LOG"),
    "Asin": lambda x: x.binary("ATAN2", _leg(x)),
    "Asinh": lambda x: x.unary("SIGN") * _asinh(x.unary("ABS")),
    "Atan": lambda x: x.binary("ATAN2", x * 0.0 + 1.0),
    "Atanh": lambda x: ((1.0 + x) / (1.0 - x)).unary("LOG") * 0.5,
    "Cosh": lambda x: (x.unary("EXP") + x.unary("NEG").unary("EXP")) * 0.5,
    "Erf": erf,
    "Mish": lambda x: x * softplus(x).unary("TANH"),
    "Sinh": lambda x: (x.unary("EXP") - x.unary("NEG").unary("EXP")) * 0.5,
    "Softplus": softplus,
    "Softsign": lambda x: x / (x.unary("ABS") + 1.0),
    "Tan": lambda x: x.unary("SIN") / x.unary("COS"),
}


def _leg(x: Formula) -> Formula:
    """Return ``sqrt(1 - x * x)`` without losing digits near 1."""
    return ((1.0 - x) * (1.0 + x)).unary("SQRT")


def _asinh(x: Formula) -> Formula:
    return (x + (x * x + 1.0).unary("SQRT")).unary("LOG")


@lowers(*_FORMULAS)
def smooth(context: Lowering, node: SourceNode) -> None:
    """Lower a function by its formula."""
    over_elements(context, node, _FORMULAS[node.kind])


@lowers("Gelu")
def gelu(context: Lowering, node: SourceNode) -> None:
    """Lower GELU, exact or by tanh."""
    mode = node.text("approximate", "none")
    if mode not in ("none", "tanh"):
        raise RefusedError(node, f"approximate is '{mode}'", hint="'none' and 'tanh' are known")
    over_elements(context, node, lambda x: x.unary("GELU", approximate=mode == "tanh"))


@lowers("Swish")
def swish(context: Lowering, node: SourceNode) -> None:
    """Lower ``x * sigmoid(alpha * x)``."""
    alpha = node.number("alpha", 1.0)
    over_elements(context, node, lambda x: x * (x if alpha == 1.0 else x * alpha).unary("LOGISTIC"))


@lowers("HardSigmoid")
def hard_sigmoid(context: Lowering, node: SourceNode) -> None:
    """Lower ``max(0, min(1, alpha * x + beta))`` by RELU6, which every runtime has."""
    alpha = 6.0 * node.number("alpha", 0.2)
    beta = 6.0 * node.number("beta", 0.5)
    scale = 1.0 if math.isclose(alpha, 1.0, rel_tol=1e-6) else alpha
    over_elements(
        context,
        node,
        lambda x: ((x if scale == 1.0 else x * scale) + beta).unary("RELU6") * (1.0 / 6.0),
    )
