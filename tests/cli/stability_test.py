#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The same question gets the same bytes, whatever threads, order of rows or locale; seeds do what they say."""
import os
import pathlib
import random
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import ProgramTest, main, run, strict_json  # noqa: E402


def without_lines(value):
    """JSON without the places of rows in the input."""
    if isinstance(value, dict):
        return {key: without_lines(each) for key, each in value.items() if key != "line"}
    return [without_lines(each) for each in value] if isinstance(value, list) else value


class Stability(ProgramTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        self = cls()
        cls.forms = cls.folder / "forms.csv"
        self.succeed("simulate", "--clients", 30, "--sessions", 12, "--missing-answer", 0.01, "--out", cls.forms)
        cls.scores = self.file(self.succeed("score", "--in", cls.forms, "--instrument", "wai-sr-client", "--items",
                                            "q*", "--id",
                                            "client,therapist,session", "--missing", "prorate:0.8", "--format",
                                            "csv").out, "scores.csv")

    def calls(self, forms=None, scores=None):
        """Every analysis, with what it reads."""
        forms, scores = forms or self.forms, scores or self.scores
        items = ["--in", forms, "--instrument", "wai-sr-client", "--items", "q*"]
        long = ["--in", scores, "--id", "client", "--time", "session", "--y", "total"]
        return {"score": ["score", *items, "--id", "client,session"], "reliability": ["reliability", *items],
                "reliability by group": ["reliability", *items, "--group", "therapist"],
                "reliability listwise": ["reliability", *items, "--missing", "listwise"],
                "growth": ["growth", *long],
                "growth by ML": ["growth", *long, "--shape", "quadratic", "--center", 6, "--method", "ml"],
                "rupture": ["rupture", *long, "--null", 199, "--series"],
                "rupture by rules": ["rupture", *long, "--null", 99, "--detector", "gumz2012", "--detector",
                                     "strauss2006-like"]}

    def report(self, folder, *options, forms=None, **more):
        self.succeed("report", "--in", forms or self.forms, "--instrument", "wai-sr-client", "--items", "q*", "--id",
                     "client", "--session", "session",
                     "--therapist", "therapist", "--null", 99, "--out", folder, *options, **more)
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
                if path.is_file()}

    def shuffled(self, path, seed):
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = lines[1:]
        random.Random(seed).shuffle(rows)
        return self.file("\n".join([lines[0], *rows]) + "\n", f"shuffled-{seed}-{path.name}")

    def test_threads(self):
        for name, call in self.calls().items():
            for form in ("json", "csv", "text"):
                one = self.succeed(*call, "--format", form, "--threads", 1).out
                for threads in (2, 5, 0):
                    self.assertEqual(self.succeed(*call, "--format", form, "--threads", threads).out, one,
                                     f"{name}, {form}, {threads} threads")
        one = self.report(self.folder / "threads-1", "--threads", 1)
        for threads in (2, 5):
            other = self.report(self.folder / f"threads-{threads}", "--threads", threads)
            self.assertEqual(list(other), list(one))
            for name, content in one.items():
                self.assertTrue(other[name] == content, f"{name} depends on the number of threads")

    def test_more_threads_than_clients(self):
        path = self.table([["a", t, t % 3] for t in range(1, 9)] + [["b", t, t % 4] for t in range(1, 9)],
                          ["client", "session", "score"])
        call = ["rupture", "--in", path, "--id", "client", "--time", "session", "--y", "score", "--null", 49,
                "--format", "json"]
        self.assertEqual(self.succeed(*call, "--threads", 64).out, self.succeed(*call, "--threads", 1).out)

    def check_order(self, kind):
        plain = {name: self.succeed(*call, "--format", "json").out for name, call in self.calls().items()}
        for seed in (1, 2, 3):
            shuffled = self.calls(self.shuffled(self.forms, seed), self.shuffled(self.scores, seed))
            for name, call in shuffled.items():
                if name.startswith(kind):
                    found = self.succeed(*call, "--format", "json")
                    self.all_close(found.json(), strict_json(plain[name]), 0.0, f"{name}, rows in another order")
                    self.assertEqual(found.out, plain[name], name)
        return shuffled

    def test_order_of_whole_answers(self):
        """Whole answers add up exactly in any order: the same bytes, in every number of the reliability."""
        self.check_order("reliability")

    def test_order_of_sessions(self):
        """Rows are sorted by client and session: the same bytes."""
        self.check_order("growth")
        shuffled = self.check_order("rupture")
        self.assertEqual(self.succeed(*shuffled["rupture"], "--format", "csv").out,
                         self.succeed(*self.calls()["rupture"], "--format", "csv").out)

    def test_order_of_rows_with_decimals(self):
        """Answers with decimals add up in the order of the rows; the results agree to 1e-12."""
        random_numbers = random.Random(5)
        rows = []
        for _ in range(300):
            level = random_numbers.uniform(2, 8)
            rows.append([round(level + random_numbers.uniform(-2, 2), 1) for _ in range(4)])
        names = ["a", "b", "c", "d"]
        wanted = self.json("reliability", "--items", "a:d", "--in", self.table(rows, names))
        for seed in (1, 2, 3):
            random.Random(seed).shuffle(rows)
            self.all_close(self.json("reliability", "--items", "a:d", "--in", self.table(rows, names)), wanted, 1e-12)

    def test_order_of_rows_in_a_report(self):
        def results(folder, forms):
            found = strict_json(self.report(folder, forms=forms)["results.json"].decode())
            found["input"].pop("name")
            found.pop("reliability")  # has a test of its own
            found["score"]["rows"].sort(key=lambda row: (row["id"]["client"], int(row["id"]["session"])))
            return without_lines(found)
        one = results(self.folder / "in-order", self.forms)
        other = results(self.folder / "shuffled", self.shuffled(self.forms, 9))
        # Running means and SDs, in the order of the rows.
        self.all_close(other["score"].pop("summary"), one["score"].pop("summary"), 1e-12)
        self.assertEqual(other, one)

    def test_seeds(self):
        call = [*self.calls()["rupture"], "--format", "json"]
        default = self.succeed(*call).out
        self.assertEqual(self.succeed(*call, "--seed", 20240229).out, default)
        seven = self.succeed(*call, "--seed", 7)
        self.assertEqual(self.succeed(*call, "--seed", 7, "--threads", 3).out, seven.out)
        self.assertNotEqual(seven.out, default)
        # Only what chance has to do with changes.
        def without_chance(result):
            for client in result["clients"]:
                for episode in client["episodes"]:
                    episode["p_null"] = episode["q_null"] = None
            for summary in result["summary"].values():
                summary["expected_if_stable"] = None
            return result
        self.assertEqual(without_chance(seven.json()), without_chance(run(*call).json()))
        for name in ("growth", "reliability", "score"):
            call = [*self.calls()[name], "--format", "json"]
            self.assertEqual(self.succeed(*call, "--seed", 7).out, self.succeed(*call).out,
                             f"{name} has nothing random in it")

    def test_chance_levels_of_seeds_agree(self):
        call = self.calls()["rupture"]
        expected = [self.json(*call, "--seed", seed)["summary"]["drop-repair"]["expected_if_stable"]
                    for seed in (1, 2, 3, 4)]
        # A sum over 30 clients with about one episode each, from 199 replicates: standard error about 0.4.
        self.assertLess(max(expected) - min(expected), 3)
        self.assertEqual(len(set(expected)), 4)

    def comma_locale(self):
        """The environment that selects a locale with a decimal comma; None if there is none and none can be made."""
        def has_comma(name, path=None):
            environment = dict(os.environ, LC_ALL=name, **({"LOCPATH": str(path)} if path else {}))
            found = subprocess.run(["printf", "%.1f", "1"], env=environment, capture_output=True, check=False)
            asked = subprocess.run([sys.executable, "-c", "import locale; locale.setlocale(locale.LC_ALL, ''); "
                                    "print(locale.localeconv()['decimal_point'])"], env=environment,
                                   capture_output=True, check=False)
            return found.returncode == 0 and asked.stdout.strip() == b","
        listed = subprocess.run(["locale", "-a"], capture_output=True, text=True,
                                check=False).stdout.split() if shutil.which("locale") else []
        german = [name for name in listed if name.startswith("de_DE")]
        for name in [*german, *listed]:
            if has_comma(name):
                return {"LC_ALL": name, "LANG": name}
        if shutil.which("localedef"):
            path = self.folder / "locales"
            path.mkdir(exist_ok=True)
            subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", str(path / "de_DE.UTF-8")], capture_output=True,
                           check=False)
            if has_comma("de_DE.UTF-8", path):
                return {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "LOCPATH": str(path)}
        return None

    def test_locale(self):
        environment = self.comma_locale()
        if environment is None:
            print("skipped: no locale with a decimal comma is installed, and none can be made here")
            self.skipTest("no locale with a decimal comma")
        print(f"locale with a decimal comma: {environment['LC_ALL']}")
        for name, call in self.calls().items():
            for form in ("json", "csv", "text"):
                plain = self.succeed(*call, "--format", form, env={"LC_ALL": "C"})
                self.assertEqual(self.succeed(*call, "--format", form, env=environment).out, plain.out,
                                 f"{name}, {form}")
        self.assertEqual(self.succeed("simulate", "--clients", 5, "--instrument", "srs-3", env=environment).out,
                         self.succeed("simulate", "--clients", 5, "--instrument", "srs-3", env={"LC_ALL": "C"}).out)
        plain = self.report(self.folder / "locale-c", env={"LC_ALL": "C"})
        for name, content in self.report(self.folder / "locale-comma", env=environment).items():
            self.assertTrue(plain[name] == content, f"{name} depends on the locale")
        bad = self.file("client,session,score\na,1,\"1,5\"\n", "comma.csv")
        self.refuse(2, "growth", "--in", bad, "--id", "client", "--time", "session", "--y", "score", env=environment,
                    says="'1,5'")


if __name__ == "__main__":
    main()
