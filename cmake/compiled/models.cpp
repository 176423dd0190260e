// SPDX-License-Identifier: BSL-1.0
// The models' costly templates, for double; those of the core are in the file beside.
#define RAPPORT_COMPILED

#include <rapport/stats.hpp>

#undef RAPPORT_INSTANCE
#define RAPPORT_INSTANCE(...) template __VA_ARGS__

#include <rapport/rapport.hpp>
