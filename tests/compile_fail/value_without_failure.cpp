// SPDX-License-Identifier: BSL-1.0
// says: value_needs_include_rapport_core_failure_hpp
#include <rapport/scoring.hpp>

#if !defined(WRONG)
#include <rapport/core/failure.hpp>
#endif

double total(const int (&answers)[4]) {
  return rapport::score(rapport::instruments::srs_3, answers).value().total().value_or(0);
}
