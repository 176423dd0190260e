# SPDX-License-Identifier: BSL-1.0
"""Reads pages of documentation: fenced blocks with the comment before them, headings, links."""
import re


class Block:
    """A fenced block: its language, its body, the name in the comment right before it, its line."""

    def __init__(self, language, marker, line):
        self.language = language
        self.kind, _, self.name = marker.partition(":")
        self.name = self.name.strip()
        self.line = line
        self.lines = []

    def body(self):
        return "".join(line + "\n" for line in self.lines)


class Page:
    def __init__(self, path):
        self.path = path
        self.text = path.read_text()
        self.blocks = []
        self.headings = []  # (level, text, line)
        self.prose = []     # (line, text): what stands outside of fenced blocks
        block = None
        before = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if block is not None:
                if line.strip() == "```":
                    block = None
                else:
                    block.lines.append(line)
                continue
            fence = re.match(r"^```(\w*)\s*$", line)
            if fence:
                marker = re.fullmatch(r"<!--\s*(.*?)\s*-->", before)
                block = Block(fence[1], marker[1] if marker else "", number)
                self.blocks.append(block)
            else:
                heading = re.match(r"^(#+)\s+(.*?)\s*$", line)
                if heading:
                    self.headings.append((len(heading[1]), heading[2], number))
                self.prose.append((number, line))
            before = line.strip()
        self.is_open = block is not None

    def anchors(self):
        """The names that a web page of this gives to its headings."""
        out = set()
        for _, text, _ in self.headings:
            name = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", text).lower()).replace(" ", "-")
            out.add(name)
        return out

    def links(self):
        """(line, target) of each link in the prose."""
        for number, line in self.prose:
            line = re.sub(r"`[^`]*`", "", line)
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                yield number, target
