#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Exit statuses and messages for every kind of bad input, and every way in which good input may be written."""
import math
import os
import pathlib
import pwd
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import (INCOMPLETE, RAPPORT, WRONG_CALL, WRONG_DATA, ProgramTest, csv_text, main, run)  # noqa: E402

LONG = ["--id", "client", "--time", "session", "--y", "score"]
COMMANDS = ("report", "score", "reliability", "factor", "growth", "rupture", "simulate", "instruments")


def long_rows(n_clients=4, n_sessions=5, seed=1):
    """A long table of scores, one row per session."""
    random_numbers = random.Random(seed)
    return [[f"c{c}", s, round(random_numbers.gauss(40, 5), 1)] for c in range(1, n_clients + 1)
            for s in range(1, n_sessions + 1)]


def srs_rows(n=6, seed=2):
    random_numbers = random.Random(seed)
    return [[f"f{i}"] + [random_numbers.randint(0, 100) / 10 for _ in range(4)] for i in range(n)]


SRS = ["form", "q1", "q2", "q3", "q4"]


class WrongCall(ProgramTest):
    """Exit status 1, nothing on standard output, a message that names what is wrong."""

    def setUp(self):
        self.good = self.table(long_rows(), ["client", "session", "score"], "good.csv")
        self.forms = self.table(srs_rows(), SRS, "forms.csv")

    def test_help_and_version(self):
        version = self.succeed("--version")
        self.assertRegex(version.out, r"^rapport \d+\.\d+\.\d+\n$")
        listed = self.succeed("--help").out
        for command in COMMANDS:
            self.assertIn(command, listed)
            self.assertIn("--help", self.succeed(command, "--help").out)

    def test_missing_file(self):
        for command in (["growth", *LONG], ["rupture", *LONG], ["reliability", "--items", "q*"],
                        ["score", "--instrument", "srs-3", "--items", "q*"],
                        ["report", "--instrument", "srs-3", "--items", "q*", "--id", "a", "--session", "b", "--out",
                         "x"]):
            self.refuse(WRONG_CALL, *command, "--in", self.folder / "absent.csv", says="absent.csv")

    def test_directory(self):
        self.refuse(WRONG_CALL, "growth", *LONG, "--in", self.folder, says=["directory", str(self.folder)])

    def test_unreadable_file(self):
        if os.geteuid() == 0:
            self.skipTest("the superuser can read everything")
        path = self.file("a,b\n1,2\n", "secret.csv")
        path.chmod(0)
        self.refuse(WRONG_CALL, "growth", *LONG, "--in", path, says="secret.csv")

    def test_unknown_column(self):
        for option, name in (("--id", "nobody"), ("--time", "never"), ("--y", "nothing")):
            arguments = dict(zip(LONG[::2], LONG[1::2]))
            arguments[option] = name
            flat = [part for pair in arguments.items() for part in pair]
            for command in ("growth", "rupture"):
                self.refuse(WRONG_CALL, command, *flat, "--in", self.good,
                            says=["good.csv", f"'{name}'", "client, session, score"])
        self.refuse(WRONG_CALL, "score", "--instrument", "srs-3", "--items", "q1:q9", "--in", self.forms, says="'q9'")
        self.refuse(WRONG_CALL, "score", "--instrument", "srs-3", "--items", "q*", "--id", "who", "--in", self.forms,
                    says="'who'")
        self.refuse(WRONG_CALL, "score", "--instrument", "srs-3", "--items", "q*", "--compare", "sum=total",
                    "--in", self.forms, says="'sum'")
        self.refuse(WRONG_CALL, "reliability", "--items", "q*", "--group", "sex", "--in", self.forms, says="'sex'")

    def test_unknown_instrument(self):
        near = "did you mean wai-sr-client"
        forms = ["--items", "q*", "--in", self.forms]
        self.refuse(WRONG_CALL, "score", "--instrument", "wai-sr", *forms, says=["'wai-sr'", near])
        self.refuse(WRONG_CALL, "score", "--instrument", "wai-sr-cleint", *forms, says=near)
        self.refuse(WRONG_CALL, "reliability", "--instrument", "wai-sr", *forms, says=near)
        self.refuse(WRONG_CALL, "report", "--instrument", "wai-sr", *forms, "--id", "form", "--session", "q1",
                    "--out", self.folder / "never", says=near)
        self.refuse(WRONG_CALL, "simulate", "--instrument", "wai-sr", says=near)
        self.refuse(WRONG_CALL, "instruments", "--show", "wai-sr", says=near)
        self.refuse(WRONG_CALL, "instruments", "--show", "beck", says=["'beck'", "lists them"])
        self.assertFalse((self.folder / "never").exists())

    def test_unknown_option_or_subcommand(self):
        self.refuse(WRONG_CALL)
        self.refuse(WRONG_CALL, "scor", says="'scor'")
        self.refuse(WRONG_CALL, "--colour", says="'--colour'")
        self.refuse(WRONG_CALL, "growth", "--inn", self.good, says="'--inn'")
        self.refuse(WRONG_CALL, "growth", *LONG, "--in", self.good, "--speed", says="'--speed'")
        self.refuse(WRONG_CALL, "growth", *LONG, "--in", self.good, "surplus", says="'surplus'")
        self.refuse(WRONG_CALL, "growth", *LONG, says="--in")
        self.refuse(WRONG_CALL, "rupture", *LONG, says="--in")
        self.refuse(WRONG_CALL, "growth", "--in", self.good, "--id", "client", "--time", "session", says="--y")

    def test_values_that_options_do_not_take(self):
        growth = ["growth", *LONG, "--in", self.good]
        rupture = ["rupture", *LONG, "--in", self.good, "--null", 0]
        score = ["score", "--instrument", "srs-3", "--in", self.forms]
        reliability = ["reliability", "--items", "q*", "--in", self.forms]
        for arguments, says in (
                (growth + ["--format", "xml"], "xml"), (growth + ["--shape", "spiral"], "spiral"),
                (growth + ["--random", "everything"], "everything"), (growth + ["--method", "bayes"], "bayes"),
                (growth + ["--df", "guess"], "guess"), (growth + ["--ci", "credible"], "credible"),
                (growth + ["--level", 1], "level"), (growth + ["--level", "much"], "much"),
                (growth + ["--center", "inf"], "--center"), (growth + ["--center", "nan"], "--center"),
                (growth + ["--shape", "intercept", "--random", "slope"], "slope"),
                (growth + ["--threads", -1], "-1"), (growth + ["--threads", "two"], "two"),
                (growth + ["--seed", -1], "-1"), (growth + ["--seed", 1.5], "1.5"),
                (rupture + ["--detector", "oracle"], "'oracle'"), (rupture + ["--option", "k"], "'k'"),
                (rupture + ["--option", "kk=1"], "'kk'"), (rupture + ["--option", "k=deep"], "'deep'"),
                (rupture + ["--option", "k=-1"], "-1"), (rupture + ["--option", "k=nan"], "'nan'"),
                (rupture + ["--option", "unit=mile"], "'mile'"), (rupture + ["--option", "hold=1.5"], "'1.5'"),
                (rupture + ["--option", "hold=0"], "hold"), (rupture + ["--option", "min-sessions=1"], "min_sessions"),
                (rupture + ["--option", "false-alarms=0.6"], "0.6"), (rupture + ["--null", -1], "--null"),
                (rupture + ["--min", 1], "--max"), (rupture + ["--min", 5, "--max", 1], "--min"),
                (rupture + ["--min", 0, "--max", "inf"], "--min"),
            (rupture + ["--min", 0, "--max", 90, "--step", -1], "--step"),
                (score + ["--items", "q*", "--missing", "guess"], "'guess'"),
                (score + ["--items", "q*", "--missing", "prorate:0"], "prorate"),
                (score + ["--items", "q*", "--missing", "prorate:1.1"], "prorate"),
                (score + ["--items", "q*", "--compare", "q1"], "'q1'"),
                (score + ["--items", "q*", "--compare", "q1=bond"], "'bond'"),
                (score + ["--items", "q*", "--labels", "Never"], "'Never'"),
                (score + ["--items", "q*", "--labels", "Never=none"], "'Never=none'"),
                (score + ["--items", "q*", "--labels", "Never=inf"], "'Never=inf'"),
                (score + ["--items", "q*", "--labels", "Never=1,Never=2"], "'Never'"),
                (score + ["--items", "q*", "--delimiter", ";;"], "';;'"),
                (score + ["--items", "q*", "--delimiter", '"'], "--delimiter"),
                (score + ["--items", "q*", "--decimal", ""], "--decimal"),
                (score + ["--items", "q*", "--delimiter", ",", "--decimal", ","], "same"),
                (reliability + ["--level", 0], "--level"), (reliability + ["--missing", "never"], "never"),
                (reliability + ["--ci", "magic"], "magic"), (reliability + ["--reverse", "q1"], "--min"),
                (reliability + ["--reverse", "form", "--min", 0, "--max", 10], "'form'"),
                (reliability + ["--reverse", "q1", "--min", 0, "--max", 10, "--instrument", "srs-3"], "--instrument"),
                (["simulate", "--clients", 0], "n_clients"), (["simulate", "--sessions", -4], "-4"),
                (["simulate", "--rupture-rate", 1.5], "1.5"), (["simulate", "--seed", -5], "-5")):
            with self.subTest(arguments=arguments[-2:]):
                self.refuse(WRONG_CALL, *arguments, says=says)

    def test_items(self):
        call = ["score", "--instrument", "srs-3", "--in", self.forms, "--items"]
        for items, says in (("q1,q2", ["2 columns", "4 items"]), ("q1:q3", "3 columns"), ("q4:q1", "backwards"),
                            ("q1,q1,q2,q3", "twice"), ("q1:q3,q2", "twice"), ("x*", "'x'"), ("q1,,q2,q3", "empty"),
                            ("", "empty"), ("form,q1,q2,q3,q4", "5 columns")):
            with self.subTest(items=items):
                self.refuse(WRONG_CALL, *call, items, says=says)
        self.refuse(WRONG_CALL, "reliability", "--instrument", "wai-sr-client", "--in", self.forms, "--items", "q*",
                    says=["4 columns", "12 items"])


