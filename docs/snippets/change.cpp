// SPDX-License-Identifier: BSL-1.0
// Did one client change by more than the scale's error, and is that recovery?
#include <iostream>
#include <vector>

#include <rapport/reliability.hpp>

namespace rp = rapport;

int main() {
  std::cout.precision(3);
  // The reliability comes from a retest study of the scale.
  const std::vector<double> first = {21, 34, 15, 28, 40, 19, 25, 31, 12, 37, 22, 29};
  const std::vector<double> second = {23, 32, 16, 25, 41, 22, 24, 33, 15, 35, 20, 30};
  const auto retest = rp::test_retest<double>(first, second).value();
  const auto& r = retest.correlation;
  std::cout << "retest r " << r.estimate << " [" << r.interval.lower << ", " << r.interval.upper << "]\n";
  const auto detectable = rp::smallest_detectable_change(retest.error_of_differences).value();
  std::cout << "smallest detectable change " << detectable.estimate << " [" << detectable.interval.lower << ", "
            << detectable.interval.upper << "]\n";

  // A symptom scale: lower is better. The group is the clinic's, before treatment.
  const rp::change_reference<double> group{
      .mean = 29, .sd = 7.4, .reliability = r.estimate, .reliability_interval = r.interval};
  const auto change = rp::reliable_change(group, 31.0, 17.0, {.better = rp::better_scores::lower}).value();
  std::cout << to_string(change.method) << " " << change.index << " [" << change.interval->lower << ", "
            << change.interval->upper << "]: " << to_string(change.verdict) << '\n';

  const auto limits = rp::cutoffs<double>({.measure = "a symptom scale",
                                           .clinical = {{30, 7, "a published study of patients"}},
                                           .functional = {{12, 6, "a published study of others"}},
                                           .better = rp::better_scores::lower})
                          .value();
  std::cout << "cut-off c " << *limits.c << ": " << to_string(rp::classify_change(change, 31.0, 17.0, limits)) << '\n';

  // Alliance inventories have no clinical norm, so they have no cut-offs.
  std::cout << rp::message(rp::cutoffs<double>({.measure = "wai-sr-client"}).error()).view() << '\n';

  // Two sessions of one client, against the error of one session's score.
  const auto moved = rp::session_change(5.2, 4.3, 0.25).value();
  std::cout << "index " << moved.index << ", beyond error: " << (moved.exceeds_error ? "yes" : "no") << "; "
            << moved.note << '\n';
}
