#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport rupture`: rules, innovations and chance levels recomputed by a second, naive implementation."""
import datetime
import math
import os
import pathlib
import pty
import random
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import naive  # noqa: E402
from program import MAYBE, NONE, NUMBER, RAPPORT, ProgramTest, csv_text, main, number, run  # noqa: E402

COLUMNS = ["--id", "client", "--time", "session", "--y", "score"]
STATUSES = {"unrepaired", "partial", "repaired", "over-repaired", "relapsed", "censored"}
PATTERNS = {"V", "slope-then-jump", "drop-then-slope", "U", "trough", "step", "slide", "W"}
TIME = (int, float, str)
SHAPE = {
    "detectors": [{"name": str, "options": dict, "source": str, "provenance": str, "unit": (str, NONE),
                   "unit_value": MAYBE, "threshold": MAYBE}],
    "clients": [{"id": str, "n_sessions": int, "n_observed": int, "n_evaluable": int, "not_evaluable": dict,
                 "session_score?": dict, "episodes": [{
                     "detector": str, "pre": TIME, "onset": TIME, "nadir": TIME, "repair": (int, float, str, NONE),
                     "depth": NUMBER,
                     "depth_standardized": NUMBER, "depth_se": MAYBE, "duration": int, "recovery": NUMBER,
                     "repair_probability": MAYBE,
                     "status": str, "pattern": str, "score": NUMBER, "p_null": MAYBE, "q_null": MAYBE, "rules": [str],
                     "flags": [str]}]}],
    "summary": dict, "warnings": [str],
}
SUMMARY_SHAPE = {"n_clients": int, "n_evaluable_clients": int, "n_with_rupture": int, "n_episodes": int,
                 "n_repaired": int,
                 "expected_if_stable": MAYBE, "per_100_sessions": MAYBE}
# Differences and quotients of scores with few decimals, and of SDs of some dozens of numbers.
ARITHMETIC = 1e-12
# The growth model that both sides use is an optimum known to about 1e-9; the innovations depend on it smoothly.
MODEL = 1e-7

PRESETS = {
    "drop-repair": {"k": 2, "unit": "pooled-sd", "reference": "previous", "reference-window": 3, "decline": "monotone",
                    "repair": "within",
                    "repair-value": 0.5, "window": 0, "hold": 1, "min-sessions": 4, "max-gap": 0},
    "stiles2004-like": {"unit": "own-sd", "decline": "single", "repair": "rise", "repair-value": 2, "window": 2},
    "strauss2006-like": {"unit": "own-sd", "k": 1, "repair-value": 0},
    "stevens2007-like": {"unit": "points", "k": 1, "repair-value": 0.25, "window": 5},
    "gumz2012": {"unit": "larger-sd", "repair-value": 0.25, "min-sessions": 5},
    "mclaughlin2014-like": {"unit": "grand-sd", "k": 1, "reference": "highest-before", "reference-window": 1000,
                            "repair-value": 0.32},
    "larsson2018-like": {"unit": "grand-sd", "k": 1, "repair-value": 0.25},
}
for _name in PRESETS:
    PRESETS[_name] = {**PRESETS["drop-repair"], **PRESETS[_name]}


class Series:
    """One client's sessions in order of time; `seen` lists those with a score."""

    def __init__(self, client, sessions, dated=False):
        self.client = client
        self.sessions = sorted(sessions)
        self.seen = [(t, y) for t, y in self.sessions if y is not None]
        self.dated = dated

    def own_sd(self):
        scores = [y for _, y in self.seen]
        return naive.sd(scores) if len(scores) > 1 else 0.0


def spreads(panel):
    """SDs within clients, of clients' means and of all scores."""
    groups = [[y for _, y in series.seen] for series in panel if series.seen]
    squares = math.fsum((y - naive.mean(g)) ** 2 for g in groups for y in g)
    df = sum(len(g) - 1 for g in groups)
    everything = [y for g in groups for y in g]
    means = [naive.mean(g) for g in groups]
    return {"within": math.sqrt(squares / df) if df else None, "between": naive.sd(means) if len(means) > 1 else None,
            "grand": naive.sd(everything) if len(everything) > 1 else None}


def described(series, pre, onset, nadir, repair, reference, tolerance, limits=None):
    """Duration, recovery, status, pattern and flags of an episode; positions count scored sessions."""
    y = [score for _, score in series.seen]
    n = len(y)
    end = n if repair is None else repair
    depth = reference - y[nadir]
    best = max([y[nadir], *y[nadir + 1:nadir + 5], *([y[repair]] if repair is not None else [])])
    recovery = (best - y[nadir]) / depth if depth > 0 else 0
    if repair is None:
        status = "censored" if n - 1 - nadir < 4 else "partial" if recovery >= 0.5 else "unrepaired"
    else:
        fallen_back = reference - max(2 * tolerance, depth / 2)
        after = y[repair + 1:repair + 5]
        relapse = next((i for i, score in enumerate(after) if score < fallen_back), None)
        rose = any(score >= reference + 3 * tolerance for score in [y[repair], *after])
        status = "relapsed" if relapse is not None else "over-repaired" if rose else "repaired"
    inside = y[onset:end]
    two_nadirs = any(inside[j] > min(inside[:j + 1]) + tolerance and inside[k] < inside[j] - tolerance
                     for j in range(len(inside)) for k in range(j + 1, len(inside)))
    if repair is None:
        pattern = "slide" if nadir == n - 1 and nadir > onset else "step"
    elif two_nadirs:
        pattern = "W"
    elif sum(score <= y[nadir] + tolerance for score in inside) >= 3:
        pattern = "trough"
    else:
        pattern = {(True, True): "V", (False, True): "slope-then-jump", (True, False): "drop-then-slope",
                   (False, False): "U"}[nadir == onset, repair == nadir + 1]
    flags = []
    if onset < 3:
        flags.append("first sessions")
    if onset == n - 1:
        flags.append("at end")
    first = series.seen[pre][0]
    last = series.seen[nadir if repair is None else repair][0]
    between = [(t, score) for t, score in series.sessions if first <= t <= last]
    skipped = any(b[0] - a[0] > 1 for a, b in zip(between, between[1:])) and not series.dated
    if skipped or any(score is None for _, score in between):
        flags.append("gap inside")
    if limits and y[nadir] <= limits[0]:
        flags.append("floor")
    if limits and y[pre] >= limits[1]:
        flags.append("ceiling")
    def at(position):
        return None if position is None else series.seen[position][0]
    return {"pre": at(pre), "onset": at(onset), "nadir": at(nadir), "repair": at(repair), "reference": reference,
            "depth": depth,
            "duration": end - onset, "recovery": recovery, "status": status, "pattern": pattern, "flags": flags}


