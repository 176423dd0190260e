# SPDX-License-Identifier: BSL-1.0
"""What the tests of the program share: running it, reading its output strictly, comparing numbers, temporary tables.

Every test is called as `python3 FILE PATH_OF_RAPPORT SOURCE_DIR`; it exits with 0 when all passed and with 77 when what
it needs is absent.
"""
import csv
import io
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

if len(sys.argv) < 3:
    sys.exit(f"usage: {sys.argv[0]} PATH_OF_RAPPORT SOURCE_DIR [names of tests]")
RAPPORT = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(sys.argv[2]).resolve()
SKIPPED = 77

DONE, WRONG_CALL, WRONG_DATA, INCOMPLETE = 0, 1, 2, 3  # exit statuses


class Outcome:
    """What a run of the program left behind."""

    def __init__(self, finished):
        self.status = finished.returncode
        self.out = finished.stdout.decode("utf-8")
        self.err = finished.stderr.decode("utf-8")
        self.command = " ".join(map(str, finished.args))

    def json(self):
        return strict_json(self.out)

    def csv(self):
        return read_csv(self.out)


def run(*arguments, stdin=b"", env=None, program=RAPPORT, **options):
    """Runs the program; arguments are turned into text, bytes or text may be given as standard input."""
    if isinstance(stdin, str):
        stdin = stdin.encode("utf-8")
    environment = dict(os.environ, **(env or {}))
    return Outcome(subprocess.run([str(program), *map(str, arguments)], input=stdin, capture_output=True,
                                  env=environment, timeout=600, check=False, **options))


def strict_json(text):
    """JSON as RFC 8259 has it: no NaN, no infinities, no name twice in an object."""
    def no_constant(word):
        raise ValueError(f"{word} is not JSON")

    def once(pairs):
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            raise ValueError(f"a name stands twice in an object: {names}")
        return dict(pairs)
    return json.loads(text, parse_constant=no_constant, object_pairs_hook=once)


def read_csv(text):
    """The rows of a CSV text as dictionaries; every row must be as long as the header."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = rows[0]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} fields under a header of {len(header)}: {row}")
    return [dict(zip(header, row)) for row in rows[1:]]


def number(cell):
    """A cell of the program's CSV output: empty means null."""
    return None if cell == "" else float(cell)


def relative_difference(a, b, floor=0.0):
    """|a - b| relative to the larger of the two; numbers smaller than the floor count as the floor."""
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    if a == b:
        return 0.0
    return abs(a - b) / max(abs(a), abs(b), floor)


def csv_text(rows, header, delimiter=","):
    """A CSV text; None becomes an empty cell, floats are written so that they read back the same."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(["" if cell is None else repr(cell) if isinstance(cell, float) else cell for cell in row])
    return out.getvalue()


class ProgramTest(unittest.TestCase):
    """A test case with a temporary folder and the comparisons that all tests need."""

    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="rapport-test-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def file(self, content, name="table.csv"):
        """Writes a file into the temporary folder and returns its path."""
        path = self.folder / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def table(self, rows, header, name="table.csv"):
        return self.file(csv_text(rows, header), name)

    def succeed(self, *arguments, **options):
        """Runs the program and expects it to succeed and to say nothing on standard error."""
        found = run(*arguments, **options)
        self.assertEqual(found.status, DONE, f"{found.command}\n{found.err}")
        self.assertEqual(found.err, "", found.command)
        return found

    def json(self, *arguments, **options):
        return self.succeed(*arguments, "--format", "json", **options).json()

    def refuse(self, status, *arguments, says=(), **options):
        """Expects the program to refuse: this exit status, nothing printed, a message that says all that."""
        found = run(*arguments, **options)
        self.assertEqual(found.status, status, f"{found.command}\n{found.err}")
        self.assertEqual(found.out, "", found.command)
        self.assertTrue(found.err.strip(), f"no message: {found.command}")
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, found.err, found.command)
        return found

    def give_up(self, *arguments, says=(), **options):
        """Runs the program for JSON and expects it to give up with what it has: exit status 3, warnings, a message."""
        found = run(*arguments, "--format", "json", **options)
        self.assertEqual(found.status, INCOMPLETE, f"{found.command}\n{found.err}\n{found.out[:500]}")
        result = found.json()
        self.assertTrue(result["warnings"], found.command)
        self.assertIn(result["warnings"][0], found.err)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, " ".join(result["warnings"]), found.command)
        return result

    def close(self, found, wanted, relative, what="", floor=0.0):
        """Two numbers agree to this relative difference; None agrees with None alone."""
        difference = relative_difference(found, wanted, floor)
        self.assertLessEqual(difference, relative, f"{what}: {found!r} instead of {wanted!r}")

    def all_close(self, found, wanted, relative, what="", floor=0.0):
        """Numbers in lists or dictionaries agree, however deep; anything else is equal."""
        if isinstance(wanted, dict):
            self.assertIsInstance(found, dict, what)
            self.assertEqual(list(found), list(wanted), what)
            for key, value in wanted.items():
                self.all_close(found[key], value, relative, f"{what}.{key}", floor)
        elif isinstance(wanted, (list, tuple)):
            self.assertIsInstance(found, (list, tuple), what)
            self.assertEqual(len(found), len(wanted), what)
            for i, value in enumerate(wanted):
                self.all_close(found[i], value, relative, f"{what}[{i}]", floor)
        elif isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
            self.assertIsInstance(found, (int, float), what)
            self.close(found, wanted, relative, what, floor)
        else:
            self.assertEqual(found, wanted, what)

    def has_shape(self, value, shape, where="result"):
        """A value has this shape: a type, one of several types (tuple), a list of one shape, or keys with shapes.

        A key that ends in "?" may be absent. Further keys are allowed: adding is free, dropping is not.
        """
        if isinstance(shape, dict):
            self.assertIsInstance(value, dict, where)
            for key, inner in shape.items():
                name = key.rstrip("?")
                if key.endswith("?") and name not in value:
                    continue
                self.assertIn(name, value, where)
                self.has_shape(value[name], inner, f"{where}.{name}")
        elif isinstance(shape, list):
            self.assertIsInstance(value, list, where)
            for i, each in enumerate(value):
                self.has_shape(each, shape[0], f"{where}[{i}]")
        elif isinstance(shape, tuple):
            plain = tuple(kind for kind in shape if isinstance(kind, type))
            inner = [kind for kind in shape if not isinstance(kind, type)]
            if not (isinstance(value, plain) and not (isinstance(value, bool) and bool not in plain)):
                self.assertTrue(inner, f"{where}: {value!r} is none of {shape}")
                self.has_shape(value, inner[0], where)
        else:
            self.assertIsInstance(value, shape, where)
            self.assertFalse(isinstance(value, bool) and shape is not bool, f"{where} is {value!r}")


NUMBER = (int, float)
NONE = type(None)
MAYBE = (int, float, NONE)  # a number that may not be there


def main():
    """Runs the tests of the calling file; the exit status is the one that CTest wants."""
    outcome = unittest.main(module="__main__", argv=[sys.argv[0], *sys.argv[3:]], exit=False).result
    if outcome.testsRun and len(outcome.skipped) == outcome.testsRun:
        sys.exit(SKIPPED)
    sys.exit(0 if outcome.wasSuccessful() else 1)
