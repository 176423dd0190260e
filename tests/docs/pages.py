#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks the pages of documentation against the files that they speak of.

- links between pages resolve, headings included
- a block marked <!-- snippet: NAME.cpp --> or <!-- output: NAME.out --> equals docs/snippets/NAME, byte for byte; a
  page shows no C++ that is not such a file; every file is shown, or linked
- the pages of the modules have the sections of SECTIONS, in this order
- every public header is named in some page
- every option of the rapport program is named in docs/program.md, and no option that it does not have
- the sentences in docs/errors.md are printed by docs/snippets/errors.cpp, under the right number
- no word of unfinished work

usage: pages.py SOURCE_DIR
"""
import pathlib
import re
import sys

from markdown import Page

SECTIONS = ["What it answers", "Example", "Formulas", "Missing data", "Errors", "Not for", "Sources", "In R"]
MODULES = ["data", "scoring", "reliability", "growth", "rupture", "stats", "simulate", "program", "agreement", "change"]
# Pages that this check was written for; design.md speaks of code that is no program.
ONLY_LINKS = {"design.md", "README.md"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|TBD|WIP|XXX|coming soon|to be written|to be done|lorem ipsum|"
                        r"under construction|work in progress|in a (?:later|future) (?:version|release))\b", re.I)
HELP_OPTIONS = {"--help", "--version"}


def check_links(root, pages):
    by_path = {page.path.resolve(): page for page in pages}
    for page in pages:
        for line, target in page.links():
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            path = (page.path.parent / file).resolve() if file else page.path.resolve()
            where = f"{page.path.relative_to(root)}:{line}"
            if not path.exists():
                yield f"{where}: the link to {target} leads nowhere"
            elif anchor and path in by_path and anchor not in by_path[path].anchors():
                yield f"{where}: {file or page.path.name} has no heading #{anchor}"


def check_blocks(root, pages):
    folder = root / "docs/snippets"
    shown = set()
    for page in pages:
        name = page.path.relative_to(root).as_posix()
        if page.is_open:
            yield f"{name}: the last block is not closed"
        for line, target in page.links():
            if "snippets/" in target:
                shown.add(target.rpartition("/")[2])
        for block in page.blocks:
            where = f"{name}:{block.line}"
            if block.kind in ("snippet", "output"):
                shown.add(block.name)
                file = folder / block.name
                if not file.exists():
                    yield f"{where}: there is no docs/snippets/{block.name}"
                elif file.read_text() != block.body():
                    yield f"{where}: the block differs from docs/snippets/{block.name}"
            elif block.language in ("cpp", "c++", "C++") and page.path.name not in ONLY_LINKS:
                yield f"{where}: C++ that is no file of docs/snippets"
    for file in sorted(folder.iterdir()):
        other = file.with_suffix(".out" if file.suffix == ".cpp" else ".cpp")
        if not other.exists():
            yield f"docs/snippets/{file.name} has no {other.name}"
        if file.name not in shown:
            yield f"docs/snippets/{file.name} is neither shown nor linked in any page"


def check_sections(root):
    for module in MODULES:
        path = root / "docs" / f"{module}.md"
        if not path.exists():
            yield f"docs/{module}.md is missing"
            continue
        second_level = [text for level, text, _ in Page(path).headings if level == 2]
        found = [text for text in second_level if text in SECTIONS]
        if found != SECTIONS:
            yield f"docs/{module}.md has the sections {', '.join(found)}; wanted are {', '.join(SECTIONS)}"


def check_headers(root, pages):
    everything = "\n".join(page.text for page in pages)
    headers = sorted((root / "include").rglob("*.hpp"))
    if len(headers) < 10:
        yield f"{root}: only {len(headers)} headers found; is this the project?"
    for header in headers:
        name = header.relative_to(root / "include").as_posix()
        if "/detail/" not in name and name not in everything:
            yield f"no page names {name}"
    for page in pages:
        for name in set(re.findall(r"\brapport/[\w/]+\.hpp", page.text)):
            if not (root / "include" / name).exists() and page.path.name not in ONLY_LINKS:
                yield f"{page.path.relative_to(root)} names {name}, which does not exist"


def check_options(root):
    sources = "\n".join(p.read_text() for p in sorted((root / "examples/rapport").rglob("*.cpp")))
    in_code = set(re.findall(r'"(--[a-z][\w-]*)"', sources)) | HELP_OPTIONS
    text = (root / "docs/program.md").read_text()
    in_page = set(re.findall(r"(?<![\w-])(--[a-z][\w-]*)", text))
    for option in sorted(in_code - in_page):
        yield f"docs/program.md does not name {option}"
    for option in sorted(in_page - in_code):
        yield f"docs/program.md names {option}, which the program does not have"


def check_errors(root):
    printed = set((root / "docs/snippets/errors.out").read_text().splitlines())
    page = Page(root / "docs/errors.md")
    messages = {}
    for block in page.blocks:
        above = [text for _, text, line in page.headings if line < block.line]
        if block.language == "text" and not block.kind:
            messages.update((line, above[-1] if above else "") for line in block.lines)
    for sentence, heading in messages.items():
        if sentence not in printed:
            yield f"docs/errors.md: not printed by errors.cpp: {sentence}"
        if not sentence.endswith(f"[rapport.{heading[:3]}]"):
            yield f"docs/errors.md: under {heading}: {sentence}"
    for sentence in sorted(printed - messages.keys()):
        yield f"docs/errors.md does not quote: {sentence}"


def check_words(root, pages):
    files = [page.path for page in pages] + sorted((root / "docs/snippets").iterdir())
    for file in files:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            word = UNFINISHED.search(line)
            if word:
                yield f"{file.relative_to(root)}:{number}: '{word[0]}' speaks of unfinished work"


def complaints(root):
    root = root.resolve()
    pages = [Page(path) for path in sorted((root / "docs").glob("*.md"))]
    if (root / "README.md").exists():
        pages.append(Page(root / "README.md"))
    yield from check_links(root, pages)
    yield from check_blocks(root, pages)
    yield from check_sections(root)
    yield from check_headers(root, pages)
    yield from check_options(root)
    yield from check_errors(root)
    yield from check_words(root, pages)


def self_test():
    """The check must be able to fail: each mistake of a made-up project is found, and nothing else."""
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("docs/snippets", "include/rapport/core", "examples/rapport"):
            (root / name).mkdir(parents=True)
        for i in range(12):
            (root / f"include/rapport/core/h{i}.hpp").write_text("")
        page = "# Page\n" + "".join(f"## {s}\n" for s in SECTIONS)
        headers = "".join(f"rapport/core/h{i}.hpp " for i in range(11)) + "rapport/core/gone.hpp"
        for module in MODULES:
            (root / f"docs/{module}.md").write_text(page)
        (root / "docs/data.md").write_text(page.replace("## Formulas\n", "") + "\n## Formulas\n")
        (root / "docs/scoring.md").write_text(
            page + headers + "\n[a](nowhere.md) [b](data.md#no-such) [c](data.md#page) [d](https://example.org)\n"
            "<!-- snippet: a.cpp -->\n```cpp\nint x;\n```\n```cpp\nint y;\n```\nThis is TBD.\n")
        (root / "docs/program.md").write_text(page + "--in --out --version --help\n")
        (root / "examples/rapport/a.cpp").write_text('add_option("--in", x); add_flag("--flags", x);')
        (root / "docs/errors.md").write_text("### 101 a\n```text\none [rapport.102]\n```\n")
        (root / "docs/snippets/errors.out").write_text("two [rapport.101]\n")
        (root / "docs/snippets/errors.cpp").write_text("int main() {}\n")
        (root / "docs/snippets/a.cpp").write_text("int z;\n")
        wanted = ["nowhere.md leads nowhere", "no heading #no-such", "differs from docs/snippets/a.cpp",
                  "C++ that is no file", "a.cpp has no a.out", "errors.out is neither", "errors.cpp is neither",
                  "docs/data.md has the sections", "no page names rapport/core/h11.hpp", "gone.hpp, which does not",
                  "does not name --flags", "names --out", "not printed by errors.cpp", "under 101 a: one",
                  "does not quote: two", "'TBD' speaks"]
        found = list(complaints(root))
        missed = [w for w in wanted if not any(w in f for f in found)]
        if missed or len(found) != len(wanted):
            print("\n".join(found), "\nmissed:", missed)
            return False
        return True


if __name__ == "__main__":
    if not self_test():
        sys.exit("pages.py does not find the mistakes that it should")
    problems = list(complaints(pathlib.Path(sys.argv[1])))
    print("\n".join(problems) or "the pages are in order")
    sys.exit(1 if problems else 0)