def drop_repair(series, options, shared_unit, tolerance, limits=None):
    """The drop-repair rule: None if the series cannot be judged, else (episodes, n_evaluable, session scores)."""
    seen = series.seen
    y = [score for _, score in seen]
    n = len(y)
    if n < options["min-sessions"]:
        return None
    unit = {"own-sd": series.own_sd(),
            "larger-sd": max(series.own_sd(), shared_unit or 0)}.get(options["unit"], shared_unit)
    if not unit > 0:
        return None
    largest_gap = options["max-gap"] or (28 if series.dated else 1)

    def neighbours(i):  # whether scored session i + 1 may be compared with i
        return i + 1 < n and seen[i + 1][0] - seen[i][0] <= largest_gap
    episodes, scores = [], {}
    judged = set()  # transitions, by their first session
    i = 0
    while i + 1 < n:
        if not neighbours(i):
            i += 1
            continue
        judged.add(i)
        before = y[max(0, i - options["reference-window"] + 1):i + 1]
        level = y[i] if options["reference"] == "previous" else max(before)
        scores[i + 1] = (level - y[i + 1]) / unit
        low = i
        while y[low + 1] < y[low] and neighbours(low):
            low += 1
            if options["decline"] == "single" or low + 1 == n:
                break
        if low == i or level - y[low] < options["k"] * unit * (1 - 1e-9):
            i += 1
            continue

        def repaired(nadir, s):
            if options["window"] and s - nadir > options["window"]:
                return False
            wanted = {"within": level - options["repair-value"] * unit,
                      "rise": y[nadir] + options["repair-value"] * unit,
                      "share": y[nadir] + options["repair-value"] * (level - y[nadir])}[options["repair"]]
            return y[s] >= wanted - 1e-9 * unit
        nadir, repair = low, None
        for s in range(low + 1, n):
            if y[s] < y[nadir]:
                nadir = s
            elif s + options["hold"] <= n and all(repaired(nadir, s + h) for h in range(options["hold"])):
                repair = s
                break
        episode = described(series, i, i + 1, nadir, repair, level, tolerance, limits)
        episode["depth_standardized"] = episode["score"] = episode["depth"] / unit
        episodes.append(episode)
        resume = nadir if repair is None else repair
        judged.update(s for s in range(i + 1, resume) if neighbours(s))
        i = resume
    return episodes, len(judged), {seen[s][0]: score for s, score in scores.items()}


class StableModel:
    """Level and trend of clients, normal, and an independent error: conditional normals by dense matrices."""

    def __init__(self, growth):
        sd = list(growth["random"]["client"]["sd"].values())
        corr = growth["random"]["client"]["corr"]
        self.g = [[sd[i] * sd[j] * (corr[i][j] or 0) for j in range(len(sd))] for i in range(len(sd))]
        self.error_sd = growth["residual"]["sd"]
        self.level, self.trend = [each["estimate"] for each in growth["fixed"]]

    def mean(self, t):
        return self.level + self.trend * t

    def covariance(self, s, t):
        return naive.dot([1, s][:len(self.g)], naive.times(self.g, [1, t][:len(self.g)]))

    def predict(self, learned, t):
        """Mean and SD of a new score at t, given scores."""
        own = self.covariance(t, t) + self.error_sd ** 2
        if not learned:
            return self.mean(t), math.sqrt(own)
        v = [[self.covariance(a, b) + (self.error_sd ** 2 if i == j else 0) for j, (b, _) in enumerate(learned)]
             for i, (a, _) in enumerate(learned)]
        with_new = [self.covariance(a, t) for a, _ in learned]
        weights = naive.cholesky_solve(naive.cholesky(v), with_new)
        return (self.mean(t) + naive.dot(weights, [y - self.mean(a) for a, y in learned]),
                math.sqrt(own - naive.dot(weights, with_new)))

    def draw(self, times, random_numbers, limits=None):
        sd = [math.sqrt(self.g[i][i]) for i in range(len(self.g))]
        z = [random_numbers.gauss(0, 1) for _ in self.g]
        level = sd[0] * z[0]
        trend = 0.0
        if len(sd) == 2 and sd[1] > 0:
            corr = self.g[0][1] / (sd[0] * sd[1]) if sd[0] > 0 else 0.0
            trend = sd[1] * (corr * z[0] + math.sqrt(max(0.0, 1 - corr ** 2)) * z[1])
        scores = [self.mean(t) + level + trend * t + self.error_sd * random_numbers.gauss(0, 1) for t in times]
        if limits:
            lower, upper, step = limits
            scores = [min(upper, max(lower, lower + step * math.floor((y - lower) / step + 0.5))) for y in scores]
        return scores


def innovation(series, model, threshold, tolerance, repair_tolerance=0.5, hold=1, limits=None):
    """Sessions further below what the model expects than chance allows; those of an episode are not learned.
    A score at the ceiling is learned as its mean given that it is at least there: limits = lower, upper, step."""
    seen = series.seen
    y = [score for _, score in seen]
    n = len(y)
    if n < 2:
        return None
    episodes, scores, expected = [], {}, {}

    def learn(learned, s):
        if limits and len(limits) == 3 and y[s] >= limits[1] - limits[2] / 2:
            mean, sd = model.predict(learned, seen[s][0])
            z = (limits[1] - limits[2] / 2 - mean) / sd
            above = math.erfc(z / math.sqrt(2)) / 2
            return learned + [(seen[s][0], mean + sd * math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / above)]
        return learned + [seen[s]]
    learned = learn([], 0)
    i = 1
    while i < n:
        def surprise(s):
            mean, sd = model.predict(learned, seen[s][0])
            expected[seen[s][0]] = (mean, sd)
            scores[seen[s][0]] = (mean - y[s]) / sd
            return scores[seen[s][0]]
        largest = surprise(i)
        if largest <= threshold:
            learned = learn(learned, i)
            i += 1
            continue

        def repaired(s):
            return y[s] >= model.predict(learned, seen[s][0])[0] - repair_tolerance * model.error_sd
        nadir, repair = i, None
        for s in range(i + 1, n):
            if y[s] < y[nadir]:
                nadir = s
            elif s + hold <= n and all(repaired(s + h) for h in range(hold)):
                repair = s
                break
        for s in range(i + 1, n if repair is None else repair + 1):
            z = surprise(s)
            if s != repair:
                largest = max(largest, z)
        reference, sd = model.predict(learned, seen[nadir][0])
        episode = described(series, i - 1, i, nadir, repair, reference, tolerance, limits and limits[:2])
        episode.update(score=largest, depth_standardized=episode["depth"] / model.error_sd, depth_se=sd)
        episodes.append(episode)
        if repair is None:
            break
        learned = learn(learned, repair)
        i = repair + 1
    return episodes, n - 1, scores, expected


