"""A small classifier as a library, laid out."""

import pytest

from edgekit.converters.c import COptions, generate_c
from edgekit.packaging.mcu.layouts import LayoutFacts, lay_out


@pytest.fixture(scope="session")
def facts():
    return LayoutFacts("Tiny 'one'", "1.0.0+0123456789ab", "ST NUCLEO-L4R5ZI")


@pytest.fixture(scope="session")
def library(tflite_models):
    return generate_c(tflite_models.conv_model(), COptions("tiny", labels=("a", "b")))


@pytest.fixture(scope="session")
def package(library, facts, tmp_path_factory):
    """The folder of the package."""
    folder = tmp_path_factory.mktemp("packages") / "tiny"
    for name, content in lay_out(library, facts).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
