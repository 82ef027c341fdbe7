"""A tensor as an affine map of another: ``weights . x + bias``, with the way it was computed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["AffineMap", "Branch", "Floats", "Form"]

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Form:
    """How weights meet what they are multiplied with.

    Attributes:
        kind: ``right`` (x @ W), ``left`` (W @ x), ``rows`` (W[x]) or ``conv``.
        geometry: Of a convolution: automatic padding, pads, strides, dilations, kernel.
    """

    kind: str
    geometry: tuple[Any, ...] = ()

    def out_axis(self, rank: int) -> int:
        """Return the axis of the results along which the weights' outputs lie."""
        return {"left": rank - 2, "conv": 1}.get(self.kind, rank - 1)

    @property
    def is_pointwise(self) -> bool:
        """Whether a convolution takes each place by itself."""
        if self.kind != "conv":
            return False
        _, pads, strides, _, kernel = self.geometry
        return set(kernel) == set(strides) == {1} and not any(pads)


@dataclass(frozen=True, slots=True)
class Branch:
    """A chain of two or more products with nothing but scales between them.

    Attributes:
        rank: The least size on its way.
        scale: The number that it is multiplied with; None where there is one for each output.
        factors: Names of its constants.
    """

    rank: int
    scale: float | None
    factors: tuple[str, ...]

    def scaled(self, number: float | None) -> "Branch":
        """Return it multiplied with a number, or with None for one for each output."""
        return replace(self, scale=_product(self.scale, number))


@dataclass(frozen=True, slots=True)
class AffineMap:
    """What a tensor is of another one.

    Attributes:
        x: The source's tensor that it is a map of.
        form: How the weights meet it.
        out: Size along the outputs.
        weights: Computes ``[out, in, ...]`` in float64.
        bias: ``[out]``, or None.
        base: The node whose product with the tensor is direct, None where all are chains.
        constant: What that node multiplies with, None where all are chains.
        branches: The chains in it.
        steps: Every node on the way.
        scale: The number that a single product was multiplied with; None where there is one for
            each output.
    """

    x: str
    form: Form
    out: int
    weights: Callable[[], Floats] = field(repr=False)
    bias: Floats | None
    base: SourceNode | None
    constant: str | None
    branches: tuple[Branch, ...]
    steps: frozenset[SourceNode]
    scale: float | None = 1.0

    def scaled(self, factor: Floats, node: SourceNode) -> "AffineMap":
        """Return it with every output multiplied; ``factor`` is a number or ``[out]``."""
        number = float(factor) if factor.ndim == 0 else None
        weights = self.weights
        return replace(
            self,
            weights=lambda: _by_output(weights(), factor),
            bias=None if self.bias is None else self.bias * factor,
            branches=tuple(item.scaled(number) for item in self.branches),
            steps=self.steps | {node},
            scale=_product(self.scale, number),
        )

    def of_multiple(self, x: str, factor: Floats, node: SourceNode) -> "AffineMap":
        """Return it as a map of ``x``, of which what it is a map of is a multiple."""
        scaled = self.scaled(factor, node)
        return replace(scaled, x=x, bias=self.bias)

    def shifted(self, shift: Floats, node: SourceNode) -> "AffineMap":
        """Return it with a number or ``[out]`` added."""
        old = np.zeros(self.out) if self.bias is None else self.bias
        return replace(self, bias=old + shift, steps=self.steps | {node})

    def plus(self, other: "AffineMap", sign: float, node: SourceNode) -> "AffineMap | None":
        """Return the sum of two maps, None where they do not go together."""
        if (self.x, self.form, self.out) != (other.x, other.form, other.out):
            return None
        if self.base and other.base and self.base is not other.base:
            return None
        first, second = self.weights, other.scaled(np.array(sign), node)
        direct = self if self.base else other
        return replace(
            self,
            weights=lambda: first() + second.weights(),
            bias=_total(self.bias, second.bias),
            base=direct.base,
            constant=direct.constant,
            branches=self.branches + second.branches,
            steps=self.steps | second.steps,
        )

    def after(self, inner: "AffineMap") -> "AffineMap | None":
        """Return it of what ``inner`` computes, None where that is no product of a form we know.

        Requires that both are a product with one constant, or ``inner`` a chain of them.
        """
        form = self._form_after(inner)
        if form is None or self.constant is None:
            return None
        if inner.constant is None and len(inner.branches) == 1:
            before = inner.branches[0]
        elif inner.constant is not None and not inner.branches:
            before = Branch(inner.out, inner.scale, (inner.constant,))
        else:
            return None
        first, second = inner.weights, self.weights
        shift = None
        if inner.bias is not None:
            shift = second().reshape(self.out, -1) @ inner.bias
        branch = Branch(min(inner.out, before.rank), before.scale, (*before.factors, self.constant))
        return AffineMap(
            x=inner.x,
            form=form,
            out=self.out,
            weights=lambda: _composed(first(), second()),
            bias=_total(shift, self.bias),
            base=None,
            constant=None,
            branches=(branch.scaled(self.scale),),
            steps=inner.steps | self.steps,
        )

    def _form_after(self, inner: "AffineMap") -> Form | None:
        mine, kinds = self.form, (inner.form.kind, self.form.kind)
        if kinds in (("right", "right"), ("left", "left"), ("rows", "right")):
            return inner.form
        if kinds != ("conv", "conv"):
            return None
        if mine.is_pointwise:
            return inner.form
        # With a bias, what the first makes of zeros is not what the second pads with.
        return mine if inner.form.is_pointwise and inner.bias is None else None


def _composed(first: Floats, second: Floats) -> Floats:
    """Multiply ``[middle, in, ...]`` with ``[out, middle, ...]``; one of the two is pointwise."""
    if second[0, 0].size == 1:
        rest = first.shape[1:]
        product = second.reshape(second.shape[:2]) @ first.reshape(len(first), -1)
        return product.reshape(len(second), *rest)
    return np.asarray(np.einsum("or...,ri->oi...", second, first.reshape(first.shape[:2])))


def _by_output(weights: Floats, factor: Floats) -> Floats:
    return weights * factor.reshape(-1, *[1] * (weights.ndim - 1))


def _total(first: Floats | None, second: Floats | None) -> Floats | None:
    if first is None or second is None:
        return second if first is None else first
    return first + second


def _product(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first * second
