#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What scoring weighs: a stripped program that scores one WAI-SR form, beyond an empty program, at -Os.

usage: small.py COMPILER SOURCE_DIR
"""
import os
import subprocess
import sys
import tempfile

compiler, root = sys.argv[1:3]
MOST = 60 * 1024

EMPTY = "int main() {}\n"
# The answers come from outside, so that nothing can be computed beforehand; scores and errors go out.
SCORING = """
#include <cstdio>
#include <rapport/scoring.hpp>

int main(int argc, char** argv) {
  int answers[12] = {};
  for (int i = 0; i < 12 && i + 1 < argc; ++i) answers[i] = argv[i + 1][0] - '0';
  const auto card = rapport::score(rapport::instruments::wai_sr_client, answers);
  if (!card) {
    std::puts(rapport::message(card.error()).c_str());
    return 1;
  }
  if (const auto total = card->total()) std::printf("%g %g %g %g\\n", *total, *card->subscale("task"),
                                                    *card->subscale("bond"), *card->subscale("goal"));
}
"""


def size_of(code, *flags):
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        subprocess.run([compiler, "-std=c++20", "-Os", "-DNDEBUG", "-s", "-I", os.path.join(root, "include"), *flags,
                        "-x", "c++", "-", "-o", program], input=code, text=True, check=True)
        if code is SCORING:
            out = subprocess.run([program, *"455445443454"], capture_output=True, text=True)
            if out.stdout != "51 17 16 18\n" or out.returncode != 0:
                sys.exit(f"the program prints {out.stdout!r}")
            if subprocess.run([program, *"455445943454"], capture_output=True).returncode != 1:
                sys.exit("the program scores an answer of 9")
        return os.path.getsize(program)


failed = False
for flags in ([], ["-fno-exceptions", "-fno-rtti"]):
    added = size_of(SCORING, *flags) - size_of(EMPTY, *flags)
    print(f"scoring adds {added} bytes to an empty program{' without exceptions' if flags else ''} (budget {MOST})")
    failed = failed or added > MOST
sys.exit(1 if failed else 0)
