"""Numbers and words from files, and what is said where there are none."""

import os
import tempfile
from pathlib import Path

import pytest

from edgekit.benchmarks.power import MeterError, MeterPermissionError, MeterStatus
from edgekit.benchmarks.power.sysfs import may_read, optional_text, read_number, read_word


def test_words_and_numbers_lose_their_line_ends(tmp_path):
    path = tmp_path / "value"
    path.write_text("-42\n")
    assert read_number("m", path, command="c") == -42
    assert read_word("m", path, command="c") == "-42"
    assert optional_text(path) == "-42"


def test_what_is_no_number_is_told(tmp_path):
    path = tmp_path / "value"
    path.write_text("<unknown>\n")
    with pytest.raises(MeterError, match="'<unknown>', which is no number"):
        read_number("m", path, command="c")


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(MeterError, match="No such file"):
        read_word("m", tmp_path / "none", command="c")
    assert optional_text(tmp_path / "none") == ""
    assert may_read([tmp_path / "none"], "x", command="c").status is MeterStatus.ABSENT


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without permission")
def test_what_may_not_be_read_comes_with_the_command(power_stand_ins):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "value"
        path.parent.chmod(0o755)
        path.write_text("1")
        path.chmod(0o600)
        with power_stand_ins.as_nobody():
            with pytest.raises(MeterPermissionError) as caught:
                read_word("m", path, command="sudo chmod a+r it")
            state = may_read([path], "x", command="sudo chmod a+r it")
    assert caught.value.hint == "run:  sudo chmod a+r it"
    assert (state.status, state.command) == (MeterStatus.NO_PERMISSION, "sudo chmod a+r it")
