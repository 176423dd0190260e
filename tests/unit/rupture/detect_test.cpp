// SPDX-License-Identifier: BSL-1.0
// Detection over a panel: the innovation detector, detectors of one's own, and what chance alone does.
#include "rapport_test.hpp"

#include <Eigen/Dense>

namespace rp = rapport;

using rapport::errc;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

rapport::stats::session_model<double> stable_model() {
  rapport::stats::session_model<double> model;
  model.mean_intercept = 5;
  model.intercept_var = 0.64;
  model.state_var = 0.09;
  model.state_autocorrelation = 0.3;
  model.error_var = 0.0625;
  return model;
}

/// Stable clients drawn from a model; every third has a fall in sessions 8 and 9, if one is asked for.
rapport::session_panel stable_panel(std::uint64_t seed, rp::index n_clients, rp::index n_sessions, double rupture = 0) {
  std::vector<rp::index> client;
  std::vector<double> session;
  std::vector<double> score;
  std::vector<double> times;
  for (rp::index s = 1; s <= n_sessions; ++s) times.push_back(static_cast<double>(s));
  std::vector<double> y(times.size());
  for (rp::index c = 1; c <= n_clients; ++c) {
    rapport::random_stream random(seed, static_cast<std::uint64_t>(c));
    rapport::stats::draw_stable_series<double>(stable_model(), times, random, y);
    for (std::size_t s = 0; s < y.size(); ++s) {
      client.push_back(c);
      session.push_back(times[s]);
      score.push_back(y[s] - (c % 3 == 0 && (s == 7 || s == 8) ? rupture : 0));
    }
  }
  return rapport::session_panel::make(client, session, score).value();
}

/// As in the documentation: two sessions in a row a point below the first.
struct two_bad_sessions {
  static constexpr rapport::detector_info info{"two-bad-sessions", "test", rapport::trust::own};
  void operator()(rapport::series y, rapport::episode_sink out) const {
    for (rp::index t = 2; t < y.size(); ++t) {
      if (y[t] < y[0] - 1 && y[t - 1] < y[0] - 1) return out.onset_at(t - 1);
    }
  }
};

static_assert(rapport::rupture_detector<two_bad_sessions>);
static_assert(rapport::rupture_detector<rapport::drop_repair>);
static_assert(rapport::rupture_detector<rapport::gumz_like>);
static_assert(rapport::rupture_detector<rapport::basic_innovations<double>>);
static_assert(!rapport::rupture_detector<int>);

}  // namespace

TEST_CASE("innovations: z is the surprise under the model, and a large one begins an episode", "[innovation]") {
  const auto model = stable_model();
  const std::vector<double> y{5.1, 5.0, 5.2, 4.9, 3.2, 3.4, 5.0, 5.1, 5.0};
  std::vector<int> session;
  for (int s = 1; s <= 9; ++s) session.push_back(s);
  const auto panel = rapport::session_panel::make(std::vector<int>(9, 1), session, y).value();
  const auto found = rapport::detect(panel, rapport::innovations(model), {.null_series = 0}).value();
  REQUIRE(found.count() == 1);
  const auto& e = found.episodes[0];
  CHECK(e.onset == 5);
  CHECK(e.nadir == 5);
  CHECK(e.repair == 7.0);
  CHECK(e.status == rapport::episode_status::repaired);
  rapport::stats::session_filter<double> filter(model);
  for (int t = 0; t < 4; ++t) filter.update(t + 1, y[static_cast<std::size_t>(t)]);
  const auto expected = filter.predict(5);
  CHECK_CLOSE(e.reference, expected.mean);
  CHECK_CLOSE(e.depth, expected.mean - 3.2);
  CHECK_CLOSE(*e.depth_se, expected.sd);
  CHECK_CLOSE(*found.clients[0].session_score[4], (expected.mean - 3.2) / expected.sd);
  CHECK_CLOSE(e.score, *found.clients[0].session_score[4]);
  // While the episode lasts its sessions are not learned from.
  const auto during = filter.predict(6);
  CHECK_CLOSE(found.clients[0].expected[5]->mean, during.mean);
  CHECK_FALSE(found.clients[0].session_score[0]);  // the first session is not judged
  CHECK(found.n_evaluable() == 8);
}

