#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Holds docs/instruments/catalogue.json against instrument_facts.txt, which was written down apart from it.

usage: facts_test.py SOURCE_DIR
"""
import json
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
KINDS = {"sum": ("sum", 1), "mean": ("mean", 1), "sum x 2": ("sum", 2), "transformed sum": ("sum", 1)}


def read_facts():
    facts = {}
    for line in (root / "tests/reference/instrument_facts.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, what, *value = [part.strip() for part in line.split("|")]
        facts.setdefault(name, {}).setdefault(what, []).append(value)
    return facts


def numbers(text):
    return [] if text == "-" else [int(x) for x in text.split()]


def allowed_blanks(missing):
    if missing is None or missing["rule"] == "complete":
        return 0
    return missing["n"] if missing["rule"] == "at-most-missing" else -1


def bands_in_whole_numbers(key):
    """Of each score with bands: the label of every whole score."""
    out = {}
    for band in key.get("bands", []):
        last = band["to"] - 1 if band.get("to_open") else band["to"]
        first = band["from"] + 1 if band.get("from_open") else band["from"]
        for score in range(first, last + 1):
            out.setdefault(band["score"], {}).setdefault(score, []).append(band["label"])
    return out


def compare(name, facts, key):
    """Yields (what, catalogue, facts) of every kind of fact."""
    items = list(range(1, key["n_items"] + 1))
    scored = [i for i in items if i not in key.get("unscored", [])]
    scale = key["scale"]
    yield "items", key["n_items"], int(facts["items"][0][0])
    yield "range", (scale["min"], scale["max"]), tuple(map(int, facts["range"][0]))
    yield "step", scale.get("step", 1), float(facts.get("step", [["1"]])[0][0])
    yield "reversed", sorted(key["reversed"]), numbers(facts["reversed"][0][0])
    yield "unscored", key.get("unscored", []), numbers(facts.get("unscored", [["-"]])[0][0])
    own = [(s["items"], [s["min"], s["max"], s["step"]], list(s["counts_as"].values())) for s in key.get("item_scales", [])]
    yield "own range", own, [tuple(numbers(part) for part in value) for value in facts.get("own range", [])]
    yield "legal values", key.get("legal_values", []), []
    total = key.get("total", {})
    found = None if total is None else ((total.get("kind", "sum"), total.get("times", 1)), sorted(total.get("items", scored)))
    wanted = (KINDS[facts["total"][0][0]], numbers(facts["total"][0][1])) if "total" in facts else None
    yield "total", found, wanted
    found = {s["id"]: ((s.get("kind", "sum"), s.get("times", 1)), sorted(s["items"])) for s in key.get("subscales", [])}
    wanted = {what.removeprefix("score "): (KINDS[value[0][0]], numbers(value[0][1]))
              for what, value in facts.items() if what.startswith("score ")}
    yield "subscales", found, wanted
    found = {c["id"]: [(p["score"], p.get("weight", 1)) for p in c["of"]] for c in key.get("combined", [])}
    wanted = {what.removeprefix("multiple "): [(value[0][0].split()[1], int(value[0][0].split()[0]))]
              for what, value in facts.items() if what.startswith("multiple ")}
    yield "combined", found, wanted
    yield "missing", allowed_blanks(key.get("missing")), int(facts.get("missing", [["0"]])[0][0])
    for score in key.get("subscales", []):
        wanted = facts.get("missing of " + score["id"], facts.get("missing", [["0"]]))[0][0]
        yield f"missing of {score['id']}", allowed_blanks(score.get("missing", key.get("missing"))), int(wanted)
    wanted = {}
    for what, values in facts.items():
        if what.startswith("band "):
            for low, high, label in values:
                for score in range(int(low), int(high) + 1):
                    wanted.setdefault(what.removeprefix("band "), {}).setdefault(score, []).append(label)
    yield "bands", bands_in_whole_numbers(key), wanted
    found = sorted((c["score"], f"{c['at']} {c['side']}") for c in key.get("cutoffs", []))
    wanted = sorted((what.removeprefix("cut-off "), value[0]) for what, values in facts.items()
                    if what.startswith("cut-off ") for value in values)
    yield "cut-offs", found, wanted
    found = [(r["item"], r["at_least"]) for r in key.get("risk_items", [])]
    yield "risk items", found, [(item, 1) for item in numbers(facts.get("risk", [["-"]])[0][0])]
    yield "better", key["direction"], facts.get("better", [["higher"]])[0][0] + "-better"


def main():
    facts = read_facts()
    entries = {entry["id"]: entry for entry in json.loads((root / "docs/instruments/catalogue.json").read_text())["instruments"]}
    wrong = []
    if set(facts) != set(entries):
        wrong.append(f"only in one of the two: {set(facts) ^ set(entries)}")
    n = 0
    for name in facts.keys() & entries.keys():
        entry = entries[name]
        if entry["usable"] != facts[name]["usable"][0][0]:
            wrong.append(f"{name}: usable {entry['usable']}")
        if entry["key"] is None:
            continue
        for what, found, wanted in compare(name, facts[name], entry["key"]):
            n += 1
            if found != wanted:
                wrong.append(f"{name}, {what}: {found} in the catalogue, {wanted} in the facts")
    print("\n".join(wrong) or f"{n} facts about {len(entries)} instruments agree")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