class WrongData(ProgramTest):
    """Exit status 2, nothing on standard output, a message with file, line, column and the offending text."""

    def growth(self, content, says, status=WRONG_DATA, extra=()):
        path = self.file(content, "bad.csv")
        for command in ("growth", "rupture"):
            self.refuse(status, command, *LONG, "--in", path, *extra,
                        says=["bad.csv", *([says] if isinstance(says, str) else says)])

    def test_empty_and_header_only(self):
        for content in ("", "\n", " \r\n\r\n", "\ufeff", "\ufeff\n"):
            self.growth(content, "empty")
        for content in ("client,session,score", "client,session,score\n", "client,session,score\r\n\r\n"):
            self.growth(content, "no rows")

    def test_ragged_rows(self):
        self.growth("client,session,score\na,1,5\na,2\n", [":3:", "2 fields", "3"])
        self.growth("client,session,score\na,1,5,9\n", [":2:", "4 fields"])
        self.growth("client,session,score\na,1,5\n\na,2,6\n", ":3:")
        self.growth('client,session,score\n"a\nb",1,5\na,2\n', ":4:")

    def test_text_in_a_number(self):
        for text in ("high", "0x10", "1_000", "1 2", "3,5", "5%", "--5", "1e", "٣", "½", "O", "l"):
            quoted = f'"{text}"'
            self.growth(f"client,session,score\na,1,5\na,2,{quoted}\n", [":3", "column 3 (score)", f"'{text}'"])
        self.growth("client,session,score\na,1," + "x" * 300 + "\n", [":2", "column 3 (score)", "x" * 40 + "..."])
        path = self.file("form,q1,q2,q3,q4\nf,1,2,3,four\n", "bad.csv")
        self.refuse(WRONG_DATA, "score", "--instrument", "srs-3", "--items", "q*", "--in", path,
                    says=["bad.csv:2", "column 5 (q4)", "'four'"])
        self.refuse(WRONG_DATA, "reliability", "--items", "q*", "--in", path,
                    says=["bad.csv:2", "column 5 (q4)", "'four'"])

    def test_infinite_numbers(self):
        for text in ("inf", "-inf", "Infinity", "1e999", "-1e999"):
            self.growth(f"client,session,score\na,1,{text}\n", [":2", "column 3 (score)", f"'{text}'"])
            self.growth(f"client,session,score\na,{text},1\n", [":2", "column 2 (session)", f"'{text}'"])

    def test_bytes_that_are_no_text(self):
        self.growth(b"client,session,score\na,1,5\na,2,\0\n", [":3", "byte 5", "NUL"])
        self.growth("client,session,score\na,1,5\n".encode("utf-16"), ["UTF-8"])
        self.growth(b"client,session,score\na,1,5\n\xe4,2,6\n", [":3", "byte 1", "UTF-8"])
        for sequence in (b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80"):
            self.growth(b"client,session,score\na" + sequence + b",1,5\n", [":2", "byte 2", "UTF-8"])
        latin = self.file(b"client,q1,q2,q3,q4\n\xe4,1,2,3,4\n", "bad.csv")
        self.refuse(WRONG_DATA, "score", "--instrument", "srs-3", "--items", "q*", "--id", "client", "--format", "json",
                    "--in", latin, says=["bad.csv:2", "UTF-8"])

    def test_duplicate_session(self):
        self.growth("client,session,score\na,1,5\na,2,6\na,1,7\n",
                    [":4", "column 2 (session)", "client a", "session 1"])
        self.growth("client,session,score\na,1,5\na,2,6\na,1.0,7\n", [":4", "client a"])
        self.growth("client,session,score\na,2026-01-31,5\na,2026-01-31,6\n",
                    [":3", "column 2 (session)", "client a", "2026-01-31"])
        self.growth("client,session,score\na,1,5\na,2,\na,2,\n", [":4", "client a", "session 2"])

    def test_rows_without_client_or_session(self):
        self.growth("client,session,score\na,1,5\n,2,6\n", [":3", "column 1 (client)", "client"])
        self.growth("client,session,score\na,1,5\na,,6\n", [":3", "column 2 (session)", "session"])
        self.growth("client,session,score\na,1,5\nNA,2,6\n", [":3", "column 1 (client)"])

    def test_sessions(self):
        self.growth("client,session,score\na,1,5\na,second,6\n", [":3", "column 2 (session)", "'second'"])
        self.growth("client,session,score\na,1,5\na,2026-01-31,6\n", [":3", "column 2 (session)", "'2026-01-31'"])
        self.growth("client,session,score\na,2026-01-31,5\na,2,6\n", [":3", "column 2 (session)", "'2'"])
        for date in ("2026-02-30", "2026-13-01", "2026-1-5", "31.01.2026", "2026-01-31T25:00", "2023-02-29"):
            self.growth(f"client,session,score\na,2026-01-31,5\na,{date},6\n", [":3", "column 2 (session)", date])

    def test_scores_outside_the_range(self):
        path = self.file("client,session,score\na,1,5\na,2,6\na,3,11\n", "bad.csv")
        self.refuse(WRONG_DATA, "rupture", *LONG, "--in", path, "--min", 0, "--max", 10,
                    says=["bad.csv:4", "column 3 (score)", "11", "0..10"])

    def test_quotation_marks(self):
        self.growth('client,session,score\na,1,5\na,2,"6\n', [":3", "quotation mark"])
        self.growth('client,session,score\na,1,"5"6\n', [":2", "quotation mark"])
        self.growth('client,session,score\na,1,5"6\n', [":2", "quotation mark"])
        self.growth('client,session,"score\na,1,5\n', [":1", "quotation mark"])
        self.growth("client,session,score\ra,1,5\r", [":1", "carriage return"])

    def test_duplicate_header(self):
        self.growth("client,session,score,score\na,1,5,5\n", [":1", "'score'"])
        path = self.file("form,q1,q2,q2,q3\nf,1,2,3,4\n", "bad.csv")
        for items in ("q*", "q1:q3", "q1,q2,q3,form"):
            self.refuse(WRONG_DATA, "score", "--instrument", "srs-3", "--items", items, "--in", path,
                        says=["bad.csv:1", "'q2'"])

    def test_a_line_of_100_megabytes(self):
        path = self.folder / "endless.csv"
        with open(path, "wb") as out:
            for _ in range(100):
                out.write(b"1," * 500_000)
        try:
            begun = time.monotonic()
            self.refuse(WRONG_DATA, "growth", *LONG, "--in", path, says=["endless.csv:1", "100000000 bytes"])
            self.assertLess(time.monotonic() - begun, 20, "a hopeless file is not read field by field")
            with open(path, "wb") as out:
                out.write(b"client,session,score\na,1,5\na,2,")
                for _ in range(100):
                    out.write(b"9" * 1_000_000)
            self.refuse(WRONG_DATA, "growth", *LONG, "--in", path, says="endless.csv:3")
        finally:
            path.unlink()

    def test_answers_that_cannot_be_reversed(self):
        path = self.file("form,q1,q2,q3,q4\nf,1,2,3,4\ng,1,12,3,4\n", "bad.csv")
        self.refuse(WRONG_DATA, "reliability", "--items", "q*", "--reverse", "q2", "--min", 0, "--max", 10, "--in",
                    path,
                    says=["bad.csv:3", "column 3 (q2)", "12", "0..10"])
        self.refuse(WRONG_DATA, "reliability", "--items", "q*", "--instrument", "srs-3", "--in", path,
                    says=["bad.csv:3", "column 3 (q2)", "12", "0..10"])
        path = self.file("form,q1,q2,q3,q4\nf,1,2,3.25,4\n", "bad.csv")
        self.refuse(WRONG_DATA, "reliability", "--items", "q*", "--instrument", "srs-3", "--in", path,
                    says=["bad.csv:2", "column 4 (q3)", "3.25"])

    def test_random_bytes_never_crash(self):
        random_numbers = random.Random(7)
        pieces = [b"client", b"session", b"score", b",", b",", b"\n", b"\n", b"\r\n", b'"', b'""', b"a", b"1", b"2",
                  b".5",
                  b"-", b"NA", b" ", b"\t", b"\xef\xbb\xbf", b"\xc3\xa4", b"2026-01-31", b"1e5", b";"]
        statuses = set()
        for _ in range(150):
            content = b"client,session,score\n" + b"".join(random_numbers.choices(pieces,
                                                                                  k=random_numbers.randint(0, 40)))
            found = run("growth", *LONG, "--in", "-", "--random", "intercept", stdin=content)
            statuses.add(found.status)
            self.assertIn(found.status, (0, 2, 3), f"{content!r}\n{found.err}")
            self.assertTrue(found.status == 0 or found.err, content)
        self.assertIn(WRONG_DATA, statuses)


class Incomplete(ProgramTest):
    """Exit status 3: what could be computed is printed, and "warnings" says why the rest could not."""

    def both(self, rows, says="", rupture_says="", growth=(), rupture=()):
        path = self.table(rows, ["client", "session", "score"])
        self.give_up("growth", *LONG, "--in", path, *growth, says=says)
        result = self.give_up("rupture", *LONG, "--in", path, "--null", 9, *rupture, says=rupture_says)
        self.assertEqual([each["id"] for each in result["clients"]], sorted({row[0] for row in rows}))
        return result

    def test_one_client(self):
        self.both([["a", s, s % 3] for s in range(1, 9)], "clients", "clients")

    def test_one_client_without_a_model(self):
        path = self.table([["a", s, y] for s, y in enumerate((7, 7.1, 7.2, 3, 7, 7), 1)],
                          ["client", "session", "score"])
        found = self.json("rupture", *LONG, "--in", path, "--detector", "drop-repair", "--null", 0)
        self.assertEqual(found["clients"][0]["episodes"][0]["onset"], 4)
        partial = self.give_up("rupture", *LONG, "--in", path, "--detector", "drop-repair", "--null", 99, says="chance")
        self.assertEqual(partial["clients"][0]["episodes"][0]["onset"], 4)
        self.assertIsNone(partial["clients"][0]["episodes"][0]["p_null"])
        self.assertIsNone(partial["summary"]["drop-repair"]["expected_if_stable"])

    def test_one_session_each(self):
        self.both([[c, i, i % 3] for i, c in enumerate("abcdef")])
        self.both([[c, 1, i % 3] for i, c in enumerate("abcdef")])

    def test_all_missing(self):
        result = self.both([[c, s, None] for c in "abc" for s in (1, 2, 3)], "nothing to compute from",
                           "nothing to compute from")
        self.assertEqual([each["n_observed"] for each in result["clients"]], [0, 0, 0])
        path = self.table([[f"f{i}", None, None, None] for i in range(5)], ["form", "q1", "q2", "q3"])
        self.give_up("reliability", "--items", "q*", "--in", path, says="nothing to compute from")

    def test_constant_scores(self):
        self.both([[c, s, 5] for c in "abc" for s in (1, 2, 3, 4)], "does not vary", "does not vary")
        path = self.table([[f"f{i}", 3, 3, 3] for i in range(5)], ["form", "q1", "q2", "q3"])
        result = self.give_up("reliability", "--items", "q*", "--in", path, says="vary")
        self.assertIsNone(result["scales"][0]["alpha"])
        self.assertEqual([item["mean"] for item in result["scales"][0]["items"]], [3, 3, 3])

    def test_one_item_or_one_person(self):
        path = self.table([[f"f{i}", i % 3] for i in range(5)], ["form", "q1"])
        self.give_up("reliability", "--items", "q1", "--in", path)
        path = self.table([["f", 1, 2, 3]], ["form", "q1", "q2", "q3"])
        self.give_up("reliability", "--items", "q*", "--in", path)

    def test_one_column_that_does_not_vary(self):
        path = self.table([[i, i % 3, i % 5, 2] for i in range(20)], ["form", "q1", "q2", "q3"])
        result = self.give_up("reliability", "--items", "q*", "--in", path, says="column 3")
        scale = result["scales"][0]
        self.assertIsNotNone(scale["alpha"])
        self.assertIsNone(scale["alpha_standardized"])

    def test_more_random_terms_than_sessions(self):
        self.give_up("growth", *LONG, "--in", self.table([[c, s, s * ord(c) % 7] for c in "abcd" for s in (1, 2)],
                                                         ["client", "session", "score"]), says="sessions")
        self.give_up("growth", *LONG, "--shape", "cubic", "--in",
                     self.table([[c, s, s * ord(c) % 7] for c in "abcd" for s in (1, 2, 3)],
                                ["client", "session", "score"]))

    def test_numbers_of_any_size(self):
        """Scores too large or too small to square are no wrong call and give no wrong number: a result, or a reason."""
        random_numbers = random.Random(3)
        for size in (1e-300, 1e-160, 1e-100, 1e100, 1e150, 1e160, 1e300):
            rows = [[c, s, random_numbers.gauss(0, 1) * size] for c in "abcdef" for s in range(1, 6)]
            for column in (1, 2):  # as times, and as scores
                turned = [[row[0], row[2] if column == 1 else row[1], row[1] if column == 1 else row[2]]
                          for row in rows]
                path = self.table(turned, ["client", "session", "score"])
                for command in ("growth", "rupture"):
                    found = run(command, *LONG, "--in", path, "--format", "json",
                                *(["--null", 9] if command == "rupture" else []))
                    with self.subTest(command=command, size=size, column=column):
                        self.assertIn(found.status, (0, INCOMPLETE), found.err)
                        result = found.json()
                        self.assertEqual(found.status == 0, not result["warnings"])
                        for each in result.get("fixed", []):
                            self.assertTrue(all(isinstance(each[key], (int, float))
                                                for key in ("estimate", "se", "df", "p")))
                            self.assertGreater(each["se"], 0)

    def test_text_and_csv_say_it_too(self):
        path = self.table([["a", s, s % 3] for s in range(1, 9)], ["client", "session", "score"])
        for command in ("growth", "rupture"):
            for form in ("text", "csv"):
                found = run(command, *LONG, "--in", path, "--format", form,
                            "--null" if command == "rupture" else "--center", 1)
                self.assertEqual(found.status, INCOMPLETE)
                self.assertIn("clients", found.err)
                self.assertTrue(found.out.strip())

    def test_scoring_nothing_is_no_failure(self):
        path = self.table([["f", None, None, None, None]], SRS)
        found = self.json("score", "--instrument", "srs-3", "--items", "q*", "--in", path)
        self.assertEqual(found["rows"][0]["status"], "incomplete")
        self.assertIsNone(found["rows"][0]["total"])
        self.assertIsNone(found["summary"]["total"]["mean"])


class GoodInput(ProgramTest):
    """The same table written in other ways gives the same result."""

    def setUp(self):
        self.rows = srs_rows(12)
        self.wanted = self.score(csv_text(self.rows, SRS))
        self.assertEqual(self.wanted["summary"]["n_ok"], 12)

    def score(self, content, *options, **more):
        path = self.file(content)
        return self.json("score", "--instrument", "srs-3", "--items", "q*", "--id", "form", "--in", path, *options,
                         **more)

    def test_byte_order_mark_and_line_ends(self):
        text = csv_text(self.rows, SRS)
        self.assertEqual(self.score("\ufeff" + text), self.wanted)
        self.assertEqual(self.score(text.replace("\n", "\r\n")), self.wanted)
        self.assertEqual(self.score("\ufeff" + text.replace("\n", "\r\n")), self.wanted)
        self.assertEqual(self.score(text.rstrip("\n")), self.wanted)
        self.assertEqual(self.score(text + "\n\r\n  \n"), self.wanted)

    def test_quoted_fields(self):
        quoted = "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\n"
                         for line in csv_text(self.rows, SRS).splitlines())
        self.assertEqual(self.score(quoted), self.wanted)
        names = ['comma, inside', 'quote " inside', 'line\nbreak', 'carriage\r\nreturn', '""', "semi;colon",
                 "tab\tinside",
                 "Zoë Müller", "日本語", "a'b", "back\\slash", "🙂"]
        rows = [[name] + row[1:] for name, row in zip(names, self.rows)]
        found = self.score(csv_text(rows, SRS))
        self.assertEqual([row["id"]["form"] for row in found["rows"]], names)
        self.assertEqual([row["total"] for row in found["rows"]], [row["total"] for row in self.wanted["rows"]])
        lines = [row["line"] for row in found["rows"]]
        self.assertEqual(lines, [2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15], "lines are those of the file")
        as_csv = self.succeed("score", "--instrument", "srs-3", "--items", "q*", "--id", "form", "--in",
                              self.file(csv_text(rows, SRS)),
                              "--format", "csv").csv()
        self.assertEqual([row["form"] for row in as_csv], names)

    def test_header_with_odd_names(self):
        header = ["the form", "item, one", 'item "two"', "item\nthree", "item:four"]
        found = self.json("score", "--instrument", "srs-3", "--items", "item*", "--id", "the form", "--in",
                          self.table(self.rows, header))
        self.assertEqual(found["summary"], self.wanted["summary"])
        self.assertEqual(found["rows"][0]["line"], 3)
        one_by_one = self.json("reliability", "--items", "the form,item:four", "--in",
                               self.table([[1, 2, 3, 4, 5], [2, 2, 3, 4, 7],
                                          [3, 2, 3, 4, 6]], header))
        self.assertEqual([item["name"] for item in one_by_one["scales"][0]["items"]], ["the form", "item:four"])

    def test_delimiters(self):
        for delimiter, option in ((";", ";"), ("\t", "\\t"), ("\t", "\t"), ("|", "|"), (" ", " ")):
            self.assertEqual(self.score(csv_text(self.rows, SRS, delimiter), "--delimiter", option), self.wanted,
                             repr(delimiter))

    def test_decimal_comma(self):
        text = csv_text(self.rows, SRS, ";").replace(".", ",")
        self.assertIn(",", text)
        self.assertEqual(self.score(text, "--delimiter", ";", "--decimal", ","), self.wanted)
        self.refuse(WRONG_DATA, "score", "--instrument", "srs-3", "--items", "q*", "--in", self.file(text),
                    "--delimiter", ";", says="','"[1:2])
        long = csv_text([["a", 1.5, 2.5], ["a", 2.5, 3.25], ["b", 1.5, 4.5], ["b", 2.5, 4.75], ["b", 3.5, 4.0]],
                        ["c", "t", "y"], ";")
        call = ["--delimiter", ";", "--id", "c", "--time", "t", "--y", "y", "--random", "intercept"]
        with_points = self.json("growth", "--in", self.file(long), *call)
        with_commas = self.json("growth", "--in", self.file(long.replace(".", ",")), *call, "--decimal", ",")
        self.assertEqual(with_points, with_commas)

    def test_numbers_as_people_write_them(self):
        for cells in ([" 1", "2 ", " 3 ", "\t4"], ["+1", "2.0", "3.", "4e0"], ["1.00", "0.2e1", "30e-1", "+4.0"],
                      ['"1"', '" 2"', '"3.0"', "4"]):
            found = self.score("form,q1,q2,q3,q4\nf," + ",".join(cells) + "\n")
            self.assertEqual(found["rows"][0]["total"], 10, cells)

    def test_missing_cells(self):
        def statuses(*options):
            cells = ["", "NA", "NaN", ".", " ", '""', "-99", "none", "1"]
            path = self.file("form,q1,q2,q3,q4\n" + "".join(f"{i},{cell},2,3,4\n" for i, cell in enumerate(cells)))
            return run("score", "--instrument", "srs-3", "--items", "q*", "--in", path, "--format", "json", *options)
        self.assertEqual(statuses().status, WRONG_DATA)
        self.assertIn("'none'", statuses().err)
        found = statuses("--na", "none").json()
        self.assertEqual([row["status"] for row in found["rows"]], ["incomplete"] * 6 + ["invalid", "incomplete", "ok"])
        for options in (["--na", "none", "--na", "-99"], ["--na", "none", "-99"], ["--na=none", "--na=-99"]):
            found = statuses(*options).json()
            self.assertEqual([row["status"] for row in found["rows"]], ["incomplete"] * 8 + ["ok"])
            self.assertEqual([row["total"] for row in found["rows"]], [None] * 8 + [10])

    def test_labels(self):
        words = ["Never", "Rarely", "Sometimes", "Often", "Always, or nearly"]
        random_numbers = random.Random(3)
        answers = [[random_numbers.randint(1, 5) for _ in range(12)] for _ in range(20)]
        header = [f"q{i}" for i in range(1, 13)]
        call = ["score", "--instrument", "wai-sr-client", "--items", "q1:q12"]
        plain = self.json(*call, "--in", self.table(answers, header, "plain.csv"))
        worded = self.table([[words[a - 1] for a in row] for row in answers], header, "worded.csv")
        self.refuse(WRONG_DATA, *call, "--in", worded, says="--labels")
        self.refuse(WRONG_DATA, *call, "--in", worded, "--labels", "Never=1,Rarely=2,Sometimes=3,Often=4",
                    says="'Always, or nearly'")
        short = self.table([[words[a - 1].split(",")[0] for a in row] for row in answers], header, "short.csv")
        found = self.json(*call, "--in", short, "--labels", "Never=1,Rarely=2,Sometimes=3,Often=4,Always=5")
        self.assertEqual(found, plain)

    def test_forms_of_naming_items(self):
        header = ["form", "q1", "q2", "other", "q3", "q4"]
        path = self.table([row[:3] + [99] + row[3:] for row in self.rows], header)
        for items in ("q*", "q1,q2,q3,q4", "q1:q2,q3:q4", "q1:q2,q3,q4", " q1 , q2,q3, q4 "):
            found = self.json("score", "--instrument", "srs-3", "--id", "form", "--items", items, "--in", path)
            self.assertEqual(found, self.wanted, items)
        backwards = self.json("reliability", "--items", "q4,q3,q2,q1", "--in", path)
        self.assertEqual([item["name"] for item in backwards["scales"][0]["items"]], ["q4", "q3", "q2", "q1"])

    def test_standard_input(self):
        text = csv_text(self.rows, SRS)
        found = self.json("score", "--instrument", "srs-3", "--items", "q*", "--id", "form", "--in", "-", stdin=text)
        self.assertEqual(found, self.wanted)
        self.refuse(WRONG_DATA, "score", "--instrument", "srs-3", "--items", "q*", "--in", "-", stdin="",
                    says="standard input")
        self.refuse(WRONG_DATA, "score", "--instrument", "srs-3", "--items", "q*", "--in", "-",
                    stdin="form,q1,q2,q3,q4\nf,1,2,3,x\n", says=["standard input:2", "column 5 (q4)", "'x'"])

    def test_columns_that_nobody_asked_for_may_hold_anything(self):
        rows = [row + ["free text, with \"quotes\"", None] for row in self.rows]
        self.assertEqual(self.score(csv_text(rows, SRS + ["note", "note"])), self.wanted)


