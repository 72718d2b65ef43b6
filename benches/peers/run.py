"""Compare leukoscope with ONNX Runtime and PyTorch on the same weights, inputs and threads. See README.md.

Only the standard library is imported here: the peak memory that the system reports of a child process is never less
than that of the process which started it.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
TARGET = REPOSITORY / "target" / "peers"
IMAGES = (".jpg", ".jpeg")
# The libraries' threads go on spinning for some ms after their work; the next worker must not share the CPU with them.
PAUSE_S = 0.1
# Peak memory hardly differs from run to run.
MEMORY_ROUNDS = 3
# Logits that differ by more come from another network.
TOLERANCE = 1e-4
OURS = "leukoscope"


def note(text):
    print(f"  {text}", file=sys.stderr, flush=True)


class WorkerError(Exception):
    pass


class Worker:
    """A process that answers requests; see the protocol in README.md."""

    def __init__(self, name, command, environment):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, do, **arguments):
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise WorkerError(f"{self.name}: ended during `{do}` with status {self.process.wait()}")
        answer = json.loads(line)
        # Only `load` has to say ok; what the others answer tells it.
        if "error" in answer or answer.get("ok", True) is not True:
            raise WorkerError(f"{self.name}: `{do}`: {answer.get('error', 'failed')}")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.process.stdin.write('{"do":"quit"}\n')
            self.process.stdin.close()
            self.process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@dataclass
class Contestant:
    """A line of a table: a worker, and what is added to its requests."""

    label: str
    worker: str
    extra: dict = field(default_factory=dict)


NCHW = {"layout": "nchw"}
CHANNELS_LAST = {"layout": "channels_last"}
TORCH = [
    Contestant("PyTorch, channels_last", "torch", CHANNELS_LAST),
    Contestant("PyTorch, NCHW", "torch", NCHW),
]
INFERENCE = [Contestant(OURS, OURS), Contestant("ONNX Runtime", "ort"), *TORCH]
TRAINING = [Contestant(OURS, OURS), *TORCH]


@dataclass
class Speed:
    """Something that workers do again and again, timed inside of them."""

    title: str
    network: str
    request: str
    batch: int
    iterations: int
    contestants: list


SPEEDS = {
    "reference-batch32": Speed("Reference network, inference, batch 32", "reference", "infer", 32, 5, INFERENCE),
    "reference-batch1": Speed("Reference network, inference, batch 1", "reference", "infer", 1, 60, INFERENCE),
    "resnext50-batch1": Speed("ResNeXt-50 32x4d, inference, batch 1", "resnext50", "infer", 1, 7, INFERENCE),
    "resnext50-batch16": Speed("ResNeXt-50 32x4d, inference, batch 16", "resnext50", "infer", 16, 2, INFERENCE),
    "train": Speed("Reference network, training step, batch 32", "reference", "train", 32, 2, TRAINING),
}
OTHERS = ["memory", "classify", "classify-memory", "stages"]
NAMES = [*SPEEDS, *OTHERS]


class Bench:
    def __init__(self, args):
        self.args = args
        threads = str(args.threads)
        names = ["THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"]
        self.environment = {**os.environ, **dict.fromkeys(names, threads)}
        self.networks = {"reference": str(args.network.resolve()), "resnext50": str(TARGET / "resnext50.safetensors")}
        packages = ["numpy", "onnxruntime", "pillow", "torch"]
        self.versions = {name: f"{name} {importlib.metadata.version(name)}" for name in packages}
        self.raw = {}

    # Workers

    def command(self, worker):
        """How a worker is started; `None`: it is not to be had."""
        if worker == OURS:
            return [str(self.args.leukoscope)] if self.args.leukoscope else None
        return [sys.executable, str(HERE / f"{worker}_worker.py")]

    def start(self, name, network):
        """A worker with its network loaded; `None`: it is not to be had or cannot load it."""
        command = self.command(name)
        if command is None:
            return None
        worker = Worker(name, command, self.environment)
        try:
            answer = worker.ask("load", name=network, weights=self.networks[network], seed=1)
        except WorkerError as error:
            note(f"left out: {error}")
            worker.__exit__()
            return None
        if name == OURS:
            self.versions[OURS] = answer.get("version", "leukoscope, unknown version")
        return worker

    def script(self, name, *arguments):
        """Run a script of this folder to its end; what it wrote to stdout."""
        command = [sys.executable, str(HERE / name), *map(str, arguments)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def prepare(self, network):
        if network == "resnext50" and not Path(self.networks[network]).exists():
            self.script("make_resnext50.py", self.networks[network])

    def check(self, workers, network):
        """Do all of them compute the same? The largest difference of logits from PyTorch's, by worker."""
        if "torch" not in workers:
            return {}
        path = str(TARGET / f"check-{network}.safetensors")
        workers["torch"].ask("write_check", output=path)
        differences = {}
        for name, worker in workers.items():
            try:
                differences[name] = worker.ask("check", input=path, output=path)["difference"]
            except (WorkerError, KeyError) as error:
                note(f"{name} was not checked: {error}")
                continue
            if not differences[name] <= TOLERANCE:
                print(f"\n**{name} computes something else on {network}: logits differ by {differences[name]}.**")
        return differences

    # Measurements

    def rounds(self, contestants, measure, most=None):
        """Everyone's results, a list each by label: rounds in turn, so that drift of the machine hits all alike."""
        results = {}
        left_out = set()
        count = min(self.args.rounds, most or self.args.rounds)
        for turn in range(self.args.warm_ups + count):
            for one in contestants:
                if one.label in left_out:
                    continue
                time.sleep(PAUSE_S)
                try:
                    result = measure(one)
                except WorkerError as error:
                    note(f"left out: {error}")
                    left_out.add(one.label)
                    results.pop(one.label, None)
                    continue
                if turn >= self.args.warm_ups:
                    results.setdefault(one.label, []).append(result)
        return results

    def speed(self, name):
        what = SPEEDS[name]
        self.prepare(what.network)
        needed = dict.fromkeys(one.worker for one in what.contestants)
        workers = {worker: self.start(worker, what.network) for worker in needed}
        workers = {worker: started for worker, started in workers.items() if started}
        try:
            differences = self.check(workers, what.network)

            def measure(one):
                worker = workers[one.worker]
                answer = worker.ask(what.request, batch=what.batch, iterations=what.iterations, **one.extra)
                return answer["seconds"]

            present = [one for one in what.contestants if one.worker in workers]
            seconds = self.rounds(present, measure)
        finally:
            for worker in workers.values():
                worker.__exit__()
        self.raw[name] = {"batch": what.batch, "seconds": seconds, "differences": differences}
        rates = {
            label: [what.batch / statistics.median(of_round) for of_round in rounds]
            for label, rounds in seconds.items()
        }
        if what.request == "infer":
            rates = best_of_torch(rates)
        said = ", ".join(f"{worker} {difference:.1e}" for worker, difference in differences.items())
        after = f"Largest difference of logits from PyTorch's: {said}." if said else ""
        table(what.title, rates, "images/s", after=after)

    def memory(self):
        """A fresh process for each measurement: a process's peak never goes down."""
        self.prepare("resnext50")
        # The conversion must be on the disk before, so that all of ONNX Runtime's processes do the same.
        self.script("onnx_graph.py", self.networks["resnext50"], TARGET)
        batch = 16

        def measure(one):
            worker = self.start(one.worker, "resnext50")
            if worker is None:
                raise WorkerError(f"{one.label} did not start")
            with worker:
                return worker.ask("peak_memory", batch=batch, iterations=3, **one.extra)["bytes"]

        contestants = [one for one in INFERENCE if one.extra != NCHW and self.command(one.worker)]
        peaks = self.rounds(contestants, measure, MEMORY_ROUNDS)
        self.raw["memory"] = {"batch": batch, "bytes": peaks}
        table("ResNeXt-50 32x4d, inference, batch 16: peak memory of the process", mebibytes(peaks), "MiB", less=True)

    # Whole programs

    def classify_commands(self, folder):
        """The command of every contestant, by label."""
        args = self.args
        network = self.networks["reference"]
        scale = str(args.um_per_px)
        commands = {}
        if args.binary:
            binary = [str(args.binary), "classify", str(folder), "--format", "jsonl", "--batch", "32"]
            commands[OURS] = [*binary, "--model", network, "--um-per-px", scale]
        onnx = self.script("onnx_graph.py", network, TARGET)
        script = [sys.executable, str(HERE / "pillow_ort.py"), str(folder), "--batch", "32", "--um-per-px", scale]
        script += ["--network", network, "--onnx", onnx, "--threads", str(args.threads)]
        commands["Pillow, then ONNX Runtime"] = script
        pool = f"Pillow in {args.threads} threads beside ONNX Runtime"
        commands[pool] = [*script, "--decoders", str(args.threads)]
        return commands

    def finished(self, command, output):
        """Run a program to its end: wall seconds, CPU seconds and peak memory of the process."""
        with tempfile.TemporaryFile() as errors:
            start = time.perf_counter()
            process = subprocess.Popen(command, stdout=output, stderr=errors, env=self.environment)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            # 1: done, but some files were refused. Folders of real cells have truncated files.
            if process.returncode not in (0, 1):
                errors.seek(0)
                last = errors.read().decode(errors="replace").strip()[-500:]
                raise WorkerError(f"{' '.join(command[:2])} ended with status {process.returncode}: {last}")
        cpu = usage.ru_utime + usage.ru_stime
        # KiB on Linux.
        return {"seconds": seconds, "cpu_seconds": cpu, "bytes": usage.ru_maxrss * 1024}

    def classify(self):
        with cells(self.args.cells, self.args.files) as (folder, count):
            commands = self.classify_commands(folder)
            tops = {}
            for label, command in commands.items():
                with tempfile.TemporaryFile("w+") as output:
                    self.finished(command, output)
                    output.seek(0)
                    tops[label] = top_classes(output)
            results = self.rounds(
                [Contestant(label, label) for label in commands],
                lambda one: self.finished(commands[one.label], subprocess.DEVNULL),
            )
        self.raw["classify"] = {"files": count, "runs": results, "top": tops}
        rates = {label: [count / run["seconds"] for run in runs] for label, runs in results.items()}
        table(f"classify of {count} files, the whole program", rates, "images/s", after=agreement(tops))

    def classify_memory(self):
        rounds = {}
        for files in (200, 2000):
            with cells(self.args.cells, files) as (folder, count):
                commands = self.classify_commands(folder)
                results = self.rounds(
                    [Contestant(label, label) for label in commands if label == OURS or "then" in label],
                    lambda one: self.finished(commands[one.label], subprocess.DEVNULL)["bytes"],
                    MEMORY_ROUNDS,
                )
            self.raw.setdefault("classify-memory", {})[str(count)] = results
            table(f"classify of {count} files: peak memory of the process", mebibytes(results), "MiB", less=True)
            rounds[count] = results.get(OURS)
        sizes = [statistics.median(of_count) for of_count in rounds.values() if of_count]
        if len(sizes) == 2:
            print(f"\nleukoscope's peak for {' and '.join(map(str, rounds))} files: ratio {sizes[1] / sizes[0]:.2f}.")

    def stages(self):
        """What leukoscope says about its two stages alone."""
        if not self.args.binary:
            note("left out: stages needs --binary")
            return
        command = [str(self.args.binary), "bench", "--json"]

        def measure(_):
            run = subprocess.run(command, stdout=subprocess.PIPE, env=self.environment, text=True)
            try:
                said = json.loads(run.stdout)
                return {key: float(said[key]) for key in ("images_per_s", "decode_images_per_s")}
            except (ValueError, KeyError, TypeError) as error:
                raise WorkerError(f"{' '.join(command)} ended with status {run.returncode}: {error!r}") from error

        runs = self.rounds([Contestant(OURS, OURS)], measure).get(OURS, [])
        self.raw["stages"] = runs
        if runs:
            stages = {"network": "images_per_s", "decode and preprocess": "decode_images_per_s"}
            rates = {stage: [run[key] for run in runs] for stage, key in stages.items()}
            table("leukoscope's two stages alone, as `leukoscope bench` reports them", rates, "images/s")

    def run(self, name):
        note(name)
        if name in SPEEDS:
            self.speed(name)
        else:
            getattr(self, name.replace("-", "_"))()


