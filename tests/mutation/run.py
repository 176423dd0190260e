#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Plants scoring mistakes and tells which ones the tests catch.

Each mistake changes one place in a copy of the catalogue, of the generator or of the headers; what is derived is made
again, the scoring tests are rebuilt, and they run until one fails. A mistake that no test notices has survived.

usage: mutation/run.py [--only WORDS] [--skip N] [--list] [--compiler CXX]
Not one of the default tests: it takes some minutes. Exits with 0 if at least 95 % are caught.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = "docs/instruments/catalogue.json"
GENERATOR = "docs/instruments/generate.py"
SHEETS = "10000"
# The generator without clang-format, which would take longer than all else.
GENERATE = ("import sys; sys.path.insert(0, 'docs/instruments'); import generate; "
            "generate.formatted = lambda path, text: text; sys.argv = ['generate.py']; generate.main()")


def in_catalogue(change):
    """A mistake in one key. The change gets a function that finds the key of an id."""
    def apply(folder):
        path = folder / CATALOGUE
        doc = json.loads(path.read_text())
        by_id = {entry["id"]: entry["key"] for entry in doc["instruments"]}
        before = json.dumps(doc)
        change(by_id.__getitem__)
        if json.dumps(doc) == before:
            raise ValueError("the mistake changes nothing")
        path.write_text(json.dumps(doc))
    return apply


def in_file(name, old, new):
    """A mistake in a source file: this text becomes that text, wherever it stands."""
    def apply(folder):
        path = folder / name
        text = path.read_text()
        if old not in text:
            raise ValueError(f"{name} does not contain {old!r}")
        path.write_text(text.replace(old, new))
    return apply


def replace(items, old, new):
    items[items.index(old)] = new


def swap(first, second, a, b):
    replace(first, a, b)
    replace(second, b, a)


def subscale(key, name):
    return next(each for each in key["subscales"] if each["id"] == name)


I = "include/rapport/"
CATALOGUE_MISTAKES = [
    ("item 28 of the WAI-36 is reversed instead of 29", lambda k: replace(k("wai-36-client")["reversed"], 29, 28)),
    ("a ninth item of the CORE-OM is reversed", lambda k: k("core-om")["reversed"].append(30)),
    ("no item of the ARM-5 is reversed", lambda k: k("arm-5").update(reversed=[])),
    ("the reversal range: WAI-S on 0 to 6", lambda k: k("wai-s-client")["scale"].update(min=0, max=6)),
    ("the WAI-SR on the range of the WAI-S", lambda k: k("wai-sr-client")["scale"].update(max=7)),
    ("the WAI-SR by the subscales of the WAI-S", lambda k: k("wai-sr-client").update(subscales=k("wai-s-client")["subscales"])),
    ("two items swapped between subscales", lambda k: swap(subscale(k("wai-36-client"), "task")["items"],
                                                          subscale(k("wai-36-client"), "bond")["items"], 2, 1)),
    ("DASS: depression and anxiety exchanged", lambda k: k("dass-21")["subscales"].__setitem__(
        slice(0, 2), [{**k("dass-21")["subscales"][0], "items": k("dass-21")["subscales"][1]["items"]},
                      {**k("dass-21")["subscales"][1], "items": k("dass-21")["subscales"][0]["items"]}])),
    ("DASS: scores not doubled", lambda k: [s.pop("times") for s in k("dass-21")["subscales"]]),
    ("a mean becomes a sum", lambda k: k("sai-6")["total"].update(kind="sum")),
    ("fillers enter the total", lambda k: k("trait-hope")["total"].pop("items") and k("trait-hope").pop("unscored")),
    ("SRS in whole centimetres", lambda k: k("srs-3")["scale"].update(step=1)),
    ("CEQ: percents counted as they stand", lambda k: k("ceq")["item_scales"][0].pop("counts_as")),
    ("CEQ: percents of items 4 and 5", lambda k: k("ceq")["item_scales"][0].update(items=[4, 5])),
    ("CARE bridges three blanks", lambda k: k("care")["missing"].update(n=3)),
    ("CORE-OM bridges blank risk items", lambda k: subscale(k("core-om"), "risk").update(missing={"rule": "at-most-missing", "n": 1})),
    ("PHQ-9: a band ends one too early", lambda k: (k("phq-9")["bands"][1].update(to=9), k("phq-9")["bands"][2].update({"from": 9}))),
    ("PHQ-9: the ends of two bands are exchanged", lambda k: (k("phq-9")["bands"][1].update(to_open=False),
                                                              k("phq-9")["bands"][2].update(from_open=True))),
    ("SRS: 36 itself is not met", lambda k: k("srs-3")["cutoffs"][0].update(side="below")),
    ("CORE-10: the cut-off is 10", lambda k: k("core-10")["cutoffs"][0].update(at=10)),
    ("the risk item of the PHQ-9 is item 8", lambda k: k("phq-9")["risk_items"][0].update(item=8)),
    ("WHO-5: percent is five times the sum", lambda k: k("who-5")["combined"][0]["of"][0].update(weight=5)),
    ("GAD-7: higher is better", lambda k: k("gad-7").update(direction="higher-better")),
]
TALLY, CARD, RULE, SCORE, KEY = (I + "scoring/detail/tally.hpp", I + "scoring/score_card.hpp", I + "instruments/missing_rule.hpp",
                                 I + "scoring/score.hpp", I + "instruments/score_key.hpp")
