// SPDX-License-Identifier: BSL-1.0
// How reliable a scale is: coefficients with intervals, and the item table.
#pragma once

#include <rapport/reliability/alpha.hpp>                  // IWYU pragma: export
#include <rapport/reliability/alpha_comparison.hpp>       // IWYU pragma: export
#include <rapport/reliability/alpha_interval.hpp>         // IWYU pragma: export
#include <rapport/reliability/bland_altman.hpp>           // IWYU pragma: export
#include <rapport/reliability/clinical_change.hpp>        // IWYU pragma: export
#include <rapport/reliability/generalizability.hpp>       // IWYU pragma: export
#include <rapport/reliability/greatest_lower_bound.hpp>   // IWYU pragma: export
#include <rapport/reliability/group_agreement.hpp>        // IWYU pragma: export
#include <rapport/reliability/guttman.hpp>                // IWYU pragma: export
#include <rapport/reliability/icc.hpp>                    // IWYU pragma: export
#include <rapport/reliability/icc_inference.hpp>          // IWYU pragma: export
#include <rapport/reliability/item_statistics.hpp>        // IWYU pragma: export
#include <rapport/reliability/kappa.hpp>                  // IWYU pragma: export
#include <rapport/reliability/kendall.hpp>                // IWYU pragma: export
#include <rapport/reliability/krippendorff.hpp>           // IWYU pragma: export
#include <rapport/reliability/measurement_error.hpp>      // IWYU pragma: export
#include <rapport/reliability/multi_rater.hpp>            // IWYU pragma: export
#include <rapport/reliability/multilevel.hpp>             // IWYU pragma: export
#include <rapport/reliability/omega.hpp>                  // IWYU pragma: export
#include <rapport/reliability/omega_hierarchical.hpp>     // IWYU pragma: export
#include <rapport/reliability/ordinal.hpp>                // IWYU pragma: export
#include <rapport/reliability/ratings.hpp>                // IWYU pragma: export
#include <rapport/reliability/reliable_change.hpp>        // IWYU pragma: export
#include <rapport/reliability/retest.hpp>                 // IWYU pragma: export
#include <rapport/reliability/reversed_items.hpp>         // IWYU pragma: export
#include <rapport/reliability/split_half.hpp>             // IWYU pragma: export
#include <rapport/reliability/two_level_reliability.hpp>  // IWYU pragma: export
