"""Float islands: only where they were allowed, and for the layers that gain."""

from dataclasses import replace

from edgekit.converters.accuracy import FloatIslands, Step
from edgekit.converters.graph import read_graph


def test_without_permission_nothing_is_done(broken):
    recipe = broken.recipe()
    assert FloatIslands().apply(recipe, broken.bench()) == Step(
        recipe, (), "not allowed: pass --allow-float-islands"
    )


def test_layers_that_lose_most_stay_in_float(broken):
    recipe = broken.recipe(float_islands=True)
    step = FloatIslands(most=0.5).apply(recipe, broken.bench())
    assert step.layers
    assert set(step.layers) == step.recipe.choices.islands
    main = read_graph(step.recipe.make()).main
    kinds = [str(main.tensors[op.outputs[0]].dtype) for op in main.operators]
    assert "FLOAT32" in kinds
    assert "INT8" in kinds
    assert broken.sqnr_db(step.recipe) > broken.sqnr_db(recipe) + 1

    judge = broken.judge(max_drop=-100.0)
    verdict = judge.judge(step.recipe.make(), step.recipe.request)
    assert "computes nothing in float" in judge.refusal(
        verdict.tflite, step.recipe.request, verdict
    )
    allowed = replace(judge, float_islands=True)
    assert allowed.refusal(verdict.tflite, step.recipe.request, verdict) is None