AUDIT, SEARCH = I + "scoring/audit.hpp", I + "scoring/detail/key_search.hpp"
FORMS = I + "scoring/detail/stored_forms.hpp"
CODE_MISTAKES = [
    ("reversal range: one step too few", TALLY, "(is_reversed ? scale.n_steps - steps : steps)", "(is_reversed ? scale.n_steps - 1 - steps : steps)"),
    ("reversal range of whole forms: max instead of min + max", TALLY, "static_cast<std::int32_t>(2 * key.scales[0].base + key.scales[0].n_steps)", "static_cast<std::int32_t>(key.scales[0].base + key.scales[0].n_steps)"),
    ("no reversal", TALLY, "(is_reversed ? scale.n_steps - steps : steps)", "steps"),
    ("a smallest answer of 0 is taken for granted", TALLY, "return scale.base + (is", "return (is"),
    ("answers above the range are legal", TALLY, "answer > end(scale.first + scale.n_steps * scale.stride, scale.shown.max)", "answer > 1e9"),
    ("answers below the range are legal", TALLY, "if (answer < end(scale.first, scale.shown.min) ||", "if (answer < -1e9 ||"),
    ("the largest answer is not legal", TALLY, "answer > end(", "answer >= end("),
    ("answers between two steps are rounded", TALLY, "if (!on_step) {", "if (false) {"),
    ("a step of ten is a step of one", TALLY, "&& (scale.stride == 1 || (whole - scale.first) % scale.stride == 0)", ""),
    ("a blank counts as the smallest answer", SCORE, "if (!one.is_given()) {", "if (one.is_skipped()) {"),
    ("a skipped item counts as answered", "include/rapport/core/missing.hpp", "is_given() const noexcept { return state_ == state::given; }", "is_given() const noexcept { return state_ != state::absent; }"),
    ("NaN is an answer", "include/rapport/core/missing.hpp", "x.is_given() && x.value() != x.value() ? answer<value_type>() : x", "x"),
    ("the item in the error counts from 0", SCORE, "why.column = item - 1;", "why.column = item - 2;"),
    ("k of n off by one", RULE, "needed = rule.n;", "needed = rule.n - 1;"),
    ("at most n missing, off by one", RULE, "needed = n_items - rule.n;", "needed = n_items - rule.n - 1;"),
    ("the prorating fraction is rounded down", RULE, "if (needed < exact) ++needed;", ""),
    ("an empty form has a score", RULE, "return needed < 1 ? 1 :", "return needed < 0 ? 0 :"),
    ("a fraction above 1 is taken", RULE, "rule.fraction > 0 && rule.fraction <= 1", "rule.fraction > 0"),
    ("the total asks nothing of its subscales", TALLY, "rule.how == missing_rule::kind::at_least && is_short", "false"),
    ("the rule of a subscale is ignored", CARD, "return own.how != missing_rule::kind::published ? own : key.rule;", "return key.rule;"),
    ("the published rule is ignored", CARD, "return own.how != missing_rule::kind::published ? own : key.rule;", "return asked;"),
    ("a prorated sum is not stretched to all items", CARD, "(t.kind == score_kind::sum ? t.n_items : 1)", "(t.kind == score_kind::sum ? t.n_answered : 1)"),
    ("a prorated mean is divided by all items", CARD, "out.bottom = units_per_point * t.times.bottom * t.n_answered;", "out.bottom = units_per_point * t.times.bottom * (t.kind == score_kind::sum ? t.n_answered : t.n_items);"),
    ("scores are not multiplied", CARD, "std::int64_t{t.times.top} * (t", "std::int64_t{1} * (t"),
    ("units are taken for points", CARD, "return static_cast<Number>(t.units) / static_cast<Number>(units_per_point);", "return static_cast<Number>(t.units);"),
    ("the open end of a band belongs to it", KEY, "(to_open ? score < to : score <= to)", "score <= to"),
    ("the closed end of a band does not belong to it", KEY, "(to_open ? score < to : score <= to)", "score < to"),
    ("the lower end of a band does not belong to it", KEY, "(from_open ? score > from : score >= from)", "score > from"),
    ("at or above is above", KEY, "case cutoff_side::at_or_above: return score >= at;", "case cutoff_side::at_or_above: return score > at;"),
    ("below is at or below", KEY, "case cutoff_side::below: return score < at;", "case cutoff_side::below: return score <= at;"),
    ("a risk item must exceed its number", SCORE, ">= key.risk_items[r].at_least", "> key.risk_items[r].at_least"),
    ("unscored items are scored", I + "instruments/detail/description.hpp", "item_set::first(n_items) - unscored", "item_set::first(n_items)"),
    ("weights of combined scores are ignored", CARD, " || !detail::multiply(part, parts_[p].weight)", ""),
    ("tables of bytes: reversed items are not", I + "scoring/detail/byte_forms.hpp", "key.reversed.contains(item) ? low_ + steps_ : low_", "low_"),
    ("tables of bytes: a blank counts as the smallest answer", I + "scoring/detail/byte_forms.hpp", "t.n_answered = static_cast<std::uint8_t>(n_answered);", "t.n_answered = t.n_items;"),
    ("tables of bytes: one answer too many is legal", I + "scoring/detail/byte_forms.hpp", "static_cast<byte>(answer - low_) <= steps_", "static_cast<byte>(answer - low_) <= steps_ + 1"),
    ("generator: reversed items are forgotten", GENERATOR, 'add(f\'.reversed({ints(key["reversed"])})\')', "pass"),
    ("generator: the rule of a subscale is forgotten", GENERATOR, 'if "missing" in score:\n            add(', 'if False:\n            add('),
    ("generator: open ends are forgotten", GENERATOR, 'for end in ("from_open", "to_open") if band.get(end)', 'for end in ()'),
    ("from JSON: the step is not read", I + "instruments/detail/json_reader.hpp", 'number(object, field, "step", false, out.step)', 'number(object, field, "step_", false, out.step)'),
    ("from JSON: above and at-or-above exchanged", I + "instruments/detail/json_reader.hpp", '{"at-or-above", "above", "at-or-below", "below"}', '{"above", "at-or-above", "at-or-below", "below"}'),
    ("from JSON: reversed items are ignored", I + "instruments/detail/json_reader.hpp", "form_ = form_->reversed(listed);", ""),
    ("audit: a form with an illegal answer counts as reproduced", FORMS, "if (is_own && !is_legal_[i]) continue;", ""),
    ("audit: turning an item round changes nothing", FORMS, "counted(row, change.item, !key_.reversed.contains(change.item)) - by_key(row, change.item)", "0"),
    ("audit: any gain is an explanation", SEARCH, "if (gain <= 0 || 20 * gain < n || chance > 0.01) return;", "if (gain <= 0) return;"),
    ("audit: how blanks were counted is not looked into", FORMS, "if (count[most] < 2 ||", "if (count[most] >= 0 ||"),
    ("audit: lower and higher codes exchanged", SEARCH, '(shift < 0 ? "lower" : "higher")', '(shift < 0 ? "higher" : "lower")'),
    ("audit: exchanged subscales are not put together", AUDIT, "audits[b].audit->score_found == from", "false"),
]


