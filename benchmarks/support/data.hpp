// SPDX-License-Identifier: BSL-1.0
// Data with a fixed seed, in the sizes of studies.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include <rapport/core/index.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/stats/matrix.hpp>
#include <rapport/stats/mixed_model/design.hpp>

namespace bench {

using rapport::index;

inline constexpr std::uint64_t seed = 20240229;

/// A study of clients over sessions.
struct study {
  const char* name;
  index clients;
  index sessions;
};

inline constexpr study small_trial{"small_trial_60x9", 60, 9};
inline constexpr study clinic{"clinic_1000x10", 1000, 10};
inline constexpr study registry{"registry_50000x20", 50000, 20};

/// Persons answering a questionnaire, from a single trial to a national registry.
inline const std::vector<index> questionnaire_sizes{200, 2000, 20000, 200000};
inline constexpr index questionnaire_items = 12;

/// Whole-number answers from 1 to 5 of one factor, persons x items; a share of the cells is NaN.
[[nodiscard]] rapport::stats::matrix<double> item_answers(index persons, index items, double missing_share);

/// The numbers behind simulated growth.
struct growth_truth {
  double intercept = 5.2;
  double slope = 0.05;
  double intercept_sd = 0.8;
  double slope_sd = 0.1;  ///< large enough that no variance is estimated as zero
  double correlation = -0.2;
  double residual_sd = 0.5;
};

/// When clients have scores.
enum class schedule : unsigned char {
  balanced,    ///< in every session: clients share their design
  unbalanced,  ///< one session in ten has no score, so many clients have a design that few others share
  dated        ///< likewise, and time is counted in days: every client has a design of its own
};

/// The word for a schedule, as it stands in the names of benchmarks.
[[nodiscard]] const char* to_string(schedule when) noexcept;

/// Scores that grow linearly, with a level and trend of each client's own; x = z = (1, time), time in sessions from 0.
/// Each client keeps at least three scores.
[[nodiscard]] rapport::stats::mixed_model_data<double> growth_rows(index clients, index sessions, schedule when,
                                                                   const growth_truth& truth = {});

/// The same scores as a panel.
[[nodiscard]] rapport::session_panel panel_of(const rapport::stats::mixed_model_data<double>& rows);

/// One pass that forms each client's cross-products Z'Z and Z'y: the least that a mixed model must do with its data.
/// \param sums  receives z0 z0, z0 z1, z1 z1, z0 y, z1 y of each client
void cross_products(const rapport::stats::mixed_model_data<double>& rows, std::vector<double>& sums);

/// Writes "client,session,score" for peers.
void write_csv(std::ostream& out, const rapport::stats::mixed_model_data<double>& rows);
/// Writes a table with the columns i1, i2, ...; NaN becomes NA.
void write_csv(std::ostream& out, const rapport::stats::matrix<double>& table);

}  // namespace bench
