"""Exports of five kinds of cases, read by fhir.resources, the JSON schema of FHIR R4, and hl7apy.

The cases: an ordinary differential, a leukaemic one, a corrected one, one whose names are not ASCII and hold every separator, one in
which most classes are empty, and one that is open and has no WBC. Every figure is also computed here anew from the JSON export.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from fhir.resources.R4B.bundle import Bundle
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from jsonschema import Draft6Validator

LABORATORY = """
schema = 1
name = "Labor für Hämatologie & Co"
address = ["Musterweg 1", "80331 München"]
[identifier]
system = "urn:oid:1.2.3.4"
value = "LAB-7"
[patient]
system = "urn:oid:1.2.3.5"
authority = "KLINIK"
[[field]]
id = "specimen"
label = "Probe"
[[field]]
id = "slide"
label = "Objektträger"
[mllp]
receiving_application = "LIS"
"""

ODD = "Müller-Łoś 患者 |^&~\\ <b>"
ORDINARY = ["NGS"] * 58 + ["NGB"] * 3 + ["LYT"] * 28 + ["MON"] * 7 + ["EOS"] * 3 + ["BAS"]
LEUKAEMIC = ["MYO"] * 70 + ["MOB"] * 5 + ["PMO"] * 4 + ["PMB"] * 2 + ["LYT"] * 12 + ["NGS"] * 7 + ["EBO"] * 8 + ["KSC"] * 12

problems = []


def check(holds, what):
    if not holds:
        problems.append(what)


class Lab:
    """A database of its own, with the program to run on it."""

    def __init__(self, program, folder):
        self.program, self.folder = program, Path(folder)
        (self.folder / "laboratory.toml").write_text(LABORATORY, encoding="utf-8")
        self.env = dict(os.environ, LEUKOSCOPE_DB=str(self.folder / "x.db"), HOME=str(self.folder))

    def run(self, *args, given=None):
        command = [self.program, "--laboratory", str(self.folder / "laboratory.toml"), *args]
        done = subprocess.run(command, input=given, env=self.env, capture_output=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{args}: {done.stderr.decode()}")
        return done.stdout

    def case(self, name):
        """A case of drawn cells."""
        smear = self.folder / f"smear{len(list(self.folder.iterdir()))}"
        seed = str(len(list(self.folder.iterdir())))
        self.run("phantoms", str(smear), "--layout", "flat", "--per-class", "8", "--seed", seed)
        self.run("import", str(smear), "--case", name)
        return [c["cell"] for c in json.loads(self.run("export", name))["cells"]]

    def decide(self, name, cells, codes, reviewer):
        """Gives cells classes; those left over are taken out of every count."""
        codes = codes + [None] * (len(cells) - len(codes))
        lines = [
            {"cell": cell, "action": "reclassify", "class": code} if code else {"cell": cell, "action": "exclude"}
            for cell, code in zip(cells, codes)
        ]
        self.run("decide", name, "--reviewer", reviewer, given="\n".join(map(json.dumps, lines)).encode())


def scaled(codes, n):
    """The same make-up in n cells."""
    return [codes[i * len(codes) // n] for i in range(n)]


def cases(lab):
    """Name, whether it is open, whether it corrects."""
    for name, codes in [("ordinary", ORDINARY), ("leukaemic", LEUKAEMIC), (ODD, LEUKAEMIC), ("empty classes", ["NGS"] * 3)]:
        cells = lab.case(name)
        codes = codes if len(codes) < 10 else scaled(codes, len(cells))
        lab.decide(name, cells, codes, "Zoë Nuñez|^&~\\")
        lab.run("sign", name, "--reviewer", "Zoë Nuñez|^&~\\")
        yield name, False, False
    cells = lab.case("corrected")
    lab.decide("corrected", cells, scaled(ORDINARY, len(cells)), "ada")
    lab.run("sign", "corrected", "--reviewer", "ada")
    lab.run("reopen", "corrected", "--reason", "misread\nby ada", "--reviewer", "bea")
    lab.decide("corrected", cells[:1], ["MYO"], "bea")
    lab.run("sign", "corrected", "--reviewer", "bea")
    yield "corrected", False, True
    lab.case("open")
    yield "open", True, False


def expected(record):
    """LOINC code -> value, computed from the counts of the JSON export."""
    wbc = record["wbc"]
    percent, blasts, nrbc = {}, 0, 0
    for c in record["counts"]:
        if c["class"] == "EBO":
            nrbc += c["count"]
        elif c["loinc"]:
            percent[c["loinc"]] = percent.get(c["loinc"], 0) + c["count"]
        if c["class"] in ("MYO", "MOB"):
            blasts += c["count"]
    percent |= {"26446-5": blasts, "18309-5": nrbc}
    return {code: round(100 * n / wbc, 2) if wbc else None for code, n in percent.items()}


def check_fhir(name, text, record, is_open, corrects, schema):
    bundle = json.loads(text)
    Bundle.model_validate_json(text)
    if schema:
        for error in list(schema.iter_errors(bundle))[:5]:
            check(False, f"{name}: schema: {error.json_path}: {error.message[:200]}")
    resources = [e["resource"] for e in bundle["entry"]]
    report = next(r for r in resources if r["resourceType"] == "DiagnosticReport")
    status = "preliminary" if is_open else "amended" if corrects else "final"
    check(report["status"] == status, f"{name}: FHIR status {report['status']}")
    check("PRELIMINARY" in report["conclusion"] or not is_open, f"{name}: it does not say that it is preliminary")
    found = {}
    statuses = set()
    for o in (r for r in resources if r["resourceType"] == "Observation"):
        statuses.add(o["status"])
        coding = o["code"]["coding"][0]
        if coding["system"] == "http://loinc.org":
            check(coding["code"] not in found, f"{name}: {coding['code']} twice")
            found[coding["code"]] = o.get("valueQuantity", {}).get("value")
            check("valueQuantity" in o or "dataAbsentReason" in o, f"{name}: {coding['code']} has neither value nor reason")
    check(found == expected(record), f"{name}: FHIR values {found}, expected {expected(record)}")
    check(statuses == {"corrected", "final"} if corrects else statuses == {status}, f"{name}: FHIR statuses {statuses}")
    urls = [e["fullUrl"] for e in bundle["entry"]]
    check(len(set(urls)) == len(urls), f"{name}: an id twice")
    wanted = set(_references(bundle))
    check(wanted <= set(urls), f"{name}: references that lead nowhere: {wanted - set(urls)}")
    check(("Provenance" in {r["resourceType"] for r in resources}) != is_open, f"{name}: Provenance")


def _references(node):
    if isinstance(node, dict):
        if "reference" in node:
            yield node["reference"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _references(item)


def check_hl7(name, data, record, is_open, corrects, folder):
    text = data.decode("utf-8")
    report = folder / "hl7apy.txt"
    # The strict parser also looks at lengths and data types; its tables know no local codes and no UCUM, which it warns of.
    for level in (VALIDATION_LEVEL.STRICT, VALIDATION_LEVEL.TOLERANT):
        try:
            message = parse_message(text, validation_level=level, find_groups=True)
            message.validate(report_file=str(report))
        except Exception as e:  # pylint: disable=broad-except
            check(False, f"{name}: hl7apy ({level}): {e!r}")
            continue
        for line in report.read_text(encoding="utf-8").splitlines():
            check(not line.startswith("Error"), f"{name}: hl7apy: {line}")
    check(message.msh.msh_18.to_er7() == "UNICODE UTF-8", f"{name}: MSH-18")
    order = message.oru_r01_patient_result.oru_r01_order_observation
    status = "P" if is_open else "C" if corrects else "F"
    check(order.obr.obr_25.to_er7() == status, f"{name}: OBR-25 {order.obr.obr_25.to_er7()}")
    found, statuses = {}, set()
    for observation in order.oru_r01_observation:
        obx = observation.obx
        statuses.add(obx.obx_11.to_er7())
        if obx.obx_3.obx_3_3.to_er7() == "LN":
            value = obx.obx_5.to_er7()
            found[obx.obx_3.obx_3_1.to_er7()] = float(value) if value else None
    check(found == expected(record), f"{name}: HL7 values {found}, expected {expected(record)}")
    wanted = {"C", "F"} if corrects else {"P", "I"} if is_open else {"F"}
    check(statuses <= wanted and (not corrects or "C" in statuses), f"{name}: OBX-11 {statuses}")
    case = order.obr.obr_3.obr_3_1.to_er7()
    for mark, sequence in [("\\F\\", "|"), ("\\S\\", "^"), ("\\T\\", "&"), ("\\R\\", "~"), ("\\E\\", "\\")]:
        case = case.replace(mark, "\0" + sequence)
    check(case.replace("\0", "") == record["case"], f"{name}: OBR-3 reads back as {case!r}")


def main():
    program, schema_path = sys.argv[1:3]
    schema = None
    if Path(schema_path).is_file():
        schema = Draft6Validator(json.loads(Path(schema_path).read_text(encoding="utf-8")))
    n = 0
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(str(Path(program).resolve()), folder)
        for name, is_open, corrects in cases(lab):
            n += 1
            record = json.loads(lab.run("export", name))
            args = ["--patient", "4711", "--field", "specimen=S-17", "--field", "slide=2|b"] if n % 2 else []
            for given in {(), tuple(args)}:
                text = lab.run("export", name, "--format", "fhir", *given).decode("utf-8")
                check(text == lab.run("export", name, "--format", "fhir", *given).decode("utf-8"), f"{name}: FHIR twice")
                check_fhir(name, text, record, is_open, corrects, schema)
                data = lab.run("export", name, "--format", "hl7", *given)
                check(data == lab.run("export", name, "--format", "hl7", *given), f"{name}: HL7 twice")
                check_hl7(name, data, record, is_open, corrects, lab.folder)
    by = "fhir.resources (R4B), " + ("the JSON schema of FHIR R4, " if schema else "") + "hl7apy"
    if problems:
        sys.exit("\n".join(problems))
    print(f"{n} cases as FHIR and HL7: {by} find nothing wrong")


main()
