"""The versioned schema of a bundle's manifest: what every consumer may rely on."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from edgekit.errors import EdgekitError

__all__ = [
    "SCHEMA_VERSION",
    "ImagePreprocessing",
    "Io",
    "Layout",
    "Manifest",
    "ManifestError",
    "Member",
    "Scheme",
    "SourceInfo",
    "TensorSpec",
]

SCHEMA_VERSION = 1


class ManifestError(EdgekitError):
    """A manifest that is incomplete or of an unknown schema version."""


class Scheme(StrEnum):
    """How weights and activations are stored."""

    INT8 = "int8"  # int8 weights per channel, int8 activations
    INT16X8 = "int16x8"  # int8 weights per channel, int16 activations
    MIXED = "mixed"  # int8 weights per channel, int8 activations, int16 where int8 loses most
    DYNAMIC = "dynamic"  # int8 weights, activations quantized while running
    FLOAT16 = "float16"  # float16 weights, float32 arithmetic
    FLOAT32 = "float32"  # nothing quantized


class Io(StrEnum):
    """The type of the model's floating-point inputs and outputs at its interface."""

    FLOAT32 = "float32"
    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"


class Layout(StrEnum):
    """What the axes of an interface tensor mean."""

    SOURCE = "source"  # the axes of the source model, unchanged
    NHWC = "nhwc"  # source NCHW, channels moved last
    NWC = "nwc"  # source NCW, channels moved last
    NDHWC = "ndhwc"  # source NCDHW, channels moved last
    PERMUTED = "permuted"  # any other order; `axes` tells it


@dataclass(frozen=True, slots=True)
class ImagePreprocessing:
    """How a picture becomes an input: resize, then ``(pixel - mean) / std`` per channel.

    Attributes:
        mean: Per channel (or one for all), in pixel units 0..255.
        std: Per channel (or one for all), in pixel units 0..255; never 0.
        resize: ``stretch`` (to the input's size), ``crop`` (shorter side, then centre) or
            ``pad`` (longer side, then a border of zero pixels).
    """

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    resize: str = "stretch"


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of the model, as the file has it.

    Attributes:
        name: The name in the source model, and of the tensor in ``model.tflite``.
        dtype: NumPy name of the type in ``model.tflite``.
        shape: Shape in ``model.tflite``.
        source_dtype: NumPy name of the type in the source model.
        source_shape: Shape in the source model.
        axes: ``axes[i]`` is the source axis that stands at position ``i`` of ``shape``.
        layout: What ``axes`` amounts to.
        scale: Quantization scale, None where ``dtype`` is not quantized.
        zero_point: Quantization zero point, None where ``dtype`` is not quantized.
        image: Declared preprocessing, None where the input is not a picture.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    source_dtype: str
    source_shape: tuple[int, ...]
    axes: tuple[int, ...]
    layout: Layout
    scale: float | None = None
    zero_point: int | None = None
    image: ImagePreprocessing | None = None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where the model came from.

    Attributes:
        kind: ``onnx``, ``torch-module``, ``exported-program`` or ``python-file``.
        name: File name or class name, without folders.
        sha256: Of the canonical ONNX model that was converted.
    """

    kind: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the bundle."""

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a bundle and how to use it.

    Attributes:
        name: Name of the model.
        edgekit_version: The version that wrote the bundle.
        engine: Name and version of the engine that made the integers.
        scheme: How weights and activations are stored.
        source: Where the model came from.
        inputs: In the order of the source model.
        outputs: In the order of the source model.
        devices: Names of the device profiles whose contract the model was checked against.
        float_islands: True when float operators were allowed to remain.
        members: Every other file of the bundle.
    """

    name: str
    edgekit_version: str
    engine: str
    scheme: Scheme
    source: SourceInfo
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    devices: tuple[str, ...]
    float_islands: bool
    members: tuple[Member, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a manifest back.

        Raises:
            ManifestError: ``data`` is of another schema version, or a field is missing,
                unknown, or of the wrong kind.
        """
        version = data.get("schema_version") if isinstance(data, dict) else None
        if version != SCHEMA_VERSION:
            raise ManifestError(
                f"the manifest has schema version {version!r}; this edgekit reads {SCHEMA_VERSION}",
                hint="install the edgekit version that wrote the bundle, or build it again",
            )
        try:
            return cls(
                **{
                    **data,
                    "scheme": Scheme(data["scheme"]),
                    "source": SourceInfo(**data["source"]),
                    "inputs": tuple(_tensor(item) for item in data["inputs"]),
                    "outputs": tuple(_tensor(item) for item in data["outputs"]),
                    "devices": tuple(data["devices"]),
                    "members": tuple(Member(**item) for item in data["members"]),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ManifestError(
                f"the manifest does not fit schema version {SCHEMA_VERSION}: {error}",
                hint="the bundle was not written by edgekit, or was edited; build it again",
            ) from error


def _tensor(data: dict[str, Any]) -> TensorSpec:
    image = data["image"]
    return TensorSpec(
        **{
            **data,
            "shape": tuple(data["shape"]),
            "source_shape": tuple(data["source_shape"]),
            "axes": tuple(data["axes"]),
            "layout": Layout(data["layout"]),
            "image": image
            and ImagePreprocessing(
                mean=tuple(image["mean"]), std=tuple(image["std"]), resize=image["resize"]
            ),
        }
    )
