"""Compressing weights for the figures: what each way leaves, and what the record says."""

import json
from pathlib import Path

import numpy as np
import pytest

RECORD = Path(__file__).parents[3] / "docs" / "figures" / "palettes.json"
ROWS = np.random.default_rng(0).standard_normal((6, 64))


def test_values_of_each_way(script):
    ways = script("palettes")
    assert len(np.unique(ways.k_means(ROWS, 16))) == 16
    assert len(np.unique(ways.ternary(ROWS))) == 3
    assert len(np.unique(ways.four_bits(ROWS))) <= 15
    error = []
    for bits in (2, 3, 4):
        found = ways.binary_codes(ROWS, bits)
        assert max(len(np.unique(row.round(9))) for row in found) <= 2**bits
        error.append(np.mean((found - ROWS) ** 2))
    assert error == sorted(error, reverse=True)


@pytest.mark.parametrize("name", json.loads(RECORD.read_text())["versions"])
def test_the_record_keeps_what_is_promised(name):
    row = json.loads(RECORD.read_text())["versions"][name]
    assert row["reproduced"]
    assert row["share_of_int8"] <= row["allowed_share"]
    assert "lost" not in row["fates"]
