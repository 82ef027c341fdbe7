"""The element types of TFLite tensors, with what each one is."""

from enum import StrEnum

__all__ = ["DataType"]


class DataType(StrEnum):
    """TFLite's ``TensorType``, under its names in the schema."""

    FLOAT32 = "FLOAT32"
    FLOAT16 = "FLOAT16"
    INT32 = "INT32"
    UINT8 = "UINT8"
    INT64 = "INT64"
    STRING = "STRING"
    BOOL = "BOOL"
    INT16 = "INT16"
    COMPLEX64 = "COMPLEX64"
    INT8 = "INT8"
    FLOAT64 = "FLOAT64"
    COMPLEX128 = "COMPLEX128"
    UINT64 = "UINT64"
    RESOURCE = "RESOURCE"  # a handle of a variable
    VARIANT = "VARIANT"
    UINT32 = "UINT32"
    UINT16 = "UINT16"
    INT4 = "INT4"  # two values a byte
    BFLOAT16 = "BFLOAT16"
    INT2 = "INT2"  # four values a byte
    UINT4 = "UINT4"  # two values a byte
    FLOAT8_E4M3FN = "FLOAT8_E4M3FN"
    FLOAT8_E5M2 = "FLOAT8_E5M2"

    @property
    def bits(self) -> int:
        """Bits that one element takes; 0 for strings and handles, which have no fixed size."""
        return _BITS.get(self, 0)

    @property
    def is_float(self) -> bool:
        """Whether arithmetic on it is floating-point."""
        return "FLOAT" in self.value or self.value.startswith("COMPLEX")

    @property
    def numpy(self) -> str | None:
        """The NumPy name of the type, None where NumPy has none."""
        name = self.value.lower()
        return name if name in _NUMPY else None


_NUMPY = frozenset(
    [
        "float16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "bool",
        "complex64",
        "complex128",
    ]
)
_BITS = {
    DataType.FLOAT32: 32,
    DataType.FLOAT16: 16,
    DataType.INT32: 32,
    DataType.UINT8: 8,
    DataType.INT64: 64,
    DataType.BOOL: 8,
    DataType.INT16: 16,
    DataType.COMPLEX64: 64,
    DataType.INT8: 8,
    DataType.FLOAT64: 64,
    DataType.COMPLEX128: 128,
    DataType.UINT64: 64,
    DataType.UINT32: 32,
    DataType.UINT16: 16,
    DataType.INT4: 4,
    DataType.BFLOAT16: 16,
    DataType.INT2: 2,
    DataType.UINT4: 4,
    DataType.FLOAT8_E4M3FN: 8,
    DataType.FLOAT8_E5M2: 8,
}
