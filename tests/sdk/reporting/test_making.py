"""What a report says, section by section, on real results and bundles."""

from dataclasses import replace

import pytest

from edgekit.errors import EdgekitError
from edgekit.reporting import Chart, Evidence, Prose, Table, make_report


def _section(report, key):
    (found,) = (section for section in report.sections if section.key == key)
    return found


def _blocks(section, kind):
    return [block for block in section.blocks if isinstance(block, kind)]


def test_sections_stand_in_this_order(report):
    assert [section.key for section in report.sections] == [
        "summary",
        "comparison",
        "latency",
        "engines",
        "timing",
        "emulated",
        "operators",
        "memory",
        "parity",
        "devices",
        "provenance",
        "reproduce",
    ]


def test_a_bundle_alone_is_reported_without_latencies(bundle):
    report = make_report(Evidence(bundles=(bundle,)))
    keys = [section.key for section in report.sections]
    assert keys == ["summary", "operators", "memory", "parity", "devices", "provenance"]
    (table,) = _blocks(_section(report, "summary"), Table)
    assert table.rows[0][1] == "not measured"


def test_a_result_alone_is_reported_without_its_bundle(results):
    report = make_report(Evidence(results=results[:1]))
    keys = [section.key for section in report.sections]
    assert keys == ["summary", "latency", "provenance", "reproduce"]


def test_nothing_is_an_error():
    with pytest.raises(EdgekitError, match="nothing to report"):
        make_report(Evidence())


def test_every_row_is_as_long_as_its_heading(report):
    for section in report.sections:
        tables = _blocks(section, Table) + [chart.data for chart in _blocks(section, Chart)]
        for table in tables:
            assert table.numeric <= set(table.columns)
            assert {len(row) for row in table.rows} == {len(table.columns)}


def test_results_of_one_model_are_told_apart(report):
    (table,) = _blocks(_section(report, "summary"), Table)
    first, second = (row[0] for row in table.rows)
    assert (first, second) == ("net (1)", "net (2)")
    assert report.title == "net"


def test_environments_that_differ_are_named(report):
    warnings = [item.text for item in _blocks(_section(report, "comparison"), Prose)]
    assert any("threads 1 and 2" in text for text in warnings)


def test_reasons_against_a_result_stand_in_the_summary(results):
    shaky = replace(results[0], windows=results[0].windows[:1])
    texts = [
        item.text
        for item in _blocks(_section(make_report(Evidence(results=(shaky,))), "summary"), Prose)
    ]
    assert len(texts) == len(shaky.unstable_reasons) > 0
    assert all(reason in text for reason, text in zip(shaky.unstable_reasons, texts, strict=True))


def test_operators_and_memory_are_those_of_the_graph(report, bundle):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=bundle.model)
    kinds = [item["op_name"] for item in interpreter._get_ops_details()]
    kinds = [kind for kind in kinds if kind != "DELEGATE"]
    (operators,) = _blocks(_section(report, "operators"), Chart)
    assert [row[0].split()[1] for row in operators.data.rows] == kinds
    (memory,) = _blocks(_section(report, "memory"), Chart)
    assert [row[0].split()[1] for row in memory.data.rows] == kinds


def test_engines_that_did_not_run_have_a_row_with_the_reason(report, evidence):
    (table,) = evidence.tables
    chart = _blocks(_section(report, "engines"), Chart)[0]
    rows = {row[0]: row for row in chart.data.rows}
    assert rows["onnxruntime"][1] == f"not run: {table.rows[2].reason}"
    assert rows["litert"][4] == "1.00"
    (checks,) = _blocks(_section(report, "engines"), Table)
    assert [row[:2] for row in checks.rows] == [
        (row.engine, check.against) for row in table.rows for check in row.checks
    ]


def test_a_profile_has_a_row_for_each_operator(report, evidence):
    (profile,) = evidence.profiles
    times, *_ = _blocks(_section(report, "timing"), Chart)
    assert [row[0] for row in times.data.rows] == [
        f"{row.index} {row.kind}" for row in profile.operators
    ]
    assert f"{profile.coverage:.0%} of the whole" in times.alternative


def test_a_verdict_stands_with_its_interval(report, evidence):
    (comparison,) = evidence.comparisons
    (verdicts,) = _blocks(_section(report, "comparison"), Table)
    (row,) = verdicts.rows
    assert row[2] == f"{comparison.ratio.value:.4f}"
    assert row[4] == comparison.verdict


def test_each_kind_can_stand_alone(evidence):
    alone = {
        "comparison": Evidence(comparisons=evidence.comparisons),
        "engines": Evidence(tables=evidence.tables),
        "timing": Evidence(profiles=evidence.profiles),
    }
    for key, part in alone.items():
        found = make_report(part)
        assert [section.key for section in found.sections] == [key, "provenance"]
        assert found.figures


def test_a_device_that_is_gone_is_left_out_with_a_word(bundle):
    from edgekit.bundle import Bundle

    manifest = replace(bundle.manifest, devices=("pixel-8", "gone"))
    renamed = Bundle(bundle.path, manifest, bundle._contents)
    section = _section(make_report(Evidence(bundles=(renamed,))), "devices")
    (table,) = _blocks(section, Table)
    assert [row[1] for row in table.rows] == ["pixel-8"]
    (text,) = _blocks(section, Prose)
    assert "gone is left out" in text.text


def test_an_emulation_alone_is_reported_with_what_it_could_not_tell(evidence):
    report = make_report(Evidence(emulations=evidence.emulations))
    assert [section.key for section in report.sections] == ["emulated", "provenance"]
    section = _section(report, "emulated")
    assert [block.text for block in _blocks(section, Prose)] == list(evidence.emulations[0].gaps)
    (chart,) = _blocks(section, Chart)
    assert "CONV_2D #1 executes most, 9,000 instructions, 90%" in chart.alternative
    assert {figure.name for figure in report.figures} >= {"instructions", "flash", "stack"}
