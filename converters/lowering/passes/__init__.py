"""Passes over the float graph after lowering; each says what it requires and ensures."""

from edgekit.converters.lowering.passes.cleaning import clean_graph

__all__ = ["clean_graph"]
