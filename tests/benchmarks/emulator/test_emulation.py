"""Real firmware on every emulated core: what it answers, what it counts, and how it fails."""

import dataclasses
import pickle
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgekit.benchmarks.emulator import (
    DeviceMemory,
    EmulatorError,
    FirmwareFaultError,
    FirmwareHangError,
    StackOverflowError,
    build_firmware,
    core_names,
    emulate,
)

MEMORY = DeviceMemory(flash_bytes=65_536, ram_bytes=16_384, stack_bytes=1024)

every_core = pytest.mark.parametrize("core", core_names(), indirect=True)
three_cores = pytest.mark.parametrize(
    "core", ["cortex-m0plus", "cortex-m55", "rv32imc"], indirect=True
)


def spin(core, rounds):
    """Return C that executes two instructions a round."""
    loop = (
        '".syntax unified\\n1: subs %0, #1\\n bne 1b" : "+l"(n)'
        if core.is_arm
        else '"1: addi %0, %0, -1\\n bnez %0, 1b" : "+r"(n)'
    )
    return f"static volatile int rounds = {rounds}; int n = rounds; __asm__ volatile({loop});"


@every_core
def test_outputs_and_counts_repeat(core, dense, dense_samples, dense_expected, tmp_path):
    inputs = dense_samples(20)
    firmware = build_firmware(dense(), core, MEMORY, tmp_path)
    first = emulate(firmware, inputs)
    assert list(first.outputs) == [dense_expected(sample) for sample in inputs]
    assert 0 < first.stack_bytes < 256
    assert first.layer_instructions == ()
    assert emulate(firmware, inputs) == first


@every_core
def test_a_loop_is_counted_exactly(core, dense, dense_samples, tmp_path):
    counts = []
    for rounds in (1_000, 1_001, 1_000_000):
        sources = dense(spin(core, rounds), counts_layers=True)
        firmware = build_firmware(sources, core, MEMORY, tmp_path, counts_layers=True)
        run = emulate(firmware, dense_samples(1) * 5)
        counts.append((run.instructions[0], *run.layer_instructions[0]))
        # The same work counts the same, wherever the counter stood when it began.
        assert run.instructions == (run.instructions[0],) * 5
        assert run.layer_instructions == (run.layer_instructions[0],) * 5
    (whole, first, second), *more = counts
    assert 0 < first < whole
    assert more[0] == (whole + 2, first, second + 2)
    assert more[1] == (whole + 1_998_000, first, second + 1_998_000)


@three_cores
def test_a_fault_names_registers_and_function(core, dense, dense_samples, tmp_path):
    sources = dense("*(volatile int *)0xE0200000 = 1;", counts_layers=True)
    firmware = build_firmware(sources, core, MEMORY, tmp_path, counts_layers=True)
    with pytest.raises(FirmwareFaultError) as caught:
        emulate(firmware, dense_samples(1))
    told = str(caught.value)
    assert re.search(r"in sample 0, in layer 1 \(abs\), at 0x\w+ in between \(dense.c:\d+\)", told)
    assert "bus error" in told or "store access fault" in told
    assert caught.value.registers["mtval" if not core.is_arm else "bfar"] == 0xE0200000


@pytest.mark.parametrize("core", ["cortex-m0plus"], indirect=True)
def test_armv6m_has_no_unaligned_access(core, dense, dense_samples, tmp_path):
    firmware = build_firmware(dense("*(volatile int *)(arena + 1) = 1;"), core, MEMORY, tmp_path)
    with pytest.raises(FirmwareFaultError, match="fault: unaligned access"):
        emulate(firmware, dense_samples(1))


@three_cores
def test_a_hang_names_the_function(core, dense, dense_samples, tmp_path):
    sources = dense("if (calls == 3) { for (;;) { } }", counts_layers=True)
    firmware = build_firmware(
        sources, core, MEMORY, tmp_path, counts_layers=True, max_instructions=1_000_000
    )
    with pytest.raises(FirmwareHangError) as caught:
        emulate(firmware, dense_samples(4))
    told = str(caught.value)
    assert re.search(r"^no end after 1,000,000 instructions in sample 2, in layer 1 \(abs\)", told)
    assert "in between (dense.c:" in told


