#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Gives the labelled parts of a comment ("Errors:", "Not for:", ...) paragraphs of their own, for Doxygen.

Line numbers stay as they are, so warnings name the right line.

usage: doxygen_filter.py HEADER
"""
import re
import sys

LABEL = re.compile(r"^(\s*///\s*)(Model|Errors|Missing|Numerics|Not for|Reference|R|Example):\s+(.*)$")
for line in open(sys.argv[1], encoding="utf-8"):
    print(LABEL.sub(r"\1\\label_part{\2} \3", line.rstrip("\n")))