class WholeOrNotAtAll(ProgramTest):
    """Files appear complete under their own names, or nothing changes."""

    def setUp(self):
        self.forms = self.folder / "forms.csv"
        self.assertEqual(run("simulate", "--clients", 8, "--sessions", 8, "--out", self.forms).status, 0)
        self.report = ["report", "--in", self.forms, "--instrument", "wai-sr-client", "--items", "q*", "--id", "client",
                       "--session", "session", "--null", 9, "--out"]

    def files(self, folder):
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def run_as_nobody(self, *arguments):
        """Runs the program as an ordinary user, for whom folders can be closed."""
        if os.geteuid() != 0:
            return run(*arguments)
        open_to_all = pathlib.Path(tempfile.mkdtemp(prefix="rapport-test-"))
        self.addCleanup(shutil.rmtree, open_to_all, ignore_errors=True)
        open_to_all.chmod(0o755)
        program = open_to_all / "rapport"
        shutil.copy(RAPPORT, program)
        program.chmod(0o755)
        nobody = pwd.getpwnam("nobody")
        found = run("--version", program=program, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
        if found.status != 0:
            self.skipTest("an ordinary user cannot run a copy of the program here")
        return run(*arguments, program=program, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])

    def test_a_complete_report_leaves_no_temporary_file(self):
        self.succeed(*self.report, self.folder / "good")
        files = self.files(self.folder / "good")
        self.assertIn("report.html", files)
        self.assertFalse([name for name in files if name.endswith(".partial")])

    def test_folder_that_is_a_file(self):
        before = self.forms.read_bytes()
        self.refuse(WRONG_CALL, *self.report, self.forms, says=str(self.forms))
        self.refuse(WRONG_CALL, *self.report, self.forms / "below", says=str(self.forms))
        self.assertEqual(self.forms.read_bytes(), before)

    def test_folder_that_cannot_be_written(self):
        closed = self.folder / "closed"
        closed.mkdir(mode=0o555)
        self.folder.chmod(0o755)
        self.forms.chmod(0o644)
        for out in (closed, closed / "below"):
            found = self.run_as_nobody(*self.report, out)
            self.assertEqual(found.status, WRONG_CALL, found.err)
            self.assertEqual(found.out, "")
            self.assertIn("cannot be written", found.err)
        self.assertEqual(list(closed.iterdir()), [])

    def test_report_folder_that_became_read_only(self):
        folder = self.folder / "old"
        self.succeed(*self.report, folder)
        before = {name: (folder / name).read_bytes() for name in self.files(folder)}
        self.folder.chmod(0o755)
        self.forms.chmod(0o644)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        found = self.run_as_nobody(*self.report, folder, "--seed", 5)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.assertEqual(found.status, WRONG_CALL, found.err)
        self.assertEqual({name: (folder / name).read_bytes() for name in self.files(folder)}, before)

    def test_one_name_that_is_taken_by_a_folder(self):
        for taken in ("report.html", "scores.csv", "results.json", "figures/curves.vl.json"):
            folder = self.folder / ("taken-" + taken.replace("/", "-"))
            (folder / taken / "inside").mkdir(parents=True)
            self.refuse(WRONG_CALL, *self.report, folder, says=taken)
            self.assertEqual(self.files(folder), [], taken)

    def test_bad_data_make_no_folder(self):
        bad = self.file(self.forms.read_text().replace("C1,", "C1", 1) + "C1,1\n", "bad.csv")
        found = run(*[bad if part == self.forms else part for part in self.report], self.folder / "never")
        self.assertEqual(found.status, WRONG_DATA)
        self.assertFalse((self.folder / "never").exists())

    def test_simulate_writes_both_files_or_none(self):
        folder = self.folder / "sim"
        folder.mkdir()
        (folder / "truth.csv").mkdir()
        self.refuse(WRONG_CALL, "simulate", "--clients", 3, "--out", folder / "forms.csv", "--truth",
                    folder / "truth.csv", says="truth.csv")
        self.refuse(WRONG_CALL, "simulate", "--clients", 3, "--out", self.forms / "x.csv", "--truth", folder / "t.csv",
                    says="x.csv")
        self.assertEqual(self.files(folder), [])

    def test_standard_output_that_takes_nothing(self):
        if not pathlib.Path("/dev/full").exists():
            self.skipTest("no /dev/full here")
        with open("/dev/full", "wb") as full:
            found = subprocess.run([RAPPORT, "simulate", "--clients", "3"], stdout=full, stderr=subprocess.PIPE,
                                   check=False)
        self.assertEqual(found.returncode, WRONG_CALL)
        self.assertIn(b"standard output", found.stderr)


