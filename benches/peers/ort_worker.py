"""ONNX Runtime on the CPU, for run.py. Threads come from THREADS."""

import os
import subprocess
import sys

import onnxruntime as ort

import protocol
from network import NetworkFile

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "..", "..", "target", "peers")


def converted(weights):
    """The path of the network as an ONNX model; converted in another process, and kept."""
    command = [sys.executable, os.path.join(HERE, "onnx_graph.py"), weights, MODELS]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def session(model, threads):
    """An inference session with every graph optimisation, in sequential execution."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class Worker:
    def do_load(self, weights, name=None, seed=1):
        self.network = NetworkFile(weights)
        self.session = session(converted(weights), protocol.threads())
        self.seed = seed
        return {"version": f"onnxruntime {ort.__version__}"}

    def logits(self, images):
        return self.session.run(None, {"input": images})[0]

    def do_infer(self, batch, iterations):
        images = protocol.random_input(self.seed, batch, self.network.size)
        return {"seconds": protocol.timed(lambda: self.logits(images), iterations)}

    def do_check(self, input, output):
        return {"difference": protocol.difference(self.logits, input, output)}

    def do_peak_memory(self, batch, iterations):
        self.do_infer(batch, iterations)
        return {"bytes": protocol.peak_memory()}


if __name__ == "__main__":
    protocol.serve(Worker())
