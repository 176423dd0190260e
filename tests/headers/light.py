#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What headers cost: scoring.hpp sees neither Eigen nor Boost and stays small; -ffast-math is refused.

Lines after preprocessing are counted, not seconds: they do not depend on the machine. The seconds are printed.

usage: light.py COMPILER SOURCE_DIR
"""
import os
import re
import resource
import subprocess
import sys

compiler, root = sys.argv[1:3]
include = os.path.join(root, "include")
BUDGET = {"fwd.hpp": 200, "scoring.hpp": 30_000, "instruments.hpp": 30_000}
failed = False


def run(code, *flags):
    return subprocess.run([compiler, "-std=c++20", "-I", include, "-x", "c++", *flags, "-"], input=code, text=True,
                          capture_output=True)


def seconds(code):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(code, "-fsyntax-only")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


for header, most in BUDGET.items():
    code = f"#include <rapport/{header}>\n"
    out = run(code, "-E").stdout
    lines = out.count("\n")
    foreign = sorted(set(re.findall(r'^# \d+ "[^"]*/(Eigen|boost)/', out, re.M)))
    print(f"{header}: {lines} lines (budget {most}), {min(seconds(code) for _ in range(5)):.2f} s CPU to parse")
    if lines > most or lines < 10 or foreign:
        print(f"  too heavy: {lines} lines, sees {foreign or 'nothing foreign'}")
        failed = True

refused = run("#include <rapport/scoring.hpp>\n", "-fsyntax-only", "-ffast-math")
if refused.returncode == 0 or "-ffast-math removes the checks" not in refused.stderr:
    print("-ffast-math is not refused")
    failed = True
allowed = run("#include <rapport/scoring.hpp>\n", "-fsyntax-only", "-ffast-math", "-DRAPPORT_ALLOW_FAST_MATH")
if allowed.returncode != 0:
    print("-ffast-math with RAPPORT_ALLOW_FAST_MATH does not compile:\n" + allowed.stderr)
    failed = True
sys.exit(1 if failed else 0)