def best_of_torch(rates):
    """PyTorch only in the layout that is the faster one here."""
    of_torch = [one.label for one in TORCH if one.label in rates]
    best = max(of_torch, key=lambda label: statistics.median(rates[label]), default=None)
    return {label: rounds for label, rounds in rates.items() if label not in of_torch or label == best}


def mebibytes(peaks):
    return {label: [value / 2**20 for value in values] for label, values in peaks.items()}


def spread(values, digits):
    return f"{min(values):.{digits}f}-{max(values):.{digits}f}"


def table(title, values, unit, less=False, after=""):
    """Print medians and, if leukoscope is among them, the ratios of the rounds: above 1 speaks for leukoscope."""
    ours = values.get(OURS)
    ratio = f"program / {OURS}" if less else f"{OURS} / program"
    print(f"\n### {title}\n")
    print(f"| program | {unit}, median | min-max | {ratio}, median | min-max |")
    print("|---|---|---|---|---|")
    for label, rounds in values.items():
        digits = 1 if statistics.median(rounds) < 1000 else 0
        middle = f"{statistics.median(rounds):.{digits}f}"
        if ours and label != OURS:
            ratios = [b / a if less else a / b for a, b in zip(ours, rounds)]
            ratios = f"**{statistics.median(ratios):.2f}** | {spread(ratios, 2)}"
        else:
            ratios = " | "
        print(f"| {label} | {middle} | {spread(rounds, digits)} | {ratios} |")
    if after:
        print(f"\n{after}")
    sys.stdout.flush()


