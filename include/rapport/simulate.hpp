// SPDX-License-Identifier: BSL-1.0
// Data with a known truth.
#pragma once

#include <rapport/simulate/dyads.hpp>      // IWYU pragma: export
#include <rapport/simulate/therapies.hpp>  // IWYU pragma: export
