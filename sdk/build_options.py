"""What a build can be asked for, and the combinations that make no sense."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from numpy.typing import ArrayLike

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.calibration import InputDeclaration
from edgekit.converters.finding import Fate
from edgekit.converters.parity import Thresholds
from edgekit.converters.request import CalibrationMethod
from edgekit.errors import EdgekitError, UnknownNameError

__all__ = ["BuildOptions", "OptionError", "QuantizeOptions", "SampleSource"]

SampleSource = str | Path | Mapping[str, ArrayLike]
"""A path (a slice may follow: ``data.npz[:100]``), or arrays by input name."""

_DEFAULT_IO = {Scheme.INT8: Io.INT8, Scheme.INT16X8: Io.INT16, Scheme.MIXED: Io.INT8}
_ALLOWED_IO = {
    Scheme.INT8: (Io.INT8, Io.UINT8, Io.FLOAT32),
    Scheme.INT16X8: (Io.INT16, Io.FLOAT32),
    Scheme.MIXED: (Io.INT8, Io.UINT8, Io.FLOAT32),
}


class OptionError(EdgekitError):
    """Options that contradict each other."""


@dataclass(frozen=True, slots=True)
class QuantizeOptions:
    """What integers to make, from which samples, and what they have to reach.

    Attributes:
        devices: Names of device profiles, or paths of ``.toml`` files.
        device_folders: Folders with profiles of the user's own.
        scheme: How weights and activations are stored.
        io: Type of floating-point inputs and outputs; None takes the scheme's own (int8 for
            int8 and mixed, int16 for int16x8, float32 otherwise).
        int16: Source nodes with int16 activations under ``mixed``, as messages name them, or
            patterns (``*/attn/*``); without any, those that lose most in int8 are found.
        calibration_data: Samples that set the ranges; needed for int8, int16x8 and mixed.
        calibration_method: How ranges are chosen from them; all but ``min-max`` need the
            ``edgekit`` engine.
        calibration_count: How many of them calibrate when the others are to prove parity;
            None takes all of fewer than 64, else half of them, at most 128.
        evaluation_data: Samples that prove parity; None takes those left by calibration.
        labels: One class index for each sample of ``evaluation_data`` (of
            ``calibration_data`` without it).
        class_names: Name of each class, for the result.
        declarations: Layout and normalisation of the data, by input name; the empty name
            stands for the input of a model that has only one.
        thresholds: What the result must reach.
        climb: Whether the accuracy ladder is climbed where a threshold is missed; its model may
            have the scheme ``mixed`` where ``int8`` was asked for.
        require: The worst fate that what compression left in the model may have; None takes any.
        low_bit_weights: Whether weights on a grid of four bits are stored as INT4 where every
            device's kernels take it; they are exact in int8 as well.
        allow_float_islands: Whether operators without integer kernels may stay in float.
        input_shapes: Shapes for dynamic dimensions, by input name.
    """

    devices: Sequence[str | Path] = ()
    device_folders: Sequence[Path] = ()
    scheme: Scheme = Scheme.INT8
    io: Io | None = None
    int16: Sequence[str] = ()
    calibration_data: SampleSource | None = None
    calibration_method: CalibrationMethod = CalibrationMethod.MIN_MAX
    calibration_count: int | None = None
    evaluation_data: SampleSource | None = None
    labels: str | Path | ArrayLike | None = None
    class_names: Sequence[str] = ()
    declarations: Mapping[str, InputDeclaration] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    climb: bool = False
    require: Fate | None = None
    low_bit_weights: bool = False
    allow_float_islands: bool = False
    input_shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take names for what they stand for, and refuse combinations that cannot be built.

        Raises:
            UnknownNameError: There is no scheme, interface type or method of that name.
            OptionError: Naming the two options.
        """
        object.__setattr__(self, "scheme", _member(Scheme, "scheme", self.scheme))
        method = _member(CalibrationMethod, "calibration method", self.calibration_method)
        object.__setattr__(self, "calibration_method", method)
        if self.require is not None:
            object.__setattr__(self, "require", _member(Fate, "fate", self.require))
        if self.io is not None:
            object.__setattr__(self, "io", _member(Io, "interface type", self.io))
        allowed = _ALLOWED_IO.get(self.scheme, (Io.FLOAT32,))
        if self.interface not in allowed:
            raise OptionError(
                f"--io {self.interface} does not go with --scheme {self.scheme}",
                hint=f"with {self.scheme}, --io is one of {', '.join(allowed)}",
            )
        if self.int16 and self.scheme is not Scheme.MIXED:
            raise OptionError(
                f"--int16 does not go with --scheme {self.scheme}", hint="pass --scheme mixed"
            )
        if self.low_bit_weights and self.scheme not in (Scheme.INT8, Scheme.MIXED):
            raise OptionError(
                f"--low-bit-weights does not go with --scheme {self.scheme}",
                hint="INT4 weights stand beside int8 data: pass --scheme int8 or mixed",
            )
        if self.climb and not self.needs_calibration:
            raise OptionError(
                f"--climb does not go with --scheme {self.scheme}, which has nothing to choose",
                hint=f"pass --scheme {', '.join(_ALLOWED_IO)}",
            )
        if self.calibration_count is not None and self.calibration_count < 1:
            raise OptionError(
                f"--calibration-count is {self.calibration_count}", hint="give at least 1"
            )
        if self.labels is not None and self.evaluation_data is None and not self.calibration_data:
            raise OptionError(
                "--labels came without samples", hint="give --evaluation-data as well"
            )

    @property
    def interface(self) -> Io:
        """The interface type, chosen or the scheme's own."""
        return self.io or _DEFAULT_IO.get(self.scheme, Io.FLOAT32)

    @property
    def needs_calibration(self) -> bool:
        """Whether activations get scales."""
        return self.scheme in _ALLOWED_IO


@dataclass(frozen=True, slots=True)
class BuildOptions(QuantizeOptions):
    """What to build: the options of `quantize`, and those below.

    Attributes:
        engine: What lowers and quantizes: ``edgekit``, or ``onnx2tf`` with TensorFlow.
        plugins: Python files with operators of the user's own, for the ``edgekit`` engine; they
            are run.
        trust_pickle: Whether pickled modules may be loaded.
        adapter: Folder of a LoRA adapter, as the peft package saves it, for a torch module.
        cache_folder: Where lowered models are kept; None takes the user's cache.
    """

    engine: str = "edgekit"
    plugins: Sequence[Path] = ()
    trust_pickle: bool = False
    adapter: str | Path | None = None
    cache_folder: Path | None = None

    def __post_init__(self) -> None:
        """Check as `QuantizeOptions` does, and what goes with the engine.

        Raises:
            UnknownNameError: There is no scheme, interface type or method of that name.
            OptionError: Naming the two options.
        """
        QuantizeOptions.__post_init__(self)
        own = {
            "--plugin": self.plugins,
            "--scheme mixed": self.scheme is Scheme.MIXED,
            "--climb": self.climb,
            "--low-bit-weights": self.low_bit_weights,
        }
        for name, given in own.items():
            if given and self.engine != "edgekit":
                raise OptionError(
                    f"{name} does not go with --engine {self.engine}", hint="pass --engine edgekit"
                )


_Member = TypeVar("_Member", bound=StrEnum)


def _member(kind: type[_Member], title: str, given: str) -> _Member:
    try:
        return kind(given)
    except ValueError as error:
        raise UnknownNameError(title, str(given), [item.value for item in kind]) from error
