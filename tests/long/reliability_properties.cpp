// SPDX-License-Identifier: BSL-1.0
// Properties of the reliability coefficients on many random tables; tests/property checks the same on a few.
//
// usage: reliability_properties [TABLES [FIRST]]     100000 from 0 unless told otherwise; exit 1 if one does not hold
#include <cstdio>
#include <cstdlib>

#include "reliability_properties.hpp"

int main(int argc, char** argv) {
  const int tables = argc > 1 ? std::atoi(argv[1]) : 100000;
  const int first = argc > 2 ? std::atoi(argv[2]) : 0;
  const auto r = properties::check_tables(first, first + tables);
  long broken = 0;
  std::printf("%d tables\n", tables);
  for (const auto& [property, n] : r.checks()) {
    std::printf("%8ld of %8ld  %s", n.seen - n.broken, n.seen, property.c_str());
    if (n.broken > 0) std::printf("  BROKEN, first by table %d", n.first_broken);
    std::printf("\n");
    broken += n.broken;
  }
  std::printf("refusals, by reason:\n");
  for (const auto& [reason, count] : r.refusals()) std::printf("%8ld  %s\n", count, reason.c_str());
  return broken == 0 ? 0 : 1;
}