class cells:
    """A folder with copies of the first images of another one, in name order."""

    def __init__(self, source, count):
        paths = sorted(path for path in source.rglob("*") if path.suffix.lower() in IMAGES and path.is_file())
        if not paths:
            raise SystemExit(f"{source}: no JPEG in it")
        self.paths = paths[:count]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="leukoscope-peers-")
        # Copies, as not every program follows links; numbered, as files in different folders may have the same name.
        # From here on they are in the page cache, for all alike.
        for i, path in enumerate(self.paths):
            shutil.copyfile(path, Path(self.folder.name) / f"{i:05}{path.suffix.lower()}")
        return Path(self.folder.name), len(self.paths)

    def __exit__(self, *_):
        self.folder.cleanup()


def top_classes(lines):
    """The most probable class of every image that was classified, by file name."""
    tops = {}
    for line in map(json.loads, lines):
        if line["status"] == "ok":
            tops[Path(line["path"]).name] = line["top"][0]["class"]
    return tops


def agreement(tops):
    """How often the others find the same most probable class as leukoscope; they decode and resize on their own."""
    ours = tops.get(OURS)
    other = next((top for label, top in tops.items() if label != OURS), {})
    if not ours or not other:
        return ""
    both = ours.keys() & other.keys()
    same = sum(ours[name] == other[name] for name in both)
    share = 100 * same / max(1, len(both))
    return f"Classified by both: {len(both)}, with the same most probable class: {same} ({share:.1f}%)."


