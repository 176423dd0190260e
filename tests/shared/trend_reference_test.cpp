// SPDX-License-Identifier: BSL-1.0
// Simple trends of every client of the reference cases.
#include "growth_reference.hpp"

#include <rapport/stats/trend.hpp>

using rapport_test::reference_case;
using rapport_test::reference_table;

TEST_CASE("least squares, Theil-Sen and Mann-Kendall of each client", "[shared]") {
  if (!rapport_test::have_references()) return;
  for (const auto& [name, time, y] :
       {std::tuple("trend_sleep", "days", "y"), std::tuple("trend_btheb", "month", "bdi")}) {
    auto r = reference_case::read(name);
    const auto table = reference_table::read(r.file["data"]);
    const auto t = table.numbers(time);
    const auto score = table.numbers(y);
    const auto& id = table.texts("id");
    std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> series;
    for (std::size_t i = 0; i < id.size(); ++i) {
      series[id[i]].first.push_back(t[i]);
      series[id[i]].second.push_back(score[i]);
    }
    std::map<std::string, std::vector<double>> found;
    std::vector<std::size_t> known;  // clients with three scores or more
    const auto ids = r.names("ids");
    const auto n = r.list("n");
    for (std::size_t c = 0; c < ids.size(); ++c) {
      const auto& [times, scores] = series[ids[c]];
      const auto line = rapport::stats::least_squares_trend_of<double>(times, scores);
      if (n[c] < 3) {
        CHECK(line.error().code == rapport::errc::too_few_rows);
        continue;
      }
      known.push_back(c);
      const auto sen = rapport::stats::theil_sen<double>(times, scores).value();
      const auto kendall = rapport::stats::mann_kendall<double>(times, scores).value();
      CHECK(static_cast<double>(line->n) == n[c]);
      found["ols_intercept"].push_back(line->intercept);
      found["ols_slope"].push_back(line->slope);
      found["ols_slope_se"].push_back(line->slope_se);
      found["ols_sigma"].push_back(line->residual_sd);
      found["ols_p"].push_back(line->p);
      found["theilsen_slope"].push_back(sen.slope);
      found["theilsen_intercept_median_resid"].push_back(sen.intercept);
      found["theilsen_ci_lower"].push_back(sen.interval.lower);
      found["theilsen_ci_upper"].push_back(sen.interval.upper);
      found["mk_S"].push_back(static_cast<double>(kendall.s));
      found["mk_varS"].push_back(kendall.variance);
      found["mk_Z"].push_back(kendall.z);
      found["mk_p"].push_back(kendall.p);
      found["kendall_tau_a"].push_back(kendall.tau_a);
      found["kendall_tau_b"].push_back(kendall.tau_b);
    }
    for (const auto& [key, values] : found) {
      const auto all = r.list(key);
      std::vector<double> wanted;
      for (const std::size_t c : known) wanted.push_back(all[c]);
      // Slopes near zero are differences of scores: compared with a hundredth of a point.
      r.check_against(key, values, wanted, std::vector<double>(wanted.size(), 0.01));
    }
    CHECK(r.checked == 15);
  }
}
