// SPDX-License-Identifier: BSL-1.0
// Evaluation against the truth: by hand, against a naive recount, at matched rates, and where there is nothing to count.
#include "rapport_test.hpp"

#include <rapport/rupture/evaluate.hpp>

namespace rp = rapport;
using rapport::errc;

namespace {

const double missing = std::numeric_limits<double>::quiet_NaN();

/// Fires at every score below a limit that follows one that is not; its statistic is the distance below 10.
struct below {
  static constexpr rp::detector_info info{"below", "test", rp::trust::own};
  double limit = 5;
  void operator()(const rp::series& y, rp::episode_sink out) const {
    out.evaluable(y.size() - 1);
    bool is_first = true;
    bool was_below = false;
    for (rp::index t = 0; t < y.size(); ++t) {
      if (!y.is_observed(t)) continue;
      if (!is_first) out.session_score(t, 10 - y[t]);
      if (!is_first && y[t] < limit && !was_below) out.onset_at(t);
      was_below = y[t] < limit;
      is_first = false;
    }
  }
};

rp::session_panel panel_of(const std::vector<std::vector<double>>& courses) {
  std::vector<int> client;
  std::vector<int> session;
  std::vector<double> score;
  for (std::size_t c = 0; c < courses.size(); ++c) {
    for (std::size_t t = 0; t < courses[c].size(); ++t) {
      client.push_back(static_cast<int>(c) + 1);
      session.push_back(static_cast<int>(t) + 1);
      score.push_back(courses[c][t]);
    }
  }
  return rp::session_panel::make(client, session, score).value();
}

rp::detection found_in(const rp::session_panel& panel, double limit = 5) {
  return rp::detect(panel, below{limit}, {.null_series = 0, .tolerance = 0.5}).value();
}

const std::vector<std::vector<double>> courses = {
    {6, 6, 3, 6, 6, 6, 4, 6},        // a rupture in session 3, found; an alarm in session 7
    {6, 6, 6, 4, 3, 6, 6, 6},        // a rupture from session 3 on, found a session late
    {6, 5.5, 5.5, 6, 6, 6, 6, 6},    // a rupture that is missed
    {6, 6, 6, missing, 6, 4, 4, 4},  // nothing, and an alarm that lasts to the end
};
const std::vector<rp::true_episode> truth = {{"1", 3, 4.0, 3.0, {}}, {"2", 3, 6.0, 2.5, {}}, {"3", 2, 4.0, {}, {}}};

}  // namespace

TEST_CASE("hits, misses and alarms by hand", "[evaluate]") {
  const auto panel = panel_of(courses);
  const auto e = rp::evaluate<double>(panel, found_in(panel), truth).value();
  CHECK(e.n_true == 3);
  CHECK(e.n_detected == 4);
  CHECK(e.n_hits == 2);
  CHECK_CLOSE(e.sensitivity->estimate, 2.0 / 3);
  CHECK_CLOSE(e.sensitivity_near->estimate, 2.0 / 3);
  CHECK_CLOSE(e.precision->estimate, 0.5);
  // Stable sessions: 8 - 1 - 1, 8 - 1 - 3, 8 - 1 - 2, 8 - 1 - 1 missing = 6 + 4 + 5 + 6.
  CHECK(e.n_sessions == 21);
  CHECK_CLOSE(e.false_alarms_per_100->estimate, 100 * 2.0 / 21);
  CHECK_CLOSE(e.false_alarms_per_client->estimate, 0.5);
  CHECK_CLOSE(e.onset_error->estimate, 0.5);
  CHECK_CLOSE(e.delay->estimate, 0.5);
  CHECK_CLOSE(e.depth_bias->estimate, ((3 - 3) + (3 - 2.5)) / 2);
  CHECK_CLOSE(e.duration_error->estimate, ((1 - 1) + (2 - 3)) / 2.0);
  // Both were repaired; in the first the fall of session 7 looks like a relapse.
  CHECK(e.status[2][2] == 1);
  CHECK(e.status[2][4] == 1);
  CHECK_CLOSE(e.repair_agreement->estimate, 1.0);
}