def checks(folder, compiler):
    """The commands that run after a mistake, cheapest first; each is (what, command)."""
    run = [sys.executable]
    yield "facts", [*run, "tests/reference/facts_test.py", "."]
    yield "generator", [*run, "-c", GENERATE]
    flags = ["-std=c++20", "-O0", "-w", "-I", "include"]
    yield "compiles", [*compiler, *flags, "-c", "tests/fuzz/catalogue_file.cpp", "-o", "catalogue_file.o"]
    yield "compiles", [*compiler, *flags, "-c", "tests/fuzz/driver.cpp", "-o", "driver.o"]
    yield "links", [*compiler, "driver.o", "catalogue_file.o", "-o", "driver"]
    yield "fuzz", [*run, "tests/fuzz/fuzz.py", "./driver", CATALOGUE, "--sheets", SHEETS]
    yield "worked examples compile", [*compiler, *flags, "-DRAPPORT_TEST_LIGHT", "-I", "tests/support",
                                      "tests/unit/instruments/worked_examples_test.cpp", "main.o", "-o", "worked"]
    yield "worked examples", ["./worked"]
    yield "audit compiles", [*compiler, *flags, "-DRAPPORT_TEST_LIGHT", "-I", "tests/support",
                             "tests/unit/scoring/audit_test.cpp", "main.o", "-o", "audit"]
    yield "audit", ["./audit"]


