"""The README's lines compile, and its figures are the library's."""

import re
import shutil
import subprocess

import pytest

HARNESS = """\
#include <string.h>
{includes}
int8_t input[TINY_INPUT_BYTES];
{statics}
int main(void)
{{
{body}
    (void)output;
    }}
    return 0;
}}
"""


def test_the_ten_lines_compile(package, tmp_path):
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    (code,) = re.findall(r"```c\n(.*?)```", (package / "README.md").read_text(), re.S)
    includes, statics, body = code.rstrip().removesuffix("}").split("\n\n")
    source = tmp_path / "main.c"
    source.write_text(HARNESS.format(includes=includes, statics=statics, body=body))
    libraries = [str(path) for path in (package / "src").glob("*.c")]
    command = ["gcc", "-std=c99", "-Wall", "-Werror", f"-I{package / 'src'}", str(source)]
    done = subprocess.run(
        [*command, *libraries, "-o", str(tmp_path / "main")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert subprocess.run([tmp_path / "main"]).returncode == 0


def test_it_tells_tensors_and_memory(package, library):
    text = (package / "README.md").read_text()
    assert "| input `image` | 0 | 1 x 4 x 6 x 3 | int8 | 0.0078125 | -3 | `TINY_INPUT_*` |" in text
    assert f"| arena, by the caller | {library.arena_bytes:,} |" in text
    assert library.plan.method in text
