#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Random sheets, scored by the library and by the oracle: every field of every answer must agree to the last bit.

Sheets are legal, incomplete, of the wrong length, or hold an answer that is none: out of range, between two steps, NaN,
infinite, huge, the next number after a legal one. All instruments of the catalogue, all rules for missing answers. Every
second block is scored with instruments that are read from catalogue.json while the program runs.

usage: fuzz.py DRIVER CATALOGUE [--sheets N] [--seed S] [--processes P]
The default is the version for the tests. The long run: --sheets 10000000 --processes 2
"""
import argparse
import collections
import math
import multiprocessing
import random
import struct
import subprocess
import sys
import time

import oracle

BLOCK = 5000
RULES = {"published": 0, "complete": 1, "prorate": 2, "at-least": 3, "at-most-missing": 4}
SKIP_CODE = -7.25e303  # stands for "skipped" on the way to the driver
WILD = [math.inf, -math.inf, 1e300, -1e300, 1.7976931348623157e308, 5e-324, -5e-324, 1e19, -1e19, 2.0**63, 2.0**31, 4e9,
        -1.0, 0.05, 128.0, 255.0, 1e-9]


def random_rule(rng):
    kind = rng.random()
    if kind < .4:
        return None
    if kind < .5:
        return {"rule": "complete"}
    if kind < .7:
        fraction = rng.choice([.25, .5, .6, 2 / 3, .7, .75, .8, .9, 1.0, rng.random()])
        if rng.random() < .03:
            fraction = rng.choice([0.0, -1.0, 1.5, math.nan, math.inf])
        return {"rule": "prorate", "fraction": fraction}
    if kind < .85:
        return {"rule": "at-least", "n": rng.choice([1, 2, 3, 4, 5, 8, 12]) if rng.random() > .03 else rng.choice([0, -1])}
    return {"rule": "at-most-missing", "n": rng.choice([0, 1, 2, 3, 5, 10]) if rng.random() > .03 else -1}


def illegal(rng, item):
    """An answer that an item does not have; most are near to one that it has."""
    step = item.legal[1] - item.legal[0]
    near = rng.choice(item.legal)
    for _ in range(9):
        x = rng.choice([item.least - step, item.most + step, near + step / 2, near + step / 10, math.nextafter(near, math.inf),
                        math.nextafter(near, -math.inf), rng.choice(WILD), rng.uniform(item.least, item.most)])
        if x not in item.counts:
            return x
    return math.inf


def random_sheet(rng, form):
    kind = rng.random()
    if kind < .05:
        n = rng.choice([0, 1, form.n - 1, form.n + 1, 2 * form.n, 128, 129, 200])
        return [rng.choice(form.items[i % form.n].legal) for i in range(max(n, 0))]
    sheet = [rng.choice(item.legal) for item in form.items]
    if kind < .1:  # answers at the ends, and everybody's favourite: all the same
        sheet = [item.legal[rng.choice([0, -1])] for item in form.items] if kind < .07 else \
            [item.legal[min(3, len(item.legal) - 1)] for item in form.items]
    if kind > .5:
        share = rng.choice([.02, .05, .1, .3, .6, .95, 1.0])
        for i in range(form.n):
            if rng.random() < share:
                sheet[i] = rng.choice((oracle.MISSING, math.nan, oracle.SKIPPED))
    if kind > .85:
        for _ in range(rng.choice([1, 1, 1, 2, 5])):
            i = rng.randrange(form.n)
            sheet[i] = illegal(rng, form.items[i])
    return sheet


def encode(number, sheet, rule):
    name = "published" if rule is None else rule["rule"]
    rule = rule or {}
    cells = [math.nan if x is oracle.MISSING else SKIP_CODE if x is oracle.SKIPPED else x for x in sheet]
    return struct.pack(f"<iiiid{len(cells)}d", number, RULES[name], rule.get("n", 0), len(cells),
                       rule.get("fraction", 1.0), *cells)


def run_block(task):
    """Scores one block both ways; returns what was seen and the disagreements."""
    driver, catalogue, seed, block, size = task
    forms = run_block.forms = getattr(run_block, "forms", None) or oracle.read_forms(catalogue)
    rng = random.Random(f"{seed}/{block}")
    sheets = []
    wanted = []
    sent = []
    for _ in range(size):
        number = rng.randrange(len(forms))
        sheet = random_sheet(rng, forms[number])
        rule = random_rule(rng)
        sheets.append((number, sheet, rule))
        sent.append(encode(number, sheet, rule))
        wanted.append(forms[number].score(sheet, rule))
    source = ["json", catalogue] if block % 2 else ["constants", *(form.id for form in forms)]
    done = subprocess.run([driver, *source], input=b"".join(sent), capture_output=True, check=False)
    wrong = []
    if done.returncode != 0:
        wrong.append(f"block {block}: the driver ended with {done.returncode}: {done.stderr.decode()[:500]}")
    found = done.stdout
    width = oracle.RECORD.size
    if found != b"".join(wanted):
        for k, each in enumerate(wanted):
            mine = found[k * width:(k + 1) * width]
            if mine != each:
                number, sheet, rule = sheets[k]
                names = {oracle.MISSING: "missing", oracle.SKIPPED: "skipped"}
                cells = [names[x] if x in names else x for x in sheet]
                said = oracle.readable(mine) if len(mine) == width else "nothing"
                wrong.append(f"block {block}, sheet {k}, {forms[number].id}, rule {rule or 'published'}\n  {cells}\n"
                             f"  library: {said}\n  oracle:  {oracle.readable(each)}")
    kinds = collections.Counter()
    for each in wanted:
        fields = oracle.RECORD.unpack(each)
        kinds["refused" if fields[0] else ("complete", "prorated", "no total")[fields[12]]] += 1
    return size, kinds, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("driver")
    parser.add_argument("catalogue")
    parser.add_argument("--sheets", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=20240229)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.sheets} sheets in blocks of {BLOCK}", flush=True)
    tasks = ((options.driver, options.catalogue, options.seed, block, min(BLOCK, options.sheets - block * BLOCK))
             for block in range((options.sheets + BLOCK - 1) // BLOCK))
    begun = time.monotonic()
    n = 0
    n_wrong = 0
    kinds = collections.Counter()
    with multiprocessing.Pool(options.processes) as pool:
        for size, seen, wrong in pool.imap_unordered(run_block, tasks):
            n += size
            kinds += seen
            for each in wrong[:max(0, 5 - n_wrong)]:
                print(each, flush=True)
            n_wrong += len(wrong)
            if n % 1_000_000 < size:
                print(f"{n} sheets, {n_wrong} disagreements, {time.monotonic() - begun:.0f} s", flush=True)
    print(f"{n} sheets: " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    print(f"{n_wrong} disagreements, {time.monotonic() - begun:.1f} s")
    sys.exit(1 if n_wrong or n != options.sheets else 0)


if __name__ == "__main__":
    main()
