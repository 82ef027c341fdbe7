"""int16 activations where they gain, on top of what is int16 already."""

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.accuracy import Int16Activations
from edgekit.converters.graph import read_graph


def test_the_scheme_becomes_mixed_and_gains(broken):
    recipe = broken.recipe()
    step = Int16Activations(most=1.0).apply(recipe, broken.bench())
    assert step.recipe.request.scheme == "mixed"
    assert step.recipe.wide == set(step.layers)
    assert broken.sqnr_db(step.recipe) > broken.sqnr_db(recipe) + 4
    types = {str(tensor.dtype) for tensor in read_graph(step.recipe.make()).main.tensors}
    assert "INT16" in types
    again = Int16Activations(most=1.0).apply(step.recipe, broken.bench())
    assert again.recipe is step.recipe
    assert again.remark == "no further layer gains by int16"


def test_int16x8_has_nothing_to_gain(broken):
    recipe = broken.recipe(scheme=Scheme.INT16X8, io=Io.INT16)
    step = Int16Activations().apply(recipe, broken.bench())
    assert step.recipe is recipe
