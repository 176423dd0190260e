#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks the comments of the public headers.

- every function at the scope of namespace rapport (or one inside it, detail excepted) has a /// comment whose first
  paragraph ends in a full stop
- a comment with \\param has \\return, unless the function returns nothing, and, where it returns result<...>, Errors:
- what \\param names is a parameter
- the labelled parts stand in the order of LABELS, in every comment

usage: check_docs.py SOURCE_DIR
"""
import pathlib
import re
import sys

LABELS = ["Model", "\\param", "\\return", "Errors", "Missing", "Numerics", "Not for", "Reference", "R", "Example"]
# A label is known, or looks like one: a word and a colon, then more than one blank.
LABEL = re.compile(r"^(?:(\\param|\\return)\b|(" + "|".join(w for w in LABELS if w.isalpha() or " " in w) +
                   r"):\s|([A-Z][A-Za-z ]*):\s\s)")
NAMESPACE = re.compile(r"^(?:inline\s+)?namespace\s*([\w:]*)$")
NOT_A_FUNCTION = re.compile(r"\b(?:class|struct|enum|union|concept|using|typedef|static_assert|RAPPORT_INSTANCE|friend)\b")
FEWEST_FUNCTIONS = 30  # a project with fewer was not read properly


class Statement:
    """What stands at namespace scope up to its ; or {, with the comment before it."""

    def __init__(self, text, comment, line, scope):
        self.text = re.sub(r"\s+", " ", text).strip()
        self.comment = comment
        self.line = line
        self.scope = scope

    def declarator(self):
        """The text without template<...> and requires clauses in front."""
        text = self.text
        while text.startswith("template"):
            depth = 0
            for at, c in enumerate(text):
                depth += (c == "<") - (c == ">")
                if c == ">" and depth == 0:
                    text = text[at + 1:].strip()
                    break
            else:
                return ""
        if text.startswith("requires"):
            start = re.search(r"\[\[nodiscard\]\]|\b(?:inline|constexpr|auto|void)\b", text)
            text = text[start.start():] if start else text
        return text

    def function(self):
        """(name, parameters, return type) if this declares a function, else None."""
        text = self.declarator()
        head = text.split("(", 1)[0]
        if "(" not in text or "=" in re.sub(r"operator\s*\S+$", "", head) or NOT_A_FUNCTION.search(head):
            return None
        name = re.search(r"(operator\s*\S+|\w+)\s*$", head)
        if not name:
            return None
        depth = 0
        for at in range(len(head), len(text)):
            depth += (text[at] == "(") - (text[at] == ")")
            if depth == 0:
                break
        parameters = text[len(head) + 1:at]
        trailing = re.search(r"->\s*(.*)$", text[at + 1:])
        returned = trailing.group(1) if trailing else head[:name.start()]
        returned = re.sub(r"\[\[nodiscard\]\]|\b(?:inline|constexpr|static)\b", "", returned).strip()
        return name.group(1), parameters, returned


def statements(source):
    """Yields the statements at namespace scope, and every /// comment as (line, text)."""
    scopes = []        # names of open namespaces; None for any other brace
    text, comment, begin, parens = "", [], 0, 0
    found, comments = [], []
    line_number = 0
    for line in source.splitlines():
        line_number += 1
        stripped = line.strip()
        if stripped.startswith("///"):
            if not text.strip() or comment and begin == 0:
                comment.append(stripped[3:])
            if comments and comments[-1][0] + len(comments[-1][1]) == line_number:
                comments[-1][1].append(stripped[3:])
            else:
                comments.append((line_number, [stripped[3:]]))
            continue
        if stripped.startswith("#") or stripped.endswith("\\") and not text.strip():
            continue
        code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
        code = re.sub(r"'(?:[^'\\]|\\.)'", "0", code)
        code = re.sub(r"//.*", "", code)
        if not code.strip():
            if not stripped.startswith("//"):
                comment = [] if not text.strip() else comment
            continue
        for c in code + "\n":
            at_namespace_scope = None not in scopes
            if at_namespace_scope and not text.strip() and c.strip():
                begin = line_number
            parens += (c == "(") - (c == ")")
            if c == "{" and parens == 0:
                name = NAMESPACE.match(re.sub(r"\s+", " ", text).strip())
                if at_namespace_scope and not name:
                    found.append(Statement(text, comment, begin, "::".join(s for s in scopes if s)))
                if at_namespace_scope:
                    text, comment = "", []
                scopes.append(name.group(1) if name else None)
            elif c == "}" and parens == 0:
                scopes.pop()
                text, comment, begin = "", [], 0
            elif c == ";" and parens == 0:
                if at_namespace_scope and text.strip():
                    found.append(Statement(text, comment, begin, "::".join(s for s in scopes if s)))
                text, comment, begin = "", [], 0
            elif at_namespace_scope:
                text += c
    return found, comments


def labels_of(comment):
    """(name of the label, line of the comment) for each labelled part."""
    out = []
    for at, line in enumerate(comment):
        label = LABEL.match(line.strip())
        if label:
            out.append((label.group(1) or label.group(2) or label.group(3), at))
    return out


def first_paragraph(comment):
    lines = []
    for line in comment:
        if not line.strip() or LABEL.match(line.strip()):
            break
        lines.append(line.strip())
    return " ".join(lines)


def complaints_about(name, source):
    """The complaints, and how many functions were looked at."""
    found, comments = statements(source)
    out, n_functions = [], 0
    for line, comment in comments:
        known = [label for label, _ in labels_of(comment) if label in LABELS]
        ranks = [LABELS.index(label) for label in known]
        if ranks != sorted(ranks):
            wrong = next(i for i in range(1, len(ranks)) if ranks[i] < ranks[i - 1])
            out.append(f"{name}:{line}: {known[wrong]} stands behind {known[wrong - 1]}")
    for each in found:
        function = each.function()
        if function is None or not each.scope.startswith("rapport") or "detail" in each.scope.split("::"):
            continue
        n_functions += 1
        function_name, parameters, returned = function
        where = f"{name}:{each.line}: {function_name}"
        sentence = first_paragraph(each.comment)
        labels = [label for label, _ in labels_of(each.comment)]
        if not sentence:
            out.append(f"{where} has no sentence")
            continue
        if not sentence.endswith("."):
            out.append(f"{where}: the first sentence does not end in a full stop")
        if sentence[0].islower() and sentence.split()[0] not in parameters:
            out.append(f"{where}: the first sentence begins with a small letter")
        for label in labels:
            if label not in LABELS:
                out.append(f"{where}: there is no label '{label}'")
        if "\\param" not in labels:
            continue
        if "\\return" not in labels and returned != "void":
            out.append(f"{where} has \\param and no \\return")
        if returned.startswith(("result<", "rapport::result<")) and "Errors" not in labels:
            out.append(f"{where} returns a result and names no Errors")
        for documented in re.findall(r"\\param\s+(\w+)", "\n".join(each.comment)):
            if not re.search(rf"\b{documented}\b", parameters):
                out.append(f"{where} has no parameter '{documented}'")
    return out, n_functions


def self_test():
    """The check must be able to fail: each mistake of a made-up header is found, and nothing else."""
    bad = '''
namespace rapport {
struct a { int x() { return 1; } };
inline int bare(int x) { return x; }
/// No full stop
template <class T> [[nodiscard]] T no_stop(const T& x = {}) { return x; }
/// Adds.
/// \\param x  a number
/// Errors:   none
template <class T>
  requires true
[[nodiscard]] result<int> no_return(int x);
/// Adds.
/// \\param y  a number
/// \\return   a number
[[nodiscard]] inline auto no_errors(int x) -> result<int> { return x; }
/// Adds.
/// R:         x
/// Missing:   none
/// Advice:    none
inline void disordered(int x) { auto f = [] { return 1; }; }
/// Adds.
inline constexpr int fine = f(3);
namespace detail {
inline int hidden(int x) { return x; }
}
}
'''
    wanted = ["bare has no sentence", "no_stop: the first sentence does not end",
              "no_return has \\param and no \\return", "no_errors returns a result and names no Errors",
              "no_errors has no parameter 'y'", "Missing stands behind R", "disordered: there is no label 'Advice'"]
    found, n_functions = complaints_about("bad.hpp", bad)
    return len(found) == len(wanted) and all(any(w in f for f in found) for w in wanted) and n_functions == 5


if __name__ == "__main__":
    if not self_test():
        sys.exit("check_docs.py does not find the mistakes that it should")
    root = pathlib.Path(sys.argv[1]) / "include"
    problems, total = [], 0
    for header in sorted(root.rglob("*.hpp")):
        more, count = complaints_about(header.relative_to(root).as_posix(), header.read_text())
        problems += more
        total += count
    if total < FEWEST_FUNCTIONS:
        problems.append(f"{root}: only {total} functions found; is this the project?")
    print("\n".join(problems) or f"the comments of {total} functions are in order")
    sys.exit(1 if problems else 0)