def random_panel(seed, n_clients=25, step=0.5, dated=False, lowest=None, highest=None):
    """Clients with levels of their own, some ruptures, sessions without a score and sessions left out."""
    random_numbers = random.Random(seed)
    panel = []
    for c in range(1, n_clients + 1):
        level = random_numbers.gauss(40, 5)
        n = random_numbers.randint(2, 18)
        fall = random_numbers.choice([0, 0, 6, 12])
        onset = random_numbers.randint(2, 18)
        length = random_numbers.choice([1, 2, 4, 30])
        sessions = []
        t = 0
        for s in range(1, n + 1):
            t += random_numbers.choice([7, 7, 7, 14, 3, 28, 29] if dated else [1, 1, 1, 1, 1, 1, 2, 3])
            y = level - (fall if onset <= s < onset + length else 0) + random_numbers.gauss(0, 3)
            y = round(y / step) * step
            if lowest is not None:
                y = min(highest, max(lowest, y))
            sessions.append((t, None if random_numbers.random() < 0.08 else y))
        panel.append(Series(f"{c}", sessions, dated))
    return panel


class Rupture(ProgramTest):

    def table_of(self, panel, name="panel.csv", shuffled=False, sign=1, begin=None):
        rows = []
        for series in panel:
            first = min(t for t, _ in series.sessions)
            for t, y in series.sessions:
                when = (begin + datetime.timedelta(days=t - first)).isoformat() if begin else t
                rows.append([series.client, when, None if y is None else sign * y])
        if shuffled:
            random.Random(1).shuffle(rows)
        return self.table(rows, ["client", "session", "score"], name)

    def detect(self, path, *options):
        self.call = ["rupture", "--in", path, *COLUMNS, *options]
        found = self.json(*self.call)
        self.has_shape(found, SHAPE)
        self.assertEqual([each["name"] for each in found["detectors"]], list(found["summary"]))
        for summary in found["summary"].values():
            self.has_shape(summary, SUMMARY_SHAPE)
        for client in found["clients"]:
            for episode in client["episodes"]:
                self.assertIn(episode["status"], STATUSES)
                self.assertIn(episode["pattern"], PATTERNS)
                self.assertIn(episode["detector"], episode["rules"])
        return found

    def check_episodes(self, found, name, wanted, relative):
        """wanted: client -> what the naive detector returned."""
        self.assertEqual([client["id"] for client in found["clients"]], list(wanted))
        totals = {"n_episodes": 0, "n_repaired": 0, "n_with_rupture": 0, "n_evaluable_clients": 0, "evaluable": 0}
        for client in found["clients"]:
            by_hand = wanted[client["id"]]
            where = f"{name}, client {client['id']}"
            if by_hand is None:
                self.assertIn(name, client["not_evaluable"], where)
                self.assertEqual(client["episodes"], [], where)
                continue
            self.assertNotIn(name, client["not_evaluable"], where)
            self.assertEqual(client["n_evaluable"], by_hand[1], where)
            facts = ("pre", "onset", "nadir", "repair", "duration", "status", "pattern", "flags")
            self.assertEqual([[episode[key] for key in facts] for episode in client["episodes"]],
                             [[episode[key] for key in facts] for episode in by_hand[0]], where)
            for episode, one in zip(client["episodes"], by_hand[0]):
                for key in ("reference", "depth", "depth_standardized", "recovery", "score"):
                    self.close(episode[key], one[key], relative, f"{key} of {where}", floor=1e-3)
                self.close(episode["depth_se"], one.get("depth_se"), relative, f"depth_se of {where}")
            totals["n_evaluable_clients"] += 1
            totals["evaluable"] += by_hand[1]
            totals["n_episodes"] += len(by_hand[0])
            totals["n_with_rupture"] += bool(by_hand[0])
            totals["n_repaired"] += sum(episode["repair"] is not None for episode in by_hand[0])
        summary = found["summary"][name]
        for key in ("n_episodes", "n_repaired", "n_with_rupture", "n_evaluable_clients"):
            self.assertEqual(summary[key], totals[key], key)
        self.assertEqual(summary["n_clients"], len(wanted))
        if totals["evaluable"]:
            self.close(summary["per_100_sessions"], 100 * totals["n_episodes"] / totals["evaluable"], 1e-14,
                       "per 100 sessions")
        return totals["n_episodes"]

    def shared_unit(self, options, spread):
        return {"points": 1.0, "own-sd": None, "pooled-sd": spread["within"], "larger-sd": spread["within"],
                "between-sd": spread["between"], "grand-sd": spread["grand"]}[options["unit"]]

    def check_rule(self, panel, path, name, changes=(), limits=None, arguments=(), unit_panel=None):
        options = {**PRESETS[name], **dict(changes)}
        given = [part for key, value in dict(changes).items() for part in ("--option", f"{key}={value}")]
        found = self.detect(path, "--detector", name, "--null", 0, "--series", *given, *arguments)
        about = found["detectors"][0]
        self.assertEqual(about["options"], options)
        spread = spreads(unit_panel or panel)
        unit = self.shared_unit(options, spread)
        self.assertEqual(about["unit"], options["unit"])
        self.close(about["unit_value"], unit, ARITHMETIC, "unit")
        self.assertEqual(about["threshold"], options["k"])
        wanted = {series.client: drop_repair(series, options, unit, spread["within"] / 2, limits) for series in panel}
        for client, series in zip(found["clients"], panel):
            self.assertEqual((client["n_sessions"], client["n_observed"]), (len(series.sessions), len(series.seen)))
            if wanted[client["id"]] is not None:
                scores = client["session_score"][name]
                self.assertEqual(client["session"], [t for t, _ in series.sessions])
                for (t, _), score in zip(series.sessions, scores):
                    # Sessions inside an episode are judged by its repair, not as new falls.
                    self.close(score, wanted[client["id"]][2].get(t), ARITHMETIC,
                               f"session score at {t} of {client['id']}", floor=1e-3)
        return self.check_episodes(found, name, wanted, ARITHMETIC)

    # --- rules ------------------------------------------------------------------------------------------------------

    def test_every_preset(self):
        for seed in (1, 2, 3, 4):
            panel = random_panel(seed)
            path = self.table_of(panel, shuffled=True)
            for name in PRESETS:
                with self.subTest(seed=seed, detector=name):
                    self.assertGreater(self.check_rule(panel, path, name), 0, "a panel without episodes tests nothing")

    def test_every_setting(self):
        random_numbers = random.Random(99)
        panel = random_panel(5, n_clients=30)
        path = self.table_of(panel)
        values = {"k": [0.5, 1, 1.5, 2.5],
                  "unit": ["points", "own-sd", "pooled-sd", "between-sd", "grand-sd", "larger-sd"],
                  "reference": ["previous", "highest-before"], "reference-window": [1, 2, 3, 6],
                  "decline": ["single", "monotone"],
                  "repair": ["within", "rise", "share"], "repair-value": [0, 0.25, 0.5, 1], "window": [0, 1, 2, 5],
                  "hold": [1, 2, 3],
                  "min-sessions": [2, 4, 8], "max-gap": [0, 2, 30]}
        found = 0
        for _ in range(60):
            changes = {key: random_numbers.choice(choices)
                       for key, choices in values.items() if random_numbers.random() < 0.6}
            if changes.get("unit") == "points":
                changes["k"] = random_numbers.choice([2, 3.5, 6])
            with self.subTest(changes=changes):
                found += self.check_rule(panel, path, random_numbers.choice(list(PRESETS)), changes.items())
        self.assertGreater(found, 200)

    def test_falls_of_exactly_the_threshold_count(self):
        for scores, wanted in (((5, 5, 4, 5, 5), 1), ((5, 5, 4.01, 5, 5), 0), ((0.3, 0.3, 0.2, 0.3, 0.3), 1)):
            panel = [Series("1", list(enumerate(scores, 1))), Series("2", [(1, 3), (2, 3.2), (3, 3.1), (4, 3)])]
            k = 0.1 if scores[0] < 1 else 1
            self.assertEqual(self.check_rule(panel, self.table_of(panel), "drop-repair",
                                             {"unit": "points", "k": k, "min-sessions": 5}.items()), wanted)

    def test_range(self):
        panel = random_panel(6, lowest=30, highest=45, step=1)
        path = self.table_of(panel)
        found = 0
        for name in ("drop-repair", "strauss2006-like"):
            found += self.check_rule(panel, path, name, limits=(30, 45),
                                     arguments=("--min", 30, "--max", 45, "--step", 1))
        result = self.detect(path, "--detector", "strauss2006-like", "--null", 0, "--min", 30, "--max", 45)
        flags = {flag for client in result["clients"] for episode in client["episodes"] for flag in episode["flags"]}
        self.assertLessEqual({"floor", "ceiling", "gap inside", "first sessions"}, flags)

    def test_lower_is_better(self):
        panel = random_panel(7)
        falls = self.detect(self.table_of(panel), "--null", 99, "--series")
        rises = self.detect(self.table_of(panel, sign=-1), "--null", 99, "--series", "--lower-is-better")
        for client in rises["clients"]:
            client["y"] = [None if y is None else -y for y in client["y"]]
            for episode in client["episodes"]:
                episode["reference"] *= -1
            for each in client["session_expected"]["innovation"]:
                if each:
                    each["mean"] *= -1
        self.assertEqual(rises, falls)
        on_a_grid = random_panel(6, lowest=30, highest=45, step=1)
        with_range = self.detect(self.table_of(on_a_grid, sign=-1), "--null", 9, "--lower-is-better",
                                 "--min", -45, "--max", -30, "--step", 1)
        upright = self.detect(self.table_of(on_a_grid), "--null", 9, "--min", 30, "--max", 45, "--step", 1)
        self.assertEqual(with_range["summary"], upright["summary"])

    def test_dates(self):
        panel = random_panel(8, dated=True)
        begin = datetime.date(2025, 12, 1)
        path = self.table_of(panel, begin=begin)
        days = [Series(s.client, [(t - s.sessions[0][0], y) for t, y in s.sessions], True) for s in panel]
        spread = spreads(days)
        for name in PRESETS:
            options = PRESETS[name]
            found = self.detect(path, "--detector", name, "--null", 0)
            wanted = {s.client: drop_repair(s, options, self.shared_unit(options, spread), spread["within"] / 2)
                      for s in days}
            for by_hand in filter(None, wanted.values()):
                for episode in by_hand[0]:
                    for key in ("pre", "onset", "nadir", "repair"):
                        if episode[key] is not None:
                            episode[key] = (begin + datetime.timedelta(days=episode[key])).isoformat()
            with self.subTest(detector=name):
                self.assertGreater(self.check_episodes(found, name, wanted, ARITHMETIC), 0)
        found = self.detect(path, "--detector", "innovation", "--null", 0, "--series")
        for client, series in zip(found["clients"], panel):
            first = series.sessions[0][0]
            self.assertEqual(client["session"],
                             [(begin + datetime.timedelta(days=t - first)).isoformat() for t, _ in series.sessions])

    # --- innovations ------------------------------------------------------------------------------------------------

    def check_innovation(self, panel, path, growth_options=(), options=None, limits=None, arguments=()):
        options = {**(options or {}), "model": "lines"}
        growth = self.json("growth", "--in", path, *COLUMNS, "--center", 0, *growth_options)
        model = StableModel(growth)
        given = [part for key, value in options.items() for part in ("--option", f"{key}={value}")]
        found = self.detect(path, "--detector", "innovation", "--null", 0, "--series", *given, *arguments)
        about = found["detectors"][0]
        self.assertEqual(about["options"], {"false-alarms": 0.01, "repair-tolerance": 0.5, "hold": 1,
                                            "self-scaling": "no", **options})
        threshold = naive.normal_quantile(1 - options.get("false-alarms", 0.01))
        self.close(about["threshold"], threshold, 1e-12, "threshold")
        self.close(about["unit_value"], model.error_sd, MODEL, "unit")
        tolerance = spreads(panel)["within"] / 2
        wanted = {s.client: innovation(s, model, about["threshold"], tolerance, options.get("repair-tolerance", 0.5),
                                       options.get("hold", 1), limits)
                  for s in panel}
        n = self.check_episodes(found, "innovation", wanted, MODEL)
        for client, series in zip(found["clients"], panel):
            by_hand = wanted[client["id"]]
            if by_hand is None:
                continue
            for (t, y), score, expected in zip(series.sessions, client["session_score"]["innovation"],
                                               client["session_expected"]["innovation"]):
                self.close(score, by_hand[2].get(t), MODEL, f"innovation of {client['id']} at {t}", floor=1e-2)
                if t in by_hand[3]:
                    self.close(expected["mean"], by_hand[3][t][0], MODEL, "expected score")
                    self.close(expected["sd"], by_hand[3][t][1], MODEL, "predictive SD")
                else:
                    self.assertIsNone(expected)
                    self.assertIsNone(score, "a session without a score, and the first one, are not judged")
        return n

    def test_innovations(self):
        found = 0
        for seed in (11, 12, 13):
            panel = random_panel(seed)
            with self.subTest(seed=seed):
                found += self.check_innovation(panel, self.table_of(panel, shuffled=True))
        self.assertGreater(found, 5)

    def test_settings_of_innovations(self):
        panel = random_panel(14, n_clients=30)
        path = self.table_of(panel)
        counts = []
        for options in ({"false-alarms": 0.2}, {"false-alarms": 0.05}, {"false-alarms": 0.001}):
            counts.append(self.check_innovation(panel, path, options=options))
        self.assertEqual(counts, sorted(counts, reverse=True))
        for options in ({"hold": 2}, {"hold": 3, "false-alarms": 0.1}, {"repair-tolerance": 0},
                        {"repair-tolerance": 1.5, "false-alarms": 0.1}):
            with self.subTest(options=options):
                self.check_innovation(panel, path, options=options)

    def test_innovations_within_a_range(self):
        panel = random_panel(15, lowest=30, highest=45, step=1)
        self.check_innovation(panel, self.table_of(panel), limits=(30, 45, 1),
                              arguments=("--min", 30, "--max", 45, "--step", 1),
                              options={"false-alarms": 0.05})

    def test_innovations_without_trends(self):
        """Where two scores are the most that a client has, the model of stable clients has levels alone."""
        random_numbers = random.Random(16)
        panel = [Series(f"{c}",
                        [(t, round(40 + random_numbers.gauss(0, 5), 1)) for t in (random_numbers.randint(1, 4), 5)])
                 for c in range(1, 31)]
        self.check_innovation(panel, self.table_of(panel), ("--random", "intercept"), {"false-alarms": 0.1})

    # --- chance -----------------------------------------------------------------------------------------------------

    def check_chance(self, panel, path, name, detector, model, replicates, limits=None, arguments=()):
        """expected_if_stable and p_null against stable series drawn here."""
        found = self.detect(path, "--detector", name, "--null", 999, "--null-model", "lines", *arguments)
        random_numbers = random.Random(77)
        sums = [0] * replicates
        episodes = {client["id"]: client["episodes"] for client in found["clients"]}
        for series in panel:
            if detector(series) is None:
                continue
            largest = []
            for b in range(replicates):
                scores = model.draw([t for t, _ in series.sessions], random_numbers, limits)
                stable = Series(series.client,
                                [(t, None if y is None else new) for (t, y), new in zip(series.sessions, scores)])
                # Own SDs of 0 on a coarse grid make a stable series that cannot be judged; it shows no episode.
                by_chance = (detector(stable) or ([],))[0]
                sums[b] += len(by_chance)
                largest.append(max((episode["score"] for episode in by_chance), default=-math.inf))
            for episode in episodes[series.client]:
                p = sum(each >= episode["score"] - 1e-9 for each in largest) / replicates
                # Five standard errors of the difference of two shares, and one replicate of slack for small ones.
                slack = 5 * math.sqrt(max(p * (1 - p), 1 / replicates) * (1 / replicates + 1 / 999))
                self.assertLess(abs(episode["p_null"] - p), slack + 1 / replicates,
                                f"{name}, client {series.client}: {episode['p_null']} and {p}")
        expected = found["summary"][name]["expected_if_stable"]
        error = naive.sd(sums) * math.sqrt(1 / replicates + 1 / 999)
        self.assertLess(abs(expected - naive.mean(sums)), 5 * error + 0.01,
                        f"{name}: {expected} and {naive.mean(sums)}")
        return found

    def test_chance_level_of_rules(self):
        for seed, limits in ((21, None), (22, (25, 45, 0.5))):
            panel = random_panel(seed, lowest=limits and limits[0], highest=limits and limits[1])
            path = self.table_of(panel)
            model = StableModel(self.json("growth", "--in", path, *COLUMNS))
            spread = spreads(panel)
            arguments = ("--min", limits[0], "--max", limits[1], "--step", limits[2]) if limits else ()
            for name in ("drop-repair", "strauss2006-like", "gumz2012"):
                options = PRESETS[name]
                unit = self.shared_unit(options, spread)
                with self.subTest(seed=seed, detector=name):
                    found = self.check_chance(panel, path, name, lambda s, o=options, u=unit: drop_repair(s, o, u, 1),
                                              model, 300, limits, arguments)
                    self.assertGreater(found["summary"][name]["expected_if_stable"], 1)

    def test_chance_level_of_innovations(self):
        panel = random_panel(23, n_clients=15)
        path = self.table_of(panel)
        model = StableModel(self.json("growth", "--in", path, *COLUMNS))
        threshold = naive.normal_quantile(0.95)
        found = self.check_chance(panel, path, "innovation", lambda s: innovation(s, model, threshold, 1), model, 60,
                                  arguments=("--option", "false-alarms=0.05", "--option", "model=lines"))
        self.assertGreater(found["summary"]["innovation"]["expected_if_stable"], 1)

    def test_chance_holds_what_it_says(self):
        """On stable clients the innovations find about as many episodes as they say that chance would show."""
        random_numbers = random.Random(24)
        model = StableModel({"random": {"client": {"sd": {"a": 5.0, "b": 0.3}, "corr": [[1, -0.3], [-0.3, 1]]}},
                             "residual": {"sd": 4.0},
                             "fixed": [{"estimate": 45.0}, {"estimate": 0.2}]})
        panel = [Series(f"{c}", list(zip(range(1, 13), model.draw(range(1, 13), random_numbers))))
                 for c in range(1, 201)]
        found = self.detect(self.table_of(panel), "--detector", "innovation", "--null", 99, "--null-model", "lines",
                            "--option", "model=lines")["summary"]["innovation"]
        # 200 clients, 11 judged sessions each, one per cent false alarms: 22; the simulation has an error of 0.5.
        self.assertTrue(19 < found["expected_if_stable"] < 24, found)
        self.assertLess(abs(found["n_episodes"] - found["expected_if_stable"]),
                        4 * math.sqrt(found["expected_if_stable"]))

    def test_p_values(self):
        path = self.table_of(random_panel(25))
        for null in (9, 99):
            found = self.detect(path, "--null", null)
            for client in found["clients"]:
                for name in ("drop-repair", "innovation"):
                    mine = [episode for episode in client["episodes"] if episode["detector"] == name]
                    for episode in mine:
                        p = episode["p_null"]
                        self.assertTrue(0 < p <= 1)
                        self.close(p * (null + 1), round(p * (null + 1)), 1e-12,
                                   "a share of the replicates and of the series itself")
                    by_score = sorted(mine, key=lambda episode: episode["score"])
                    shares = [episode["p_null"] for episode in by_score]
                    self.assertEqual(shares, sorted(shares, reverse=True), "the larger the fall, the rarer by chance")
            for summary in found["summary"].values():
                self.assertGreaterEqual(summary["expected_if_stable"], 0)

    def test_no_chance_level(self):
        path = self.table_of(random_panel(26))
        with_null, without = self.detect(path, "--null", 19), self.detect(path, "--null", 0)
        self.assertEqual({episode["p_null"] for client in without["clients"] for episode in client["episodes"]}, {None})
        self.assertEqual({summary["expected_if_stable"] for summary in without["summary"].values()}, {None})
        for client in with_null["clients"]:
            for episode in client["episodes"]:
                episode["p_null"] = episode["q_null"] = None
        for summary in with_null["summary"].values():
            summary["expected_if_stable"] = None
        self.assertEqual(with_null, without)

    # --- the program ------------------------------------------------------------------------------------------------

    def test_defaults_and_several_detectors(self):
        path = self.table_of(random_panel(27))
        both = self.detect(path, "--null", 19)
        self.assertEqual(list(both["summary"]), ["drop-repair", "innovation"])
        self.assertEqual(both, self.detect(path, "--null", 19, "--detector", "drop-repair", "--detector", "innovation"))
        alone = self.detect(path, "--null", 19, "--detector", "innovation")
        self.assertEqual(both["summary"]["innovation"], alone["summary"]["innovation"])
        for one, other in zip(both["clients"], alone["clients"]):
            self.assertEqual([e for e in one["episodes"] if e["detector"] == "innovation"], other["episodes"])
        every = self.detect(path, "--null", 0,
                            *[part for name in [*PRESETS, "innovation"] for part in ("--detector", name)])
        self.assertEqual(list(every["summary"]), [*PRESETS, "innovation"])
        # An option changes every detector that has it, and no other.
        changed = self.detect(path, "--null", 0, "--option", "k=1.25", "--option", "false-alarms=0.03")
        self.assertEqual([each["options"].get("k") for each in changed["detectors"]], [1.25, None])
        self.assertEqual([each["options"].get("false-alarms") for each in changed["detectors"]], [None, 0.03])

    def test_series_only_when_asked(self):
        path = self.table_of(random_panel(28))
        plain = self.detect(path, "--null", 0)
        series = self.detect(path, "--null", 0, "--series")
        for one, other in zip(plain["clients"], series["clients"]):
            self.assertNotIn("session_score", one)
            self.assertEqual(set(other["session_score"]), {"drop-repair", "innovation"})
            for scores in other["session_score"].values():
                self.assertEqual(len(scores), other["n_sessions"])
            for key, value in one.items():
                self.assertEqual(other[key], value)
        self.assertEqual(plain["summary"], series["summary"])

    def test_list_of_detectors(self):
        listed = self.json("rupture", "--detector", "list")
        by_name = {each["name"]: each for each in listed}
        self.assertEqual(list(by_name), [
            *PRESETS, "srs-alert", "reliable-change", "residual", "innovation", "innovation-offline", "pulse", "xmr",
            "cusum", "ewma", "tukey", "segments", "bocpd", "hmm", "sudden-gain",
            "sudden-loss", "sudden-change-corrected"])
        for name, options in PRESETS.items():
            shown = {option["key"]: option["default"] for option in by_name[name]["options"]}
            self.assertEqual(list(shown), list(options))
            for key, value in options.items():
                self.assertEqual(type(value)(shown[key]), value, f"{key} of {name}")
        text = self.succeed("rupture", "--detector", "list").out
        for each in listed:
            for part in (each["name"], each["source"], *[option["meaning"] for option in each["options"]]):
                self.assertIn(part, text)
            self.assertIn(each["provenance"], ("primary", "abstract", "unverified", "inferred", "own"))

    def test_every_detector_runs(self):
        path = self.table_of(random_panel(32))
        names = [each["name"] for each in self.json("rupture", "--detector", "list")]
        found = self.detect(path, "--null", 9, "--sem", 2, *[part for name in names for part in ("--detector", name)])
        self.assertEqual(list(found["summary"]), names)
        for summary in found["summary"].values():
            self.assertIsNotNone(summary["expected_if_stable"])
        for name in ("innovation", "innovation-offline", "pulse"):
            scaled = self.detect(path, "--null", 0, "--detector", name, "--option", "self-scaling=yes")
            self.assertEqual(scaled["detectors"][0]["options"]["self-scaling"], "yes")
        # The measurement error has no default.
        outcome = run("rupture", "--in", path, *COLUMNS, "--detector", "reliable-change", "--format", "json")
        self.assertEqual(outcome.status, 3)

    def test_measurement_error(self):
        path = self.table_of(random_panel(33))
        by_sem = self.detect(path, "--null", 0, "--detector", "reliable-change", "--sem", 3)
        same = self.detect(path, "--null", 0, "--detector", "reliable-change", "--sd", 6, "--reliability", 0.75)
        self.assertEqual(by_sem, same)
        self.close(by_sem["detectors"][0]["threshold"], 1.645 * math.sqrt(2) * 3, ARITHMETIC, "threshold")

    def test_false_discovery_rate(self):
        """q_null of a client's clearest episode is R's p.adjust(p, "BH") over the evaluable clients."""
        found = self.detect(self.table_of(random_panel(34)), "--detector", "drop-repair", "--null", 99)
        smallest = {client["id"]: min((e["p_null"] for e in client["episodes"]), default=1.0)
                    for client in found["clients"] if not client["not_evaluable"]}
        for client in found["clients"]:
            for episode in client["episodes"]:
                own = smallest[client["id"]]
                q = min(len(smallest) * p / sum(other <= p for other in smallest.values())
                        for p in smallest.values() if p >= own)
                self.close(episode["q_null"], min(1, q), ARITHMETIC, "q_null")

    def test_scores_of_the_therapist(self):
        panel, other = random_panel(35), random_panel(36)
        rows = [[s.client, t, y, by_therapist.get((s.client, t))] for by_therapist in
                [{(s.client, t): y for s in other for t, y in s.sessions}] for s in panel for t, y in s.sessions]
        path = self.table(rows, ["client", "session", "score", "therapist"])
        both = self.json("rupture", "--in", path, *COLUMNS, "--therapist-y", "therapist", "--null", 9)
        alone = self.json("rupture", "--in", path, *COLUMNS[:-1], "therapist", "--null", 9)
        self.assertEqual(both["therapist"], alone)
        del both["therapist"]
        self.assertEqual(both, self.detect(path, "--null", 9))

    def test_repair_probability(self):
        """High where the level came back and stayed, low where it did not, null where nothing follows."""
        draw = random.Random(40)
        panel = []
        for c in range(30):
            y = [round(20 + c % 5 + draw.gauss(0, 1), 1) for _ in range(12)]
            if c == 0:
                y[5] -= 8
            if c == 1:
                y[5:] = [score - 8 for score in y[5:]]
            if c == 2:
                y[11] -= 8
            panel.append(Series(f"c{c:02}", list(enumerate(y, 1))))
        path = self.table_of(panel)
        found = self.detect(path, "--detector", "drop-repair", "--null", 0)
        probability = {client["id"]: client["episodes"][-1]["repair_probability"] for client in found["clients"]
                       if client["episodes"]}
        self.assertGreater(probability["c00"], 0.5)
        self.assertLess(probability["c01"], 0.01)
        self.assertIsNone(probability["c02"])
        # Rises have no level to come back to.
        rises = self.detect(path, "--detector", "sudden-gain", "--option", "pct=-0.01", "--null", 0)
        self.assertTrue(all(e["repair_probability"] is None for client in rises["clients"] for e in client["episodes"]))

    def test_units(self):
        """One unit for all clients is told once, own units with each client; depths are divided by them."""
        path = self.table_of(random_panel(41))
        for name, common in (("cusum", True), ("segments", True), ("hmm", True), ("bocpd", True), ("tukey", False),
                             ("residual", False), ("stiles2004-like", False)):
            found = self.detect(path, "--detector", name, "--null", 0)
            unit = found["detectors"][0]["unit_value"]
            with self.subTest(detector=name):
                self.assertEqual(unit is not None, common)
                for client in found["clients"]:
                    own = client.get("unit_value", {}).get(name, unit)
                    if client["not_evaluable"]:
                        continue
                    self.assertGreater(own, 0)
                    for episode in client["episodes"]:
                        self.close(episode["depth_standardized"], episode["depth"] / own, ARITHMETIC, "depth in units")

    def test_subscales(self):
        """Each subscale is judged as by itself; the false discovery rate counts clients x subscales."""
        panels = [random_panel(seed) for seed in (42, 43, 44)]
        columns = [{(s.client, t): y for s in panel for t, y in s.sessions} for panel in panels]
        rows = [[s.client, t, *(column.get((s.client, t)) for column in columns)]
                for s in panels[0] for t, _ in s.sessions]
        path = self.table(rows, ["client", "session", "score", "bond", "task"])
        found = self.json("rupture", "--in", path, *COLUMNS, "--subscales", "bond,task", "--null", 99)
        self.assertEqual(list(found["subscales"]), ["bond", "task"])
        for detector in ("drop-repair", "innovation"):
            smallest, episodes = [], []
            for name, result in found["subscales"].items():
                alone = self.json("rupture", "--in", path, *COLUMNS[:-1], name, "--null", 99)
                self.assertEqual(result["summary"], alone["summary"])
                for client, other in zip(result["clients"], alone["clients"]):
                    mine = [e for e in client["episodes"] if e["detector"] == detector]
                    others = [e for e in other["episodes"] if e["detector"] == detector]
                    self.assertEqual([{**e, "q_null": 0} for e in mine], [{**e, "q_null": 0} for e in others])
                    if detector in client["not_evaluable"]:
                        continue
                    smallest.append(min((e["p_null"] for e in mine), default=1.0))
                    episodes += [(e, smallest[-1]) for e in mine]
            for episode, own in episodes:
                q = min(len(smallest) * p / sum(other <= p for other in smallest) for p in smallest if p >= own)
                self.close(episode["q_null"], min(1, q), ARITHMETIC, "q_null")

    def test_degenerate_tables(self):
        """Every detector: data that are none are refused with the place; little data get a reason or a result."""
        names = [each["name"] for each in self.json("rupture", "--detector", "list")]
        all_of_them = [part for name in names for part in ("--detector", name)]
        header = ["client", "session", "score"]
        wrong = {"no row": [], "repeated session": [["a", 1, 5], ["a", 1, 4]], "infinite": [["a", 1, "inf"]],
                 "text": [["a", 1, "five"]]}
        for what, rows in wrong.items():
            with self.subTest(rows=what):
                outcome = run("rupture", "--in", self.table(rows, header), *COLUMNS, *all_of_them, "--format", "json")
                self.assertEqual(outcome.status, 2, outcome.err)
        off = self.table([["a", 1, 5], ["a", 2, 9]], header)
        self.assertEqual(run("rupture", "--in", off, *COLUMNS, "--min", 1, "--max", 7).status, 2)
        little = {"one session": [["a", 1, 5]], "two sessions": [["a", 1, 5], ["a", 2, 4]],
                  "all missing": [["a", t, None] for t in range(1, 7)],
                  "constant": [[c, t, 4] for c in "abcdef" for t in range(1, 11)]}
        for what, rows in little.items():
            path = self.table(rows, header)
            for name in names:
                with self.subTest(rows=what, detector=name):
                    outcome = run("rupture", "--in", path, *COLUMNS, "--detector", name, "--sem", 1, "--null", 9,
                                  "--format", "json")
                    self.assertIn(outcome.status, (0, 3), outcome.err)
                    result = outcome.json()
                    for client in result["clients"]:
                        self.assertEqual(client["episodes"], [] if what != "two sessions" else client["episodes"])
                        self.assertTrue(client["not_evaluable"].get(name) or client["n_evaluable"] > 0)

    def test_csv_says_the_same(self):
        for options in (("--null", 19), ("--null", 0)):
            found = self.detect(self.table_of(random_panel(29)), *options)
            table = self.succeed(*self.call, "--format", "csv").csv()
            flat = [(client["id"], episode) for client in found["clients"] for episode in client["episodes"]]
            self.assertGreater(len(flat), 3)
            self.assertEqual(len(table), len(flat))
            for cells, (client, episode) in zip(table, flat):
                self.assertEqual(cells["client"], client)
                for key in ("detector", "status", "pattern"):
                    self.assertEqual(cells[key], episode[key])
                for key in ("pre", "onset", "nadir", "repair", "depth", "depth_standardized", "depth_se", "duration",
                            "recovery", "score", "p_null"):
                    self.assertEqual(number(cells[key]), episode[key], key)
                self.assertEqual(cells["flags"], "; ".join(episode["flags"]))

    def test_text_for_people(self):
        found = self.detect(self.table_of(random_panel(30)), "--null", 99)
        text = self.succeed(*self.call).out
        for name, summary in found["summary"].items():
            found_in = f"{summary['n_episodes']} episodes in {summary['n_with_rupture']} of"
            expected = f"{summary['expected_if_stable']:.1f} expected if all clients were stable"
            for part in (name, f"{found_in} {summary['n_evaluable_clients']} evaluable clients", expected):
                self.assertIn(part, text)
        for client in found["clients"]:
            for episode in client["episodes"]:
                line = next(line for line in text.splitlines()
                            if line.split()[:3] == [client["id"], f"{episode['pre']:g}", f"{episode['onset']:g}"])
                self.assertIn(episode["status"], line)
        self.assertIn("chance", text)

    def test_clients_are_ordered_numbers_first(self):
        rows = [[c, t, 5 + (t * len(c)) % 3] for c in ("10", "b", "2", "B", "a", "02x") for t in range(1, 6)]
        found = self.detect(self.table(rows, ["client", "session", "score"]), "--detector", "drop-repair", "--null", 0)
        self.assertEqual([client["id"] for client in found["clients"]], ["2", "10", "02x", "B", "a", "b"])

    def test_consensus(self):
        path = self.file(csv_text([[s.client, t, y] for s in random_panel(37, n_clients=60) for t, y in s.sessions],
                                  ["client", "session", "score"]))
        two = ["--detector", "innovation", "--detector", "pulse", "--null", 99]
        found = self.json("rupture", "--in", path, *COLUMNS, *two, "--consensus", "--series")
        self.assertEqual([d["name"] for d in found["detectors"]], ["innovation", "pulse", "consensus"])
        about = found["detectors"][2]
        self.assertEqual([m["name"] for m in about["members"]], ["innovation", "pulse"])
        self.assertGreater(about["threshold"], 1.5)
        episodes = [e for c in found["clients"] for e in c["episodes"] if e["detector"] == "consensus"]
        self.assertEqual(len(episodes), found["summary"]["consensus"]["n_episodes"])
        self.assertTrue(episodes)
        for e in episodes:
            self.assertGreater(e["score"], about["threshold"])
            self.assertTrue(0 < e["p_null"] <= 1)
        # The score is an increasing function of each member's statistic: where both are largest, so is it.
        for client in found["clients"]:
            rows = [r for r in zip(*(client["session_score"][d["name"]] for d in found["detectors"])) if None not in r]
            for a, b, both in rows:
                for other_a, other_b, other in rows:
                    if a >= other_a and b >= other_b:
                        self.assertGreaterEqual(both, other - 1e-12)
        # The members are as they are without it, and so is the result with other threads.
        alone = self.json("rupture", "--in", path, *COLUMNS, *two)
        self.assertEqual(found["summary"]["pulse"], alone["summary"]["pulse"])
        again = self.json("rupture", "--in", path, *COLUMNS, *two, "--consensus", "--series", "--threads", 1)
        self.assertEqual(found, again)
        lonely = run("rupture", "--in", path, *COLUMNS, "--detector", "pulse", "--consensus", "--null", 0)
        self.assertEqual(lonely.status, 3)
        self.assertIn("a consensus needs two detectors", lonely.err)
        evaluated = self.json("evaluate", "--clients", 60, "--sessions", 12, "--detector", "innovation", "--detector",
                              "pulse", "--consensus", "--bootstrap", 99)
        self.assertIn("sensitivity", evaluated["evaluation"]["consensus"]["matched"])

    def test_progress_is_for_terminals_alone(self):
        path = self.file(csv_text([[s.client, t, y] for s in random_panel(31, n_clients=40) for t, y in s.sessions],
                                  ["client", "session", "score"]))
        call = ["rupture", "--in", path, *COLUMNS, "--threads", "1", "--format", "json", "--null"]
        begun = time.monotonic()
        run(*call, 500)
        seconds = time.monotonic() - begun
        replicates = int(500 * 5 / max(seconds, 0.01))  # about five seconds of work
        seconds = 0.0
        while seconds < 3.5:  # the line appears from the third second on
            master, slave = pty.openpty()
            begun = time.monotonic()
            with subprocess.Popen([RAPPORT, *call, str(replicates)], stdout=subprocess.DEVNULL, stderr=slave) as child:
                os.close(slave)
                said = b""
                try:
                    while piece := os.read(master, 1000):
                        said += piece
                except OSError:  # the terminal has no writer left
                    pass
            os.close(master)
            seconds = time.monotonic() - begun
            self.assertEqual(child.returncode, 0)
            replicates *= 2
        self.assertIn(b"drawing stable series", said)
        self.assertTrue(said.endswith(b"\x1b[K"), "the line is wiped at the end")


if __name__ == "__main__":
    main()
