"""Trained integer grids of a source: read, checked, and taken out of its float graph."""

from edgekit.converters.sources.trained.checking import check_grids
from edgekit.converters.sources.trained.errors import TrainedGridError
from edgekit.converters.sources.trained.intake import TakenGrids, take_grids

__all__ = ["TakenGrids", "TrainedGridError", "check_grids", "take_grids"]
