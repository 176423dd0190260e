// SPDX-License-Identifier: BSL-1.0
// says: value_needs_include_rapport_core_failure_hpp
#include <rapport/instruments.hpp>

#if !defined(WRONG)
#include <rapport/core/failure.hpp>
#endif

void check(const rapport::instrument& made_at_run_time) { made_at_run_time.check().value(); }
