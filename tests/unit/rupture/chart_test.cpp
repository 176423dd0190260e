// SPDX-License-Identifier: BSL-1.0
// Charts as detectors: small series by hand, gaps, degenerate panels.
#include "rapport_test.hpp"

#include <vector>

namespace rp = rapport;
using rapport::errc;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

rp::session_panel panel_of(const std::vector<std::vector<double>>& rows) {
  std::vector<int> client;
  std::vector<double> session;
  std::vector<double> score;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      client.push_back(static_cast<int>(i) + 1);
      session.push_back(static_cast<double>(j) + 1);
      score.push_back(rows[i][j]);
    }
  }
  return rp::session_panel::make(client, session, score).value();
}

template <class Detector>
rp::detection run(const std::vector<std::vector<double>>& rows, const Detector& detector) {
  return rp::detect(panel_of(rows), detector, {.null_series = 0}).value();
}

const std::vector<double> dip{5, 6, 5, 6, 5, 6, 5, 6, 1, 6, 5, 6, 5, 6, 5};

}  // namespace

TEST_CASE("an individuals chart finds a deep dip", "[rupture]") {
  rp::xmr_chart chart;
  chart.by_median = true;
  const auto found = run({dip}, chart);
  REQUIRE(found.count() == 1);
  const auto& e = found.episodes[0];
  CHECK(e.onset == 9);
  CHECK(e.pre == 8);
  CHECK(e.repair == 10.0);
  double sum = 0;
  for (const double each : dip) sum += each;
  CHECK_CLOSE(e.reference, sum / 15);
  CHECK_CLOSE(e.score, (sum / 15 - 1) / (1 / 0.954));
  CHECK(found.clients[0].n_evaluable == 15);
  // The dip widens the limits of the mean moving range: 5 of 14 ranges of 1 become larger.
  const auto by_mean = run({dip}, rp::xmr_chart{});
  CHECK_CLOSE(by_mean.clients[0].session_score[8].value(), (sum / 15 - 1) / ((12 + 10) / 14.0 / 1.128), 1e-12);

  rp::xmr_chart pooled;
  pooled.spread = rp::chart_spread::pooled;
  CHECK(run({dip, {5, 6, 5, 6, 5, 6, 5, 6}}, pooled).count() == 1);
  // The second Western Electric rule finds two of three beyond two sigma.
  const std::vector<double> twice{5, 6, 5, 6, 5, 6, 5, 6, 3.2, 3.2, 6, 5, 6, 5};
  chart.n_rules = 1;
  chart.n_baseline = 8;
  CHECK(run({twice}, chart).count() == 0);
  chart.n_rules = 2;
  REQUIRE(run({twice}, chart).count() == 1);
  CHECK(run({twice}, chart).episodes[0].onset == 10);
}

TEST_CASE("moving ranges are taken between neighbors only", "[rupture]") {
  std::vector<double> gap = dip;
  gap[3] = na;
  rp::xmr_chart chart;
  const auto found = run({gap}, chart);
  // 14 ranges less the two at the gap: 10 of 1 and two of 5 remain.
  double sum = 0;
  for (const double each : gap) sum += std::isnan(each) ? 0 : each;
  CHECK_CLOSE(found.clients[0].session_score[8].value(), (sum / 14 - 1) / ((10 + 10) / 12.0 / 1.128), 1e-12);
  CHECK_FALSE(found.clients[0].session_score[3]);
}

TEST_CASE("Tukey's fences", "[rupture]") {
  // Sorted 1 5 5 5 6 6 7: median 5, halves (1 5 5 5) and (5 6 6 7), fourths 5 and 6, fence 3.5.
  const auto found = run({{5, 6, 1, 5, 6, 5, 7}}, rp::tukey_chart{});
  REQUIRE(found.count() == 1);
  CHECK(found.episodes[0].onset == 3);
  CHECK(found.episodes[0].reference == 5);
  CHECK(found.episodes[0].score == 4);
  CHECK(found.episodes[0].repair == 4.0);
  CHECK(run({{5, 6, 3.5, 5, 6, 5, 7}}, rp::tukey_chart{}).count() == 0);
  CHECK(run({{5, 5, 1, 5, 5, 5, 5}}, rp::tukey_chart{}).clients[0].not_evaluable != nullptr);
  CHECK(run({{5, 6, 1, 5, 6, 5}}, rp::tukey_chart{}).clients[0].not_evaluable != nullptr);
}