TEST_CASE("innovations: of stable clients' sessions, the share asked for lies beyond the threshold", "[innovation]") {
  // The model is known, so z is standard normal. The detector's own threshold is out of reach here: within an episode the
  // filter stands still, and z is no longer independent.
  const auto panel = stable_panel(1, 2000, 12);
  const auto detector = rapport::innovations(stable_model(), {.false_alarms = 1e-12});
  const auto found = rapport::detect(panel, detector, {.null_series = 0}).value();
  double above = 0;
  double judged = 0;
  for (const auto& client : found.clients) {
    for (const auto& z : client.session_score) {
      if (!z) continue;
      above += *z > 2.0537489106318225 ? 1 : 0;  // qnorm(.98)
      judged += 1;
    }
  }
  CHECK(judged == 22000);
  CHECK_CLOSE(above / judged, 0.02, 0, 0.004);  // four standard errors of a share of 22000
}

TEST_CASE("innovations fitted to the panel find planted ruptures", "[innovation]") {
  const auto panel = stable_panel(2, 90, 16, 1.5);
  const auto found = rapport::detect(panel, rapport::innovations(), {.null_series = 0}).value();
  int hits = 0;
  for (const auto& e : found.episodes) hits += e.client_position % 3 == 2 && (e.onset == 8 || e.onset == 9) ? 1 : 0;
  // 30 falls of three predictive SD: nearly all are beyond 2.33, even with variances that the falls inflate.
  CHECK(hits >= 24);
  CHECK(found.count() - hits <= 15);  // 1 % of 1350 judged sessions
}

TEST_CASE("a model that cannot be had is an error, not an empty result", "[innovation]") {
  const auto one =
      rapport::session_panel::make(std::vector<int>{1, 1, 1}, std::vector<int>{1, 2, 3}, std::vector<double>{1, 2, 1})
          .value();
  CHECK(rapport::detect(one, rapport::innovations()).error().code == errc::too_few_clusters);
  auto model = stable_model();
  model.error_var = 0;
  CHECK(rapport::detect(one, rapport::innovations(model)).error().code == errc::invalid_option);
  CHECK(rapport::detect(one, rapport::innovations(stable_model(), {.false_alarms = 0.5})).error().subject ==
        "false_alarms");
  const rapport::result<rapport::stats::session_model<double>> failed(rapport::error{.code = errc::no_replication});
  CHECK(rapport::detect(one, rapport::innovations(failed)).error().code == errc::no_replication);
}

TEST_CASE("under stability p_null is uniform enough, and as many episodes come as are expected", "[null]") {
  // The null model is the one the series come from; every client that has an episode contributes its smallest p.
  const auto panel = stable_panel(3, 400, 12);
  rapport::detect_options options;
  options.null_series = 399;
  options.null_models = {stable_model()};
  for (const bool model_based : {true, false}) {
    const auto found =
        model_based
            ? rapport::detect(panel, rapport::innovations(stable_model(), {.false_alarms = 0.02}), options).value()
            : rapport::detect(panel, rapport::drop_repair{}, options).value();
    std::vector<double> smallest(400, 1.0);
    for (const auto& e : found.episodes) {
      auto& p = smallest[rapport::as_size(e.client_position)];
      p = (std::min)(p, *e.p_null);
    }
    for (const double level : {0.05, 0.10}) {
      const auto share =
          static_cast<double>(std::count_if(smallest.begin(), smallest.end(), [&](double p) { return p <= level; })) /
          400;
      // Binomial with 400 clients: standard error .011 and .015; four of them.
      CHECK_CLOSE(share, level, 0, level == 0.05 ? 0.045 : 0.06);
    }
    const double expected = *found.expected_if_stable;
    CHECK_CLOSE(static_cast<double>(found.count()), expected, 0, 4 * std::sqrt(expected));
  }
}

