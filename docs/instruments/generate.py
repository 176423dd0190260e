#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Makes from catalogue.json what is derived from it: the keys as headers, the facts about them, and a page.

- include/rapport/instruments/FAMILY.hpp: the keys, and nothing else
- include/rapport/instruments/detail/catalogue_*.hpp: provenance, licences, norms, for instruments/metadata.hpp
- include/rapport/instruments.hpp: all keys
- docs/instruments.md: what measures what, and how well each key is established

The headers are formatted by clang-format, if it is there.

usage: generate.py           write the files
       generate.py --check   compare them with what would be written, spaces in headers aside; 1 if they differ
"""
import fractions
import json
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
HEADERS = ROOT / "include/rapport/instruments"
GENERATED = "Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that."

# The header of a family, where it is not the family's own name; what the header is about.
HEADER_OF = {"wai-36": "wai", "wai-s": "wai", "wai-sr": "wai", "ors": "srs", "lass": "srs", "haq-ii": "haq",
             "hope-state": "hope", "hope-trait": "hope", "gad": "phq", "core-10": "core_om", "who-5": "who_5"}
ABOUT = {"wai": "The Working Alliance Inventory: long, short, short revised; client, therapist, observer",
         "sai": "The Session Alliance Inventory",
         "srs": "The Session Rating Scale, the Outcome Rating Scale and the Leeds Alliance in Supervision Scale",
         "haq": "The revised Helping Alliance Questionnaire", "arm": "The Agnew Relationship Measure, short form",
         "ceq": "The Credibility/Expectancy Questionnaire", "hope": "The Hope Scales, state and trait",
         "phq": "The Patient Health Questionnaire-9 and the Generalized Anxiety Disorder-7",
         "core_om": "The CORE Outcome Measure and the CORE-10", "oq": "The Outcome Questionnaire, total only",
         "bdi": "The Beck Depression Inventory II", "who_5": "The WHO-5 Well-Being Index",
         "k10": "The Kessler Psychological Distress Scale", "dass": "The Depression Anxiety Stress Scales",
         "swls": "The Satisfaction With Life Scale", "care": "The Consultation and Relational Empathy Measure",
         "tasc": "The Therapeutic Alliance Scale for Children, total only",
         "first_session": "A check-list of four questions after a first session; unvalidated, its wording is our own"}
# Which facts stand together in one file: by the factor that an instrument measures first.
PARTS = {"alliance": "alliance", "supervision": "alliance", "outcome": "outcome", "empathy": "conditions",
         "cultural-humility": "conditions", "real-relationship": "conditions", "rupture": "conditions"}

LEVEL = {"verified": "verified", "single-source": "single source", "unverified": "unverified",
         "none": "none published or found"}
USABLE = {"all": "all scores", "total": "the total only", "none": "no key"}
LICENCE = {"free": "free", "free-restricted": "free with restrictions", "permission": "permission needed",
           "commercial": "commercial", "unknown": "not known"}
SIDE = {"at-or-above": "at least", "above": "above", "at-or-below": "at most", "below": "below"}


OWN_KEY = """
## An instrument of your own

In C++ it is a constant, in the form in which the headers of this page are written; a description that contradicts itself
does not compile ([scoring](scoring.md)). Programs read it from JSON while they run: `instrument_from_json` of
`rapport/instruments/from_json.hpp`, which needs nlohmann/json, or `rapport score --instrument FILE.json`. Both give the
same type. A field that is missing, unknown, of the wrong kind, or in contradiction to the others is named by its JSON
pointer, such as `/subscales/1/items/2`.

```json
{"id": "my-scale", "edition": "2026", "n_items": 6, "scale": {"min": 1, "max": 7},
 "reversed": [2, 5],
 "subscales": [{"id": "trust", "items": [1, 2, 3]}, {"id": "task", "items": [4, 5, 6], "kind": "mean"}],
 "combined": [{"id": "weighted", "of": [{"score": "trust", "weight": 2}, {"score": "task"}]}],
 "missing": {"rule": "at-most-missing", "n": 1},
 "bands": [{"score": "total", "label": "low", "from": 6, "to": 24, "to_open": true},
           {"score": "total", "label": "high", "from": 24, "to": 42}],
 "cutoffs": [{"score": "total", "label": "enough", "at": 20, "side": "at-or-above"}],
 "risk_items": [{"item": 6, "at_least": 6}]}
```

