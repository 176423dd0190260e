#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport simulate`: forms that could have been filled in, at the rates asked for, and a truth that is true."""
import math
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import naive  # noqa: E402
from program import WRONG_CALL, ProgramTest, main, number, read_csv  # noqa: E402

TRUTH = ["client", "pre", "onset", "nadir", "repair", "depth", "pattern"]
REPAIRED = {"V": (1, 1), "slope-then-jump": (2, 1), "drop-then-slope": (1, 2),
            "U": (2, 2)}  # sessions of fall, of recovery


class Simulate(ProgramTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {one["id"]: one for one in cls().json("instruments")["instruments"] if one["usable"] != "none"}

    def simulate(self, *options):
        """The forms by client and session, and the truth."""
        forms, truth = self.folder / "forms.csv", self.folder / "truth.csv"
        found = self.succeed("simulate", "--out", forms, "--truth", truth, *options)
        self.assertEqual(found.out, "")
        self.forms_file = forms
        from_file = forms.read_text(encoding="utf-8")
        self.assertEqual(self.succeed("simulate", *options).out, from_file, "the same on standard output as in a file")
        self.rows = self.succeed("simulate", *options).csv()
        self.truth = read_csv(truth.read_text(encoding="utf-8"))
        self.truth_header = truth.read_text(encoding="utf-8").splitlines()[0].split(",")
        return self.rows, self.truth

    def item_means(self, key, rows):
        """(client, session) -> mean of the answers, reversed items reversed."""
        out = {}
        for row in rows:
            answers = [(item, number(row[f"q{item}"])) for item in range(1, key["n_items"] + 1)]
            counted = [key["min"] + key["max"] - a if item in key["reversed"] else a for item,
                       a in answers if a is not None]
            out[row["client"], int(row["session"])] = naive.mean(counted)
        return out

    def near(self, found, wanted, error, what):
        """Within four standard errors."""
        self.assertLess(abs(found - wanted), 4 * error, f"{what}: {found} instead of {wanted}")

    def test_forms(self):
        self.refuse(WRONG_CALL, "simulate", "--instrument", "ceq", says="more than one range")
        for key in self.keys.values():
            if "ranges" in key:
                continue
            rows, _ = self.simulate("--instrument", key["id"], "--clients", 21, "--sessions", 9, "--therapists", 4,
                                    "--missing-answer", 0.02)
            with self.subTest(key["id"]):
                self.assertEqual(list(rows[0]),
                                 ["client", "therapist", "session"] + [f"q{i}" for i in range(1, key["n_items"] + 1)])
                clients = list(dict.fromkeys(row["client"] for row in rows))
                self.assertEqual(len(clients), 21)
                self.assertEqual(clients, sorted(clients))
                self.assertEqual(len({row["therapist"] for row in rows}), 4)
                for i, client in enumerate(clients):
                    mine = [row for row in rows if row["client"] == client]
                    self.assertEqual({row["therapist"] for row in mine},
                                     {rows_of["therapist"] for rows_of in rows if rows_of["client"] == clients[i % 4]})
                    sessions = [int(row["session"]) for row in mine]
                    self.assertEqual(sessions[0], 1)
                    self.assertEqual(sessions, sorted(set(sessions)))
                    self.assertLessEqual(sessions[-1], 9)
                for row in rows:
                    for item in range(1, key["n_items"] + 1):
                        answer = number(row[f"q{item}"])
                        if answer is not None:
                            self.assertTrue(key["min"] <= answer <= key["max"])
                            self.assertAlmostEqual(answer / key["step"], round(answer / key["step"]), places=9)
                scored = self.json("score", "--in", self.forms_file, "--instrument", key["id"], "--items",
                                   "q*")["summary"]
                self.assertEqual(scored["n_invalid"], 0)
                self.assertEqual(scored["n"], len(rows))

    def test_defaults(self):
        rows, truth = self.simulate()
        self.assertEqual(len({row["client"] for row in rows}), 60)
        self.assertEqual(max(int(row["session"]) for row in rows), 16)
        self.assertEqual(len({row["therapist"] for row in rows}), 6)
        self.assertEqual(len(rows[0]), 3 + 12)
        self.assertTrue(truth)
        alpha = self.json("reliability", "--in", self.forms_file, "--instrument", "wai-sr-client", "--items",
                          "q*")["scales"][0]["alpha"]["estimate"]
        self.assertTrue(0.8 < alpha < 0.97, "an alliance scale of twelve items has an alpha of about .9")

    def test_truth_is_consistent(self):
        rows, truth = self.simulate("--clients", 300, "--rupture-rate", 0.8)
        self.assertEqual(self.truth_header, TRUTH)
        last = {}
        for row in rows:
            last[row["client"]] = int(row["session"])
        self.assertEqual(len({each["client"] for each in truth}), len(truth), "one rupture per client at most")
        self.assertEqual({each["pattern"] for each in truth}, {*REPAIRED, "step"})
        for each in truth:
            pre, onset, nadir = int(each["pre"]), int(each["onset"]), int(each["nadir"])
            self.assertEqual(onset, pre + 1)
            self.assertGreater(number(each["depth"]), 0)
            self.assertLessEqual(nadir, last[each["client"]], "ruptures that nobody attended are not listed")
            if each["pattern"] == "step":
                self.assertEqual((nadir, each["repair"]), (onset, ""))
            else:
                fall, recovery = REPAIRED[each["pattern"]]
                self.assertEqual(nadir, onset + fall - 1)
                if each["repair"]:
                    self.assertEqual(int(each["repair"]), nadir + recovery)
                else:
                    self.assertLess(last[each["client"]], nadir + recovery, "the therapy ended before the repair")

    def test_truth_is_true(self):
        """Scores fall by the planted depth and come back, on average over many clients."""
        for instrument in ("wai-sr-client", "wai-36-client", "srs-3"):
            key = self.keys[instrument]
            rows, truth = self.simulate("--instrument", instrument, "--clients", 700, "--rupture-rate", 1, "--trend", 0,
                                        "--missing-session", 0,
                                        "--dropout", 0, "--missing-answer", 0, "--level", 0)
            means = self.item_means(key, rows)
            self.assertGreater(len(truth), 600)
            fall, back, kept = [], [], []
            for each in truth:
                before = means[each["client"], int(each["pre"])]
                fall.append(before - means[each["client"], int(each["nadir"])] - number(each["depth"]))
                if each["repair"]:
                    back.append(before - means[each["client"], int(each["repair"])])
                elif each["pattern"] == "step":
                    kept.append(before - means[each["client"], 16] - number(each["depth"]))
            with self.subTest(instrument):
                for values, what in ((fall, "fall at the nadir"), (back, "distance at the repair"),
                                     (kept, "fall at the end of the unrepaired")):
                    self.assertGreater(len(values), 100)
                    self.near(naive.mean(values), 0, naive.sd(values) / math.sqrt(len(values)), what)

    def test_rates(self):
        n = 500
        rows, truth = self.simulate("--clients", n, "--sessions", 12, "--missing-session", 0.1, "--dropout", 0,
                                    "--missing-answer", 0.05,
                                    "--rupture-rate", 0.3, "--repair-probability", 0.6)
        answers = [row[f"q{i}"] for row in rows for i in range(1, 13)]
        self.near(answers.count("") / len(answers), 0.05, math.sqrt(0.05 * 0.95 / len(answers)), "blank answers")
        self.near(len(rows) / n, 1 + 11 * 0.9, math.sqrt(11 * 0.1 * 0.9 / n),
                  "sessions attended: the first always, the others often")
        self.near(len(truth) / n, 0.3, math.sqrt(0.3 * 0.7 / n),
                  "therapies with a rupture (none lies beyond the last session)")
        share = sum(each["pattern"] != "step" for each in truth) / len(truth)
        self.near(share, 0.6, math.sqrt(0.6 * 0.4 / len(truth)), "ruptures that are repaired")
        rows, _ = self.simulate("--clients", n, "--sessions", 3, "--missing-session", 0, "--dropout", 0.9)
        self.assertEqual(len(rows), 3 * n, "nobody ends before the third session")
        rows, _ = self.simulate("--clients", n, "--sessions", 4, "--missing-session", 0, "--dropout", 0.25)
        self.near(len(rows) / n, 3.75, math.sqrt(0.25 * 0.75 / n), "a quarter ends after the third session")

    def test_no_ruptures_and_nothing_but(self):
        _, truth = self.simulate("--clients", 50, "--rupture-rate", 0)
        self.assertEqual((truth, self.truth_header), ([], TRUTH))
        _, truth = self.simulate("--clients", 50, "--rupture-rate", 1, "--dropout", 0, "--missing-session", 0)
        self.assertEqual(len(truth), 50)
        _, truth = self.simulate("--clients", 50, "--sessions", 6, "--rupture-rate", 1)
        self.assertEqual(truth, [], "six sessions are too short for a rupture with a before and an after")

    def test_depth(self):
        def depths(*options):
            return [number(each["depth"]) for each in self.simulate("--clients", 200, "--rupture-rate", 1, *options)[1]]
        shallow, deep = depths("--least-depth", 0.5, "--largest-depth",
                               0.5), depths("--least-depth", 2, "--largest-depth", 2)
        self.assertLess(max(shallow), max(deep))
        self.assertLess(naive.mean(shallow) * 2, naive.mean(deep))
        self.refuse(WRONG_CALL, "simulate", "--least-depth", 2, "--largest-depth", 1, says="largest_depth")

    def test_seeds(self):
        first = self.succeed("simulate", "--seed", 1).out
        self.assertEqual(first, self.succeed("simulate", "--seed", 1).out)
        self.assertNotEqual(first, self.succeed("simulate", "--seed", 2).out)
        self.assertEqual(self.succeed("simulate").out, self.succeed("simulate", "--seed", 20240229).out)
        largest = self.succeed("simulate", "--seed", 2 ** 64 - 1).out
        self.assertNotEqual(first, largest)

    def test_more_clients_leave_the_others_as_they_are(self):
        few, few_truth = self.simulate("--clients", 20, "--rupture-rate", 0.7)
        many, many_truth = self.simulate("--clients", 90, "--rupture-rate", 0.7)
        self.assertEqual(few, many[:len(few)])
        self.assertEqual(few_truth, many_truth[:len(few_truth)])

    def test_ruptures_change_nothing_before_their_onset(self):
        with_ruptures, truth = self.simulate("--clients", 40, "--rupture-rate", 1)
        without, _ = self.simulate("--clients", 40, "--rupture-rate", 0)
        onset = {each["client"]: int(each["onset"]) for each in truth}
        self.assertEqual([(row["client"], row["session"]) for row in with_ruptures],
                         [(row["client"], row["session"]) for row in without])
        changed = 0
        for one, other in zip(with_ruptures, without):
            if int(one["session"]) < onset.get(one["client"], 100):
                self.assertEqual(one, other)
            else:
                changed += one != other
        self.assertGreater(changed, 0)

    def test_deep_ruptures_are_found(self):
        self.simulate("--clients", 80, "--rupture-rate", 0.5, "--least-depth", 2.5, "--largest-depth", 2.5,
                      "--missing-session", 0)
        scores = self.file(self.succeed("score", "--in", self.forms_file, "--instrument", "wai-sr-client", "--items",
                                        "q*", "--id", "client,session",
                                        "--missing", "prorate:0.5", "--format", "csv").out, "scores.csv")
        found = self.json("rupture", "--in", scores, "--id", "client", "--time", "session", "--y", "total",
                          "--detector", "innovation", "--null", 0)
        episodes = {client["id"]: [episode["onset"] for episode in client["episodes"]] for client in found["clients"]}
        hits = sum(any(abs(onset - int(each["onset"])) <= 1 for onset in episodes[each["client"]])
                   for each in self.truth)
        # By chance a client shows an episode within a given three sessions in about 3 of 100 cases.
        self.assertGreater(hits / len(self.truth), 0.5)


if __name__ == "__main__":
    main()
