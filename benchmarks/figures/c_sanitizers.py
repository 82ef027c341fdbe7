"""Run generated C under AddressSanitizer and UndefinedBehaviorSanitizer on random inputs.

The arena is allocated with exactly its size, so that a byte beyond it is an error. Inputs are
any bytes, every tenth one the ends of the range alone.

    python benchmarks/figures/c_sanitizers.py kws.tflite ic.tflite --inputs 10000 --json OUT.json
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edgekit.converters.c import CLibrary, COptions, generate_c

FLAGS = (
    "-std=c99",
    "-O2",
    "-g",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
)
PROGRAM = """
#define _POSIX_C_SOURCE 200112L /* posix_memalign */
#include "m.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state = 2463534242u; /* xorshift: G. Marsaglia, "Xorshift RNGs", 2003 */

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

int main(int count, char **arguments)
{
    static const size_t bytes[] = { %(bytes)s };
    void *arena = NULL;
    m_model model;
    if (count != 2 || posix_memalign(&arena, M_ARENA_ALIGNMENT, M_ARENA_BYTES) != 0 ||
        m_init(&model, arena, M_ARENA_BYTES) != M_OK) {
        return 2;
    }
    for (long run = 0; run < atol(arguments[1]); run++) {
        for (size_t i = 0; i < M_INPUT_COUNT; i++) {
            uint8_t *input = m_input(&model, i);
            for (size_t k = 0; k < bytes[i]; k++) {
                const uint8_t any = (uint8_t)next();
                input[k] = run %% 10 == 9 ? (any & 1 ? 0x7F : 0x80) : any;
            }
        }
        if (m_invoke(&model) != M_OK) {
            return 2;
        }
    }
    free(arena);
    puts("clean");
    return 0;
}
"""


def main() -> None:
    """Run every model, print a line for each, and fail if a sanitizer found something."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = [run(path, arguments.inputs) for path in arguments.models]
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    sys.exit(any(row["found"] for row in rows))


def run(path: Path, inputs: int) -> dict[str, object]:
    """Return what the sanitizers say of one model."""
    library = generate_c(path.read_bytes(), COptions("m"))
    with tempfile.TemporaryDirectory() as folder:
        program = build(library, Path(folder))
        start = time.monotonic()
        done = subprocess.run([program, str(inputs)], capture_output=True, text=True, check=False)
    clean = done.returncode == 0 and done.stdout == "clean\n"
    row = {
        "model": path.stem,
        "inputs": inputs,
        "found": "" if clean else done.stderr or f"exit status {done.returncode}",
        "seconds": round(time.monotonic() - start, 1),
    }
    print(json.dumps(row))
    return row


def build(library: CLibrary, folder: Path) -> Path:
    """Compile a library and the program around it with both sanitizers."""
    sizes = ", ".join(str(item.size_bytes) for item in library.inputs)
    for name, text in {**library.files, "main.c": PROGRAM % {"bytes": sizes}}.items():
        (folder / name).write_text(text)
    sources = [folder / name for name in (*library.files, "main.c") if name.endswith(".c")]
    subprocess.run(["gcc", *FLAGS, "-o", folder / "main", *sources], check=True)
    return folder / "main"


if __name__ == "__main__":
    main()
