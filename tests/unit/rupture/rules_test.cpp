// SPDX-License-Identifier: BSL-1.0
// Residuals of the own line, reliable change from session to session, the alert of the Session Rating Scale, presets.
#include "rapport_test.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using rapport::errc;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

rapport::session_panel panel_of(const std::vector<std::vector<double>>& courses) {
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
  return rapport::session_panel::make(client, session, score).value();
}

template <class Detector>
rapport::detection found_in(const std::vector<std::vector<double>>& courses, const Detector& detector) {
  rapport::detect_options options;
  options.null_series = 0;
  return rapport::detect(panel_of(courses), detector, options).value();
}

const std::vector<double> course{5, 5.4, 5.1, 5.5, 3.9, 5.6, 5.3, 5.8};

}  // namespace

TEST_CASE("residuals are those of the least-squares line", "[rupture][residual]") {
  const auto plain = found_in({course}, rapport::residual_detector{.threshold = 1.5});
  const auto deleted = found_in({course}, rapport::residual_detector{.threshold = 1.5, .deleted = true});
  // A second way: normal equations with sums written out, and for the deleted ones a fit without the score.
  const auto line_without = [&](rapport::index left_out) {
    double n = 0, st = 0, sy = 0, stt = 0, sty = 0;
    for (rapport::index t = 0; t < 8; ++t) {
      if (t == left_out) continue;
      const auto x = static_cast<double>(t + 1);
      const double y = course[static_cast<std::size_t>(t)];
      n += 1, st += x, sy += y, stt += x * x, sty += x * y;
    }
    const double slope = (n * sty - st * sy) / (n * stt - st * st);
    const double level = (sy - slope * st) / n;
    double rss = 0;
    for (rapport::index t = 0; t < 8; ++t) {
      if (t == left_out) continue;
      const double e = course[static_cast<std::size_t>(t)] - level - slope * static_cast<double>(t + 1);
      rss += e * e;
    }
    const double mean_time = st / n;
    struct fit {
      double level, slope, sd, n, mean_time, squares;
    };
    return fit{level, slope, std::sqrt(rss / (n - 2)), n, mean_time, stt - st * st / n};
  };
  const auto all = line_without(-1);
  for (rapport::index t = 0; t < 8; ++t) {
    const auto x = static_cast<double>(t + 1);
    const double y = course[static_cast<std::size_t>(t)];
    CHECK(plain.clients[0].session_score[static_cast<std::size_t>(t)].value() ==
          Approx((all.level + all.slope * x - y) / all.sd).epsilon(1e-12));
    const auto rest = line_without(t);
    const double se = rest.sd * std::sqrt(1 + 1 / rest.n + (x - rest.mean_time) * (x - rest.mean_time) / rest.squares);
    CHECK(deleted.clients[0].session_score[static_cast<std::size_t>(t)].value() ==
          Approx((rest.level + rest.slope * x - y) / se).epsilon(1e-10));
  }
  REQUIRE(plain.count() == 1);
  CHECK(plain.episodes[0].onset == 5);
  CHECK(plain.episodes[0].repair == 6);
  CHECK(plain.episodes[0].depth == Approx(all.level + all.slope * 5 - 3.9).epsilon(1e-12));
  CHECK(plain.clients[0].n_evaluable == 7);
}

TEST_CASE("a straight line has no residuals to judge", "[rupture][residual]") {
  const auto straight = found_in({{1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6}, {3, 3, 3, 3, 3, 3, 3}, {1, 2, 3}, course},
                                 rapport::residual_detector{});
  CHECK(std::string(straight.clients[0].not_evaluable) == "the scores lie on a line");
  CHECK(std::string(straight.clients[1].not_evaluable) == "the scores lie on a line");
  CHECK(std::string(straight.clients[2].not_evaluable) == "too few scored sessions");
  CHECK(straight.clients[3].not_evaluable == nullptr);
}

TEST_CASE("a reliable fall exceeds the error of a difference", "[rupture][reliable_fall]") {
  const rapport::reliable_fall rule{.sem = 0.5, .critical = 2};
  const double least = 2 * std::sqrt(2.0) * 0.5;  // 1.414
  const auto found = found_in({{5, 5 - least - 0.01, 4.2, 4.6, 5}, {5, 5 - least + 0.01, 5, 5, 5}}, rule);
  REQUIRE(found.count() == 1);
  CHECK(found.episodes[0].client_position == 0);
  CHECK(found.episodes[0].repair == 4);  // 4.6 is within one sem of 5, 4.2 is not
  CHECK(std::string(found.info.name) == "reliable-change");
  rapport::detect_options none;
  none.null_series = 0;
  CHECK(rapport::detect(panel_of({course}), rapport::reliable_fall{}, none).error().code == errc::invalid_option);
  CHECK(rapport::detect(panel_of({course}), rapport::reliable_fall{.sem = 1, .critical = 0}, none).error().code ==
        errc::invalid_option);
}

