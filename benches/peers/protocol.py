"""The workers' side of the protocol: a JSON object a line in, one JSON line out."""

import json
import os
import sys
import time

import numpy as np
from safetensors.numpy import load_file


def threads():
    return int(os.environ.get("THREADS", "2"))


def peak_memory():
    """The largest resident set that this process has had, in bytes."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM")


def timed(step, iterations):
    """Wall seconds of each of `iterations` calls."""
    seconds = []
    for _ in range(iterations):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    return seconds


def random_input(seed, batch, size):
    """A batch as preprocessing makes it: roughly centred, of spread 1."""
    return np.random.default_rng(seed).standard_normal((batch, 3, size, size), dtype=np.float32)


def difference(logits_of, input, output):
    """The largest difference between the logits of one file's `input` and another's `logits`."""
    return float(np.abs(logits_of(load_file(input)["input"]) - load_file(output)["logits"]).max())


def serve(worker):
    """Answer every request with the method of `worker` that `do` names, until `quit` or the end of stdin."""
    # Libraries print to stdout now and then; answers get a descriptor of their own so that nothing mixes with them.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        if not line.strip():
            continue
        request = json.loads(line)
        name = request.pop("do")
        if name == "quit":
            break
        try:
            method = getattr(worker, f"do_{name}", None)
            if method is None:
                raise ValueError(f"this worker cannot `{name}`")
            answer = {"ok": True, **method(**request)}
        except Exception as error:
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers)
