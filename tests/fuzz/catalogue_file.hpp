// SPDX-License-Identifier: BSL-1.0
// The instruments of a catalogue file, for the fuzz driver.
#pragma once

#include <vector>

#include <rapport/instruments/instrument.hpp>

/// Every key of the catalogue, in its order; empty, and a sentence on standard error, if one is wrong.
std::vector<rapport::instrument> from_file(const char* path);
