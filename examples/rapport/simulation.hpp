// SPDX-License-Identifier: BSL-1.0
// The options of simulated session scores, as `simulate --scores` and `evaluate` take them.
#pragma once

#include <optional>
#include <string>

#include <rapport/simulate/dyads.hpp>

#include "command.hpp"

namespace program {

/// What the command line says about simulated dyads.
struct dyad_request {
  rapport::dyad_options dyads{};
  std::string shape = "any";
  std::optional<double> rupture_rate{};
};

/// Adds an option for each number of dyad_options that the command does not have yet.
/// An option of the same name that is there already is read by read_dyad_options().
void add_dyad_options(CLI::App& command, dyad_request& request);

/// Completes a request after parsing: options shared with another simulation, shape, rate of ruptures. Throws call_error.
void read_dyad_options(const CLI::App& command, dyad_request& request);

/// The planted ruptures as a table.
[[nodiscard]] std::string truth_csv(const rapport::simulated_dyads& simulated);

}  // namespace program
