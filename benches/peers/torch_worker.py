"""PyTorch on the CPU, for run.py. Threads come from THREADS.

`infer` and `train` take `layout`, `nchw` or `channels_last`: PyTorch's convolutions differ in speed between the two.
"""

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from torch import nn

import protocol
from network import NetworkFile, blocks_of, features_of, stem_conv

LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


def conv_of(spec):
    return nn.Conv2d(spec.inputs, spec.out, spec.kernel, spec.stride, spec.kernel // 2, groups=spec.groups, bias=False)


class Bottleneck(nn.Module):
    def __init__(self, block, eps):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = (conv_of(spec) for spec in block.convs)
        self.bn1, self.bn2, self.bn3 = (nn.BatchNorm2d(spec.out, eps=eps) for spec in block.convs)
        down = block.downsample
        self.downsample = nn.Sequential(conv_of(down), nn.BatchNorm2d(down.out, eps=eps)) if down else None

    def forward(self, x):
        shortcut = self.downsample(x) if self.downsample else x
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(y))
        y += shortcut
        return F.relu(y, inplace=True)


class ResNeXt(nn.Module):
    """Any architecture that src/model/architecture.rs describes, under torchvision's names."""

    def __init__(self, architecture, classes, eps):
        super().__init__()
        stem = stem_conv(architecture)
        self.conv1 = conv_of(stem)
        self.bn1 = nn.BatchNorm2d(stem.out, eps=eps)
        pool = architecture["stem"].get("pool")
        self.maxpool = nn.MaxPool2d(pool["kernel"], pool["stride"], pool["kernel"] // 2) if pool else nn.Identity()
        blocks = iter(blocks_of(architecture))
        self.stages = len(architecture["stages"])
        for s, stage in enumerate(architecture["stages"]):
            row = nn.Sequential(*(Bottleneck(next(blocks), eps) for _ in range(stage["blocks"])))
            setattr(self, f"layer{s + 1}", row)
        self.fc = nn.Linear(features_of(architecture), classes)

    def forward(self, x):
        x = self.maxpool(F.relu(self.bn1(self.conv1(x)), inplace=True))
        for s in range(self.stages):
            x = getattr(self, f"layer{s + 1}")(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Worker:
    def __init__(self):
        torch.set_num_threads(protocol.threads())
        torch.set_num_interop_threads(1)

    def do_load(self, weights, name=None, seed=1):
        self.network = NetworkFile(weights)
        self.seed = seed
        self.ready = {}
        return {"version": f"torch {torch.__version__}"}

    def model(self, purpose, layout):
        """The network for one purpose in one layout, built when it is first asked for."""
        key = (purpose, layout)
        if key not in self.ready:
            network = self.network
            model = ResNeXt(network.architecture, len(network.classes), network.bn_eps)
            weights = {name: torch.from_numpy(array) for name, array in network.tensors().items()}
            missing, unexpected = model.load_state_dict(weights, strict=False)
            wrong = [n for n in missing if not n.endswith("num_batches_tracked")] + unexpected
            if wrong:
                raise ValueError(f"the weights do not fit the architecture: {', '.join(wrong)}")
            model = model.to(memory_format=LAYOUTS[layout])
            self.ready[key] = model.train() if purpose == "train" else model.eval()
        return self.ready[key]

    def input(self, batch, layout):
        images = protocol.random_input(self.seed, batch, self.network.size)
        return torch.from_numpy(images).contiguous(memory_format=LAYOUTS[layout])

    def do_infer(self, batch, iterations, layout="channels_last"):
        model, images = self.model("infer", layout), self.input(batch, layout)
        with torch.inference_mode():
            return {"seconds": protocol.timed(lambda: model(images), iterations)}

    def do_train(self, batch, iterations, layout="channels_last"):
        model, images = self.model("train", layout), self.input(batch, layout)
        labels = torch.from_numpy(np.random.default_rng(self.seed).integers(0, len(self.network.classes), batch))
        if ("optimizer", layout) not in self.ready:
            # The fused AdamW is the fastest one that PyTorch has for the CPU.
            self.ready["optimizer", layout] = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
        optimizer = self.ready["optimizer", layout]

        def step():
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(model(images), labels).backward()
            optimizer.step()

        return {"seconds": protocol.timed(step, iterations)}

    def logits(self, images, layout):
        images = torch.from_numpy(images).contiguous(memory_format=LAYOUTS[layout])
        with torch.inference_mode():
            return self.model("infer", layout)(images).numpy()

    def do_check(self, input, output):
        def difference(layout):
            return protocol.difference(lambda images: self.logits(images, layout), input, output)

        return {"difference": max(map(difference, LAYOUTS))}

    def do_write_check(self, output, batch=4):
        """Write what the other workers are checked against: random input and its logits."""
        images = protocol.random_input(self.seed, batch, self.network.size)
        save_file({"input": images, "logits": self.logits(images, "nchw")}, output)
        return {}

    def do_peak_memory(self, batch, iterations, layout="channels_last"):
        self.do_infer(batch, iterations, layout)
        return {"bytes": protocol.peak_memory()}


if __name__ == "__main__":
    protocol.serve(Worker())
