#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Fails if an #include runs against the dependency direction of docs/design.md.

usage: include_graph.py SOURCE_DIR
"""
import pathlib
import re
import sys

# What each module may include, besides itself and the standard library.
MAY_INCLUDE = {
    "core": set(),
    "data": {"core"},
    "instruments": {"core"},
    "scoring": {"core", "data", "instruments"},
    "stats": {"core", "data"},
    "reliability": {"core", "data", "stats"},
    "growth": {"core", "data", "stats"},
    "rupture": {"core", "data", "stats"},
    "simulate": {"core", "data", "instruments", "scoring", "stats", "reliability", "growth", "rupture"},
}
# Where the outside may come in.
EIGEN_CORE = {"stats", "reliability", "growth", "rupture"}
THIRD_PARTY = {
    r"boost/math/distributions/.*": r"stats/distribution/.*",
    r"boost/math/special_functions/.*": r"stats/distribution/.*",
    r"boost/math/policies/.*": r"stats/detail/math_policy\.hpp",
    r"boost/math/tools/.*": r"stats/optimize/.*",
    r"Eigen/(Cholesky|Eigenvalues|QR|LU)": r"stats/(linalg|optimize)/.*",
    r"nlohmann/json\.hpp": r"instruments/(from_json|detail/json_reader)\.hpp",
    r"thread|atomic|mutex|condition_variable": r"stats/parallel\.hpp",
}
# Headers that users include themselves if they want them: no other header brings them along.
OPT_IN = {"instruments/from_json.hpp": set(), "instruments/detail/json_reader.hpp": {"instruments/from_json.hpp"}}
# Standard headers that cost every user compile time and that no header of ours needs.
UNWANTED = {"iostream", "sstream", "random", "functional", "regex", "ranges", "chrono", "format", "memory", "iomanip", "fstream"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def module_of(path):
    return path.split("/")[0] if "/" in path else None


def complaints(root):
    headers = sorted((root / "include" / "rapport").rglob("*.hpp"))
    if len(headers) < 10:
        yield f"{root}: only {len(headers)} headers found; is this the project?"
    for header in headers:
        own = header.relative_to(root / "include" / "rapport").as_posix()
        module = module_of(own)
        for included in INCLUDE.findall(header.read_text()):
            if included.startswith("rapport/"):
                target = included.removeprefix("rapport/")
                other = module_of(target)
                if target in OPT_IN and own not in OPT_IN[target]:
                    yield f"{own} includes {target}, which is for users to include"
                if not (root / "include" / included).exists():
                    yield f"{own} includes {included}, which does not exist"
                elif module is None or other == module:
                    continue
                elif other is None:
                    if target != "version.hpp":
                        yield f"{own} includes the umbrella {target}; include what is used"
                elif other not in MAY_INCLUDE.get(module, set()):
                    yield f"{own} includes {target}: {module} may not know {other}"
                continue
            if included == "Eigen/Core":
                if module not in EIGEN_CORE:
                    yield f"{own} includes Eigen; {module} does without"
                continue
            if included in UNWANTED:
                yield f"{own} includes <{included}>, which costs every user compile time"
            outside = "/" in included and not included.startswith("rapport/")
            allowed = [place for name, place in THIRD_PARTY.items() if re.fullmatch(name, included)]
            if allowed and not any(re.fullmatch(place, own) for place in allowed):
                yield f"{own} includes {included}, which belongs under {allowed[0]}"
            if outside and not allowed:
                yield f"{own} includes {included}, which no rule allows"


def self_test():
    """The check must be able to fail: a header against the direction is found."""
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for module in MAY_INCLUDE:
            (root / "include/rapport" / module).mkdir(parents=True)
            (root / "include/rapport" / module / "a.hpp").write_text("#pragma once\n")
            (root / "include/rapport" / module / "b.hpp").write_text("#pragma once\n")
        bad = root / "include/rapport/core/a.hpp"
        (root / "include/rapport/instruments/from_json.hpp").write_text("#pragma once\n#include <nlohmann/json.hpp>\n")
        bad.write_text("#include <rapport/stats/a.hpp>\n#include <Eigen/Core>\n#include <boost/math/distributions/normal.hpp>\n"
                       "#include <nlohmann/json.hpp>\n")
        (root / "include/rapport/instruments/a.hpp").write_text("#include <rapport/instruments/from_json.hpp>\n")
        return len(list(complaints(root))) == 5


if __name__ == "__main__":
    if not self_test():
        sys.exit("include_graph.py does not find the mistakes that it should")
    found = list(complaints(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "every #include runs the right way")
    sys.exit(1 if found else 0)
