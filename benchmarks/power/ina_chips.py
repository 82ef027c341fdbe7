"""Registers and arithmetic of the INA219, INA226 and INA260, from their datasheets.

Texas Instruments: SBOS448 (INA219), SBOS547 (INA226) and SBOS656 (INA260), sections "Programming"
and "Register Maps".
"""

from dataclasses import dataclass

from edgekit.benchmarks.errors import InvalidOptionError

__all__ = ["INA219", "INA226", "INA260", "Calibration", "Chip", "calibrate", "ina219_gain"]

# Registers that they share; the INA260 has its current where the others have the shunt voltage.
CONFIGURATION, SHUNT, BUS, CURRENT, CALIBRATION = 0x00, 0x01, 0x02, 0x04, 0x05
MASK_ENABLE, DIE_ID = 0x06, 0xFF

# INA219: full scale of the shunt voltage in V, in the order of the gain bits (PG).
# 0.1 times 3.2 is a little more than 0.32.
_ROUNDING = 1e-9
_INA219_RANGES_V = (0.04, 0.08, 0.16, 0.32)


@dataclass(frozen=True, slots=True)
class Chip:
    """What differs between the chips.

    Attributes:
        name: As its maker calls it, in lower case.
        configuration: Continuous conversion of both voltages, averaged over about 9 ms.
        bus_lsb_v: Volts to a step of the bus voltage.
        bus_shift: Bits of the bus register that are no voltage.
        shunt_lsb_v: Volts to a step of the shunt voltage; None where the shunt is inside.
        current_register: Where the current is.
        current_limit: Steps of current, or of shunt voltage where the chip has that, beyond
            which the value is cut off.
        calibration_v: The constant of its calibration register: calibration = this divided by
            (amperes to a step times ohms of the shunt); None where there is no such register.
        calibration_mask: Which bits of that register count.
        overflow: Register and bit that say that the arithmetic overflowed.
        die_id: What identifies the chip, without its revision; None where nothing does.
        datasheet: Number of its datasheet at Texas Instruments.
    """

    name: str
    configuration: int
    bus_lsb_v: float
    bus_shift: int
    shunt_lsb_v: float | None
    current_register: int
    current_limit: int
    calibration_v: float | None
    calibration_mask: int
    overflow: tuple[int, int]
    die_id: int | None
    datasheet: str


# BRNG = 32 V, 8 samples of 12 bits of each voltage (4.26 ms each), continuous; the gain is added.
INA219 = Chip(
    name="ina219",
    configuration=0x2000 | 0b1011 << 7 | 0b1011 << 3 | 0b111,
    bus_lsb_v=4e-3,
    bus_shift=3,
    shunt_lsb_v=10e-6,
    current_register=CURRENT,
    current_limit=32_000,
    calibration_v=0.04096,
    calibration_mask=0xFFFE,
    overflow=(BUS, 1 << 0),
    die_id=None,
    datasheet="SBOS448",
)
# 4 averages of 1.1 ms each for both voltages, continuous.
INA226 = Chip(
    name="ina226",
    configuration=0x4000 | 0b001 << 9 | 0b100 << 6 | 0b100 << 3 | 0b111,
    bus_lsb_v=1.25e-3,
    bus_shift=0,
    shunt_lsb_v=2.5e-6,
    current_register=CURRENT,
    current_limit=32_767,
    calibration_v=0.00512,
    calibration_mask=0x7FFF,
    overflow=(MASK_ENABLE, 1 << 2),
    die_id=0x226,
    datasheet="SBOS547",
)
INA260 = Chip(
    name="ina260",
    configuration=0x6000 | 0b001 << 9 | 0b100 << 6 | 0b100 << 3 | 0b111,
    bus_lsb_v=1.25e-3,
    bus_shift=0,
    shunt_lsb_v=None,
    current_register=SHUNT,
    current_limit=12_000,
    calibration_v=None,
    calibration_mask=0,
    overflow=(MASK_ENABLE, 1 << 2),
    die_id=0x227,
    datasheet="SBOS656",
)
INA260_CURRENT_LSB_A = 1.25e-3


@dataclass(frozen=True, slots=True)
class Calibration:
    """What makes amperes of the current register.

    Attributes:
        register: Value of the calibration register.
        current_lsb_a: Amperes to a step of the current register, of that very value.
    """

    register: int
    current_lsb_a: float


def calibrate(chip: Chip, shunt_ohm: float, max_current_a: float) -> Calibration:
    """Return the calibration for a shunt and the largest current that is expected.

    The finest step is the largest current over 2^15; the register holds
    trunc(constant / (step * shunt)) (INA219: equations 1 and 2 of SBOS448; INA226: equations 1
    and 2 of SBOS547). The step is computed back from the register's value, so that what was cut
    off is no error.

    Raises:
        InvalidOptionError: The shunt and the current do not go together on this chip.
    """
    if chip.calibration_v is None:
        return Calibration(0, INA260_CURRENT_LSB_A)
    if not (shunt_ohm > 0 and max_current_a > 0):
        raise InvalidOptionError("shunt_ohm, max_a", (shunt_ohm, max_current_a), "more than 0")
    full_scale_v = full_scale(chip)
    if shunt_ohm * max_current_a > full_scale_v * (1 + _ROUNDING):
        raise InvalidOptionError(
            "max_a", max_current_a, f"at most {full_scale_v / shunt_ohm:g} with this shunt"
        )
    step_a = max_current_a / 2**15
    wanted = int(chip.calibration_v / (step_a * shunt_ohm))
    register = min(wanted, chip.calibration_mask) & chip.calibration_mask
    if register == 0:
        raise InvalidOptionError("shunt_ohm", shunt_ohm, "smaller, or max_a smaller")
    return Calibration(register, chip.calibration_v / (register * shunt_ohm))


def full_scale(chip: Chip) -> float:
    """Return the largest shunt voltage that a chip measures, in V."""
    if chip is INA219:
        return _INA219_RANGES_V[-1]
    return 2**15 * (chip.shunt_lsb_v or 0.0)


def ina219_gain(shunt_ohm: float, max_current_a: float) -> tuple[int, int]:
    """Return the INA219's gain bits in place, and the steps of shunt voltage they allow."""
    peak_v = shunt_ohm * max_current_a * (1 - _ROUNDING)
    code = next(code for code, range_v in enumerate(_INA219_RANGES_V) if peak_v <= range_v)
    return code << 11, round(_INA219_RANGES_V[code] / 10e-6)
