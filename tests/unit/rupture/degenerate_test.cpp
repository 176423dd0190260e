// SPDX-License-Identifier: BSL-1.0
// Panels at the edge of what can be judged, before every detector: refused, a reason, or a finite result.
#include "rapport_test.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using rapport::errc;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

rapport::result<rapport::session_panel> panel_of(const std::vector<std::vector<double>>& courses,
                                                 const rapport::panel_options<double>& options = {}) {
  std::vector<int> client;
  std::vector<double> session;
  std::vector<double> score;
  for (std::size_t c = 0; c < courses.size(); ++c) {
    for (std::size_t t = 0; t < courses[c].size(); ++t) {
      client.push_back(static_cast<int>(c));
      session.push_back(static_cast<double>(t + 1));
      score.push_back(courses[c][t]);
    }
  }
  return rapport::session_panel::make(client, session, score, options);
}

/// Calls f with each detector of the library.
template <class F>
void with_each_detector(const F& f) {
  f(rapport::drop_repair{});
  f(rapport::stiles2004_like());
  f(rapport::strauss2006_like());
  f(rapport::stevens2007_like());
  f(rapport::gumz2012());
  f(rapport::mclaughlin2014_like());
  f(rapport::larsson2018_like());
  f(rapport::session_alert{});
  f(rapport::reliable_fall{.sem = 0.3});
  f(rapport::residual_detector{});
  f(rapport::residual_detector{.deleted = true});
  f(rapport::xmr_chart{});
  rapport::xmr_chart by_median;
  by_median.by_median = true;
  f(by_median);
  f(rapport::tukey_chart{});
  f(rapport::cusum_detector{});
  f(rapport::ewma_detector{});
  f(rapport::segment_detector{});
  f(rapport::online_change_detector{});
  f(rapport::state_detector{});
  f(rapport::sudden_losses());
  f(rapport::sudden_gains());
  f(rapport::corrected_sudden_change{});
  f(rapport::innovations());
  f(rapport::leave_one_out());
  f(rapport::pulse_scan());
}

/// What comes out of it is an error with a sentence, or finite numbers with a reason for each series not judged.
template <class Detector>
void check_sane(const rapport::session_panel& panel, const Detector& detector, rapport::index null_series) {
  rapport::detect_options options;
  options.null_series = null_series;
  options.n_threads = 1;
  const auto found = rapport::detect(panel, detector, options);
  if (!found) {
    CHECK(std::string(message(found.error()).c_str()).size() > 10);
    return;
  }
  INFO(found->info.name);
  for (const auto& client : found->clients) {
    // Nothing that could be judged, and nothing said about why, is silence.
    CHECK((client.not_evaluable != nullptr || client.n_evaluable > 0));
    for (const auto& score : client.session_score) {
      if (score && !std::isfinite(*score)) FAIL_CHECK("a session's statistic is not finite");
    }
  }
  for (const auto& e : found->episodes) {
    CHECK(std::isfinite(e.depth));
    CHECK(std::isfinite(e.score));
    CHECK(std::isfinite(e.recovery));
    CHECK(e.pre < e.onset);
    CHECK(e.onset <= e.nadir);
  }
}

}  // namespace

TEST_CASE("panels that are none are refused by name", "[rupture][degenerate]") {
  CHECK(panel_of({}).error().code == errc::no_data);
  CHECK(panel_of({{5, infinity, 4}}).error().code == errc::not_finite);
  CHECK(panel_of({{5, -infinity, 4}}).error().code == errc::not_finite);
  CHECK(panel_of({{5, 8, 4}}, {.range = {{1, 7, 1}}}).error().code == errc::score_out_of_range);
  const std::vector<int> client{1, 1, 1};
  const std::vector<double> session{1, 2, 2};
  const std::vector<double> score{5, 4, 3};
  CHECK(rapport::session_panel::make(client, session, score).error().code == errc::duplicate_session);
}

TEST_CASE("one client with hardly any session, before every detector", "[rupture][degenerate]") {
  const std::vector<std::vector<double>> series{
      {5},          {5, 4},       {5, 4, 6}, {4, 4, 4, 4, 4, 4, 4, 4, 4}, {missing, missing, missing, 5},
      {5, missing}, {missing, 5}, {5, 5},    {1e300, -1e300, 1e300},      {1e-300, 2e-300, 1e-300, 0}};
  for (const auto& each : series) {
    const auto panel = panel_of({each}).value();
    with_each_detector([&](const auto& detector) {
      rapport::detect_options options;
      options.null_series = 2;
      const auto found = rapport::detect(panel, detector, options);
      INFO(detector.info.name << " on " << each.size() << " sessions from " << each[0]);
      if (!found) {
        CHECK(std::string(message(found.error()).c_str()).size() > 10);
        return;
      }
      REQUIRE(found->clients.size() == 1);
      const auto& only = found->clients[0];
      CHECK((only.not_evaluable != nullptr || only.n_evaluable > 0));
      CHECK((found->no_null || found->expected_if_stable || only.not_evaluable != nullptr));
    });
  }
  const auto nothing = panel_of({{missing, missing}, {missing}}).value();
  with_each_detector(
      [&](const auto& detector) { CHECK(rapport::detect(nothing, detector).error().code == errc::no_data); });
}

TEST_CASE("a panel that cannot spread, and one in which one client can", "[rupture][degenerate]") {
  const std::vector<double> flat(9, 4.0);
  with_each_detector([&](const auto& detector) {
    check_sane(panel_of({flat, flat, flat, flat, flat}).value(), detector, 2);
    check_sane(panel_of({flat, {4, 5, 4, 5, 4, 5, 2, 5, 4}, flat}).value(), detector, 2);
    check_sane(panel_of({{7, 7, 7, 7, 7, 7, 7, 7}, {1, 1, 1, 1, 1, 1, 1, 1}}, {.range = {{1, 7, 1}}}).value(), detector,
               2);
  });
}

TEST_CASE("a million sessions are judged, or not evaluable, in the time that their number asks for",
          "[rupture][degenerate]") {
  rapport::random_stream random(7);
  std::vector<double> long_course;
  for (int t = 0; t < 1000000; ++t) long_course.push_back(5 + 0.3 * random.normal() - (t % 1000 == 500 ? 2 : 0));
  // Three short ones, so that a model of clients can be had.
  const std::vector<double> a{5, 5.2, 4.8, 5.1, 5.3, 4.9, 5.2, 5.0};
  const std::vector<double> b{4, 4.3, 3.9, 4.4, 4.1, 4.6, 4.0, 4.2};
  const std::vector<double> c{6, 5.7, 6.1, 5.9, 6.2, 5.8, 5.9, 6.0};
  const auto panel = panel_of({long_course, a, b, c}).value();
  with_each_detector([&](const auto& detector) { check_sane(panel, detector, 0); });
}