TEST_CASE("an onset outside the tolerance is a hit, but not a near one", "[evaluate]") {
  const auto panel = panel_of(courses);
  const auto e = rp::evaluate<double>(panel, found_in(panel), truth, {.near_sessions = 0}).value();
  CHECK_CLOSE(e.sensitivity->estimate, 2.0 / 3);
  CHECK_CLOSE(e.sensitivity_near->estimate, 1.0 / 3);
}

TEST_CASE("at a matched rate the detector is its statistic alone", "[evaluate]") {
  const auto panel = panel_of(courses);
  // Stable statistics: 6, 6, 6, 6 (alarms of sessions 7, 6, 7, 8), 4 elsewhere. One alarm in 21 sessions is 4.8 per 100.
  const auto strict = rp::evaluate<double>(panel, found_in(panel), truth, {.false_alarms = 5}).value().matched.value();
  CHECK_CLOSE(strict.threshold.value(), 6.0);  // the four ties would be 19 per 100
  CHECK_CLOSE(strict.false_alarms, 0.0);
  CHECK_CLOSE(strict.sensitivity->estimate, 2.0 / 3);  // nadirs of 3: statistic 7
  CHECK_CLOSE(strict.delay->estimate, (0 + 2) / 2.0);
  const auto loose = rp::evaluate<double>(panel, found_in(panel), truth, {.false_alarms = 20}).value().matched.value();
  CHECK_CLOSE(loose.threshold.value(), 4.0);
  CHECK_CLOSE(loose.false_alarms, 100 * 4.0 / 21);
  CHECK_CLOSE(loose.sensitivity->estimate, 1.0);  // 5.5: statistic 4.5
  CHECK_CLOSE(loose.delay->estimate, (0 + 1 + 0) / 3.0);
}

TEST_CASE("clients without a true episode set the threshold where they have sessions enough", "[evaluate]") {
  // 20 stable clients with 6 judged sessions each, one of which is a 4: 20 in 120 are 16.7 per 100.
  std::vector<std::vector<double>> many(20, {6, 6, 6, 4, 6, 6, 6});
  // One with a rupture in session 3, and a 3 right before it that belongs to no true episode.
  many.push_back({6, 3, 3, 6, 6, 6, 6});
  const auto panel = panel_of(many);
  const std::vector<rp::true_episode> one{{"21", 3, 4.0, {}, {}}};
  const auto at = [&](double rate) {
    return rp::evaluate<double>(panel, found_in(panel), one, {.false_alarms = rate}).value().matched.value();
  };
  CHECK(at(10).by_stable_clients);
  CHECK_CLOSE(at(10).threshold.value(), 6.0);  // the 3 before the rupture has 7, and does not count
  CHECK_CLOSE(at(10).sensitivity->estimate, 1.0);
  CHECK_CLOSE(at(10).precision->estimate, 1.0);
  CHECK_CLOSE(at(17).threshold.value(), 4.0);
  CHECK_CLOSE(at(17).false_alarms, 100 * 20.0 / 120);
  // 125 stable sessions in all, a sixth of them alarms.
  CHECK_CLOSE(at(17).precision->estimate, 1 / (1 + 125 / 6.0));
  many.erase(many.begin(), many.begin() + 4);  // 96 sessions are too few: all stable sessions count
  const auto fewer = panel_of(many);
  const auto few = rp::evaluate<double>(fewer, found_in(fewer), std::vector<rp::true_episode>{{"17", 3, 4.0, {}, {}}},
                                        {.false_alarms = 0.5})
                       .value()
                       .matched.value();
  CHECK_FALSE(few.by_stable_clients);
  CHECK_CLOSE(few.threshold.value(), 7.0);
  CHECK_CLOSE(few.sensitivity->estimate, 0.0);
}

