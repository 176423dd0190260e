// SPDX-License-Identifier: BSL-1.0
// Controls: real series, both ways up, whose flagged sessions are replaced by what stable clients would have shown there,
// given their other scores. What is then found may not exceed what chance has expected.
#include <rapport/core/failure.hpp>
#include <rapport/rupture.hpp>

#include <Eigen/Cholesky>

#include "reference_file.hpp"

namespace rp = rapport;
namespace stats = rapport::stats;
using rp::as_size;

namespace {

constexpr int n_controls = 10;

rp::session_panel panel_of(const reference::panel& data, double sign) {
  std::vector<std::string> client;
  std::vector<double> session;
  std::vector<double> score;
  for (const auto& [id, one] : data) {
    for (std::size_t t = 0; t < one.score.size(); ++t) {
      client.push_back(id);
      session.push_back(one.session[t]);
      score.push_back(sign * one.score[t]);
    }
  }
  return rp::session_panel::make(client, session, score).value();
}

/// Draws the scores at `replaced` positions from the model, given the client's other scores.
std::vector<double> with_replaced(const stats::session_model<double>& m, const rp::session_series<double>& y,
                                  const std::vector<bool>& replaced, rp::random_stream& random) {
  std::vector<double> out(y.score.begin(), y.score.end());
  std::vector<rp::index> kept, drawn;
  for (rp::index t = 0; t < y.size(); ++t) {
    if (y.is_observed(t)) (replaced[as_size(t)] ? drawn : kept).push_back(t);
  }
  if (drawn.empty()) return out;
  const auto covariance = [&](rp::index a, rp::index b) {
    const double u = y.session[as_size(a)] - m.center, v = y.session[as_size(b)] - m.center;
    return m.intercept_var + m.intercept_slope_cov * (u + v) + m.slope_var * u * v +
           m.state_var * std::pow(m.state_autocorrelation, std::fabs(u - v)) + (a == b ? m.error_var : 0);
  };
  const auto block = [&](const std::vector<rp::index>& rows, const std::vector<rp::index>& columns) {
    stats::matrix<double> c(std::ssize(rows), std::ssize(columns));
    for (rp::index i = 0; i < c.rows(); ++i) {
      for (rp::index j = 0; j < c.cols(); ++j) c(i, j) = covariance(rows[as_size(i)], columns[as_size(j)]);
    }
    return c;
  };
  stats::vector<double> mean(std::ssize(drawn));
  for (rp::index i = 0; i < mean.size(); ++i) mean(i) = m.mean_at(y.session[as_size(drawn[as_size(i)])]);
  stats::matrix<double> spread = block(drawn, drawn);
  if (!kept.empty()) {
    const stats::matrix<double> across = block(drawn, kept);
    const Eigen::LLT<stats::matrix<double>> of_kept(block(kept, kept));
    stats::vector<double> off(std::ssize(kept));
    for (rp::index i = 0; i < off.size(); ++i)
      off(i) = y[kept[as_size(i)]] - m.mean_at(y.session[as_size(kept[as_size(i)])]);
    mean += across * of_kept.solve(off);
    spread -= across * of_kept.solve(across.transpose());
  }
  stats::vector<double> noise(mean.size());
  for (rp::index i = 0; i < noise.size(); ++i) noise(i) = random.normal();
  const stats::vector<double> values = mean + Eigen::LLT<stats::matrix<double>>(spread).matrixL() * noise;
  for (rp::index i = 0; i < values.size(); ++i) out[as_size(drawn[as_size(i)])] = values(i);
  return out;
}

rp::session_panel control_of(const rp::session_panel& panel, const rp::detection& found,
                             const stats::session_model<double>& model, int number) {
  std::vector<std::string> client;
  std::vector<double> session;
  std::vector<double> score;
  for (rp::index c = 0; c < panel.n_clients(); ++c) {
    const auto y = panel.series(c);
    std::vector<bool> replaced(as_size(y.size()), false);
    for (const auto& e : found.episodes) {
      if (e.client_position != c) continue;
      for (rp::index t = e.onset_at; t < e.repair_at.value_or(y.size()); ++t) replaced[as_size(t)] = true;
    }
    rp::random_stream random(static_cast<std::uint64_t>(number), static_cast<std::uint64_t>(c));
    const auto now = with_replaced(model, y, replaced, random);
    for (rp::index t = 0; t < y.size(); ++t) {
      client.push_back(panel.client_id(c));
      session.push_back(y.session[as_size(t)]);
      score.push_back(now[as_size(t)]);
    }
  }
  return rp::session_panel::make(client, session, score).value();
}

template <class Detector>
void compare(reference::ledger& ledger, const std::string& where, const rp::session_panel& panel,
             const Detector& detector) {
  rp::detect_options options;
  options.null_series = 49;
  options.n_threads = 1;
  const auto model = stats::fit_stable_clients(panel).value();
  const auto found = rp::detect(panel, detector, options).value();
  double observed = 0;
  double expected = 0;
  for (int k = 0; k < n_controls; ++k) {
    const auto again = rp::detect(control_of(panel, found, model, k), detector, options).value();
    observed += static_cast<double>(again.count()) / n_controls;
    expected += again.expected_if_stable.value() / n_controls;
  }
  std::fprintf(stderr, "%s %s: %td episodes, %.1f expected; replaced: %.1f, %.1f expected\n", where.c_str(),
               found.info.name, found.count(), found.expected_if_stable.value(), observed, expected);
  // The sessions that are kept are the same in all controls, so the scatter is that of one panel: two Poisson SD.
  ledger.equal(std::string("controls show no more than expected: ") + found.info.name, where,
               observed <= expected + 2 * std::sqrt(expected), true);
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = reference::folder("rupture");
  if (!std::filesystem::is_directory(folder)) return reference::skipped(folder);
  reference::ledger ledger;
  for (const char* name : {"real_sgdata_bdi", "real_ovary"}) {
    const auto data = reference::read_panel(folder / (std::string(name) + ".csv"));
    for (const double sign : {1.0, -1.0}) {
      const auto panel = panel_of(data, sign);
      const std::string where = std::string(name) + (sign > 0 ? "" : "_turned");
      compare(ledger, where, panel, rp::drop_repair{});
      compare(ledger, where, panel, rp::gumz2012());
      compare(ledger, where, panel, rp::stiles2004_like());
      compare(ledger, where, panel, rp::xmr_chart{});
      compare(ledger, where, panel, rp::residual_detector{});
      compare(ledger, where, panel, rp::innovations());
      compare(ledger, where, panel, rp::leave_one_out());
      compare(ledger, where, panel, rp::pulse_scan());
    }
  }
  return ledger.verdict(argc, argv);
}
