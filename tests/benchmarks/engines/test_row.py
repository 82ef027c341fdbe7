"""A row comes back from JSON, measured or not."""

from edgekit.benchmarks.engines import Block, EngineDescription, EngineRow, Form, OutputCheck

NEAR = OutputCheck("litert", 1, 40.0, 20.0)
FAR = OutputCheck("litert", 1, 10.0, 20.0)
MEASURED = EngineRow(
    "litert-builtin",
    description=EngineDescription("ai-edge-litert", "2.3.0", Form.BUNDLE, "built-in kernels"),
    prepare_us=10.0,
    first_inference_us=5.0,
    peak_rss_bytes=1000,
    blocks=(Block(0, 0, (1.0, 2.0)), Block(2, 1, (3.0,))),
    checks=(NEAR,),
)
REFUSED = EngineRow("tflite-runtime", "it is not installed", "pip install tflite-runtime")


def test_json_comes_back():
    for row in (MEASURED, REFUSED):
        assert EngineRow.from_json(row.to_json()) == row


def test_a_row_has_a_latency_or_a_reason():
    assert MEASURED.measured
    assert not REFUSED.measured


def test_it_agrees_where_all_checks_do():
    assert MEASURED.agrees
    assert not EngineRow("litert", checks=(NEAR, FAR)).agrees