def cpu_model():
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--leukoscope", type=Path, metavar="PATH", help="leukoscope's worker; without it the peers run alone"
    )
    parser.add_argument("--binary", type=Path, metavar="PATH", help="the program leukoscope, for classify and stages")
    parser.add_argument("--network", type=Path, default=REPOSITORY / "data" / "default.safetensors", metavar="FILE")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    parser.add_argument("--rounds", type=int, default=9, metavar="N")
    parser.add_argument("--warm-ups", type=int, default=1, metavar="N", help="rounds in front that do not count")
    parser.add_argument("--only", action="append", choices=NAMES, help="this measurement; may be given several times")
    parser.add_argument("--cells", type=Path, metavar="DIR", help="JPEGs for classify, in any depth")
    parser.add_argument("--um-per-px", type=float, metavar="X", help="their scale; needed with --cells")
    parser.add_argument("--files", type=int, default=2000, metavar="N", help="how many of them, in name order")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all raw numbers there")
    args = parser.parse_args()
    if args.cells and not args.um_per_px:
        parser.error("--cells needs --um-per-px")
    for path in (args.leukoscope, args.binary, args.network, args.cells):
        if path and not path.exists():
            parser.error(f"{path} does not exist")
    if min(args.threads, args.rounds) < 1 or args.warm_ups < 0:
        parser.error("--threads and --rounds are 1 or more, --warm-ups 0 or more")
    names = args.only or NAMES
    if not args.cells:
        wanted = [name for name in args.only or [] if name.startswith("classify")]
        if wanted:
            parser.error(f"{wanted[0]} needs --cells")
        names = [name for name in names if not name.startswith("classify")]
    return args, names


def main():
    args, names = arguments()
    TARGET.mkdir(parents=True, exist_ok=True)
    # No __pycache__ among the sources.
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    bench = Bench(args)
    machine = {"cpu": cpu_model(), "cpus": os.cpu_count(), "system": platform.platform()}
    load = os.getloadavg()[0]
    print(f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['system']}.")
    print(f"Threads: {args.threads}, rounds: {args.rounds}.")
    if load > 0.5:
        print(f"The load average is {load:.1f}: other programs are running, and the numbers suffer from them.")
    failed = []
    for name in names:
        try:
            bench.run(name)
        except (WorkerError, subprocess.CalledProcessError) as error:
            note(f"{name} failed: {error}")
            failed.append(name)
        if args.json:
            settings = {"threads": args.threads, "rounds": args.rounds, "warm_ups": args.warm_ups}
            everything = {"machine": machine, **settings, "versions": bench.versions, "measurements": bench.raw}
            args.json.write_text(json.dumps(everything, indent=1) + "\n")
    print(f"\nPython {platform.python_version()}, {', '.join(bench.versions.values())}.")
    return f"failed: {', '.join(failed)}" if failed else 0


if __name__ == "__main__":
    sys.exit(main())
