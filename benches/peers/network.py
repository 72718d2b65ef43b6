"""A network file as the workers read it: metadata, weights and the list of its layers.

The layers follow src/model/architecture.rs, names are torchvision's.
"""

import json
from dataclasses import dataclass

import numpy as np
from safetensors import safe_open

FORMAT = "leukoscope.network/1"


@dataclass
class Conv:
    """A convolution and the batch norm behind it."""

    conv: str
    norm: str
    inputs: int
    out: int
    kernel: int
    stride: int
    groups: int


@dataclass
class Block:
    """A bottleneck: three convolutions and perhaps a projection on the shortcut."""

    convs: list
    downsample: Conv | None


def stem_conv(architecture):
    stem = architecture["stem"]
    return Conv("conv1", "bn1", 3, stem["out"], stem["kernel"], stem["stride"], 1)


def blocks_of(architecture):
    """All bottlenecks in the order of computation."""
    blocks = []
    channels = architecture["stem"]["out"]
    for s, stage in enumerate(architecture["stages"]):
        out, width, groups = stage["out"], stage["width"], stage["groups"]
        for b in range(stage["blocks"]):
            at = f"layer{s + 1}.{b}"
            stride = stage["stride"] if b == 0 else 1
            convs = [
                Conv(f"{at}.conv1", f"{at}.bn1", channels, width, 1, 1, 1),
                Conv(f"{at}.conv2", f"{at}.bn2", width, width, 3, stride, groups),
                Conv(f"{at}.conv3", f"{at}.bn3", width, out, 1, 1, 1),
            ]
            projected = stride != 1 or channels != out
            at = f"{at}.downsample"
            downsample = Conv(f"{at}.0", f"{at}.1", channels, out, 1, stride, 1) if projected else None
            blocks.append(Block(convs, downsample))
            channels = out
    return blocks


def features_of(architecture):
    """Channels in front of the last layer."""
    stages = architecture["stages"]
    return stages[-1]["out"] if stages else architecture["stem"]["out"]


class NetworkFile:
    """A safetensors file with the metadata key `leukoscope`."""

    def __init__(self, path):
        self.path = path
        with safe_open(path, framework="numpy") as file:
            metadata = json.loads((file.metadata() or {})["leukoscope"])
        if metadata.get("format") != FORMAT:
            raise ValueError(f"{path}: format {metadata.get('format')!r}, expected {FORMAT!r}")
        if metadata["architecture"]["family"] != "resnext":
            raise ValueError(f"{path}: family {metadata['architecture']['family']!r}, expected 'resnext'")
        self.architecture = metadata["architecture"]
        self.input = metadata["input"]
        self.classes = metadata["classes"]
        self.bn_eps = metadata.get("bn_eps", 1e-5)

    @property
    def size(self):
        return self.input["size"]

    def tensors(self):
        """All weights by name. Not kept: a second copy would count in a worker's peak memory."""
        with safe_open(self.path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}

    def folded(self, conv, tensors):
        """Weights and bias of a convolution with its batch norm folded in, computed in float64."""
        weight = tensors[f"{conv.conv}.weight"].astype(np.float64)
        gamma, beta, mean, var = (
            tensors[f"{conv.norm}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(var + self.bn_eps)
        weight = (weight * scale[:, None, None, None]).astype(np.float32)
        return weight, (beta - mean * scale).astype(np.float32)
