#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the benchmark programs and prints one table of ratios; see benchmarks/run, which builds them first.

usage: compare.py PROGRAM_DIR [--quick] [--filter REGEX] [--json FILE] [--peers]
"""
import argparse
import collections
import json
import math
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SUITES = ("stats", "models")
OWN_SUFFIX = re.compile(r"/iterations:1|/manual_time")  # Google Benchmark's additions to a name
# Peers stop their optimisers when the criterion no longer changes in about the eighth digit.
PEER_TOLERANCE = 1e-6
PEER_THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


def say(text):
    print(text, file=sys.stderr, flush=True)


def run_suite(program, suite, options, folder):
    """The suite's rows and contexts, and whether every answer was right."""
    out = folder / f"{suite}.json"
    command = [str(program), f"--benchmark_out={out}", "--benchmark_out_format=json"]
    command += ["--quick"] if options.quick else []
    command += [f"--benchmark_filter={options.filter}"] if options.filter else []
    say(f"running {program.name}")
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode == 3:  # no name of this suite matches the filter
        return [], {}, True
    if done.returncode not in (0, 1) or not out.exists():
        sys.exit(f"{program} ended with {done.returncode}:\n{done.stderr}")
    report = json.loads(out.read_text())
    rows = []
    linear = {}
    for entry in report["benchmarks"]:
        name = OWN_SUFFIX.sub("", entry["run_name"])
        aggregate = entry.get("aggregate_name")
        if aggregate == "BigO":
            linear[name] = {"order": entry["big_o"], "seconds_per_unit": entry["real_coefficient"] * 1e-9}
        elif aggregate == "RMS":
            continue  # of the processor time, which here contains the floor's
        elif entry.get("wrong"):
            rows.append({"name": name, "suite": suite, "error": entry["label"]})
        else:
            rows.append(row_of(name, suite, entry))
    for family, fit in linear.items():
        members = [row for row in rows if re.fullmatch(re.escape(family) + "/[^/]+:[0-9]+", row["name"])]
        if any("error" in row for row in members):
            continue
        sizes = [int(row["name"].rpartition(":")[2]) for row in members]
        misfits = [row["seconds"] - size * fit["seconds_per_unit"] for row, size in zip(members, sizes)]
        per_unit = [row["seconds"] / size for row, size in zip(members, sizes)]
        mean = statistics.fmean(row["seconds"] for row in members)
        fit.update(rms=math.sqrt(statistics.fmean(misfit**2 for misfit in misfits)) / mean,
                   least_per_unit=min(per_unit), most_per_unit=max(per_unit))
        for row in members:
            row["complexity"] = fit
    return rows, report["context"], done.returncode == 0


def row_of(name, suite, entry):
    floor, _, peer = entry["label"].partition(" | ")
    row = {
        "name": name,
        "suite": suite,
        "n": {key[2:]: round(value) for key, value in entry.items() if key.startswith("n.")},
        "seconds": entry["seconds"],
        "floor": floor,
        "floor_seconds": entry["floor_seconds"],
        "ratio_to_floor": entry["ratio_to_floor"],
        "peer": peer or None,
        "peer_seconds": entry.get("peer_seconds"),
        "ratio_to_peer": entry.get("ratio_to_peer"),
        "allocations": entry["allocations"],
        "bytes_peak": round(entry["bytes_peak"]) if "bytes_peak" in entry else None,
        "clock": "wall" if entry["wall_clock"] else "thread",
    }
    if "answer" in entry:
        row["answer"] = entry["answer"]
    return row


def peer_interpreters():
    """What runs the peers' scripts, by suffix. PYTHON names another Python than the one that runs this."""
    python = os.environ.get("PYTHON", sys.executable)
    rscript = shutil.which("Rscript")
    return {".R": [rscript, "--vanilla"] if rscript else None, ".py": [python]}


def time_peers(programs, rows, quick, folder):
    """Adds the times of R and Python packages to the rows; the complaints where a peer's answer differs."""
    data = folder / "peers"
    data.mkdir()
    for program in programs:
        subprocess.run([str(program), f"--write_data={data}"], check=True, stdout=subprocess.DEVNULL)
    by_name = {row["name"]: row for row in rows if "error" not in row}
    kinds = collections.defaultdict(list)
    for line in (data / "tables.tsv").read_text().splitlines():
        name, kind, file = line.split("\t")
        if name in by_name:
            kinds[kind].append(f"{name}\t{file}")
    complaints = []
    for kind, lines in sorted(kinds.items()):
        (data / f"{kind}.tsv").write_text("\n".join(lines) + "\n")
        for suffix, interpreter in peer_interpreters().items():
            script = HERE / "peers" / (kind + suffix)
            if script.exists():
                complaints += time_peer_script(interpreter, script, data, kind, by_name, quick)
    return complaints


