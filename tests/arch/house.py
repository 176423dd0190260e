#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Small rules of the house that a script can check.

- every source file begins with its licence line and one sentence on what it is
- the version is the same everywhere
- every error number has its entry in docs/errors.md, and every entry its number
- small print: no tabs, no trailing blanks

usage: house.py SOURCE_DIR
"""
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
LICENCE = "SPDX-License-Identifier: BSL-1.0"


def tracked():
    listed = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [root / name for name in listed.stdout.splitlines() if (root / name).is_file()]
    skip = {"build", ".git", "node_modules"}
    return [p for p in root.rglob("*") if p.is_file() and not skip & set(p.relative_to(root).parts)]


def complaints():
    code = {".hpp", ".cpp", ".py", ".cmake", ".R", ".js", ".sh"}
    for path in tracked():
        name = path.relative_to(root).as_posix()
        is_script = path.suffix == "" and path.name == "run"
        if path.suffix not in code and path.name != "CMakeLists.txt" and not is_script:
            continue
        text = path.read_text()
        lines = text.splitlines()
        if not any(LICENCE in line for line in lines[:3]) and path.suffix != ".js":
            yield f"{name}: no licence line at the top"
        if path.suffix == ".hpp" and (len(lines) < 2 or not lines[1].startswith("// ")):
            yield f"{name}: the second line does not say what this is"
        if path.suffix == ".hpp" and "#pragma once" not in text:
            yield f"{name}: no #pragma once"
        for number, line in enumerate(lines, 1):
            if "\t" in line:
                yield f"{name}:{number}: a tab"
            if line != line.rstrip():
                yield f"{name}:{number}: blanks at the end"

    version = re.search(r'RAPPORT_VERSION_STRING "([^"]+)"', (root / "include/rapport/version.hpp").read_text())[1]
    parts = re.findall(r"RAPPORT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", (root / "include/rapport/version.hpp").read_text())
    if ".".join(parts) != version:
        yield f"version.hpp: {'.'.join(parts)} and {version} differ"
    if f"## [{version}]" not in (root / "CHANGELOG.md").read_text():
        yield f"CHANGELOG.md has no heading for {version}"

    in_code = dict(re.findall(r"^  (\w+) = (\d{3}),", (root / "include/rapport/core/error.hpp").read_text(), re.M))
    documented = dict((name, number) for number, name in
                      re.findall(r"^### (\d{3}) (\w+)", (root / "docs/errors.md").read_text(), re.M))
    for name in sorted(in_code.keys() | documented.keys()):
        if in_code.get(name) != documented.get(name):
            yield f"error {name}: {in_code.get(name)} in error.hpp, {documented.get(name)} in docs/errors.md"
    patterns = (root / "include/rapport/core/error_message.hpp").read_text()
    for name in in_code:
        if f"errc::{name}," not in patterns:
            yield f"error {name} has no sentence in error_message.hpp"


found = list(complaints())
print("\n".join(found) or "the house is in order")
sys.exit(1 if found else 0)
