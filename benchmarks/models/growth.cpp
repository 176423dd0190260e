// SPDX-License-Identifier: BSL-1.0
// Growth curves from a panel to tests of the mean curve and every client's line.
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include <rapport/growth.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;

struct panel_study : bench::study {
  bench::growth_truth truth{};
};

// The size, means and variances of the sleep deprivation study that lme4 ships (Belenky et al. 2003).
const panel_study studies[] = {
    {{"sleepstudy_18x10", 18, 10}, {250, 10, 25, 6, 0.1, 25}},
    {bench::clinic, {}},
    {{"registry_10000x10", 10000, 10}, {}},
};

void growth_fit(benchmark::State& state, const panel_study& study) {
  const auto rows = bench::growth_rows(study.clients, study.sessions, bench::schedule::balanced, study.truth);
  const auto panel = bench::panel_of(rows);
  const auto coding = rapport::linear{}.random_slope();
  const auto fit = rapport::fit_growth(panel, coding).value();

  // In a balanced study the mean curve is the mean of the clients' own lines, its covariance that of the lines over
  // their number, and Satterthwaite's df is the number of clients less one. 1e-8: results of an optimiser that goes to
  // the last digits; df 1e-6: second derivatives.
  bench::check(fit.model().report.status == rapport::stats::fit_status::converged, "the fit has not converged");
  const auto n = static_cast<double>(study.clients);
  rapport::stats::matrix<double> lines(2, study.clients);
  for (index c = 0; c < study.clients; ++c) lines.col(c) = fit.client_curves()[rapport::as_size(c)].ols;
  const rapport::stats::matrix<double> x = rows.x.topRows(study.sessions);
  const rapport::stats::vector<double> first =
      (x.transpose() * x).ldlt().solve(x.transpose() * rows.y.head(study.sessions));
  bench::check_close((lines.col(0) - first).cwiseAbs().maxCoeff(), 0, 1e-10, "the first client's own line");
  const rapport::stats::vector<double> mean = lines.rowwise().mean();
  const rapport::stats::matrix<double> deviation = lines.colwise() - mean;
  for (index j = 0; j < 2; ++j) {
    const auto& found = fit.fixed()[rapport::as_size(j)];
    bench::check_close(found.estimate, mean(j), 1e-8, "a coefficient of the mean curve");
    bench::check_close(found.standard_error, deviation.row(j).norm() / std::sqrt((n - 1) * n), 1e-8,
                       "its standard error");
    bench::check_close(found.df, n - 1, 1e-6, "its degrees of freedom");
  }

  std::vector<double> sums;
  bench::compare(
      state,
      {.n = {{"clients", study.clients}, {"rows", rows.y.size()}},
       .floor = "one pass forming Z'Z and Z'y of every client",
       .answer = fit.criterion()},
      [&] { return rapport::fit_growth(panel, coding); }, [&] { bench::cross_products(rows, sums); });
}

const bench::registration add_all([] {
  for (const auto& study : studies) {
    if (bench::current_settings().skips(study.clients * study.sessions)) continue;
    const std::string name = std::string("models/growth_fit/") + study.name;
    bench::add(name, [&](benchmark::State& state) { growth_fit(state, study); });
    bench::add_table(name, "growth", std::string("growth_") + study.name + ".csv", [&](std::ostream& out) {
      bench::write_csv(out, bench::growth_rows(study.clients, study.sessions, bench::schedule::balanced, study.truth));
    });
  }
});

}  // namespace
