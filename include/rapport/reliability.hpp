// SPDX-License-Identifier: BSL-1.0
// How reliable a scale is: coefficients with intervals, and the item table.
#pragma once

#include <rapport/reliability/alpha.hpp>               // IWYU pragma: export
#include <rapport/reliability/alpha_comparison.hpp>    // IWYU pragma: export
#include <rapport/reliability/alpha_interval.hpp>      // IWYU pragma: export
#include <rapport/reliability/guttman.hpp>             // IWYU pragma: export
#include <rapport/reliability/item_statistics.hpp>     // IWYU pragma: export
#include <rapport/reliability/omega.hpp>               // IWYU pragma: export
#include <rapport/reliability/omega_hierarchical.hpp>  // IWYU pragma: export
#include <rapport/reliability/ordinal.hpp>             // IWYU pragma: export
#include <rapport/reliability/reversed_items.hpp>      // IWYU pragma: export
#include <rapport/reliability/split_half.hpp>          // IWYU pragma: export