## How keys and scores are tested

- `tests/reference/instrument_facts.txt` holds the numbers of every key, written down apart from the catalogue; the two are
  compared.
- Worked examples are scored in constant expressions and while the program runs.
- `tests/fuzz` scores random sheets, legal, incomplete and wrong, over all instruments and rules, and compares every field
  to the last bit with a second scorer that counts in exact fractions and reads only the catalogue. The long run:
  `tests/fuzz/fuzz.py DRIVER docs/instruments/catalogue.json --sheets 10000000 --processes 2`, DRIVER being the program
  `fuzz_scoring` of the build.
- `tests/mutation/run.py` plants mistakes in the catalogue, the generator and the headers, and prints which of them the tests
  catch.
"""


def number(x):
    """A number as C++ and Markdown both write it."""
    return str(int(x)) if float(x).is_integer() else repr(float(x))


def header_of(entry):
    return HEADER_OF.get(entry["family"], entry["family"].replace("-", "_"))


def cpp_name(entry):
    return re.sub(r"[-.]", "_", entry["id"])


def quoted(text):
    return json.dumps(text, ensure_ascii=True)


def ints(items):
    return "{" + ", ".join(map(str, items)) + "}"


def scale(of):
    step = "" if of.get("step", 1) == 1 else f", .step = {number(of['step'])}"
    return f"{{.min = {number(of['min'])}, .max = {number(of['max'])}{step}}}"


def metric(score):
    fields = [".kind = score_kind::mean"] if score.get("kind", "sum") == "mean" else []
    if score.get("times", 1) != 1:
        fields.append(f".times = {number(score['times'])}")
    return "{" + ", ".join(fields) + "}" if fields else ""


def rule(missing):
    if missing["rule"] == "complete":
        return "complete"
    if missing["rule"] == "prorate":
        return f"prorate({number(missing['fraction'])})"
    if missing["rule"] == "at-least":
        return f"at_least({missing['n']})"
    return f"at_most_missing({missing['n']})"


def builder(key):
    """The key as one expression of C++."""
    calls = [f'instrument({quoted(key["id"])}, {key["n_items"]}, {scale(key["scale"])})']
    add = calls.append
    if "edition" in key:
        add(f'.edition({quoted(key["edition"])})')
    if key.get("scoring_version", 1) != 1:
        add(f'.scoring_version({key["scoring_version"]})')
    if "family" in key:
        add(f'.family({quoted(key["family"])})')
    if key.get("perspective", "client") != "client":
        add(f'.rated_by(perspective::{key["perspective"]})')
    if key.get("direction", "none") != "none":
        add(f'.better(direction::{key["direction"].split("-")[0]})')
    for own in key.get("item_scales", []):
        counts = f', {scale(own["counts_as"])}' if "counts_as" in own else ""
        add(f'.item_scale({ints(own["items"])}, {scale(own)}{counts})')
    if key.get("legal_values"):
        add(".legal({" + ", ".join(map(number, key["legal_values"])) + "})")
    if key.get("reversed"):
        add(f'.reversed({ints(key["reversed"])})')
    if key.get("unscored"):
        add(f'.unscored({ints(key["unscored"])})')
    total = key.get("total", {})
    scored = [i for i in range(1, key["n_items"] + 1) if i not in key.get("unscored", [])]
    if total is None:
        add(".no_total()")
    elif total.get("items", scored) != scored:
        add(".total(" + ", ".join(filter(None, [ints(total["items"]), metric(total)])) + ")")
    elif metric(total):
        add(f".total_as({metric(total)})")
    for score in key.get("subscales", []):
        add(".subscale(" + ", ".join(filter(None, [quoted(score["id"]), ints(score["items"]), metric(score)])) + ")")
    for score in key.get("combined", []):
        parts = ", ".join("{" + quoted(part["score"]) + ", " + number(part.get("weight", 1)) + "}" for part in score["of"])
        add(f'.combined({quoted(score["id"])}, {{{parts}}})')
    if "missing" in key:
        add(f'.missing({rule(key["missing"])})')
    for score in key.get("subscales", []):
        if "missing" in score:
            add(f'.missing({quoted(score["id"])}, {rule(score["missing"])})')
    for band in key.get("bands", []):
        fields = [f".from = {number(band['from'])}", f".to = {number(band['to'])}"]
        fields += [f".{end} = true" for end in ("from_open", "to_open") if band.get(end)]
        add(f'.band({quoted(band["score"])}, {quoted(band["label"])}, {{{", ".join(fields)}}})')
    for cutoff in key.get("cutoffs", []):
        side = cutoff["side"].replace("-", "_")
        add(f'.cutoff({quoted(cutoff["score"])}, {quoted(cutoff["label"])}, '
            f'{{.at = {number(cutoff["at"])}, .side = cutoff_side::{side}}})')
    for risk in key.get("risk_items", []):
        add(f'.risk_item({risk["item"]}, {number(risk["at_least"])})')
    return "\n    ".join(calls)


def comment(text, first="/// ", later="/// "):
    return "\n".join(textwrap.wrap(text, 120, initial_indent=first, subsequent_indent=later, break_long_words=False,
                                   break_on_hyphens=False))


def reference(entry):
    doi = f", doi {entry['doi']}" if entry["doi"] else ""
    return entry["citation"].rstrip(".") + doi


def key_header(name, entries):
    lines = ["// SPDX-License-Identifier: BSL-1.0",
             f"// {ABOUT[name]}: keys only, no item wording. Sources and licences: instruments/metadata.hpp."
             if name != "first_session" else f"// {ABOUT[name]}: docs/instruments.md.",
             f"// {GENERATED}", "#pragma once", "", "#include <rapport/instruments/instrument.hpp>", "",
             "namespace rapport::instruments {", ""]
    for entry in entries:
        key = entry["key"]
        who = {"client": "client", "therapist": "therapist", "observer": "observer"}[entry["perspective"]]
        about = f"{entry['name']}, {key['n_items']} items, rated by the {entry.get('rated', who)}."
        if entry["usable"] == "total":
            about += " Its total only: the parts are not established."
        lines.append(comment(about))
        lines.append(comment("Reference: " + reference(entry), later="///            "))
        lines.append(f"inline constexpr instrument {cpp_name(entry)} = {builder(key)};")
        lines.append("")
    lines += ["}  // namespace rapport::instruments", ""]
    return "\n".join(lines)


def umbrella(names):
    lines = ["// SPDX-License-Identifier: BSL-1.0",
             "// The instruments that the library can score. Provenance and licences: <rapport/instruments/metadata.hpp>.",
             f"// {GENERATED}", "#pragma once", ""]
    for name in sorted([*names, "instrument"]):
        lines.append(f"#include <rapport/instruments/{name}.hpp>  // IWYU pragma: export")
    return "\n".join(lines) + "\n"


def cpp_string(text):
    """A string literal, cut into pieces that fit on a line."""
    pieces = textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False, drop_whitespace=False,
                           replace_whitespace=False)
    return "\n    ".join(quoted(piece) for piece in pieces) or '""'


def level(word):
    return "verification::" + word.replace("-", "_")


def facts(name, entries):
    """The facts about some instruments as an array."""
    headers = sorted({header_of(entry) for entry in entries if entry["key"]})
    lines = ["// SPDX-License-Identifier: BSL-1.0",
             "// Facts about instruments: where each key comes from, how sure it is, who owns it, norms, reliability.",
             f"// {GENERATED}", "#pragma once", "",
             *[f"#include <rapport/instruments/{each}.hpp>" for each in sorted(["catalogue_entry", *headers])], "",
             "namespace rapport::instruments::detail {", ""]
    for entry in entries:
        own = cpp_name(entry)
        own = own if own[0].isalpha() else "_" + own
        if entry["norms"]:
            lines.append(f"inline constexpr score_norm norms_of_{own}[] = {{")
            lines += [f'    {{{quoted(each["score"])}, {quoted(each["sample"])}, {each["n"] or 0}, {number(each["mean"])}, '
                      f'{number(each["sd"])}, {level(each["provenance"])}}},' for each in entry["norms"]]
            lines += ["};", ""]
        if entry["reliability"]:
            lines.append(f"inline constexpr published_reliability reliability_of_{own}[] = {{")
            for each in entry["reliability"]:
                low = each.get("low", each.get("value"))
                high = each.get("high", each.get("value", 1))
                lines.append(f'    {{{quoted(each["score"])}, {quoted(each["statistic"])}, {quoted(each["sample"])}, '
                             f'{each["n"] or 0}, {number(low)}, {number(high)}, {level(each["provenance"])}}},')
            lines += ["};", ""]
        if entry["reliable_change"]:
            lines.append(f"inline constexpr published_change change_of_{own}[] = {{")
            lines += [f'    {{{quoted(each["score"])}, {number(each["value"])}, {quoted(each["basis"])}, '
                      f'{level(each["provenance"])}}},' for each in entry["reliable_change"]]
            lines += ["};", ""]
    lines.append(f"inline constexpr catalogue_entry {name}_entries[] = {{")
    for entry in entries:
        own = cpp_name(entry)
        own = own if own[0].isalpha() else "_" + own
        known = entry["key"] or entry["facts"]
        fields = [f".id = {quoted(entry['id'])}", f".name = {cpp_string(entry['name'])}", f".year = {entry['year']}",
                  f".family = {quoted(entry['family'])}", f".perspective = perspective::{entry['perspective']}"]
        if entry["key"]:
            fields.append(f".key = &instruments::{own}")
        fields.append(f".usable = key_use::{entry['usable']}")
        if entry.get("validated") is False:
            fields.append(".validated = false")
        if "n_items" in known:
            fields.append(f".n_items = {known['n_items']}")
        if entry["key"] is None and "min" in known:
            fields += [".has_range = true", f".min = {number(known['min'])}", f".max = {number(known['max'])}"]
        fields.append(f".verification = {level(entry['verification'])}")
        given = [f".{field} = {level(word)}" for field, word in entry["provenance"].items() if word != "none"]
        if given:
            fields.append(".provenance = {" + ", ".join(given) + "}")
        fields += [f".caveat = {cpp_string(' '.join(entry['caveats']))}",
                   f".licence = {cpp_string(entry['licence']['status'])}",
                   f".licence_kind = licence_class::{entry['licence']['class'].replace('-', '_')}",
                   f".licence_provenance = {level(entry['licence']['provenance'])}",
                   f".measures = {quoted(' '.join(entry['measures']))}",
                   ".sources = " + "\n    ".join(cpp_string(line) for line in
                                                 "\n".join(sources(entry)).splitlines(keepends=True))]
        if entry["doi"]:
            fields.append(f".doi = {quoted(entry['doi'])}")
        for kind in ("norms", "reliability"):
            if entry[kind]:
                fields.append(f".{kind} = {kind}_of_{own}")
        if entry["reliable_change"]:
            fields.append(f".reliable_change = change_of_{own}")
        lines.append("    {" + ",\n     ".join(fields) + "},")
    lines += ["};", "", "}  // namespace rapport::instruments::detail", ""]
    return "\n".join(lines)


def sources(entry):
    return [reference(entry), *entry["sources"]]


def ranges(key):
    own = {i: s for s in key.get("item_scales", []) for i in s["items"]}
    def words(of):
        step = of.get("step", 1)
        return f"{number(of['min'])} to {number(of['max'])}" + ("" if step == 1 else f" in steps of {number(step)}")
    text = words(key["scale"])
    for each in key.get("item_scales", []):
        text += f"; items {', '.join(map(str, each['items']))}: {words(each)}"
        if "counts_as" in each:
            text += f", counted as {number(each['counts_as']['min'])} to {number(each['counts_as']['max'])}"
    if key.get("legal_values"):
        text += "; legal are " + ", ".join(map(number, key["legal_values"]))
    return text


def score_words(score):
    kind = score.get("kind", "sum")
    times = score.get("times", 1)
    return ("mean" if kind == "mean" else "sum") + ("" if times == 1 else f" times {number(times)}")


def listed(items):
    return ", ".join(map(str, items))


def rule_words(missing):
    if missing is None:
        return "none published: complete forms only"
    if missing["rule"] == "complete":
        return "complete answers only"
    if missing["rule"] == "prorate":
        return f"prorated from the answered items, if at least {number(missing['fraction'])} of them are answered"
    if missing["rule"] == "at-least":
        return f"prorated from the answered items, if at least {missing['n']} of each subscale are answered"
    return f"prorated from the answered items, if at most {missing['n']} " + ("is" if missing["n"] == 1 else "are") + " missing"


def band_words(band):
    left = "above " if band.get("from_open") else ""
    right = "below " if band.get("to_open") else ""
    return f"{band['label']}: {left}{number(band['from'])} to {right}{number(band['to'])}"


def cell(text):
    return text.replace("|", "\\|")


def established(entry):
    if entry["usable"] == "none":
        return "no key established"
    return LEVEL[entry["verification"]] + (", unvalidated" if entry.get("validated") is False else "")


def page(doc):
    entries = doc["instruments"]
    scorable = [e for e in entries if e["key"]]
    lines = ["# Instruments", "",
             "<!-- " + GENERATED + " -->", "",
             f"The catalogue knows {len(entries)} instruments. {len(scorable)} of them have a key and can be scored: "
             f"`rapport/instruments.hpp` holds the keys, one header per family, and `rapport/instruments/metadata.hpp` "
             "holds what is on this page (`rapport/instruments/catalogue_entry.hpp` says how). The others are listed so "
             "that one knows of them; they refuse to score until you supply a key of your own "
             "(`rapport/instruments/from_json.hpp`, or the program's `--instrument FILE.json`).", "",
             "There is no wording of a published questionnaire here, numbers alone. Licences are noted, not judged: ask "
             "the owner before you put a form into a product.", "",
             "How well a fact is established:", "",
             "- **verified**: at least two independent sources agree",
             "- **single source**: it rests on one source, or is derived from one that does",
             "- **unverified**: not checked; such a fact is in no key, band, cut-off, missing rule, norm or reliability",
             "", "The facts stand in [catalogue.json](instruments/catalogue.json), keys in the form of "
             "[instrument.schema.json](instruments/instrument.schema.json).", "",
             *OWN_KEY.strip("\n").splitlines(), "", "## What measures what", ""]
    for factor in doc["factors"]:
        measuring = [e for e in entries if factor["id"] in e["measures"]]
        lines += [f"### {factor['name']}", "", factor["about"], ""]
        usable = [e for e in measuring if e["usable"] != "none"]
        if not usable:
            lines += ["No instrument with an established key is known here.", ""]
        if factor["id"].startswith("first-"):
            lines += ["The four questions together are the check-list [first-session-4](#first-session-4), which is "
                      "unvalidated. The validated early signs are the [SRS](#srs-3) and the [WAI-SR](#wai-sr-client) of "
                      "session 1.", ""]
        lines += ["| id | instrument | filled in by | scores | key |", "|---|---|---|---|---|"]
        order = {"all": 0, "total": 1, "none": 2}
        for e in sorted(measuring, key=lambda e: order[e["usable"]]):
            lines.append(f"| [{e['id']}](#{anchor(e['id'])}) | {cell(e['name'])} | {e.get('rated', e['perspective'])} | "
                         f"{USABLE[e['usable']]} | {established(e)} |")
        lines.append("")
    lines += ["## The instruments", ""]
    for e in entries:
        lines += entry_page(e)
    return "\n".join(wrapped(lines))


def wrapped(lines):
    """Plain paragraphs on lines of 120 characters; tables and lists stay as they are."""
    for line in lines:
        if len(line) <= 120 or line[0] in "|-<":
            yield line
        else:
            yield from textwrap.wrap(line, 120, break_long_words=False, break_on_hyphens=False)


def anchor(heading):
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def entry_page(e):
    lines = [f"### {e['id']}", "", f"{e['name']}. {e['citation']}" + (f" [doi {e['doi']}](https://doi.org/{e['doi']})" if e["doi"] else ""), ""]
    rows = [("filled in by", e.get("rated", e["perspective"]))]
    key = e["key"]
    source = e["provenance"]
    def told(field):
        return f" ({LEVEL[source[field]]})" if source[field] != "none" else ""
    if key:
        rows.append(("in C++", f"`rapport::instruments::{cpp_name(e)}` in `rapport/instruments/{header_of(e)}.hpp`"))
        rows.append(("can be scored", USABLE[e["usable"]] + f"; key {established(e)}"))
        rows.append(("items", str(key["n_items"]) + told("n_items")))
        rows.append(("answers", ranges(key) + told("scale")))
        rows.append(("reversed items", (listed(key["reversed"]) or "none") + told("reversed")))
        if key.get("unscored"):
            rows.append(("in no score", listed(key["unscored"])))
        total = key.get("total", {})
        if total is None:
            rows.append(("total", "there is none"))
        else:
            rows.append(("total", score_words(total) + (f" of items {listed(total['items'])}" if "items" in total else "")))
        for score in key.get("subscales", []):
            own = "; " + rule_words(score["missing"]) if "missing" in score else ""
            rows.append((f"`{score['id']}`", f"{score['name']}: {score_words(score)} of items {listed(score['items'])}{told('subscales')}{own}"))
        for score in key.get("combined", []):
            parts = " + ".join((f"{number(p['weight'])} x " if p.get("weight", 1) != 1 else "") + p["score"] for p in score["of"])
            rows.append((f"`{score['id']}`", parts))
        rows.append(("higher scores are", {"higher-better": "better", "lower-better": "worse", "none": "neither"}[key["direction"]]))
        rows.append(("missing answers", rule_words(key.get("missing")) + told("missing")))
        for band in key.get("bands", []):
            rows.append((f"band of {band['score']}", band_words(band) + told("bands")))
        for cut in key.get("cutoffs", []):
            rows.append((f"cut-off of {cut['score']}", f"{SIDE[cut['side']]} {number(cut['at'])}: {cut['label']}{told('cutoffs')}"))
        if key.get("risk_items"):
            rows.append(("told whenever endorsed", "item " + ", ".join(f"{r['item']} (from {number(r['at_least'])})" for r in key["risk_items"])))
    else:
        rows.append(("can be scored", f"no: the key of {e['id'].upper()} is not established here"))
        if "n_items" in e["facts"]:
            rows.append(("items", str(e["facts"]["n_items"]) + told("n_items")))
        if "min" in e["facts"]:
            rows.append(("answers", f"{number(e['facts']['min'])} to {number(e['facts']['max'])}" + told("scale")))
    for each in e["reliability"]:
        value = number(each["value"]) if "value" in each else f"{number(each['low'])} to {number(each['high'])}" if "high" in each else f"above {number(each['low'])}"
        who = f", n = {each['n']}" if each["n"] else ""
        rows.append((f"{each['statistic']} of {each['score']}", f"{value} ({each['sample']}{who}; {LEVEL[each['provenance']]})"))
    for each in e["norms"]:
        who = f", n = {each['n']}" if each["n"] else ""
        rows.append((f"norm of {each['score']}", f"mean {number(each['mean'])}, SD {number(each['sd'])} ({each['sample']}{who}; {LEVEL[each['provenance']]})"))
    for each in e["reliable_change"]:
        rows.append((f"reliable change of {each['score']}", f"{number(each['value'])} ({each['basis']}; {LEVEL[each['provenance']]})"))
    rows.append(("licence", f"{LICENCE[e['licence']['class']]}: {e['licence']['status']} ({LEVEL[e['licence']['provenance']]})"))
    lines += ["| | |", "|---|---|"] + [f"| {a} | {cell(b)} |" for a, b in rows] + [""]
    for n, wording in enumerate(e.get("items", []), 1):
        lines.append(f"{n}. {wording}")
    if e.get("items"):
        lines.append("")
    lines += [" ".join(e["caveats"]), ""]
    if e["sources"]:
        lines += ["Read for this: " + "; ".join(e["sources"]) + ".", ""]
    return lines


def outputs(doc):
    """Path and text of every generated file."""
    entries = doc["instruments"]
    by_header = {}
    for entry in entries:
        if entry["key"]:
            by_header.setdefault(header_of(entry), []).append(entry)
    out = {HEADERS / f"{name}.hpp": key_header(name, each) for name, each in by_header.items()}
    out[ROOT / "include/rapport/instruments.hpp"] = umbrella(by_header)
    parts = {}
    for entry in entries:
        part = PARTS.get(entry["measures"][0], "process")
        if part == "alliance":  # the largest part, in three files
            part = "wai" if entry["family"].startswith("wai-") else "alliance" if entry["key"] else "more_alliance"
        parts.setdefault(part, []).append(entry)
    for part, each in parts.items():
        out[HEADERS / f"detail/catalogue_{part}.hpp"] = facts(part, each)
    out[ROOT / "docs/instruments.md"] = page(doc)
    return out


def consistent(doc):
    """What the schema cannot say. Yields sentences."""
    ids = [entry["id"] for entry in doc["instruments"]]
    factors = {factor["id"] for factor in doc["factors"]}
    for entry in doc["instruments"]:
        where = entry["id"]
        if ids.count(where) > 1:
            yield f"{where} is listed twice"
        if not set(entry["measures"]) <= factors or not entry["measures"]:
            yield f"{where} measures something that is no factor"
        if (entry["usable"] == "none") != (entry["key"] is None):
            yield f"{where}: usable {entry['usable']} and its key disagree"
        if any(each["provenance"] not in ("verified", "single-source")
               for kind in ("norms", "reliability", "reliable_change") for each in entry[kind]):
            yield f"{where}: a number that is not verified"
        key = entry["key"]
        if key is None:
            continue
        if entry["verification"] not in ("verified", "single-source"):
            yield f"{where} has a key that is {entry['verification']}"
        for same in ("id", "family", "perspective"):
            if key[same] != entry[same]:
                yield f"{where}: {same} of the key is {key[same]}"
        needed = [field for field, part in (("n_items", True), ("scale", True), ("reversed", True),
                                            ("subscales", key.get("subscales")), ("missing", "missing" in key),
                                            ("bands", key.get("bands")), ("cutoffs", key.get("cutoffs"))) if part]
        for field in needed:
            if entry["provenance"][field] not in ("verified", "single-source"):
                yield f"{where}: {field} is used but {entry['provenance'][field]}"
        if entry["usable"] == "total" and key.get("subscales"):
            yield f"{where}: only the total may be used, but there are subscales"
        top = {"total": key.get("total", {})}
        known = set(top) - ({"total"} if key.get("total", {}) is None else set()) | {s["id"] for s in key.get("subscales", [])}
        for score in key.get("combined", []):
            if not {part["score"] for part in score["of"]} <= known:
                yield f"{where}: {score['id']} is made of a score that does not exist"
            known.add(score["id"])
        for kind in ("bands", "cutoffs"):
            for each in key.get(kind, []):
                if each["score"] not in known:
                    yield f"{where}: {kind} of {each['score']}, which does not exist"
        by_score = {}
        for band in key.get("bands", []):
            by_score.setdefault(band["score"], []).append(band)
        for score, each in by_score.items():
            for a, b in zip(each, each[1:]):
                if fractions.Fraction(a["to"]) != fractions.Fraction(b["from"]) or not a.get("to_open") or b.get("from_open"):
                    yield f"{where}: the bands {a['label']} and {b['label']} of {score} leave a gap or overlap"


def formatted(path, text):
    if path.suffix != ".hpp" or shutil.which("clang-format") is None:
        return text
    return subprocess.run(["clang-format", f"--assume-filename={path}"], input=text, capture_output=True, text=True,
                          check=True, cwd=ROOT).stdout


def bare(path, text):
    """What must agree: of headers everything but spaces and the seams of string literals."""
    return re.sub(r'\s+', "", text).replace('""', "") if path.suffix == ".hpp" else text


def main():
    doc = json.loads((HERE / "catalogue.json").read_text())
    wrong = list(consistent(doc))
    if wrong:
        sys.exit("\n".join(f"catalogue.json: {each}" for each in wrong))
    if sys.argv[1:] == ["--check"]:
        stale = [path for path, text in outputs(doc).items()
                 if not path.exists() or bare(path, path.read_text()) != bare(path, text)]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what docs/instruments/generate.py makes of catalogue.json")
        print(f"{len(outputs(doc))} files compared, {len(stale)} differ")
        sys.exit(1 if stale else 0)
    if sys.argv[1:]:
        sys.exit(__doc__)
    for path, text in outputs(doc).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(formatted(path, text))


if __name__ == "__main__":
    main()
