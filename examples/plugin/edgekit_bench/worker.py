"""The other end of the pipe: runs a bundle as edgekit's host target does, a line an answer."""

import base64
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.benchmarks import BenchmarkOptions, HostTarget, Session
from edgekit.bundle import Bundle
from edgekit.errors import EdgekitError


def main() -> None:
    """Answer until the pipe is closed."""
    session: Session | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["what"] == "prepare":
                session = _prepare(request)
                answer: dict[str, Any] = {"value": session.load_us}
            elif session is not None:
                answer = {"value": _answer(session, request)}
            else:
                answer = {"error": "nothing is loaded"}
        except EdgekitError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)
    if session is not None:
        session.close()


def _prepare(request: dict[str, Any]) -> Session:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.edgekit"
        path.write_bytes(base64.b64decode(request["bundle"]))
        bundle = Bundle.open(path)
    inputs = [dict(np.load(io.BytesIO(base64.b64decode(each)))) for each in request["inputs"]]
    return HostTarget().prepare(bundle, inputs, BenchmarkOptions.from_json(request["options"]))


def _answer(session: Session, request: dict[str, Any]) -> Any:
    if request["what"] == "run":
        return np.asarray(session.run(request["count"])).tolist()
    if request["what"] == "peak_rss_bytes":
        return session.peak_rss_bytes()
    state = session.environment() if request["what"] == "environment" else session.system_state()
    return None if state is None else state.to_json()


if __name__ == "__main__":
    main()
