// SPDX-License-Identifier: BSL-1.0
// The analyses behind the subcommands, as JSON: what `rapport report` puts together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <rapport/growth/covariates.hpp>
#include <rapport/rupture/any_detector.hpp>
#include <rapport/stats/session_model.hpp>

#include "command.hpp"

namespace program {

/// A result, and whether all of it could be computed (exit status 3 if not).
struct analysis {
  json result{};
  bool complete = true;
};

/// Adds a reason to "warnings" and marks the analysis incomplete.
void give_up(analysis& of, const std::string& reason);

/// Prints JSON, and says on standard error why it is incomplete if it is. Throws computation_error then.
void print_json(const analysis& of);

/// Items that belong together.
struct scale_items {
  std::string name{};
  std::vector<std::string> item_names{};
  rapport::response_matrix answers{};  ///< reversed items reversed
};

struct reliability_request {
  std::string missing = "pairwise";
  double level = 0.95;
  std::vector<std::string> intervals{};  ///< kinds for alpha, by name; empty: the default alone
  bool ordinal = false;                  ///< also the coefficients that rest on polychoric correlations
  rapport::index replicates = 1999;      ///< of bootstraps
  std::uint64_t seed = 20240229;
  rapport::index threads = 0;
};

[[nodiscard]] analysis analyse_reliability(const std::vector<scale_items>& scales, const reliability_request& request);

struct factor_request {
  rapport::index factors = 1;
  std::string method = "ml";
  std::string rotate = "oblimin";
  std::string missing = "listwise";
  bool polychoric = false;
  std::uint64_t seed = 20240229;
  rapport::index threads = 0;
};

[[nodiscard]] analysis analyse_factors(const scale_items& items, const factor_request& request);

struct growth_request {
  std::string shape = "linear";
  std::string random = "slope";
  std::string method = "reml";
  std::string df = "satterthwaite";
  std::string time_name = "session";
  std::string residual = "iid";
  std::string interval = "wald";
  rapport::index replicates = 999;  ///< of the bootstrap
  std::uint64_t seed = 20240229;
  rapport::index threads = 0;
  bool therapists = false;  ///< the panel names them
  double center = 0;
  double level = 0.95;
  std::vector<rapport::growth_covariate> covariates{};  ///< in the order of the table's rows
  std::vector<std::string> strata{};                    ///< of the errors, with --residual by:COLUMN; likewise
};

/// The random parts of `rapport growth`, for option checks.
[[nodiscard]] const std::vector<std::string>& growth_random_parts();

[[nodiscard]] analysis analyse_growth(const session_table& table, const growth_request& request);

struct rupture_request {
  std::vector<std::string> detectors{};
  std::vector<std::string> settings{};  ///< "key=value"
  rapport::index null_series = 999;
  std::uint64_t seed = 20240229;
  rapport::index threads = 0;
  bool null_lines = false;  ///< stable clients differ in level and trend alone
  bool series = false;      ///< put the statistic of every session into the result
  bool lower_is_better = false;
  bool consensus = false;                                 ///< also the consensus of the detectors, as the last of them
  std::vector<rapport::any_detector>* members = nullptr;  ///< where the detectors that run are collected for it
  /// For the probability of a repair; fitted to the table by analyse_rupture if empty.
  std::optional<rapport::stats::session_model<double>> stable_clients{};
  std::optional<double> reliability{};  ///< these three tell the measurement error of a score
  std::optional<double> sd{};
  std::optional<double> sem{};
};

[[nodiscard]] analysis analyse_rupture(const session_table& table, const rupture_request& request);
/// The detectors with their options, defaults and sources.
[[nodiscard]] json list_detectors();
/// The episodes of a result of analyse_rupture as a table.
[[nodiscard]] std::string episodes_csv(const json& result);

}  // namespace program
