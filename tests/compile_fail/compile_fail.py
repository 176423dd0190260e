#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compiles a file twice: as it is it must compile; with WRONG defined it must fail with its sentence.

The sentence is the file's second line: // says: SENTENCE
usage: compile_fail.py COMPILER SOURCE_DIR FILE
"""
import pathlib
import subprocess
import sys

compiler, root, file = sys.argv[1:4]
says = pathlib.Path(file).read_text().splitlines()[1]
if not says.startswith("// says: "):
    sys.exit(f"{file}: the second line must be '// says: ...'")
sentence = says.removeprefix("// says: ")


def compile(*flags):
    command = [compiler, "-std=c++20", "-fsyntax-only", "-I", root + "/include", "-isystem", "/usr/include/eigen3", *flags, file]
    return subprocess.run(command, capture_output=True, text=True)


right = compile()
if right.returncode != 0:
    sys.exit(f"{file} should compile without WRONG:\n{right.stderr}")
wrong = compile("-DWRONG")
if wrong.returncode == 0:
    sys.exit(f"{file} should not compile with WRONG")
if sentence not in wrong.stderr:
    sys.exit(f"{file} fails with WRONG, but does not say '{sentence}':\n{wrong.stderr}")
print(f"refused as it should be: {sentence}")
