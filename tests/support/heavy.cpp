// SPDX-License-Identifier: BSL-1.0
// Exists so that its precompiled header can be shared.
#include "rapport_test.hpp"
