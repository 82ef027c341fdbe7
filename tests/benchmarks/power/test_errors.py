"""Errors of meters say which meter, what is wrong, and what to run."""

import pickle

from edgekit.benchmarks.power import MeterError, MeterPermissionError


def test_a_permission_comes_with_the_command_as_it_is_to_be_run():
    error = MeterPermissionError("rapl", "/sys/x", command="sudo chmod a+r /sys/x")
    assert str(error) == (
        "power meter 'rapl': no permission to read /sys/x\n  -> run:  sudo chmod a+r /sys/x"
    )
    assert isinstance(error, MeterError)


def test_they_cross_processes_whole():
    error = MeterPermissionError("ppk2", "/dev/ttyACM0", command="c", then="  and log in again")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.command, again.meter) == (str(error), "c", "ppk2")
