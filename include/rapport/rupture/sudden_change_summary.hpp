// SPDX-License-Identifier: BSL-1.0
// What is done with sudden changes: one per person, counts, cases that can be judged, a cutoff from a reliability.
#pragma once

#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/rupture/sudden_change.hpp>
#include <rapport/stats/session_spread.hpp>

namespace rapport {

/// Which of a person's changes stands for all.
enum class change_choice : unsigned char {
  first,
  last,
  smallest,  ///< by the signed magnitude, the earliest of equals; of rises that is the largest
  largest
};

/// The change that stands for each person.
/// \param changes    of find_sudden_changes
/// \param n_persons  rows of the table
/// \param choice     which one
/// \return        position in `changes` per person; empty without a change
/// Missing:       smallest and largest of a person who has a change of unknown magnitude are unknown: empty
/// R:             suddengains::create_byperson
template <class Scalar>
[[nodiscard]] std::vector<std::optional<index>> choose_changes(std::span<const basic_sudden_change<Scalar>> changes,
                                                               index n_persons, change_choice choice) {
  std::vector<std::optional<index>> out(as_size(n_persons));
  std::vector<bool> unknown(as_size(n_persons), false);
  for (index k = 0; k < std::ssize(changes); ++k) {
    const auto& each = changes[as_size(k)];
    auto& chosen = out[as_size(each.person)];
    if (choice == change_choice::first || choice == change_choice::last) {
      if (!chosen || choice == change_choice::last) chosen = k;
      continue;
    }
    if (!each.magnitude) unknown[as_size(each.person)] = true;
    if (unknown[as_size(each.person)]) continue;
    const Scalar& size = *each.magnitude;
    const Scalar so_far = chosen ? *changes[as_size(*chosen)].magnitude : size;
    if (!chosen || (choice == change_choice::smallest ? size < so_far : so_far < size)) chosen = k;
  }
  for (index i = 0; i < n_persons; ++i) {
    if (unknown[as_size(i)]) out[as_size(i)].reset();
  }
  return out;
}

/// Counts and sizes of changes; shares and moments are empty where there is nothing to divide by.
template <class Scalar>
struct basic_sudden_change_summary {
  index n = 0;           ///< changes, or persons
  index n_changes = 0;   ///< changes of those
  index n_with = 0;      ///< rows with a change
  index n_multiple = 0;  ///< rows of persons with more than one
  index n_reversed = 0;
  std::optional<Scalar> mean_magnitude{};
  std::optional<Scalar> sd_magnitude{};
};

/// Describes all changes, one row each.
/// R: suddengains::describe_sg(sg_data_structure = "bysg"), which rounds to two digits
template <class Scalar>
[[nodiscard]] basic_sudden_change_summary<Scalar> summarize(std::span<const basic_sudden_change<Scalar>> changes) {
  basic_sudden_change_summary<Scalar> out;
  stats::detail::running_moments<Scalar> sizes;
  for (const auto& each : changes) {
    ++out.n_with;
    out.n_multiple += each.n_of_person > 1 ? 1 : 0;
    out.n_reversed += each.reversed ? 1 : 0;
    if (each.magnitude) sizes.add(*each.magnitude);
  }
  out.n = out.n_changes = out.n_with;
  if (sizes.n > 0) out.mean_magnitude = sizes.mean;
  out.sd_magnitude = sizes.sd();
  return out;
}

/// Describes persons by the change that stands for each.
/// \param changes  of find_sudden_changes
/// \param chosen   of choose_changes
/// \return      counts over persons; n_changes counts all changes of the persons who have a chosen one
/// R:           suddengains::describe_sg(sg_data_structure = "byperson"), which rounds to two digits
template <class Scalar>
[[nodiscard]] basic_sudden_change_summary<Scalar> summarize(std::span<const basic_sudden_change<Scalar>> changes,
                                                            std::span<const std::optional<index>> chosen) {
  std::vector<basic_sudden_change<Scalar>> of_persons;
  index n_changes = 0;
  for (const auto& each : chosen) {
    if (!each) continue;
    of_persons.push_back(changes[as_size(*each)]);
    n_changes += of_persons.back().n_of_person;
  }
  auto out = summarize<Scalar>(std::span<const basic_sudden_change<Scalar>>(of_persons));
  out.n = std::ssize(chosen);
  out.n_changes = n_changes;
  return out;
}

/// How many intervals between sessions could be judged.
struct interval_counts {
  index total = 0;          ///< between neighbouring columns
  index looked_at = 0;      ///< without those at the ends
  index available = 0;      ///< all three criteria could be judged
  index not_available = 0;  ///< the rest of the jumps
};

/// Counts the intervals that all three criteria can judge.
/// \param scores             persons x sessions
/// \param first_is_baseline  as in the rule; `looked_at` is then one more per person than the jumps, as in the package
/// \return                the counts
/// Errors:                those of find_sudden_changes
/// R:                     suddengains::count_intervals
template <class Scalar>
[[nodiscard]] result<interval_counts> count_intervals(const basic_response_matrix<Scalar>& scores,
                                                      bool first_is_baseline = false) {
  basic_sudden_change_rule<Scalar> rule;
  rule.cutoff = Scalar(1);
  rule.first_is_baseline = first_is_baseline;
  const auto found = find_sudden_changes(scores, rule);
  if (!found) return found.error();
  interval_counts out;
  out.total = (scores.n_items() - 1) * scores.n_persons();
  out.looked_at = out.total - (first_is_baseline ? 1 : 2) * scores.n_persons();
  for (const auto& verdict : found->verdicts) ++(verdict.all ? out.available : out.not_available);
  return out;
}

/// Whether a row has scores enough somewhere for the criteria: four in a row, or five or six columns with one or two
/// of the inner ones missing.
/// R: suddengains::select_cases(method = "pattern")
template <class Scalar>
[[nodiscard]] bool has_judgeable_pattern(std::span<const Scalar> row) {
  constexpr std::string_view patterns[] = {"1111", "11101", "10111", "101101"};
  for (const std::string_view pattern : patterns) {
    for (std::size_t from = 0; from + pattern.size() <= row.size(); ++from) {
      bool fits = true;
      for (std::size_t k = 0; k < pattern.size(); ++k) fits = fits && is_missing(row[from + k]) == (pattern[k] == '0');
      if (fits) return true;
    }
  }
  return false;
}

/// A change of one person that error of measurement alone would rarely show.
template <class Scalar>
struct basic_reliable_cutoff {
  Scalar sem{};            ///< standard error of measurement: sd sqrt(1 - reliability)
  Scalar difference_se{};  ///< of the difference of two scores: sem sqrt(2)
  Scalar cutoff{};         ///< 1.96 difference_se
};

/// The cutoff of criterion 1 from a reliability.
/// \param sd           SD of the scores before treatment
/// \param reliability  of the scores, in [0, 1]
/// \return          the cutoff and what it is made of
/// Errors:          errc::invalid_option
/// Reference:       Jacobson & Truax (1991), doi 10.1037/0022-006X.59.1.12
/// R:               suddengains::define_crit1_cutoff(sd = sd, reliability = reliability)
template <class Scalar>
[[nodiscard]] result<basic_reliable_cutoff<Scalar>> reliable_cutoff(const Scalar& sd, const Scalar& reliability) {
  using std::isfinite;
  using std::sqrt;
  const auto refuse = [](const char* what, const Scalar& value, double upper) {
    return error{.code = errc::invalid_option,
                 .function = "reliable_cutoff",
                 .value = static_cast<double>(value),
                 .lower = 0,
                 .upper = upper,
                 .subject = what};
  };
  if (!(sd >= 0 && isfinite(sd))) return refuse("sd", sd, 1e300);
  if (!(reliability >= 0 && reliability <= 1)) return refuse("reliability", reliability, 1);
  basic_reliable_cutoff<Scalar> out;
  out.sem = sd * sqrt(Scalar(1 - reliability));
  out.difference_se = sqrt(Scalar(2 * (out.sem * out.sem)));
  out.cutoff = out.difference_se * Scalar(1.96);
  return out;
}

}  // namespace rapport
