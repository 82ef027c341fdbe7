"""A model is awaited without blocking the event loop, warmed up, and closed under its waiters."""

import asyncio
import subprocess
import sys
import threading

import numpy as np
import pytest

from edgekit.runtime import ClosedModelError, Model, ValueMismatchError


@pytest.fixture
def model(tmp_path, tflite_models):
    with Model(tflite_models.float_bundle(tmp_path / "m.edgekit")) as opened:
        yield opened


def values(number):
    return np.full((1, 2, 3), number, np.float32)


def test_awaited_results_are_those_of_calls_and_come_in_order(model):
    async def main():
        return await asyncio.gather(*(model.run_async(values(n)) for n in range(20)))

    results = asyncio.run(main())
    assert [result["twice"].ravel().tolist() for result in results] == [
        [2.0 * n] * 6 for n in range(20)
    ]


def test_layouts_and_refusals_pass_through(model):
    async def main():
        source = np.arange(6, dtype=np.float32).reshape(1, 3, 2)
        result = await model.run_async(source, layout="source")
        np.testing.assert_array_equal(result["twice"], 2 * source.transpose(0, 2, 1))
        with pytest.raises(ValueMismatchError, match="input 'x'"):
            await model.run_async(np.zeros(5, np.float32))

    asyncio.run(main())


def test_one_thread_serves_a_model_and_only_when_it_is_awaited(model):
    before = {thread.ident for thread in threading.enumerate()}
    model(values(1))
    assert {thread.ident for thread in threading.enumerate()} == before

    async def main():
        await asyncio.gather(*(model.run_async(values(n)) for n in range(10)))
        return [each for each in threading.enumerate() if each.ident not in before]

    (worker,) = asyncio.run(main())
    assert worker.name.startswith("edgekit-tiny")
    model.close()
    worker.join(10)
    assert not worker.is_alive()


def test_the_event_loop_goes_on_while_the_model_is_busy(model):
    async def main():
        model._lock.acquire()  # as a long call in another thread would
        waiting = asyncio.ensure_future(model.run_async(values(3)))
        for _ in range(5):
            await asyncio.sleep(0.01)
        assert not waiting.done()
        model._lock.release()
        return await waiting

    assert asyncio.run(main())["twice"].max() == 6


def test_a_cancelled_call_leaves_the_model_usable(model):
    async def main():
        model._lock.acquire()
        running, waiting = (asyncio.ensure_future(model.run_async(values(n))) for n in (1, 2))
        await asyncio.sleep(0.02)
        running.cancel()
        waiting.cancel()
        model._lock.release()
        with pytest.raises(asyncio.CancelledError):
            await running
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return await model.run_async(values(4))

    assert asyncio.run(main())["twice"].max() == 8


def test_closing_ends_calls_that_wait(model):
    async def main():
        model._lock.acquire()
        calls = [asyncio.ensure_future(model.run_async(values(n))) for n in range(3)]
        await asyncio.sleep(0.02)
        closing = threading.Thread(target=model.close)
        closing.start()
        model._lock.release()
        results = await asyncio.gather(*calls, return_exceptions=True)
        closing.join(10)
        for number, result in enumerate(results):
            if not isinstance(result, ClosedModelError):  # it ran before the model was closed
                assert result["twice"].max() == 2 * number
        with pytest.raises(ClosedModelError):
            await model.run_async(values(0))

    asyncio.run(main())


def test_warming_up_runs_the_model_and_changes_nothing(tmp_path, tflite_models):
    real = np.linspace(-1, 1, 72, dtype=np.float32).reshape(1, 4, 6, 3)
    with Model(tflite_models.conv_bundle(tmp_path / "c.edgekit")) as model:
        model.warm_up(3)
        warm = model(real)["scores"]
        with pytest.raises(ValueMismatchError, match="0 were asked for"):
            model.warm_up(0)
    with Model(tmp_path / "c.edgekit") as cold:
        np.testing.assert_array_equal(cold(real)["scores"], warm)
    with pytest.raises(ClosedModelError):
        model.warm_up()


@pytest.mark.parametrize("maker", ["pair_bundle", "tokens_bundle", "float_bundle"])
def test_every_kind_of_input_can_be_warmed_up(tmp_path, tflite_models, maker):
    with Model(getattr(tflite_models, maker)(tmp_path / "m.edgekit")) as model:
        model.warm_up()


def test_importing_the_runtime_loads_nothing_for_what_is_awaited():
    code = "import edgekit.runtime, sys; print({'asyncio', 'concurrent'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