TEST_CASE("the session alert looks at the cut-off and at falls of a point", "[rupture][session_alert]") {
  const auto found = found_in({{38, 35, 36, 37.5},       // below the cut-off; 36 is still two points below 38
                               {40, 39, 39, 39.5},       // a fall of a point above the cut-off
                               {30, 31, 30.5, 31},       // low from the start: no onset
                               {36.5, 36, 35.9, 36.6}},  // 36 itself is not below 36
                              rapport::session_alert{});
  REQUIRE(found.count() == 3);
  CHECK(found.episodes[0].client_position == 0);
  CHECK(found.episodes[0].onset == 2);
  CHECK(found.episodes[0].repair == 4);
  CHECK(found.episodes[0].depth == 3);
  CHECK(found.episodes[1].client_position == 1);
  CHECK(found.episodes[1].onset == 2);
  CHECK(found.episodes[1].repair == 4);
  CHECK(found.episodes[2].client_position == 3);
  CHECK(found.episodes[2].onset == 3);
  CHECK(found_in({{36.5, 36, 35.9, 36.6}}, rapport::session_alert{.inclusive = true}).episodes[0].onset == 2);
  rapport::detect_options none;
  none.null_series = 0;
  const auto code = [&](const rapport::session_alert& rule) {
    return rapport::detect(panel_of({course}), rule, none).error().code;
  };
  CHECK(code({.cutoff = missing}) == errc::invalid_option);
  CHECK(code({.drop = 0}) == errc::invalid_option);
}

TEST_CASE("presets measure falls as their names say", "[rupture][presets]") {
  const std::vector<std::vector<double>> courses{{6, 5.5, 5.2, 5.1, 4.2, 4.4, 5.9}, {4, 4.2, 4.1, 4.3, 4.2, 4.4, 4.1}};
  const auto highest = found_in(courses, rapport::mclaughlin2014_like());
  const auto previous = found_in(courses, rapport::larsson2018_like());
  // The grand SD of the fourteen scores is .768 (R: sd); from the highest, 6, the fall to 5.2 suffices; from the session
  // before, the run 6 to 4.2 does at its beginning.
  REQUIRE(highest.count() == 1);
  CHECK(highest.episodes[0].reference == 6);
  CHECK(highest.episodes[0].repair == 7);
  REQUIRE(previous.count() == 1);
  CHECK(previous.episodes[0].onset == 2);
  CHECK(std::string(to_string(highest.info.trust).data()) == "unverified");
  CHECK(std::string(to_string(previous.info.trust).data()) == "unverified");
}

TEST_CASE("degenerate series are judged, not evaluable with a reason, or refused", "[rupture][degenerate]") {
  // None, one, two and three scores, a constant series, one without any score, and one of 1200 sessions.
  std::vector<std::vector<double>> courses{{5},
                                           {5, 4},
                                           {5, 4, 6},
                                           {4, 4, 4, 4, 4, 4, 4, 4, 4},
                                           {missing, missing, missing, missing},
                                           {},
                                           course,
                                           {5.2, 5.0, 5.3, 5.1, 4.0, 5.2, 5.1, 5.4}};
  rapport::random_stream random(5);
  for (int t = 0; t < 1200; ++t) courses[5].push_back(5 + 0.4 * random.normal());
  const auto panel = panel_of(courses);
  rapport::detect_options options;
  options.null_series = 3;
  options.n_threads = 1;
  const auto judge = [&](const auto& detector) {
    const auto found = rapport::detect(panel, detector, options);
    if (!found) {
      CHECK(found.error().code == errc::zero_variance);
      return;
    }
    for (const auto& client : found->clients) {
      INFO(found->info.name << ", client " << client.id);
      CHECK((client.not_evaluable != nullptr || client.n_evaluable >= 0));
      if (client.not_evaluable != nullptr) CHECK(std::string(client.not_evaluable).size() > 5);
      for (const auto& score : client.session_score) CHECK((!score || std::isfinite(*score)));
    }
    CHECK(found->clients[0].not_evaluable != nullptr);
    CHECK(found->clients[4].not_evaluable != nullptr);
    for (const auto& e : found->episodes) {
      CHECK(std::isfinite(e.depth));
      CHECK(std::isfinite(e.score));
      CHECK((e.p_null.value() > 0 && e.p_null.value() <= 1));
    }
  };
  judge(rapport::drop_repair{});
  judge(rapport::stiles2004_like());
  judge(rapport::strauss2006_like());
  judge(rapport::stevens2007_like());
  judge(rapport::gumz2012());
  judge(rapport::mclaughlin2014_like());
  judge(rapport::larsson2018_like());
  judge(rapport::session_alert{});
  judge(rapport::reliable_fall{.sem = 0.3});
  judge(rapport::residual_detector{});
  judge(rapport::residual_detector{.deleted = true});
  judge(rapport::xmr_chart{});
  judge(rapport::tukey_chart{});
  judge(rapport::cusum_detector{});
  judge(rapport::ewma_detector{});
  judge(rapport::segment_detector{});
  judge(rapport::online_change_detector{});
  judge(rapport::state_detector{});
  judge(rapport::sudden_losses());
  judge(rapport::corrected_sudden_change{});
  judge(rapport::innovations());
  judge(rapport::leave_one_out());
  judge(rapport::pulse_scan());
  judge(rapport::pulse_scan({.self_scaling = true}));
}
