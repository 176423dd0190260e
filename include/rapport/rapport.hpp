// SPDX-License-Identifier: BSL-1.0
// The whole library. Programs compile faster with the header of the module they use.
#pragma once

#include <rapport/core/random.hpp>               // IWYU pragma: export
#include <rapport/data/date.hpp>                 // IWYU pragma: export
#include <rapport/growth.hpp>                    // IWYU pragma: export
#include <rapport/instruments.hpp>               // IWYU pragma: export
#include <rapport/reliability.hpp>               // IWYU pragma: export
#include <rapport/rupture.hpp>                   // IWYU pragma: export
#include <rapport/scoring.hpp>                   // IWYU pragma: export
#include <rapport/scoring/audit.hpp>             // IWYU pragma: export
#include <rapport/scoring/batch.hpp>             // IWYU pragma: export
#include <rapport/scoring/record.hpp>            // IWYU pragma: export
#include <rapport/scoring/response_pattern.hpp>  // IWYU pragma: export
#include <rapport/simulate.hpp>                  // IWYU pragma: export
#include <rapport/stats.hpp>                     // IWYU pragma: export