TEST_CASE("evaluation agrees with a naive recount on random panels", "[evaluate]") {
  rp::random_stream random(11);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::vector<double>> random_courses;
    std::vector<rp::true_episode> random_truth;
    for (int c = 1; c <= 12; ++c) {
      std::vector<double> y;
      for (int t = 0; t < 12; ++t) y.push_back(random.chance(0.1) ? missing : 4 + static_cast<double>(random.below(4)));
      random_courses.push_back(y);
      double from = 2;
      while (random.chance(0.5) && from < 11) {
        const double onset = from + static_cast<double>(random.below(3));
        const double repair = onset + 1 + static_cast<double>(random.below(3));
        random_truth.push_back({std::to_string(c), onset, repair, {}, {}});
        from = repair + 1;
      }
    }
    if (random_truth.empty()) continue;
    const auto panel = panel_of(random_courses);
    const auto found = found_in(panel);
    const double rate = 1 + 30 * random.uniform();
    const auto e = rp::evaluate<double>(panel, found, random_truth,
                                        {.false_alarms = rate, .largest_false_alarms = 25, .replicates = 99})
                       .value();

    // Hits: the best of all pairings, tried one after the other.
    rp::index n_hits = 0;
    for (rp::index c = 0; c < panel.n_clients(); ++c) {
      const auto y = panel.series(c);
      std::vector<std::pair<double, double>> known;
      std::vector<std::pair<double, double>> seen;
      for (const auto& t : random_truth) {
        if (t.client == panel.client_id(c)) known.emplace_back(t.onset, *t.repair - 1);
      }
      for (const auto& d : found.episodes) {
        if (d.client_position == c) seen.emplace_back(d.onset, d.repair ? *d.repair - 1 : 12.0);
      }
      const auto share_a_session = [&](const auto& a, const auto& b) {
        for (rp::index t = 0; t < y.size(); ++t) {
          const double s = static_cast<double>(t) + 1;
          if (y.is_observed(t) && s >= a.first && s <= a.second && s >= b.first && s <= b.second) return true;
        }
        return false;
      };
      std::vector<bool> taken(seen.size(), false);
      const auto best = [&](const auto& self, std::size_t k) -> rp::index {
        if (k == known.size()) return 0;
        rp::index most = self(self, k + 1);
        for (std::size_t d = 0; d < seen.size(); ++d) {
          if (taken[d] || !share_a_session(known[k], seen[d])) continue;
          taken[d] = true;
          most = std::max(most, 1 + self(self, k + 1));
          taken[d] = false;
        }
        return most;
      };
      n_hits += best(best, 0);
    }
    CHECK(e.n_hits == n_hits);

    // The curve: every statistic tried as a threshold.
    std::vector<double> stable;
    double n_stable = 0;
    std::vector<double> largest(random_truth.size(), -1e9);
    for (rp::index c = 0; c < panel.n_clients(); ++c) {
      const auto y = panel.series(c);
      bool is_first = true;
      for (rp::index t = 0; t < y.size(); ++t) {
        if (!y.is_observed(t)) continue;
        const double s = static_cast<double>(t) + 1;
        bool inside = false;
        for (std::size_t k = 0; k < random_truth.size(); ++k) {
          if (random_truth[k].client != panel.client_id(c)) continue;
          if (s < random_truth[k].onset || s >= *random_truth[k].repair) continue;
          inside = true;
          if (!is_first) largest[k] = std::max(largest[k], 10 - y[t]);
        }
        if (!inside && !is_first) ++n_stable;
        if (!inside && !is_first) stable.push_back(10 - y[t]);
        is_first = false;
      }
    }
    double sensitivity = 0;
    double alarms = 0;
    for (double threshold = 2; threshold < 9; threshold += 1) {
      const auto above =
          static_cast<double>(std::count_if(stable.begin(), stable.end(), [&](double s) { return s > threshold; }));
      if (100 * above / n_stable > rate) continue;
      alarms = 100 * above / n_stable;
      sensitivity =
          static_cast<double>(std::count_if(largest.begin(), largest.end(), [&](double s) { return s > threshold; })) /
          static_cast<double>(largest.size());
      break;
    }
    CHECK_CLOSE(e.matched->false_alarms, alarms);
    CHECK_CLOSE(e.matched->sensitivity->estimate, sensitivity);
    const auto& interval = e.matched->sensitivity->interval;
    CHECK(interval.lower <= interval.upper);

    // The area: the trapezes between thresholds, cut at 25 per 100.
    double area = 0;
    double x0 = 0;
    double y0 = 0;
    for (double threshold = 8.5; threshold > 2 && x0 < 25; threshold -= 1) {
      const auto count = [&](const std::vector<double>& of) {
        return static_cast<double>(std::count_if(of.begin(), of.end(), [&](double s) { return s > threshold; }));
      };
      const double x1 = 100 * count(stable) / n_stable;
      const double y1 = count(largest) / static_cast<double>(largest.size());
      const double end = std::min(x1, 25.0);
      if (x1 > x0) area += (end - x0) * (y0 + (y0 + (y1 - y0) * (end - x0) / (x1 - x0))) / 2;
      x0 = x1;
      y0 = y1;
    }
    if (x0 < 25) area += (25 - x0) * y0;
    CHECK_CLOSE(e.partial_area->estimate, area / 25, 1e-12);
  }
}

