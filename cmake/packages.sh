# SPDX-License-Identifier: BSL-1.0
# Sourced by examples/run and tests/run: brings what a build needs, or says what to install where that is not known.

# say SENTENCE: a line about what happens, with the seconds since the start.
say() { printf '\n== %4d s  %s\n' "$SECONDS" "$*"; }

# has COMMAND: whether a command can be called.
has() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND...: through sudo unless we are root already.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# bring PACKAGE...: installs the Debian packages that are missing. Elsewhere prints their names and stops.
# A package written "command:package" is wanted only if the command is missing.
bring() {
  if ! has apt-get || ! has dpkg-query; then
    print_packages
    has_everything || exit 1
    return 0
  fi
  local missing=()
  local each
  for each in "$@"; do
    case "$each" in
      *:*) has "${each%%:*}" || missing+=("${each#*:}") ;;
      *) [ "$(dpkg-query -W -f='${db:Status-Status}' "$each" 2>/dev/null)" = installed ] || missing+=("$each") ;;
    esac
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
}

# What the headers and programs need, under the names of other package managers.
print_packages() {
  cat >&2 <<'NAMES'
This system has no apt. Install these, then run the script again:
  brew   brew install cmake ninja eigen boost cli11 nlohmann-json npm
  dnf    dnf install gcc-c++ cmake ninja-build eigen3-devel boost-devel cli11-devel json-devel npm
  vcpkg  vcpkg install eigen3 boost-math boost-spirit boost-range cli11 nlohmann-json
  conan  conan install --requires=eigen/3.4.0 --requires=boost/1.83.0 --requires=cli11/2.3.2 --requires=nlohmann_json/3.11.3
The tests also want Catch2, Google Benchmark, ccache, python3, doxygen, clang and Chromium.
npm is optional: without it the report has tables but no figures.
NAMES
}

# Whether a compiler and CMake are here, so that going on makes sense.
has_everything() { has cmake && has ninja && { has c++ || has g++ || has clang++; }; }

# What every build needs on Debian.
build_packages=(git:git g++:g++ cmake:cmake ninja:ninja-build pkg-config:pkg-config
                libeigen3-dev libboost-dev libcli11-dev nlohmann-json3-dev npm:npm)
