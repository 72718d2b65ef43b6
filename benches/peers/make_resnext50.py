"""Write a ResNeXt-50 32x4d with random weights: make_resnext50.py OUT.safetensors.

Only its cost matters, so the weights are drawn, but such that activations and logits stay of the size that a trained
network has: denormals and infinities would change how fast it runs.
"""

import json
import math
import os
import sys

import numpy as np
from safetensors.numpy import save_file

from network import FORMAT, blocks_of, features_of, stem_conv

CLASSES = "BAS EBO EOS KSC LYA LYT MMZ MOB MON MYB MYO NGB NGS PMB PMO".split()

METADATA = {
    "format": FORMAT,
    "architecture": {
        "family": "resnext",
        "stem": {"out": 64, "kernel": 7, "stride": 2, "pool": {"kernel": 3, "stride": 2}},
        "stages": [
            {"blocks": 3, "out": 256, "width": 128, "groups": 32, "stride": 1},
            {"blocks": 4, "out": 512, "width": 256, "groups": 32, "stride": 2},
            {"blocks": 6, "out": 1024, "width": 512, "groups": 32, "stride": 2},
            {"blocks": 3, "out": 2048, "width": 1024, "groups": 32, "stride": 2},
        ],
    },
    "input": {"size": 224, "field_um": 21.9, "mean": [0.8, 0.7, 0.75], "std": [0.2, 0.2, 0.2]},
    "classes": CLASSES,
    "untrained": [],
    "bn_eps": 1e-5,
}


def tensors(architecture, classes, seed=50):
    """Kaiming's initialisation; the last norm of a block is small, as in a trained network, so that sums stay small."""
    rng = np.random.default_rng(seed)
    all_tensors = {}

    def normal(shape, spread):
        return (rng.standard_normal(shape, dtype=np.float32) * np.float32(spread)).astype(np.float32)

    def conv(spec, gamma):
        fan_in = spec.inputs // spec.groups * spec.kernel**2
        shape = (spec.out, spec.inputs // spec.groups, spec.kernel, spec.kernel)
        all_tensors[f"{spec.conv}.weight"] = normal(shape, math.sqrt(2 / fan_in))
        around = {"weight": (gamma, gamma / 10), "bias": (0, 0.05), "running_mean": (0, 0.05)}
        for part, (mean, spread) in around.items():
            all_tensors[f"{spec.norm}.{part}"] = np.float32(mean) + normal(spec.out, spread)
        all_tensors[f"{spec.norm}.running_var"] = rng.uniform(0.9, 1.1, spec.out).astype(np.float32)

    conv(stem_conv(architecture), 0.7)
    for block in blocks_of(architecture):
        first, second, last = block.convs
        conv(first, 0.7)
        conv(second, 0.7)
        conv(last, 0.3)
        if block.downsample:
            conv(block.downsample, 0.7)
    features = features_of(architecture)
    all_tensors["fc.weight"] = normal((classes, features), 1 / math.sqrt(features))
    all_tensors["fc.bias"] = np.zeros(classes, np.float32)
    return all_tensors


def main():
    path = sys.argv[1]
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    made = tensors(METADATA["architecture"], len(CLASSES))
    save_file(made, path, metadata={"leukoscope": json.dumps(METADATA)})


if __name__ == "__main__":
    main()
