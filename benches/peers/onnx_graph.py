"""Write a network file as an ONNX model: onnx_graph.py NETWORK.safetensors FOLDER. Prints the path of the model.

A program of its own, so that neither the time nor the memory of the conversion counts for ONNX Runtime.
"""

import hashlib
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from network import NetworkFile, blocks_of, stem_conv


def onnx_model(network):
    """The network as an ONNX model of dynamic batch, batch norms folded into the convolutions.

    Written by hand: an export from PyTorch gives the same nodes, and this needs no PyTorch.
    """
    tensors = network.tensors()
    nodes, weights = [], []

    def add(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def conv(spec, x):
        weight, bias = network.folded(spec, tensors)
        names = [f"{spec.conv}.weight", f"{spec.conv}.bias"]
        weights.extend(numpy_helper.from_array(array, name) for array, name in zip((weight, bias), names))
        pads = [spec.kernel // 2] * 4
        return add(
            "Conv",
            [x, *names],
            spec.conv,
            kernel_shape=[spec.kernel] * 2,
            strides=[spec.stride] * 2,
            pads=pads,
            group=spec.groups,
        )

    x = conv(stem_conv(network.architecture), "input")
    x = add("Relu", [x], f"{x}.relu")
    pool = network.architecture["stem"].get("pool")
    if pool:
        kernel, stride, pads = [pool["kernel"]] * 2, [pool["stride"]] * 2, [pool["kernel"] // 2] * 4
        x = add("MaxPool", [x], "maxpool", kernel_shape=kernel, strides=stride, pads=pads)
    for block in blocks_of(network.architecture):
        shortcut = conv(block.downsample, x) if block.downsample else x
        y = conv(block.convs[0], x)
        y = add("Relu", [y], f"{y}.relu")
        y = conv(block.convs[1], y)
        y = add("Relu", [y], f"{y}.relu")
        y = conv(block.convs[2], y)
        y = add("Add", [y, shortcut], f"{y}.add")
        x = add("Relu", [y], f"{y}.relu")
    x = add("GlobalAveragePool", [x], "avgpool")
    x = add("Flatten", [x], "flatten")
    for name in ("fc.weight", "fc.bias"):
        weights.append(numpy_helper.from_array(tensors[name].astype(np.float32), name))
    add("Gemm", [x, "fc.weight", "fc.bias"], "logits", transB=1)

    shape = ["batch", 3, network.size, network.size]
    graph = helper.make_graph(
        nodes,
        "resnext",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(network.classes)])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def main():
    weights, folder = sys.argv[1:]
    digest = hashlib.sha256()
    # This file is part of the name: a changed graph must not be taken from an older run.
    for source in (weights, __file__):
        with open(source, "rb") as file:
            digest.update(file.read())
    path = os.path.join(folder, f"{digest.hexdigest()[:16]}.onnx")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        onnx.save(onnx_model(NetworkFile(weights)), f"{path}.new")
        os.replace(f"{path}.new", path)
    print(path)


if __name__ == "__main__":
    main()
