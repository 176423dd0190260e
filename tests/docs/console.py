#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the commands that the pages show, and compares what they print.

A block marked <!-- console --> has lines "$ COMMAND", each followed by what it prints on standard output and standard
error together; a line "..." stands for any lines, and "..." at the end of a line for the rest of it. The commands of one page run one after the other in one empty
folder, with the sample data under examples/data. `rapport` is the program given.

usage: console.py RAPPORT SOURCE_DIR
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from markdown import Page

FEWEST_COMMANDS = 10


def commands_of(block):
    """(command, lines that it prints); a command goes on over lines that end in a backslash."""
    out = []
    for line in block.lines:
        if line.startswith("$ "):
            out.append([line[2:], []])
        elif out and out[-1][0].endswith("\\") and not out[-1][1]:
            out[-1][0] += "\n" + line
        elif out:
            out[-1][1].append(line)
    return out


def agrees(printed, wanted):
    """Whether the lines agree, "..." standing for any lines, or for the end of a line."""
    pattern = ""
    for line in wanted:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*"
        elif line.endswith("..."):
            pattern += re.escape(line[:-3]) + r".*\n"
        else:
            pattern += re.escape(line.rstrip()) + r"\n"
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in printed)) is not None


def run_page(page, program, root):
    """Complaints, and how many commands were run."""
    problems, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "bin").mkdir()
        (place / "bin/rapport").symlink_to(program)
        (place / "work/examples").mkdir(parents=True)
        (place / "work/examples/data").symlink_to(root / "examples/data")
        environment = dict(os.environ, PATH=f"{place / 'bin'}:{os.environ['PATH']}", LC_ALL="C")
        for block in page.blocks:
            if block.kind != "console":
                continue
            for command, wanted in commands_of(block):
                ran = subprocess.run(["bash", "-c", command], cwd=place / "work", env=environment, text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                count += 1
                if not agrees(ran.stdout.splitlines(), wanted):
                    problems.append(f"{page.path.name}:{block.line}: $ {command}\n{ran.stdout}")
    return problems, count


def self_test(program, root):
    """The check must be able to fail."""
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "page.md"
        page.write_text("<!-- console -->\n```console\n$ echo one; echo two; \\\n  echo three 3\none\n...\nthree ...\n"
                        "$ echo four\nfive\n$ echo\nsix ...\n```\n")
        problems, count = run_page(Page(page), program, root)
        return count == 3 and len(problems) == 2 and "four" in problems[0]


if __name__ == "__main__":
    the_program, the_root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    if not self_test(the_program, the_root):
        sys.exit("console.py does not find the mistakes that it should")
    found, total = [], 0
    for path in sorted((the_root / "docs").glob("*.md")):
        more, ran = run_page(Page(path), the_program, the_root)
        found += more
        total += ran
    if total < FEWEST_COMMANDS:
        found.append(f"only {total} commands found in docs/*.md")
    print("\n".join(found) or f"{total} commands print what the pages say")
    sys.exit(1 if found else 0)
