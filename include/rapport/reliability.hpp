// SPDX-License-Identifier: BSL-1.0
// How reliable a scale is: coefficients with intervals, and the item table.
#pragma once

#include <rapport/reliability/alpha.hpp>              // IWYU pragma: export
#include <rapport/reliability/clinical_change.hpp>    // IWYU pragma: export
#include <rapport/reliability/group_agreement.hpp>    // IWYU pragma: export
#include <rapport/reliability/icc.hpp>                // IWYU pragma: export
#include <rapport/reliability/icc_inference.hpp>      // IWYU pragma: export
#include <rapport/reliability/item_statistics.hpp>    // IWYU pragma: export
#include <rapport/reliability/measurement_error.hpp>  // IWYU pragma: export
#include <rapport/reliability/reliable_change.hpp>    // IWYU pragma: export
#include <rapport/reliability/retest.hpp>             // IWYU pragma: export
