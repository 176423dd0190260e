#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Adds up parts of the coverage study and prints its tables in Markdown.

usage: coverage.py PART.csv... > table.md      the parts are outputs of tests/long/coverage.cpp

Parts of the same cell and interval must hold different replicates; overlapping ones are refused. Coverage is the share
of replicates whose interval holds the population value, among all replicates: one without an interval has not held it.
"""
import collections
import sys

WANTED = (0.935, 0.965)
# What the library takes without a choice, by persons.
DEFAULTS = {
    "alpha": lambda persons: "ADF" if persons >= 100 else "BCa",
    "omega": lambda persons: "delta",
    "rc": lambda persons: "default",
}
TITLES = {"alpha": "Alpha", "omega": "Omega", "rc": "Rc"}


def read(paths):
    """{(coefficient, interval, cell): [replicates, covered, below, above, failed]}"""
    counts = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    taken = collections.defaultdict(list)
    for path in paths:
        for line in open(path):
            name, interval, persons, items, ceiling, missing, first, n, covered, below, above, failed, _ = line.split(",")
            key = name, interval, (float(missing), float(ceiling), int(items), int(persons))
            begin, end = int(first), int(first) + int(n)
            if any(begin < b and a < end for a, b in taken[key]):
                sys.exit(f"{path}: replicates {begin} to {end - 1} of {key} are counted already")
            taken[key].append((begin, end))
            for at, value in enumerate((n, covered, below, above, failed)):
                counts[key][at] += int(value)
    return counts


def cell_name(cell):
    missing, ceiling, items, persons = cell
    return f"{persons} persons, {items} items, {100 * ceiling:.0f} % at the ceiling, {100 * missing:.0f} % missing"


def holds(count):
    return WANTED[0] <= count[1] / count[0] <= WANTED[1]


def percent(count):
    text = f"{100 * count[1] / count[0]:.1f}"
    return text if holds(count) else f"**{text}**"


def print_summary(counts, coefficient, intervals):
    print("| interval | persons | cells | within 93.5-96.5 % | lowest | highest | replicates a cell |")
    print("|---|---|---|---|---|---|---|")
    for interval in intervals:
        cells = {c: n for (k, i, c), n in counts.items() if k == coefficient and i == interval}
        for label, chosen in (("30, 50", [n for c, n in cells.items() if c[3] < 100]),
                              ("100 and more", [n for c, n in cells.items() if c[3] >= 100])):
            if not chosen:
                continue
            shares = [n[1] / n[0] for n in chosen]
            used = sorted({n[0] for n in chosen})
            replicates = str(used[0]) if len(used) == 1 else f"{used[0]} to {used[-1]}"
            print(f"| {interval} | {label} | {len(chosen)} | {sum(map(holds, chosen))} | {100 * min(shares):.1f} | "
                  f"{100 * max(shares):.1f} | {replicates} |")
    print()


def print_cells(counts, coefficient, intervals):
    cells = sorted({c for k, _, c in counts if k == coefficient})
    print("| missing | ceiling | items | persons | " + " | ".join(intervals) + " |")
    print("|---" * (4 + len(intervals)) + "|")
    for cell in cells:
        row = [f"{100 * cell[0]:.0f} %", f"{100 * cell[1]:.0f} %", str(cell[2]), str(cell[3])]
        for interval in intervals:
            count = counts.get((coefficient, interval, cell))
            row.append(percent(count) if count else "")
        print("| " + " | ".join(row) + " |")
    print()


def print_default(counts, coefficient):
    chosen = {}
    for k, interval, cell in counts:
        if k == coefficient and interval == DEFAULTS[coefficient](cell[3]):
            chosen[cell] = counts[k, interval, cell]
    good = sum(map(holds, chosen.values()))
    print(f"The default interval is within 93.5-96.5 % in {good} of {len(chosen)} cells.", end=" ")
    bad = sorted(c for c, n in chosen.items() if not holds(n))
    if not bad:
        print("\n")
        return
    print("Outside:\n")
    for cell in bad:
        n = chosen[cell]
        failed = f"; no interval in {n[4]} of {n[0]}" if n[4] else ""
        print(f"- {cell_name(cell)}: {100 * n[1] / n[0]:.1f} %{failed}")
    print()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    counts = read(sys.argv[1:])
    for coefficient, title in TITLES.items():
        intervals = sorted({i for k, i, _ in counts if k == coefficient})
        if not intervals:
            continue
        print(f"## {title}\n")
        print_summary(counts, coefficient, intervals)
        print_default(counts, coefficient)
        print(f"### {title}, every cell\n")
        print_cells(counts, coefficient, intervals)


if __name__ == "__main__":
    main()
