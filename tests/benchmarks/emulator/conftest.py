"""A small integer model written by hand with the interface of generated C, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from edgekit.benchmarks.emulator import EmulatorError, load_core
from edgekit.benchmarks.emulator.toolchain import require_tools

WEIGHTS = np.array([[(3 * i + 5 * j) % 15 - 7 for i in range(16)] for j in range(8)])

_HEADER = """
#ifndef DENSE_H
#define DENSE_H
#include <stddef.h>
#include <stdint.h>
#define DENSE_ARENA_BYTES {arena_bytes}u
#define DENSE_ARENA_ALIGNMENT 16u
typedef enum {{ DENSE_OK = 0, DENSE_ERROR_NULL }} dense_status;
typedef struct {{ uint8_t *arena; }} dense_model;
dense_status dense_init(dense_model *model, void *arena, size_t arena_bytes);
void *dense_input(dense_model *model, size_t index);
dense_status dense_invoke(dense_model *model);
const void *dense_output(const dense_model *model, size_t index);
#endif
"""

# Two layers: saturate8((W x + 16 j) >> 5), then the absolute value. Between them, what a test
# wants to happen.
_SOURCE = """
#include "dense.h"
#include <string.h>

static const int8_t weights[8][16] = {{ {weights} }};
static volatile int32_t offset = 16; /* initial data, to see it copied */
static volatile int32_t calls;       /* zeros */

#ifdef COUNTS_LAYERS
void dense_on_layer(uint16_t index);
#else
#define dense_on_layer(index) ((void)(index))
#endif

dense_status dense_init(dense_model *model, void *arena, size_t arena_bytes) {{
    (void)arena_bytes;
    model->arena = arena;
    memset(arena, 0, 32u);
    return {init};
}}

void *dense_input(dense_model *model, size_t index) {{
    return model->arena + 16u * index;
}}

__attribute__((noinline)) static void between(uint8_t *arena) {{
    (void)arena;
    {between}
}}

dense_status dense_invoke(dense_model *model) {{
    const int8_t *input = (const int8_t *)model->arena;
    int8_t *output = (int8_t *)model->arena + 32;
    dense_on_layer(0);
    for (int row = 0; row < 8; ++row) {{
        int32_t sum = offset * row + (int8_t)model->arena[16 + row];
        for (int column = 0; column < 16; ++column) {{
            sum += weights[row][column] * input[column];
        }}
        sum >>= 5;
        output[row] = (int8_t)(sum > 127 ? 127 : sum < -127 ? -127 : sum);
    }}
    dense_on_layer(1);
    ++calls;
    between(model->arena);
    for (int row = 0; row < 8; ++row) {{
        output[8 + row] = (int8_t)(output[row] < 0 ? -output[row] : output[row]);
    }}
    dense_on_layer(2);
    return DENSE_OK;
}}

const void *dense_output(const dense_model *model, size_t index) {{
    return model->arena + (index == 0u ? 32 : 40);
}}
"""


@dataclass(frozen=True)
class Bytes:
    """A tensor as the emulator sees it."""

    size_bytes: int


@dataclass(frozen=True)
class Dense:
    """The model: two inputs, two outputs, two layers."""

    files: Mapping[str, str]
    name: str = "dense"
    inputs: Sequence[Bytes] = (Bytes(16), Bytes(8))
    outputs: Sequence[Bytes] = (Bytes(8), Bytes(8))
    layers: Sequence[str] = ("fully_connected", "abs")


@pytest.fixture(scope="session")
def dense():
    """Make the model, with C statements that run between its layers."""

    def make(between="", *, counts_layers=False, arena_bytes=48, init="DENSE_OK"):
        rows = ", ".join("{{{}}}".format(", ".join(map(str, row))) for row in WEIGHTS.tolist())
        source = _SOURCE.format(weights=rows, between=between, init=init)
        defines = "#define COUNTS_LAYERS\n" if counts_layers else ""
        return Dense(
            {
                "dense.h": _HEADER.format(arena_bytes=arena_bytes),
                "dense.c": defines + source,
            }
        )

    return make


def samples(count, seed=0):
    """Return random inputs of the model, as bytes."""
    values = np.random.default_rng(seed).integers(-128, 128, (count, 24), np.int8)
    return [(row[:16].tobytes(), row[16:].tobytes()) for row in values]


def expected(sample):
    """Return what the model answers, computed by NumPy."""
    values, bias = (np.frombuffer(data, np.int8).astype(int) for data in sample)
    rows = np.clip((WEIGHTS @ values + 16 * np.arange(8) + bias) >> 5, -127, 127)
    return rows.astype(np.int8).tobytes(), np.abs(rows).astype(np.int8).tobytes()


@pytest.fixture(scope="session")
def dense_samples():
    """Return random inputs of the model."""
    return samples


@pytest.fixture(scope="session")
def dense_expected():
    """Return what the model answers to a sample."""
    return expected


@pytest.fixture
def core(request):
    """Return the core that a test is parametrised with; skip where its tools are not installed."""
    loaded = load_core(request.param)
    try:
        require_tools(loaded)
    except EmulatorError as error:
        pytest.skip(str(error))
    return loaded
