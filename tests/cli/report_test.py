#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport report`: its files agree with each other and the other commands; its page works offline in a browser."""
import datetime
import html.parser
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import INCOMPLETE, SOURCE, ProgramTest, csv_text, main, number, read_csv, run, strict_json  # noqa: E402

ON_CI = os.environ.get("CI") == "true"
ODD_IDS = ["</script><b>&\"x", "<img src=x onerror=console.error(1)>", "Zoë Ünal", "日本語", "{{css}}",
           "__proto__", "a'b`c${d}", "O'Brien, \"Bob\"", "-->", "]]>", "\\u003c", "a\u2028b", "constructor", "007", "🙂",
           "&amp;", "%3Cb%3E", "C:\\new", "null", "<!--<script>"]


class Page(html.parser.HTMLParser):
    """What an HTML page consists of: tags with attributes, texts of headings, scripts."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.headings = []
        self.scripts = []
        self.root = {}
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "html":
            self.root = dict(attributes)
        if tag == "h4":
            self.headings.append("")
        if tag == "script":
            self.scripts.append([dict(attributes), ""])
        if tag not in ("meta", "br", "line", "rect", "path", "img", "input", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1][1] += data
        elif "h4" in self.open and "span" not in self.open:
            self.headings[-1] += data


def browser():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return None


class Visit:
    """A page opened in a headless browser: the document afterwards, what the console said, what was asked for."""

    def __init__(self, program, page, folder):
        profile = folder / "profile"
        shutil.rmtree(profile, ignore_errors=True)
        log = folder / "net.json"
        log.unlink(missing_ok=True)
        begun = time.monotonic()
        found = subprocess.run(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
             f"--user-data-dir={profile}",
             "--virtual-time-budget=60000", "--dump-dom", "--enable-logging=stderr", f"--log-net-log={log}",
             page.as_uri()],
            capture_output=True, timeout=300, check=False, env=dict(os.environ, HOME=str(folder)))
        self.seconds = time.monotonic() - begun
        self.status = found.returncode
        self.dom = found.stdout.decode("utf-8")
        self.stderr = found.stderr.decode("utf-8", "replace")
        self.console = [line for line in self.stderr.splitlines() if ":CONSOLE" in line]
        recorded = strict_json(log.read_text(encoding="utf-8"))
        start = recorded["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
        asked = [event["params"] for event in recorded["events"] if event["type"] == start
                 and "url" in event.get("params", {})]
        # What the browser wants for itself (its clock, its updates) has no initiator.
        self.requests = [params["url"] for params in asked if params.get("initiator") != "not an origin"]


class Report(ProgramTest):

    ITEMS = ["--instrument", "wai-sr-client", "--items", "q1:q12"]

    def forms(self, *options, clients=20, name="forms.csv", columns=None):
        """Simulated forms with further columns."""
        path = self.folder / name
        self.succeed("simulate", "--clients", clients, "--sessions", 12, "--rupture-rate", 0.8, *options, "--out", path)
        if columns:
            rows = read_csv(path.read_text(encoding="utf-8"))
            table = [[*row.values(), *columns(i, row)] for i, row in enumerate(rows)]
            path.write_text(csv_text(table, [*rows[0], "distress", "stored", "date"]), encoding="utf-8")
        return path

    def report(self, path, folder, *options, null=49, expect=0):
        """Makes a report; returns its results and the folder."""
        folder = self.folder / folder
        found = run("report", "--in", path, "--id", "client", "--session", "session", "--null", null, "--out", folder,
                    *options)
        self.assertEqual(found.status, expect, found.err)
        self.printed = found.out
        return strict_json((folder / "results.json").read_text(encoding="utf-8")), folder

    def check_files(self, results, folder):
        """The files are there, valid, and say the same."""
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        self.assertLessEqual({"report.html", "results.json", "scores.csv", "episodes.csv"}, set(files))
        self.assertFalse([name for name in files if name.endswith(".partial")])
        self.assertLessEqual({"score", "reliability", "growth", "rupture"}, set(results))

        scores = read_csv((folder / "scores.csv").read_text(encoding="utf-8"))
        rows = results["score"]["rows"]
        self.assertEqual(len(scores), len(rows))
        for cells, row in zip(scores, rows):
            self.assertEqual({name: cells[name] for name in row["id"]}, row["id"])
            self.assertEqual((int(cells["line"]), cells["status"], number(cells["total"])),
                             (row["line"], row["status"], row["total"]))
            for name, score in row["subscales"].items():
                self.assertEqual(number(cells[name]), score)

        episodes = read_csv((folder / "episodes.csv").read_text(encoding="utf-8"))
        flat = [(client["id"], episode) for client in results["rupture"]["clients"] for episode in client["episodes"]]
        self.assertEqual(len(episodes), len(flat))
        for cells, (client, episode) in zip(episodes, flat):
            self.assertEqual(cells["client"], client)
            for key in ("detector", "status", "pattern"):
                self.assertEqual(cells[key], episode[key])
            for key in ("pre", "onset", "nadir", "repair"):
                value = episode[key]
                self.assertEqual(cells[key] if isinstance(value, str) else number(cells[key]), value)
            for key in ("depth", "score", "p_null"):
                self.assertEqual(number(cells[key]), episode[key])

        text = (folder / "report.html").read_text(encoding="utf-8")
        page = Page(text)
        embedded = next(script for attributes, script in page.scripts if attributes.get("id") == "figures")
        specs = strict_json(embedded)
        saved = {path.name.removesuffix(".vl.json"): strict_json(path.read_text(encoding="utf-8"))
                 for path in (folder / "figures").glob("*")}
        self.assertEqual(saved, specs, "the figures beside the page are those in it")
        for spec in saved.values():
            self.assertIn("vega-lite", spec["$schema"])
            self.assertTrue(spec["description"])
        places = [attributes["data-figure"] for _, attributes in page.tags if "data-figure" in attributes]
        self.assertEqual(len(places), len(set(places)))
        self.assertLessEqual(set(specs), set(places), "every figure has its place")
        self.assertEqual({tag for tag, _ in page.tags} & {"b", "img", "iframe", "object", "embed", "link", "a", "form"},
                         set())
        for tag, attributes in page.tags:
            for name in attributes:
                self.assertNotIn(name, ("src", "href", "srcset", "action", "onerror", "onload", "onclick"), tag)
        policies = [attributes["content"] for tag, attributes in page.tags
                    if attributes.get("http-equiv") == "Content-Security-Policy"]
        self.assertEqual(len(policies), 1)
        self.assertIn("default-src 'none'", policies[0])
        if "class=\"missing-figures\"" in text:
            self.assertIn("Install npm", text, "the page says how to get the figures")
        return page

    # --- files ------------------------------------------------------------------------------------------------------

    def test_parts_are_those_of_the_other_commands(self):
        path = self.forms("--missing-answer", 0.01)
        results, folder = self.report(path, "parts", *self.ITEMS, "--therapist", "therapist", "--missing",
                                      "prorate:0.8")
        self.check_files(results, folder)
        call = ["score", "--in", path, *self.ITEMS, "--id", "client,session,therapist", "--missing", "prorate:0.8",
                "--flags"]
        score = dict(results["score"])
        facts = score.pop("instrument_facts")
        self.assertEqual(score, self.json(*call))
        self.assertEqual((facts["id"], facts["total_min"], facts["total_max"]), ("wai-sr-client", 12, 60))
        self.assertEqual((folder / "scores.csv").read_text(encoding="utf-8"),
                         self.succeed(*call, "--format", "csv").out)
        self.assertEqual(results["reliability"], self.json("reliability", "--in", path, *self.ITEMS))
        long = ["--in", folder / "scores.csv", "--id", "client", "--time", "session", "--y", "total"]
        self.assertEqual(results["growth"], self.json("growth", *long, "--center", 1))
        rupture = ["rupture", *long, "--detector", "innovation", "--detector", "drop-repair", "--min", 12, "--max", 60,
                   "--step", 1, "--null", 49]
        self.assertEqual(results["rupture"], self.json(*rupture, "--series"))
        self.assertEqual((folder / "episodes.csv").read_text(encoding="utf-8"),
                         self.succeed(*rupture, "--format", "csv").out)
        self.assertEqual(results["input"]["n_clients"], 20)
        self.assertEqual(results["input"]["n_therapists"], 6)

    def test_json_on_the_terminal(self):
        path = self.forms()
        results, _ = self.report(path, "as-json", *self.ITEMS, "--format", "json")
        self.assertEqual(strict_json(self.printed), results)

    def test_half_a_page_on_the_terminal(self):
        results, folder = self.report(self.forms(), "terminal", *self.ITEMS)
        self.assertLessEqual(len(self.printed.splitlines()), 30)
        for part in ("20 clients", "Cronbach's alpha",
                     f"{results['reliability']['scales'][0]['alpha']['estimate']:.3f}", "mean trend",
                     f"{results['growth']['fixed'][1]['estimate']:.3f}", "expected if all were stable",
                     str(folder / "report.html")):
            self.assertIn(part, self.printed)

    def test_a_second_report_replaces_the_first(self):
        _, folder = self.report(self.forms("--seed", 1), "again", *self.ITEMS)
        first = (folder / "report.html").read_bytes()
        results, _ = self.report(self.forms("--seed", 2), "again", *self.ITEMS)
        self.assertNotEqual((folder / "report.html").read_bytes(), first)
        self.check_files(results, folder)

    def test_fewer_clients_leave_no_figures_of_others(self):
        self.report(self.forms(), "fewer", *self.ITEMS)
        results, folder = self.report(self.forms(clients=9), "fewer", *self.ITEMS)
        clients = len(results["rupture"]["clients"])
        self.assertEqual(len(list((folder / "figures").glob("client-*.vl.json"))), clients)

    # --- the browser ------------------------------------------------------------------------------------------------

    def visit(self, folder):
        """Opens a report, if there is a browser and the program can draw."""
        program = browser()
        if program is None:
            if ON_CI:
                self.fail("no chromium, chromium-browser or google-chrome on PATH")
            self.skipTest("no chromium, chromium-browser or google-chrome on PATH")
        text = (folder / "report.html").read_text(encoding="utf-8")
        if "class=\"missing-figures\"" in text:
            if ON_CI:
                self.fail("the program was built without npm, so its report has no figures")
            self.skipTest("the program was built without npm, so its report has no figures")
        visit = Visit(program, folder / "report.html", self.folder)
        self.assertEqual(visit.status, 0, visit.stderr[-2000:])
        self.assertEqual(visit.console, [])
        self.assertEqual(visit.requests, [], "the page asks for nothing")
        page = Page(visit.dom)
        places = [attributes for _, attributes in page.tags if "data-figure" in attributes]
        self.assertEqual(page.root.get("data-figures"), f"{len(places)} of {len(places)}")
        self.assertEqual({attributes.get("data-state") for attributes in places}, {"drawn"})
        drawn = sum(tag == "svg" and attributes.get("role") == "img" for tag, attributes in page.tags)
        self.assertEqual(drawn, len(places))
        self.assertGreaterEqual(sum(tag == "path" for tag, _ in page.tags), 10 * len(places),
                                "figures consist of marks")
        self.assertNotIn("NaN", "".join(attributes.get("d") or "" for tag, attributes in page.tags if tag == "path"))
        print(f"{folder.name}: {len(places)} figures drawn, opened in {visit.seconds:.1f} s")
        return page

    def test_the_checks_can_fail(self):
        """A page that logs and calls out is caught by the same means."""
        program = browser()
        if program is None:
            self.skipTest("no browser")
        page = self.file("""<!DOCTYPE html><html><body><script>
                         console.warn('w');
                         console.error('e');
                         fetch('http://127.0.0.1:9/a').catch(() => {});
                         new Image().src = 'https://example.invalid/b';
                         try { new WebSocket('ws://127.0.0.1:9/c'); } catch (e) {}
                         setTimeout(() => { throw new Error('late'); }, 10);
                         </script></body></html>""", "rogue.html")
        visit = Visit(program, page, self.folder)
        self.assertEqual(len(visit.console), 3, visit.console)
        self.assertEqual(sorted(visit.requests),
                         ["http://127.0.0.1:9/a", "https://example.invalid/b", "ws://127.0.0.1:9/c"])

    def test_simulated_data_in_the_browser(self):
        results, folder = self.report(self.forms(), "simulated", *self.ITEMS, "--therapist", "therapist")
        self.check_files(results, folder)
        page = self.visit(folder)
        self.assertEqual(sorted(heading.strip() for heading in page.headings),
                         sorted(client["id"] for client in results["rupture"]["clients"]))

    def test_sample_data(self):
        sample = SOURCE / "examples" / "data" / "sample_wai_sr.csv"
        if not sample.exists():
            self.skipTest("the sample data are not there")
        begun = time.monotonic()
        results, folder = self.report(sample, "sample", *self.ITEMS, "--therapist", "therapist", null=999)
        print(f"report of the sample data: {time.monotonic() - begun:.2f} s")
        self.check_files(results, folder)
        self.assertGreater(results["rupture"]["summary"]["innovation"]["n_episodes"], 0)
        self.visit(folder)

    def test_odd_ids_dates_audit_and_outcome(self):
        begin = datetime.date(2025, 11, 3)
        random_numbers = random.Random(3)
        forms = self.forms("--missing-answer", 0, columns=lambda i, row: [
            round(random_numbers.gauss(20, 4), 1), sum(int(row[f"q{j}"]) for j in range(1, 13)) + (i % 2),
            (begin + datetime.timedelta(days=7 * int(row["session"]) + int(row["client"][1:]))).isoformat()])
        rows = read_csv(forms.read_text(encoding="utf-8"))
        names = dict(zip(dict.fromkeys(row["client"] for row in rows), ODD_IDS))
        self.assertEqual(len(names), len(ODD_IDS))
        table = [[names[row["client"]], f"<i>{row['therapist']}</i>", row["date"], *list(row.values())[3:]]
                 for row in rows]
        path = self.table(table, ["client", "therapist", "session", *list(rows[0])[3:]], "odd <b>&\"name.csv")
        results, folder = self.report(path, "odd", *self.ITEMS, "--therapist", "therapist", "--outcome", "distress",
                                      "--compare", "stored=total")
        page = self.check_files(results, folder)
        self.assertTrue(results["input"]["has_dates"])
        self.assertEqual(len(results["outcome"]["fixed"]), 2)
        self.assertEqual(results["score"]["audit"][0]["column"], "stored")
        self.assertEqual({client["id"] for client in results["rupture"]["clients"]}, set(ODD_IDS))
        for client in results["rupture"]["clients"]:
            for episode in client["episodes"]:
                self.assertRegex(episode["onset"], r"^\d{4}-\d{2}-\d{2}$")
        wanted = sorted(name.strip() for name in ODD_IDS)
        self.assertEqual(sorted(heading.strip() for heading in page.headings), wanted)
        seen = self.visit(folder)
        self.assertEqual(sorted(heading.strip() for heading in seen.headings), wanted)
        self.assertFalse({"b", "i", "img"} & {tag for tag, _ in seen.tags}, "nothing of the data became an element")

    def test_every_instrument_in_the_browser(self):
        keys = {key["id"]: key for key in self.json("instruments")["instruments"]}
        for key in (keys[name] for name in ("wai-36-therapist", "wai-sr-client", "srs-3", "arm-5", "core-om", "trait-hope")):
            path = self.forms("--instrument", key["id"], clients=6, name=f"{key['id']}.csv")
            results, folder = self.report(path, key["id"], "--instrument", key["id"], "--items",
                                          f"q1:q{key['n_items']}")
            with self.subTest(key["id"]):
                self.check_files(results, folder)
                self.visit(folder)

    def test_a_report_of_little(self):
        """One client, or only missing answers: exit status 3, all files, a page that works and tells why."""
        rows = read_csv(self.forms().read_text(encoding="utf-8"))
        blank = [{name: cell if not re.fullmatch(r"q\d+", name) else "" for name, cell in row.items()} for row in rows]
        for name, few in (("one-form", rows[:1]), ("one-client", [row for row in rows if row["client"] == "C01"]),
                          ("no-answers", blank),
                          ("one-session", [row for row in rows if row["session"] == "1"])):
            path = self.table([list(row.values()) for row in few], list(rows[0]), f"{name}.csv")
            with self.subTest(name):
                results, folder = self.report(path, name, *self.ITEMS, expect=INCOMPLETE)
                self.check_files(results, folder)
                warnings = [warning for part in ("reliability", "growth", "rupture")
                            for warning in results[part]["warnings"]]
                self.assertTrue(warnings)
                text = (folder / "report.html").read_text(encoding="utf-8")
                self.assertIn("What could not be computed", text)
                program = browser()
                if program is None or "class=\"missing-figures\"" in text:
                    continue
                visit = Visit(program, folder / "report.html", self.folder)
                self.assertEqual((visit.console, visit.requests), ([], []))
                seen = Page(visit.dom)
                states = [attributes.get("data-state") for _, attributes in seen.tags if "data-figure" in attributes]
                self.assertEqual(set(states) - {"drawn"}, set())
                self.assertEqual(seen.root.get("data-figures"), f"{len(states)} of {len(states)}")


if __name__ == "__main__":
    main()