TEST_CASE("the result does not depend on the number of threads, but on the seed", "[null]") {
  const auto panel = stable_panel(4, 25, 10, 1.0);
  const auto with = [&](rp::index threads, std::uint64_t seed) {
    return rapport::detect(panel, rapport::innovations(), {.null_series = 99, .seed = seed, .n_threads = threads})
        .value();
  };
  const auto one = with(1, 7);
  REQUIRE(one.count() > 0);
  for (const rp::index threads : {2, 5}) {
    const auto many = with(threads, 7);
    REQUIRE(many.count() == one.count());
    CHECK(*many.expected_if_stable == *one.expected_if_stable);
    for (rp::index e = 0; e < one.count(); ++e)
      CHECK(*many.episodes[rapport::as_size(e)].p_null == *one.episodes[rapport::as_size(e)].p_null);
  }
  bool differs = false;
  const auto other = with(1, 8);
  for (rp::index e = 0; e < one.count(); ++e) {
    differs = differs || *other.episodes[rapport::as_size(e)].p_null != *one.episodes[rapport::as_size(e)].p_null;
  }
  CHECK(differs);
}

TEST_CASE("a detector of one's own gets nadir, repair and chance level for twenty lines", "[detect]") {
  const auto panel = stable_panel(5, 40, 12, 2.0);
  const auto found =
      rapport::detect(panel, two_bad_sessions{}, {.null_series = 99, .null_models = {stable_model()}}).value();
  CHECK(found.count() > 10);
  CHECK(std::string(found.info.name) == "two-bad-sessions");
  CHECK(*found.expected_if_stable < 5);
  for (const auto& e : found.episodes) {
    CHECK(e.p_null);
    CHECK(*e.p_null > 0);
    CHECK(*e.p_null <= 1);
    CHECK(e.depth == e.score);
  }
  CHECK(found.n_with_rupture() == found.count());
}

TEST_CASE("no chance level where none can be had, and the reason with it", "[detect]") {
  const auto panel = rapport::session_panel::make(std::vector<int>{1, 1, 1, 1, 1}, std::vector<int>{1, 2, 3, 4, 5},
                                                  std::vector<double>{5, 5, 2, 5, 5})
                         .value();
  const auto found = rapport::detect(panel, rapport::stevens2007_like()).value();
  CHECK(found.count() == 1);
  CHECK_FALSE(found.expected_if_stable);
  CHECK_FALSE(found.episodes[0].p_null);
  REQUIRE(found.no_null);
  CHECK(found.no_null->code == errc::too_few_clusters);
}

TEST_CASE("missed sessions stay missed in the stable series", "[null]") {
  // With all but two sessions unscored, a stable series cannot show an episode of four sessions either.
  std::vector<double> score(12, missing);
  score[0] = 5;
  score[1] = 2;
  std::vector<int> session;
  for (int s = 1; s <= 12; ++s) session.push_back(s);
  const auto panel = rapport::session_panel::make(std::vector<int>(12, 1), session, score).value();
  const auto found = rapport::detect(panel, rapport::innovations(stable_model(), {.false_alarms = 0.02}),
                                     {.null_series = 2000, .null_models = {stable_model()}})
                         .value();
  REQUIRE(found.count() == 1);
  // One judged session: 2 % of stable series have an episode; four standard errors of 2000 draws.
  CHECK_CLOSE(*found.expected_if_stable, 0.02, 0, 0.0125);
}

TEST_CASE("detection refuses options outside their range", "[detect]") {
  const auto panel = stable_panel(6, 3, 6);
  CHECK(rapport::detect(panel, rapport::drop_repair{}, {.null_series = -1}).error().subject == "null_series");
  CHECK(rapport::detect(panel, rapport::drop_repair{}, {.window = 0}).error().subject == "window");
  CHECK(rapport::detect(panel, rapport::drop_repair{}, {.tolerance = -1.0}).error().subject == "tolerance");
}
