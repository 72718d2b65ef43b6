"""Classify the images of a folder with Pillow and ONNX Runtime, one JSON object a line on stdout.

What `leukoscope classify` is compared with: the script that one would write for the purpose. With `--decoders 0` it
does one thing after the other; with more, a pool of threads decodes ahead of the network (Pillow releases the
interpreter's lock while it decodes and resizes).
"""

import argparse
import collections
import itertools
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from network import NetworkFile
from ort_worker import session


def read(path, network, um_per_px):
    """One image as the network takes it, or what is wrong with it."""
    spec = network.input
    try:
        with Image.open(path) as file:
            image = file.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        return error
    field = round(spec["field_um"] / um_per_px)
    width, height = min(field, image.width), min(field, image.height)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    image = image.crop((left, top, left + width, top + height))
    image = image.resize((spec["size"], spec["size"]), Image.Resampling.BILINEAR)
    pixels = np.asarray(image, dtype=np.float32) / np.float32(255)
    pixels = (pixels - np.float32(spec["mean"])) / np.float32(spec["std"])
    return pixels.transpose(2, 0, 1)


def decoded(paths, read_one, decoders, ahead):
    """(path, image) of every path, in order."""
    if decoders == 0:
        yield from ((path, read_one(path)) for path in paths)
        return
    with ThreadPoolExecutor(decoders) as pool:
        waiting = collections.deque()
        for path in paths:
            waiting.append((path, pool.submit(read_one, path)))
            # Bounded, so that memory does not grow with the folder.
            if len(waiting) > ahead:
                path, image = waiting.popleft()
                yield path, image.result()
        for path, image in waiting:
            yield path, image.result()


def probabilities(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def batches(items, size):
    items = iter(items)
    while batch := list(itertools.islice(items, size)):
        yield batch


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--network", required=True, help="the network file, for its metadata")
    parser.add_argument("--onnx", required=True, help="the same network as onnx_graph.py wrote it")
    parser.add_argument("--um-per-px", type=float, required=True)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--top", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--decoders", type=int, default=0)
    args = parser.parse_args()

    network = NetworkFile(args.network)
    run = session(args.onnx, args.threads).run
    paths = sorted(path for path in args.folder.rglob("*") if path.is_file())
    images = decoded(paths, lambda path: read(path, network, args.um_per_px), args.decoders, 2 * args.batch)
    refused = False
    for batch in batches(images, args.batch):
        good = [image for _, image in batch if isinstance(image, np.ndarray)]
        rows = iter(probabilities(run(None, {"input": np.stack(good)})[0]) if good else [])
        for path, image in batch:
            if isinstance(image, np.ndarray):
                row = next(rows)
                best = np.argsort(-row)[: args.top]
                top = [{"class": network.classes[i], "p": float(row[i])} for i in best]
                line = {"path": str(path), "status": "ok", "top": top}
            else:
                refused = True
                line = {"path": str(path), "status": "error", "error": str(image)}
            print(json.dumps(line))
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
