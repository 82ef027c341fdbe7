"""What native code prints is kept away, and only that."""

import os
import sys
from pathlib import Path

import pytest

from edgekit.cli.output import Output
from edgekit.cli.running import silent_interpreter

SILENT = Output(json=False, quiet=False, verbose=False)
DESCRIPTORS = Path("/proc/self/fd")


@pytest.mark.parametrize(("verbose", "said"), [(False, ""), (True, "native\n")])
def test_native_messages_are_heard_only_when_verbose(capfd, verbose, said):
    output = Output(json=False, quiet=False, verbose=verbose)
    with silent_interpreter(output):
        os.write(2, b"native\n")
    assert capfd.readouterr().err == said
    sys.stderr.write("after\n")
    os.write(2, b"and after\n")
    assert capfd.readouterr().err == "after\nand after\n"


def test_standard_error_comes_back_after_an_error(capfd):
    with pytest.raises(ZeroDivisionError), silent_interpreter(SILENT):
        raise ZeroDivisionError
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="only Linux lists them there")
def test_no_descriptors_are_lost():
    before = len(list(DESCRIPTORS.iterdir()))
    for _ in range(5):
        with silent_interpreter(SILENT):
            pass
    assert len(list(DESCRIPTORS.iterdir())) == before


def test_the_stream_that_it_gives_is_still_heard(capfd):
    with silent_interpreter(SILENT) as stderr:
        os.write(2, b"native\n")
        stderr.write("progress\n")
        stderr.flush()
    assert capfd.readouterr().err == "progress\n"