def time_peer_script(interpreter, script, data, kind, by_name, quick):
    """Runs one script of peers/; the complaints."""
    if interpreter is None:
        say(f"peers/{script.name}: Rscript is not installed, skipped")
        return []
    say(f"running peers/{script.name}")
    limit = "1" if quick else "5"  # seconds of one call
    done = subprocess.run([*interpreter, str(script), str(data), f"{kind}.tsv", limit], stdout=subprocess.PIPE, text=True,
                          env=os.environ | PEER_THREADS)
    if done.returncode == 77:
        say(f"peers/{script.name}: a package is missing, skipped")
        return []
    complaints = [] if done.returncode == 0 else [f"peers/{script.name} ended with {done.returncode}"]
    for line in done.stdout.splitlines():
        name, peer, seconds, answer = line.split("\t")
        row = by_name[name]
        seconds, answer = float(seconds), float(answer)
        row.setdefault("peers", []).append({"peer": peer, "seconds": seconds, "answer": answer})
        if row["peer"] is None:  # the first one named is the one to compare with
            row.update(peer=peer, peer_seconds=seconds, ratio_to_peer=row["seconds"] / seconds)
        allowed = PEER_TOLERANCE * max(1.0, abs(row["answer"]))
        if not abs(answer - row["answer"]) <= allowed:
            complaints.append(f"{name}: {row['answer']!r} here, {answer!r} by {peer}")
    return complaints


def time_text(seconds):
    if seconds is None:
        return ""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}" if seconds < 1000 * scale else f"{seconds / scale:.0f} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def number_text(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 1000 or value == round(value) else f"{value:.3g}"


def print_table(rows):
    head = ("name", "n", "time", "floor", "ratio", "allocations", "peer time", "ratio", "peer")
    table = [head]
    for row in rows:
        if "error" in row:
            table.append((row["name"], row["error"]) + ("",) * 7)
            continue
        table.append((
            row["name"], " ".join(f"{key}={value}" for key, value in row["n"].items()),
            time_text(row["seconds"]), time_text(row["floor_seconds"]), number_text(row["ratio_to_floor"]),
            number_text(row["allocations"]), time_text(row["peer_seconds"]), number_text(row["ratio_to_peer"]),
            row["peer"] or ""))
    measured = [head] + [line for line, row in zip(table[1:], rows) if "error" not in row]
    widths = [max(len(line[column]) for line in measured) for column in range(len(head))]
    left = {0, 1, 8}
    for line in table:
        cells = [cell.ljust(width) if column in left else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())
    print("\nratio: time / floor, time / peer's time. Floors:")
    floors = collections.defaultdict(list)
    for row in rows:
        if "error" not in row:
            group = "/".join(row["name"].split("/")[:2])
            if group not in floors[row["floor"]]:
                floors[row["floor"]].append(group)
    for floor, groups in floors.items():
        print(f"  {floor}: {', '.join(groups)}")
    families = {row["name"].rsplit("/", 1)[0]: row["complexity"] for row in rows if "complexity" in row}
    if families:
        print("Claimed to be linear: time per unit by least squares, its range over the sizes, misfit (root mean square "
              "over mean time):")
        for family, fit in families.items():
            spread = f"{time_text(fit['least_per_unit'])} to {time_text(fit['most_per_unit'])}"
            print(f"  {family}: {time_text(fit['seconds_per_unit'])} ({spread}), misfit {100 * fit['rms']:.1f} %")


def main():
    parser = argparse.ArgumentParser(prog="benchmarks/run", description="Runs the benchmarks and prints one table.")
    parser.add_argument("program_dir", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="shorter repetitions: under a minute once built")
    parser.add_argument("--filter", metavar="REGEX", help="only benchmarks whose name matches")
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path, help="write the numbers too")
    parser.add_argument("--peers", action="store_true", help="time R and Python packages on the same data, where installed")
    options = parser.parse_args()

    programs = [options.program_dir / f"bench_{suite}" for suite in SUITES]
    rows, context, right = [], {}, True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for suite, program in zip(SUITES, programs):
            more, its_context, its_right = run_suite(program, suite, options, folder)
            rows += more
            context.update(its_context)
            right = right and its_right
        if not rows:
            sys.exit(f"no benchmark's name matches {options.filter}")
        complaints = time_peers(programs, rows, options.quick, folder) if options.peers else []
    print_table(rows)
    print(f"Times are medians of {5 if options.quick else 9} interleaved repetitions, in processor time of the thread "
          "(parallel_for: wall time).")
    if options.peers:
        print("Peers are timed afterwards: medians of 5, in processor time of one thread.")
    print(f"Allocations counted: {context['allocations']}. Compiler: {context['compiler']}.")
    complaints += [f"{row['name']}: {row['error']}" for row in rows if "error" in row]
    for complaint in complaints:
        say(complaint)
    if options.json:
        written = options.json.with_name(options.json.name + ".part")
        measured = [row for row in rows if "error" not in row]
        written.write_text(json.dumps(measured, indent=1) + "\n")
        written.replace(options.json)
    return 0 if right and not complaints else 1


if __name__ == "__main__":
    sys.exit(main())
