"""Write docs/operators.md and docs/node-tests.md from the registries and the committed runs.

python benchmarks/figures/onnx_node_tests_pages.py
"""

from pathlib import Path

from node_tests.operators_page import operators_page
from node_tests.outcome import Record
from node_tests.scores_page import scores_page

from edgekit.files import atomic_write

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "docs" / "figures"


def main() -> None:
    """Write both pages."""
    for name, text in pages().items():
        atomic_write(ROOT / "docs" / name, text)


def pages() -> dict[str, str]:
    """Return the text of each page, by its name."""
    own = Record.read(FIGURES / "onnx_node_tests.json")
    peer = Record.read(FIGURES / "onnx_node_tests_onnx2tf.json")
    return {"operators.md": operators_page(own, ROOT), "node-tests.md": scores_page(own, peer)}


if __name__ == "__main__":
    main()
