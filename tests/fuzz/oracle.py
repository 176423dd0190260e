# SPDX-License-Identifier: BSL-1.0
"""A second, slow way to score a form: exact fractions, and nothing read but the keys of catalogue.json.

It shares no code with the headers or with the generator: where both agree, either both are right or both misread the
same sentence of docs/scoring.md.
"""
import fractions
import json
import math
import struct

Fraction = fractions.Fraction
MISSING = object()
SKIPPED = object()
NO_NUMBER = float("nan")
INVALID_OPTION, OUT_OF_RANGE, OFF_STEP, WRONG_NUMBER, IN_GAP = 101, 201, 202, 203, 211
OK, PRORATED, INCOMPLETE = 0, 1, 2
MOST_SCORES = 19  # the total, 12 subscales, 6 combined scores
RECORD = struct.Struct(f"<iid2Q2Q2QIIII{MOST_SCORES}d")


def exact(x):
    """The fraction that a decimal number in the catalogue means: 0.1 is one tenth."""
    return Fraction(str(x))


class Item:
    """The legal answers of an item and what each counts."""

    def __init__(self, scale, counts_as, legal_values, is_reversed):
        low, high, step = exact(scale["min"]), exact(scale["max"]), exact(scale.get("step", 1))
        counted_low, counted_high = (low, high) if counts_as is None else (exact(counts_as["min"]), exact(counts_as["max"]))
        steps = (high - low) / step
        self.least, self.most = float(low), float(high)
        self.counts = {}
        self.gaps = set()
        for k in range(int(steps) + 1):
            answer = low + k * step
            if legal_values is not None and answer not in legal_values:
                self.gaps.add(float(answer))
                continue
            counted = counted_low + Fraction(k, int(steps)) * (counted_high - counted_low)
            self.counts[float(answer)] = counted_low + counted_high - counted if is_reversed else counted
        self.legal = sorted(self.counts)

    def wrong(self, x):
        """Why an answer is not legal: the number of the error."""
        if x < self.least or x > self.most:
            return OUT_OF_RANGE
        return IN_GAP if x in self.gaps else OFF_STEP


class Score:
    def __init__(self, spec, default_items, n_items):
        self.items = sorted(spec.get("items", default_items))
        self.is_mean = spec.get("kind", "sum") == "mean"
        self.times = exact(spec.get("times", 1))
        self.rule = spec.get("missing")
        self.mask = sum(1 << (i - 1) for i in self.items)
        assert all(1 <= i <= n_items for i in self.items)