def prepare(folder, compiler):
    for part in ("include", "docs/instruments", "tests/fuzz", "tests/support", "tests/reference", "tests/unit/instruments",
                 "tests/unit/scoring"):
        shutil.copytree(ROOT / part, folder / part)
    for part in (".clang-format", "docs/instruments.md"):
        shutil.copy(ROOT / part, folder / part)
    subprocess.run([*compiler, "-std=c++20", "-O0", "-w", "-c", "tests/support/main.cpp", "-o", "main.o"], cwd=folder, check=True)


def caught_by(folder, compiler):
    """The first check that fails; None if all pass."""
    for what, command in checks(folder, compiler):
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=600)
        except subprocess.TimeoutExpired:
            return what + " (no end)"
        if done.returncode != 0:
            return what
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="mistakes whose name contains this")
    parser.add_argument("--skip", type=int, default=0, help="leave out the first so many")
    parser.add_argument("--list", action="store_true", help="name them and stop")
    parser.add_argument("--compiler", default="ccache g++" if shutil.which("ccache") else "g++")
    options = parser.parse_args()
    mistakes = [(name, in_catalogue(change)) for name, change in CATALOGUE_MISTAKES]
    mistakes += [(name, in_file(*where)) for name, *where in CODE_MISTAKES]
    mistakes = [each for each in mistakes if options.only in each[0]][options.skip:]
    if options.list:
        sys.exit("\n".join(name for name, _ in mistakes))
    compiler = options.compiler.split()
    os.environ["CCACHE_BASEDIR"] = tempfile.gettempdir()
    width = max(len(name) for name, _ in mistakes)
    n_caught = 0
    with tempfile.TemporaryDirectory(prefix="rapport-mutation-") as place:
        whole = pathlib.Path(place) / "whole"
        whole.mkdir()
        prepare(whole, compiler)
        if (unchanged := caught_by(whole, compiler)) is not None:
            sys.exit(f"without any mistake '{unchanged}' fails already")
        print(f"without a mistake everything passes; {len(mistakes)} mistakes\n", flush=True)
        for name, apply in mistakes:
            begun = time.monotonic()
            copy = pathlib.Path(place) / "copy"
            shutil.copytree(whole, copy)
            apply(copy)
            found = caught_by(copy, compiler)
            n_caught += found is not None
            print(f"{name:{width}}  {'caught by ' + found if found else 'NOT CAUGHT':34}{time.monotonic() - begun:6.1f} s", flush=True)
            shutil.rmtree(copy)
    print(f"\n{n_caught} of {len(mistakes)} caught ({100 * n_caught / len(mistakes):.1f} %)")
    sys.exit(0 if n_caught >= 0.95 * len(mistakes) else 1)


if __name__ == "__main__":
    main()
