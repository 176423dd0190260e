// SPDX-License-Identifier: BSL-1.0
// The statistical core, usable by itself.
#pragma once

#include <rapport/stats/covariance.hpp>                // IWYU pragma: export
#include <rapport/stats/distribution/chi_squared.hpp>  // IWYU pragma: export
#include <rapport/stats/distribution/fisher_f.hpp>     // IWYU pragma: export
#include <rapport/stats/distribution/normal.hpp>       // IWYU pragma: export
#include <rapport/stats/distribution/student_t.hpp>    // IWYU pragma: export
#include <rapport/stats/mixed_model.hpp>               // IWYU pragma: export
#include <rapport/stats/parallel.hpp>                  // IWYU pragma: export
#include <rapport/stats/session_filter.hpp>            // IWYU pragma: export
#include <rapport/stats/session_model.hpp>             // IWYU pragma: export
#include <rapport/stats/session_spread.hpp>            // IWYU pragma: export
#include <rapport/stats/stable_clients.hpp>            // IWYU pragma: export
#include <rapport/stats/trend.hpp>                     // IWYU pragma: export