class Form:
    """A key, made ready for scoring many forms."""

    def __init__(self, key):
        self.id = key["id"]
        self.n = key["n_items"]
        own = {i: each for each in key.get("item_scales", []) for i in each["items"]}
        gaps = {exact(v) for v in key["legal_values"]} if key.get("legal_values") else None
        turned = set(key.get("reversed", []))
        self.items = []
        for i in range(1, self.n + 1):
            scale = own.get(i, key["scale"])
            self.items.append(Item(scale, scale.get("counts_as"), None if i in own else gaps, i in turned))
        # Fractions become whole numbers of a common unit.
        self.unit = 1
        for item in self.items:
            for value in item.counts.values():
                self.unit = self.unit * value.denominator // math.gcd(self.unit, value.denominator)
        self.units = [{x: int(v * self.unit) for x, v in item.counts.items()} for item in self.items]
        scored = [i for i in range(1, self.n + 1) if i not in key.get("unscored", [])]
        total = key.get("total", {})
        self.has_total = total is not None
        self.scores = [Score(total or {"items": []}, scored, self.n)]
        self.names = {"total": 0} if self.has_total else {}
        for each in key.get("subscales", []):
            self.names[each["id"]] = len(self.scores)
            self.scores.append(Score(each, None, self.n))
        self.n_item_scores = len(self.scores)
        self.combined = []
        for each in key.get("combined", []):
            parts = [(self.names[part["score"]], exact(part.get("weight", 1))) for part in each["of"]]
            self.names[each["id"]] = self.n_item_scores + len(self.combined)
            self.combined.append(parts)
        self.rule = key.get("missing", {"rule": "complete"})
        # Subscales that are wholly part of the total, for the rule "at least k of each subscale".
        self.within_total = [s for s in range(1, self.n_item_scores) if set(self.scores[s].items) <= set(self.scores[0].items)]
        self.bands = [(self.names[b["score"]], exact(b["from"]), exact(b["to"]), b.get("from_open", False),
                       b.get("to_open", False)) for b in key.get("bands", [])]
        self.cutoffs = [(self.names[c["score"]], exact(c["at"]), c["side"]) for c in key.get("cutoffs", [])]
        self.risks = [(r["item"], float(r["at_least"])) for r in key.get("risk_items", [])]

    def enough(self, score, answered, rule):
        """Whether the rule bridges what is missing in a score with so many answers."""
        n = len(score.items)
        if answered == n:
            return n > 0
        if answered == 0 or rule["rule"] == "complete":
            return False
        if rule["rule"] == "prorate":
            return answered >= rule["fraction"] * n - 1e-9
        if rule["rule"] == "at-most-missing":
            return n - answered <= rule["n"]
        return answered >= min(rule["n"], n)

    def status(self, number, answered, asked):
        score = self.scores[number]
        rule = asked or score.rule or self.rule
        if not self.enough(score, answered[number], rule):
            return INCOMPLETE
        if number == 0 and rule["rule"] == "at-least":
            for part in self.within_total:
                if answered[part] < min(rule["n"], len(self.scores[part].items)):
                    return INCOMPLETE
        return OK if answered[number] == len(score.items) else PRORATED

    def score(self, answers, asked):
        """The record of a form: what the program under test must say, byte for byte.

        asked: a rule as in the catalogue, or None for the published one.
        """
        if asked is not None and not sensible(asked):
            return error(INVALID_OPTION, 0, asked.get("fraction", asked.get("n")))
        if len(answers) != self.n:
            return error(WRONG_NUMBER, 0, len(answers))
        values = []
        missing = skipped = risk = 0
        for i, x in enumerate(answers):
            if x is MISSING or x is SKIPPED or x != x:
                missing |= 1 << i
                if x is SKIPPED:
                    skipped |= 1 << i
                values.append(None)
                continue
            units = self.units[i].get(x)
            if units is None:
                return error(self.items[i].wrong(x), i + 1, x)
            values.append(units)
        for item, least in self.risks:
            x = answers[item - 1]
            if not missing >> (item - 1) & 1 and x >= least:
                risk |= 1 << (item - 1)
        answered = [len(s.items) - (s.mask & missing).bit_count() for s in self.scores]
        found = [NO_NUMBER] * MOST_SCORES
        ratios = {}
        total_status = INCOMPLETE
        for number, score in enumerate(self.scores):
            if number == 0 and not self.has_total:
                continue
            status = self.status(number, answered, asked)
            if number == 0:
                total_status = status
            if status == INCOMPLETE:
                continue
            top = 0
            for item in score.items:
                units = values[item - 1]
                if units is not None:
                    top += units
            top *= score.times.numerator
            bottom = self.unit * score.times.denominator
            if score.is_mean:
                bottom *= answered[number]
            elif status == PRORATED:
                top *= len(score.items)
                bottom *= answered[number]
            found[number] = top / bottom
            ratios[number] = (top, bottom)
        for c, parts in enumerate(self.combined):
            if all(part in ratios for part, _ in parts):
                value = sum(weight * Fraction(*ratios[part]) for part, weight in parts)
                found[self.n_item_scores + c] = value.numerator / value.denominator
                ratios[self.n_item_scores + c] = (value.numerator, value.denominator)
        in_band = met = known = 0
        for b, (number, low, high, low_open, high_open) in enumerate(self.bands):
            if number in ratios:
                x = Fraction(*ratios[number])
                if (x > low if low_open else x >= low) and (x < high if high_open else x <= high):
                    in_band |= 1 << b
        for c, (number, at, side) in enumerate(self.cutoffs):
            if number in ratios:
                known |= 1 << c
                x = Fraction(*ratios[number])
                if {"at-or-above": x >= at, "above": x > at, "at-or-below": x <= at, "below": x < at}[side]:
                    met |= 1 << c
        low = (1 << 64) - 1
        return RECORD.pack(0, 0, 0.0, missing & low, missing >> 64, skipped & low, skipped >> 64, risk & low, risk >> 64,
                           in_band, met, known, total_status, *found)


def sensible(rule):
    if rule["rule"] == "prorate":
        return 0 < rule["fraction"] <= 1
    return rule["rule"] == "complete" or rule["n"] >= (1 if rule["rule"] == "at-least" else 0)


def error(code, item, value):
    return RECORD.pack(code, item, float(value), *[0] * 6, 0, 0, 0, INCOMPLETE, *[NO_NUMBER] * MOST_SCORES)


def read_forms(path):
    """The forms of the catalogue that can be scored, in its order."""
    with open(path, encoding="utf-8") as file:
        return [Form(entry["key"]) for entry in json.load(file)["instruments"] if entry["key"] is not None]


def readable(record):
    """A record in words, for the report of a disagreement."""
    names = ("code", "item", "value", "missing", "missing", "skipped", "skipped", "risk", "risk", "bands", "cut-offs met",
             "cut-offs known", "total status")
    fields = RECORD.unpack(record)
    scores = [None if x != x else x for x in fields[len(names):]]
    return ", ".join(f"{n} {v}" for n, v in zip(names, fields) if v) + f", scores {scores}"
