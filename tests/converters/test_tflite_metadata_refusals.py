"""What cannot be described, or is no whole model, is refused before anything is written."""

import random

import pytest
from ai_edge_litert import schema_py_generated as schema

from edgekit.converters.graph.flatbuffer import MalformedModelError
from edgekit.converters.tflite_metadata import TfliteMetadataError, with_files_of, with_metadata


def test_names_that_are_not_the_models_are_refused(picture, pair):
    with pytest.raises(TfliteMetadataError, match="inputs described are not those") as caught:
        with_metadata(
            picture.model,
            name="m",
            inputs=pair.manifest.inputs,
            outputs=picture.manifest.outputs,
            labels=(),
        )
    assert "in the model: image" in str(caught.value)
    with pytest.raises(TfliteMetadataError, match="outputs described are not those"):
        with_metadata(
            picture.model,
            name="m",
            inputs=picture.manifest.inputs,
            outputs=[*picture.manifest.outputs, *picture.manifest.outputs],
            labels=(),
        )


def test_labels_that_fit_no_output_or_span_lines_are_refused(picture, describe):
    with pytest.raises(TfliteMetadataError, match="4 labels, and no output has an axis"):
        describe(picture, labels="abcd")
    with pytest.raises(TfliteMetadataError, match=r"'c\\nd' spans lines"):
        describe(picture, labels=("a", "b", "c\nd", "e", "f"))


def test_data_outside_the_flatbuffer_is_refused(picture, describe, tflite_models):
    tree = schema.ModelT.InitFromPackedBuf(picture.model)
    tree.buffers[1] = schema.BufferT(offset=64, size=100)
    with pytest.raises(TfliteMetadataError, match="outside its flatbuffer"):
        describe(picture, model=tflite_models.packed(tree))

    tree = schema.ModelT.InitFromPackedBuf(picture.model)
    tree.subgraphs[0].operators[0].largeCustomOptionsOffset = 4096
    with pytest.raises(TfliteMetadataError, match="outside its flatbuffer"):
        describe(picture, model=tflite_models.packed(tree))


def test_operator_options_of_a_newer_schema_are_refused(picture, describe, tflite_models):
    tree = schema.ModelT.InitFromPackedBuf(picture.model)
    tree.subgraphs[0].operators[0].builtinOptionsType = 250
    with pytest.raises(TfliteMetadataError, match=r"unknown kinds: \[250\]"):
        describe(picture, model=tflite_models.packed(tree))


def test_what_is_no_whole_model_is_refused(picture, describe):
    for content in (b"\0", b"\x1c\0\0\0TFL3", b"PK\x03\x04 something else", bytes(64)):
        with pytest.raises(MalformedModelError, match="not a TFLite model"):
            describe(picture, model=content)


@pytest.mark.parametrize("broken", ["inputs", "outputs", "metadata", "tensors"])
def test_indices_that_lead_nowhere_are_refused(picture, broken, describe, tflite_models):
    tree = schema.ModelT.InitFromPackedBuf(picture.model)
    if broken == "metadata":
        tree.metadata = [schema.MetadataT("TFLITE_METADATA", 99)]
    else:
        setattr(tree.subgraphs[0], broken, None if broken == "tensors" else [99])
    with pytest.raises(MalformedModelError, match="leads nowhere"):
        describe(picture, model=tflite_models.packed(tree))


def test_damage_is_an_error_of_ours_or_harmless(picture, describe):
    chance = random.Random(5)
    for _ in range(300):
        content = bytearray(picture.model[: chance.randrange(8, len(picture.model) + 1)])
        for _ in range(chance.randrange(3)):
            content[chance.randrange(8, len(content) + 1) - 1] = chance.randrange(256)
        try:
            describe(picture, model=bytes(content))
        except (MalformedModelError, TfliteMetadataError) as error:
            assert error.hint  # noqa: PT017 - any other exception fails the test


def test_damaged_files_behind_a_model_are_refused(picture, describe):
    described = bytearray(describe(picture))
    described[described.rindex(b"ant\n")] ^= 1
    with pytest.raises(TfliteMetadataError, match="packed after the model are damaged"):
        with_files_of(picture.model, bytes(described))