@pytest.mark.parametrize("core", ["cortex-m4"], indirect=True)
def test_a_long_inference_is_no_hang(core, dense, dense_samples, tmp_path):
    # More than the 32 bits of counter and watchdog hold.
    sources = dense(spin(core, 900_000_000))
    firmware = build_firmware(sources, core, MEMORY, tmp_path, max_instructions=3_000_000_000)
    (count,) = emulate(firmware, dense_samples(1)).instructions
    assert 1_800_000_000 < count < 1_800_001_000


@every_core
def test_an_overflow_of_the_stack_is_caught(core, dense, dense_samples, tmp_path):
    deep = "volatile char room[3000]; for (int i = 0; i < 3000; ++i) { room[i] = (char)i; }"
    firmware = build_firmware(dense(deep), core, MEMORY, tmp_path)
    with pytest.raises(StackOverflowError, match="the stack of 1,024 bytes overflowed"):
        emulate(firmware, dense_samples(1))


@pytest.mark.parametrize("core", ["cortex-m3"], indirect=True)
def test_the_stack_that_a_call_uses(core, dense, dense_samples, tmp_path):
    deep = "volatile char room[600]; for (int i = 0; i < 600; ++i) { room[i] = (char)i; }"
    run = emulate(build_firmware(dense(deep), core, MEMORY, tmp_path), dense_samples(1))
    assert 600 <= run.stack_bytes < 700


@pytest.mark.parametrize("core", ["cortex-m3"], indirect=True)
def test_a_status_is_an_error(core, dense, dense_samples, tmp_path):
    firmware = build_firmware(dense(init="DENSE_ERROR_NULL"), core, MEMORY, tmp_path)
    with pytest.raises(EmulatorError, match="init returned status 1"):
        emulate(firmware, dense_samples(1))


@pytest.mark.parametrize("core", ["cortex-m3"], indirect=True)
def test_inputs_of_a_wrong_size_are_refused(core, dense, tmp_path):
    firmware = build_firmware(dense(), core, MEMORY, tmp_path)
    with pytest.raises(EmulatorError, match=r"sample 0 has inputs of \[16\] bytes"):
        emulate(firmware, [(bytes(16),)])


@pytest.mark.parametrize("core", ["cortex-m4"], indirect=True)
def test_a_counter_that_is_read_wrongly_is_seen(core, dense, dense_samples, tmp_path):
    firmware = build_firmware(dense(), core, MEMORY, tmp_path)
    machine = dataclasses.replace(core.machine, counter_hz=20_000_000)
    wrong = dataclasses.replace(firmware, core=dataclasses.replace(core, machine=machine))
    with pytest.raises(EmulatorError, match="a loop of 503 instructions was counted as 62"):
        emulate(wrong, dense_samples(1))


INTERRUPTED = """
import sys
from pathlib import Path
from edgekit.benchmarks.emulator import emulate
import pickle

firmware = pickle.loads(Path(sys.argv[1]).read_bytes())
print("running", flush=True)
emulate(firmware, [(bytes(16), bytes(8))])
"""


@pytest.mark.parametrize("core", ["cortex-m4"], indirect=True)
def test_ctrl_c_ends_the_emulator(core, dense, tmp_path):
    sources = dense("for (;;) { }")
    firmware = build_firmware(sources, core, MEMORY, tmp_path, max_instructions=10**13)
    saved = tmp_path / "firmware.pickle"
    saved.write_bytes(pickle.dumps(firmware))
    command = [sys.executable, "-c", INTERRUPTED, str(saved)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        while not (tmp_path / "outputs.bin").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) != 0
    folders = {_folder(path) for path in Path("/proc").glob("[0-9]*/cwd")}
    assert tmp_path.resolve() not in folders


def _folder(link):
    try:
        return link.resolve(strict=True)
    except OSError:
        return None
