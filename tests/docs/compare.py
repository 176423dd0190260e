#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs a program and compares what it prints with a file.

usage: compare.py PROGRAM EXPECTED
"""
import difflib
import pathlib
import subprocess
import sys

program, expected = sys.argv[1:3]
ran = subprocess.run([program], capture_output=True, text=True)
wanted = pathlib.Path(expected).read_text()
if ran.returncode != 0:
    sys.exit(f"{program} ended with {ran.returncode}:\n{ran.stderr}")
if ran.stdout != wanted:
    sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), ran.stdout.splitlines(True), expected, "printed"))
    sys.exit(1)
print(f"{len(wanted.splitlines())} lines as documented")