TEST_CASE("the result depends neither on threads nor on the order of the truth", "[evaluate]") {
  const auto panel = panel_of(courses);
  auto turned = truth;
  std::reverse(turned.begin(), turned.end());
  const auto a = rp::evaluate<double>(panel, found_in(panel), truth, {.n_threads = 1}).value();
  const auto b = rp::evaluate<double>(panel, found_in(panel), turned, {.n_threads = 2}).value();
  CHECK(a.onset_error->interval.lower == b.onset_error->interval.lower);
  CHECK(a.matched->sensitivity->interval.upper == b.matched->sensitivity->interval.upper);
  CHECK(a.partial_area->interval.lower == b.partial_area->interval.lower);
}

TEST_CASE("nothing to estimate is empty, not zero", "[evaluate]") {
  const auto panel = panel_of({{6, 6, 6, 6}, {6, 6, 6, 6}});
  const auto e = rp::evaluate<double>(panel, found_in(panel), std::vector<rp::true_episode>{}).value();
  CHECK_FALSE(e.sensitivity);
  CHECK_FALSE(e.precision);
  CHECK_FALSE(e.onset_error);
  CHECK_FALSE(e.repair_agreement);
  CHECK_FALSE(e.matched->sensitivity);
  CHECK_FALSE(e.partial_area);
  CHECK(e.false_alarms_per_100->estimate == 0);
  CHECK_CLOSE(e.false_alarms_per_100->interval.upper, rp::stats::poisson_interval(0.0, 6.0 / 100).upper);
}

TEST_CASE("one client with hits has means without an interval", "[evaluate]") {
  const auto panel = panel_of(courses);
  const auto e = rp::evaluate<double>(panel, found_in(panel), std::vector<rp::true_episode>{truth[0]}).value();
  CHECK(e.onset_error->notes.size() == 1);
  CHECK(std::isinf(e.onset_error->interval.upper));
}

TEST_CASE("an episode whose sessions were all missed counts as missed", "[evaluate]") {
  const auto panel = panel_of({{6, 6, missing, 6}, {6, 3, 6, 6}});
  const auto e =
      rp::evaluate<double>(panel, found_in(panel), std::vector<rp::true_episode>{{"1", 3, 4.0, {}, {}}}).value();
  CHECK(e.n_hits == 0);
  CHECK(e.sensitivity->estimate == 0);
}

TEST_CASE("what cannot be evaluated is refused", "[evaluate]") {
  const auto panel = panel_of(courses);
  const auto found = found_in(panel);
  const auto code = [&](const std::vector<rp::true_episode>& of, const rp::evaluate_options& o = {}) {
    const auto e = rp::evaluate<double>(panel, found, of, o);
    REQUIRE_FALSE(e);
    return std::pair{e.error().code, e.error().row};
  };
  CHECK(code({truth[0], {"nobody", 3, 4.0, {}, {}}}) == std::pair{errc::invalid_option, rp::index{1}});
  CHECK(code({{"1", 3, 3.0, {}, {}}}) == std::pair{errc::invalid_option, rp::index{0}});
  CHECK(code(truth, {.false_alarms = 0}).first == errc::invalid_option);
  CHECK(code(truth, {.largest_false_alarms = 101}).first == errc::invalid_option);
  CHECK(code(truth, {.near_sessions = -1}).first == errc::invalid_option);
  CHECK(code(truth, {.level = 1}).first == errc::invalid_option);
  CHECK(code(truth, {.replicates = 1}).first == errc::invalid_option);
  const auto other = panel_of({{6, 6, 6}});
  CHECK(rp::evaluate<double>(other, found, truth).error().code == errc::size_mismatch);
}
