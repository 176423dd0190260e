// SPDX-License-Identifier: BSL-1.0
// How deep a rupture must be to be found, for each instrument of the alliance that has a key, as a table for the docs.
// usage: detectable_depth_table | python3 tests/shared/accuracy_page.py detectable_depth docs/rupture.md
#include <rapport/core/failure.hpp>
#include <rapport/instruments/metadata.hpp>
#include <rapport/rupture/detectable_depth.hpp>

#include <cmath>
#include <cstdio>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;

namespace {

/// Within-client SD of the mean of twelve items from 1 to 7.
struct components {
  double state;
  double error;
};
constexpr components usual{0.30, 0.25};
constexpr components steady{0.20, 0.15};
constexpr components volatile_{0.40, 0.35};

/// What a total is made of.
struct total_score {
  int n_items;
  double lower;
  double upper;
  double points;  // of the total per point of the item mean

  friend bool operator<(const total_score& a, const total_score& b) {
    return std::tie(a.n_items, a.lower, a.upper, a.points) < std::tie(b.n_items, b.lower, b.upper, b.points);
  }
};

total_score total_of(const rp::instrument& form) {
  const auto& items = form.total_items();
  const int n = static_cast<int>(std::distance(items.begin(), items.end()));
  const auto metric = form.total_metric();
  return {n, form.min(), form.max(), metric.times * (metric.kind == rp::score_kind::sum ? n : 1)};
}

/// Stable clients' totals: SD in proportion to the range of an answer, the error as that of a mean of so many items.
stats::session_model<double> model_of(const total_score& total, const components& within) {
  const double unit = (total.upper - total.lower) / 6 * total.points;
  const double error = within.error * std::sqrt(12.0 / total.n_items);
  return {.center = 1,
          .intercept_var = std::pow(0.8 * unit, 2),
          .slope_var = std::pow(0.015 * unit, 2),
          .state_var = std::pow(within.state * unit, 2),
          .state_autocorrelation = 0.3,
          .error_var = std::pow(error * unit, 2)};
}

struct design {
  int sessions;
  int every;  // session that is measured
  int onset;  // session at which the fall begins
  rp::index length;
  bool online;
};

double depth_of(const total_score& total, const components& within, const design& d) {
  std::vector<double> times;
  for (int t = 1; t <= d.sessions; t += d.every) times.push_back(t);
  const auto all = rp::detectable_depth<double>(model_of(total, within), times, {.length = d.length}).value();
  for (const auto& each : all) {
    if (each.session == d.onset) return d.online ? each.online : each.offline;
  }
  return std::nan("");
}

}  // namespace

int main() {
  const design designs[] = {
      {16, 1, 8, 1, true}, {16, 1, 8, 1, false}, {16, 1, 8, 3, false}, {8, 1, 4, 1, true}, {16, 4, 9, 1, true}};
  std::map<total_score, std::string> names;
  for (const auto& entry : rp::instruments::catalogue) {
    if (entry.key == nullptr || !entry.key->has_total() || !entry.is_measure_of("alliance")) continue;
    std::string& all = names[total_of(*entry.key)];
    all += (all.empty() ? "`" : ", `") + std::string(entry.id) + "`";
  }
  std::printf(
      "| total of | items | answers | 16 sessions, one low, as it comes | in hindsight | three low, in hindsight | "
      "8 sessions, one low, as it comes | every fourth of 16, as it comes |\n|---|---|---|---|---|---|---|---|\n");
  for (const auto& [total, ids] : names) {
    std::printf("| %s | %d | %g to %g |", ids.c_str(), total.n_items, total.lower, total.upper);
    for (const auto& d : designs)
      std::printf(" %.1f (%.1f to %.1f) |", depth_of(total, usual, d), depth_of(total, steady, d),
                  depth_of(total, volatile_, d));
    std::printf("\n");
  }
}
