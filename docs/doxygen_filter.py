#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Puts headers and pages into Doxygen's words: the labelled parts of a comment ("Errors:", "Not for:", ...) become
paragraphs of their own, and a heading of one word, such as an instrument's id, a place that links find.

Line numbers stay as they are, so warnings name the right line.

usage: doxygen_filter.py HEADER|PAGE
"""
import re
import sys

LABEL = re.compile(r"^(\s*///\s*)(Model|Errors|Missing|Numerics|Not for|Reference|R|Example):\s+(.*)$")
# Doxygen wants a letter first; "oq-45.2" is linked to as #oq-452.
HEADING = re.compile(r"^#{2,} ([a-z0-9.-]+)$")
LINK = re.compile(r"\]\(#([a-z0-9-]+)\)")
with open(sys.argv[1], encoding="utf-8") as file:
    lines = file.read().split("\n")
if sys.argv[1].endswith(".md"):
    ids = {m.group(1).replace(".", "") for line in lines if (m := HEADING.match(line))}
    for line in lines:
        heading = HEADING.match(line)
        line = LINK.sub(lambda m: f"](#id-{m.group(1)})" if m.group(1) in ids else m.group(0), line)
        print(line + (" {#id-" + heading.group(1).replace(".", "") + "}" if heading else ""))
else:
    for line in lines:
        print(LABEL.sub(r"\1\\label_part{\2} \3", line))