class ManyRows(ProgramTest):
    """A million rows."""

    def test_a_million_forms(self):
        n = 1_000_000
        random_numbers = random.Random(1)
        pool = [",".join(random_numbers.choices("12345", k=12)) for _ in range(1000)]
        path = self.folder / "million.csv"
        with open(path, "w", encoding="utf-8") as out:
            out.write("form," + ",".join(f"q{i}" for i in range(1, 13)) + "\n")
            out.writelines(f"f{i},{pool[i % 1000]}\n" for i in range(n))
        wanted = sum(sum(map(int, answers.split(","))) for answers in pool) / len(pool)
        for form in ("csv", "json"):
            result = self.folder / f"scored.{form}"
            begun = time.monotonic()
            with open(result, "wb") as out:
                child = subprocess.Popen([RAPPORT, "score", "--in", path, "--instrument", "wai-sr-client", "--items",
                                          "q*", "--id",
                                          "form", "--format", form], stdout=out, stderr=subprocess.PIPE)
                message = child.stderr.read()
                child.stderr.close()
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - begun
            self.assertEqual((child.returncode, message), (0, b""))
            print(f"a million forms as {form}: {seconds:.1f} s, {usage.ru_utime + usage.ru_stime:.1f} s CPU, "
                  f"peak {usage.ru_maxrss / 1024:.0f} MB")
            # The table has 32 MB, its answers as numbers 96 MB; what grows faster than the data would need far more.
            self.assertLess(usage.ru_maxrss / 1024, 2048)
            with open(result, "rb") as found:
                if form == "csv":
                    header = found.readline().decode().rstrip("\n").split(",")
                    total = header.index("total")
                    totals = [float(line.split(b",")[total]) for line in found]
                    self.assertEqual(len(totals), n)
                    self.assertEqual(math.fsum(totals) / n, wanted)
                else:
                    found.seek(-2000, os.SEEK_END)
                    tail = found.read().decode()
                    self.assertIn(f'"n":{n},"n_ok":{n},', tail[tail.index('"summary"'):])
            result.unlink()
        path.unlink()

    def test_a_million_sessions(self):
        random_numbers = random.Random(2)
        noise = [random_numbers.gauss(0, 3) for _ in range(997)]
        path = self.folder / "million.csv"
        with open(path, "w", encoding="utf-8") as out:
            out.write("client,session,score\n")
            out.writelines(f"c{i // 10},{i % 10 + 1},{40 + noise[i // 10 % 991] + noise[i % 997]:.3f}\n"
                           for i in range(1_000_000))
        begun = time.monotonic()
        found = self.json("growth", *LONG, "--in", path)
        print(f"growth of a million scores: {time.monotonic() - begun:.1f} s")
        self.assertEqual((found["n_obs"], found["n_clients"], found["converged"]), (1_000_000, 100_000, True))
        path.unlink()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"largest of all runs so far: {used.ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
