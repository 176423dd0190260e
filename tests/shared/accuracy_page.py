#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes what a program prints into a page, between <!-- generated: NAME --> and <!-- end: NAME -->.

usage: PROGRAM | accuracy_page.py NAME docs/accuracy.md      the page stays as it is if the program printed nothing
"""
import pathlib
import sys


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    name, path = sys.argv[1], pathlib.Path(sys.argv[2])
    printed = sys.stdin.read().strip()
    if not printed:
        sys.exit("nothing was printed")
    page = path.read_text()
    begin, end = f"<!-- generated: {name} -->\n", f"<!-- end: {name} -->\n"
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        sys.exit(f"{path}: {begin.strip()} and {end.strip()} are not there, once and in this order")
    head, _, rest = page.partition(begin)
    path.write_text(head + begin + "\n" + printed + "\n\n" + end + rest.partition(end)[2])


if __name__ == "__main__":
    main()
