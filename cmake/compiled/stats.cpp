// SPDX-License-Identifier: BSL-1.0
// The statistical core's costly templates, for double.
#define RAPPORT_INSTANCE(...) template __VA_ARGS__

#include <rapport/stats.hpp>