TEST_CASE("a CUSUM dates a lasting fall to its beginning", "[rupture]") {
  const std::vector<double> step{5, 6, 5, 6, 5.5, 5, 3.5, 4, 3.5, 4, 3.5, 6, 5, 6};
  rp::cusum_detector detector;
  detector.spread = rp::chart_spread::own;
  const auto found = run({step}, detector);
  // Baseline: center 5.5, ranges 1 1 1 .5. Sums by hand.
  const double sigma = 3.5 / 4 / 1.128;
  double c = 0;
  std::vector<double> sums;
  for (std::size_t t = 5; t < 11; ++t) {
    c = (std::max)(0.0, c - (step[t] - 5.5) / sigma - 0.5);
    sums.push_back(c);
  }
  REQUIRE(found.count() == 1);
  const auto& e = found.episodes[0];
  CHECK(e.onset == (sums[0] > 0 ? 6 : 7));
  CHECK(e.nadir == 7);
  CHECK(e.repair == 12.0);
  CHECK_CLOSE(e.score, sums.back());
  CHECK_CLOSE(found.clients[0].session_score[7].value(), sums[2]);
  CHECK_FALSE(found.clients[0].session_score[4]);
  CHECK(found.clients[0].n_evaluable == 9);
}

TEST_CASE("an EWMA signals on a lasting fall", "[rupture]") {
  const std::vector<double> step{5, 6, 5, 6, 5.5, 5, 3.5, 4, 3.5, 4, 3.5, 6, 5, 6};
  rp::ewma_detector detector;
  detector.spread = rp::chart_spread::own;
  const auto found = run({step}, detector);
  REQUIRE(found.count() == 1);
  const double sigma = 3.5 / 4 / 1.128;
  const auto chart =
      rp::stats::plot_ewma<double>(std::span<const double>(step).subspan(5), {5.5, sigma, 5}, 0.2, 2.7).value();
  rp::index first = 0;
  while (!chart.is_below(first)) ++first;
  CHECK(found.episodes[0].onset == static_cast<double>(first + 6));
  CHECK(found.episodes[0].repair == 12.0);
}

TEST_CASE("charts on degenerate panels", "[rupture]") {
  const rp::detect_options quick{.null_series = 0};
  const auto constant = panel_of({std::vector<double>(10, 4.0)});
  CHECK(rp::detect(constant, rp::xmr_chart{}, quick)->clients[0].not_evaluable != nullptr);
  CHECK(rp::detect(constant, rp::cusum_detector{}, quick).error().code == errc::zero_variance);
  CHECK(rp::detect(constant, rp::ewma_detector{}, quick).error().code == errc::zero_variance);
  for (const auto& row : {std::vector<double>{5.0}, std::vector<double>{5, 4}, std::vector<double>{5, na, na, na}}) {
    const auto panel = panel_of({row, dip});
    CHECK(rp::detect(panel, rp::xmr_chart{}, quick)->clients[0].not_evaluable != nullptr);
    CHECK(rp::detect(panel, rp::cusum_detector{}, quick)->clients[0].not_evaluable != nullptr);
    CHECK(rp::detect(panel, rp::ewma_detector{}, quick)->clients[0].not_evaluable != nullptr);
    CHECK(rp::detect(panel, rp::tukey_chart{}, quick)->clients[0].not_evaluable != nullptr);
  }
  rp::xmr_chart rules;
  rules.n_rules = 5;
  CHECK(rp::detect(constant, rules, quick).error().subject.view() == "n_rules");
  rp::cusum_detector limit;
  limit.h = na;
  CHECK(rp::detect(constant, limit, quick).error().subject.view() == "h");
  rp::ewma_detector weight;
  weight.lambda = 2;
  CHECK(rp::detect(constant, weight, quick).error().subject.view() == "lambda");
  rp::tukey_chart factor;
  factor.factor = 0;
  CHECK(rp::detect(constant, factor, quick).error().subject.view() == "factor");
}
