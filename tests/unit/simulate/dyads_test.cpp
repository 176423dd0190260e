// SPDX-License-Identifier: BSL-1.0
// Simulated dyads: shapes without noise, moments with it, missed sessions, both raters, the truth, legal options.
#include "rapport_test.hpp"

#include <map>

#include <rapport/simulate/dyads.hpp>

namespace rp = rapport;
using rapport::errc;
using pattern = rapport::episode_pattern;

namespace {

/// No noise at all: a level of 5, and what is planted.
rp::dyad_options silent() {
  return {.n_clients = 1,
          .n_sessions = 30,
          .range = {1, 7, 0},
          .level = 5,
          .therapist_sd = 0,
          .client_sd = 0,
          .trend = 0,
          .trend_sd = 0,
          .state_sd = 0,
          .error_sd = 0,
          .volatility_sd = 0,
          .ruptures = 100,
          .most_ruptures = 1,
          .least_depth = 2,
          .largest_depth = 2,
          .missing_session = 0,
          .dropout = 0,
          .therapist_level = 5,
          .therapist_only = 0};
}

/// Many clients with a wide scale, no missed sessions, no ruptures.
rp::dyad_options stable() {
  return {.n_clients = 4000,
          .n_sessions = 12,
          .n_therapists = 400,
          .range = {-1000, 1000, 0},
          .autocorrelation_sd = 0,
          .volatility_sd = 0,
          .ruptures = 0,
          .missing_session = 0,
          .dropout = 0,
          .therapist_only = 0};
}

using table = std::map<std::pair<std::string, int>, double>;
table by_session(const std::vector<rp::session_row<double>>& rows) {
  table out;
  for (const auto& row : rows) out[{row.client, static_cast<int>(row.session)}] = row.score;
  return out;
}

double mean_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double each : x) sum += each;
  return sum / static_cast<double>(x.size());
}
double covariance_of(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  const double a = mean_of(x);
  const double b = mean_of(y);
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - a) * (y[i] - b);
  return sum / static_cast<double>(x.size() - 1);
}

}  // namespace

TEST_CASE("without noise a rupture has the shape that the truth names", "[dyads]") {
  for (const pattern shape : {pattern::v, pattern::slope_then_jump, pattern::drop_then_slope, pattern::u,
                              pattern::trough, pattern::w, pattern::step, pattern::slide}) {
    auto o = silent();
    o.shape = shape;
    o.n_clients = 40;
    const auto simulated = rp::simulate_dyads(o).value();
    const auto y = by_session(simulated.client_ratings);
    CHECK(simulated.ruptures.size() >= 30);  // the others would not reach their nadir
    for (const auto& r : simulated.ruptures) {
      INFO(rp::to_string(shape) << " of " << r.client);
      const auto at = [&](rp::index s) { return y.at({r.client, static_cast<int>(s)}); };
      CHECK(r.pattern == shape);
      CHECK_CLOSE(r.depth, 2.0);
      for (rp::index s = 1; s < r.onset; ++s) CHECK_CLOSE(at(s), 5.0);
      CHECK(at(r.onset) < 5);
      CHECK_CLOSE(at(r.nadir), 3.0);
      if (r.repair) {
        CHECK(at(*r.repair - 1) < 5);
        for (rp::index s = *r.repair; s <= 30; ++s) CHECK_CLOSE(at(s), 5.0);
        CHECK(r.status == rp::episode_status::repaired);
        const auto fall = r.nadir - r.onset;
        const auto length = *r.repair - r.onset;
        if (shape == pattern::v) CHECK(length == 1);
        if (shape == pattern::slope_then_jump) CHECK((fall >= 1 && length == fall + 1));
        if (shape == pattern::drop_then_slope) CHECK((fall == 0 && length >= 2));
        if (shape == pattern::u) CHECK((fall >= 1 && length > fall + 1));
        if (shape == pattern::trough) CHECK((fall == 0 && length >= 3 && at(*r.repair - 1) == 3));
        if (shape == pattern::w) CHECK((length == 3 && at(r.onset + 1) == 4.5 && at(r.onset + 2) == 3));
      } else {
        const bool never = shape == pattern::step || shape == pattern::slide;
        CHECK(r.status == (never ? rp::episode_status::unrepaired : rp::episode_status::censored));
        if (shape == pattern::step) CHECK(at(30) == 3);
        if (shape == pattern::slide) CHECK(r.nadir == 30);
      }
    }
  }
}

TEST_CASE("a repair may regain a part of the depth", "[dyads]") {
  auto o = silent();
  o.shape = pattern::v;
  for (const auto& [fraction, status] : {std::pair{0.75, rp::episode_status::partial},
                                         {0.5, rp::episode_status::partial},
                                         {0.25, rp::episode_status::unrepaired}}) {
    o.repair_fraction = fraction;
    o.seed = 3;
    const auto simulated = rp::simulate_dyads(o).value();
    const auto& r = simulated.ruptures.at(0);
    REQUIRE(r.onset < 30);
    CHECK(r.status == status);
    CHECK_FALSE(r.repair);
    CHECK_CLOSE(simulated.client_ratings.back().score, 3 + 2 * fraction);
  }
}

TEST_CASE("ruptures keep a session at the old level between them", "[dyads]") {
  auto o = silent();
  o.n_clients = 200;
  o.most_ruptures = 20;
  o.therapist_only = 5;
  const auto simulated = rp::simulate_dyads(o).value();
  int several = 0;
  for (std::size_t i = 1; i < simulated.ruptures.size(); ++i) {
    const auto& a = simulated.ruptures[i - 1];
    const auto& b = simulated.ruptures[i];
    if (a.client != b.client) continue;
    ++several;
    REQUIRE(a.repair);
    CHECK(b.onset > *a.repair);
  }
  CHECK(several > 100);
}

TEST_CASE("moments are those that were asked for", "[dyads]") {
  auto o = stable();
  o.therapist_sd = 0;
  const auto y = by_session(rp::simulate_dyads(o).value().client_ratings);
  std::vector<double> first, second, last;
  for (auto at = y.begin(); at != y.end(); ++at) {
    if (at->first.second == 1) first.push_back(at->second);
    if (at->first.second == 2) second.push_back(at->second);
    if (at->first.second == 12) last.push_back(at->second);
  }
  const double n = 4000;
  // Four standard errors each.
  CHECK(std::fabs(mean_of(first) - 5.3) < 4 * 0.9 / std::sqrt(n));
  CHECK(std::fabs(mean_of(last) - mean_of(first) - 11 * 0.01) < 4 * 0.6 / std::sqrt(n));
  const double total = 0.64 + 0.09 + 0.0625;
  CHECK(std::fabs(covariance_of(first, first) - total) < 4 * total * std::sqrt(2 / n));
  CHECK(std::fabs(covariance_of(first, second) - 0.64 - 0.3 * 0.09) < 4 * total * std::sqrt(2 / n));
  // Neighbours less those eleven sessions apart: the state's autocorrelation, the trend's variance between.
  o.client_sd = 0;
  o.trend_sd = 0;
  o.error_sd = 0;
  const auto states = by_session(rp::simulate_dyads(o).value().client_ratings);
  std::vector<double> now, next;
  for (const auto& [key, score] : states) {
    if (key.second == 12) continue;
    now.push_back(score);
    next.push_back(states.at({key.first, key.second + 1}));
  }
  CHECK(std::fabs(covariance_of(now, next) / covariance_of(now, now) - 0.3) < 4 / std::sqrt(11 * n));
}

TEST_CASE("therapists differ, and clients in volatility", "[dyads]") {
  auto o = stable();
  o.client_sd = 0;
  o.trend_sd = 0;
  o.volatility_sd = 0.3;
  const auto simulated = rp::simulate_dyads(o).value();
  std::map<std::string, std::vector<double>> of_therapist;
  for (const auto& row : simulated.client_ratings) of_therapist[row.therapist].push_back(row.score - 5.3);
  std::vector<double> means;
  for (const auto& [id, scores] : of_therapist) means.push_back(mean_of(scores));
  REQUIRE(means.size() == 400);
  CHECK(std::fabs(covariance_of(means, means) - 0.04) < 0.012);  // four standard errors of a variance of 400
  std::vector<double> logs;
  for (const double each : simulated.volatility) logs.push_back(std::log(each));
  CHECK(std::fabs(covariance_of(logs, logs) - 0.09) < 4 * 0.09 * std::sqrt(2 / 4000.0));
  // Differences of neighbours, in units of the factor, have the same variance in the steadiest and the most volatile half.
  std::vector<double> steady, volatile_ones;
  const auto y = by_session(simulated.client_ratings);
  std::size_t c = 0;
  for (auto at = y.begin(); at != y.end(); std::advance(at, 12), ++c) {
    const double factor = simulated.volatility[c];
    (factor < 1 ? steady : volatile_ones).push_back((std::next(at)->second - at->second) / factor);
  }
  const double ratio = covariance_of(steady, steady) / covariance_of(volatile_ones, volatile_ones);
  CHECK(std::fabs(std::log(ratio)) < 4 * std::sqrt(2 / 2000.0 * 2));
}

TEST_CASE("both ratings agree as far as was asked", "[dyads]") {
  auto o = stable();
  o.therapist_sd = 0;
  o.state_sd = 0;
  o.error_sd = 0;
  o.trend_sd = 0;
  const auto simulated = rp::simulate_dyads(o).value();
  std::vector<double> client, therapist;
  for (std::size_t i = 0; i < simulated.client_ratings.size(); i += 12) {
    client.push_back(simulated.client_ratings[i].score);
    therapist.push_back(simulated.therapist_ratings[i].score);
  }
  const double r =
      covariance_of(client, therapist) / std::sqrt(covariance_of(client, client) * covariance_of(therapist, therapist));
  CHECK(std::fabs(r - 0.36) < 4 / std::sqrt(4000.0));
  CHECK(std::fabs(mean_of(therapist) - 5.0) < 4 * 0.8 / std::sqrt(4000.0));
}

TEST_CASE("therapists recognize the share of ruptures that was asked for", "[dyads]") {
  auto o = silent();
  o.n_clients = 2000;
  o.recognition = 0.3;
  const auto simulated = rp::simulate_dyads(o).value();
  const auto y = by_session(simulated.therapist_ratings);
  double both = 0;
  for (const auto& r : simulated.ruptures) {
    CHECK(y.at({r.client, static_cast<int>(r.nadir)}) == (r.seen_by == rp::rupture_seen_by::both ? 3.0 : 5.0));
    both += r.seen_by == rp::rupture_seen_by::both ? 1 : 0;
  }
  const auto n = static_cast<double>(simulated.ruptures.size());
  CHECK(std::fabs(both / n - 0.3) < 4 * std::sqrt(0.21 / n));
  o.ruptures = 0;
  o.therapist_only = 100;
  const auto theirs = rp::simulate_dyads(o).value();
  for (const auto& r : theirs.ruptures) CHECK(r.seen_by == rp::rupture_seen_by::therapist_only);
  CHECK(rp::true_episodes(theirs).empty());
  CHECK(rp::true_episodes(theirs, true).size() == theirs.ruptures.size());
}

TEST_CASE("sessions are missed as often as asked, and more often after a lowered one", "[dyads]") {
  auto o = silent();
  o.n_clients = 3000;
  o.n_sessions = 20;
  o.shape = pattern::step;
  o.missing_session = 0.1;
  o.missed_after_rupture = 4;
  const auto simulated = rp::simulate_dyads(o).value();
  std::map<std::string, rp::index> onset;
  for (const auto& r : simulated.ruptures) onset[r.client] = r.onset;
  const auto y = by_session(simulated.client_ratings);
  double before = 0, missed_before = 0, after = 0, missed_after = 0;
  for (const auto& [client, from] : onset) {
    for (int s = 2; s <= 20; ++s) {
      const bool missed = !y.contains({client, s});
      (s <= from ? before : after) += 1;
      (s <= from ? missed_before : missed_after) += missed ? 1 : 0;
    }
  }
  // Ruptures whose sessions were all missed are not listed, so `after` is a little below .4 for onsets near the end.
  CHECK(std::fabs(missed_before / before - 0.1) < 4 * std::sqrt(0.09 / before) + 0.005);
  CHECK(std::fabs(missed_after / after - 0.4) < 4 * std::sqrt(0.24 / after) + 0.01);
}

TEST_CASE("dropout ends a therapy at a constant rate from the third session on", "[dyads]") {
  auto o = stable();
  o.dropout = 0.2;
  const auto simulated = rp::simulate_dyads(o).value();
  std::map<std::string, double> last;
  for (const auto& row : simulated.client_ratings) last[row.client] = row.session;
  double at_3 = 0;
  double at_end = 0;
  for (const auto& [client, session] : last) {
    CHECK(session >= 3);
    at_3 += session == 3 ? 1 : 0;
    at_end += session == 12 ? 1 : 0;
  }
  CHECK(std::fabs(at_3 / 4000 - 0.2) < 4 * std::sqrt(0.16 / 4000));
  const double stayed = std::pow(0.8, 9);
  CHECK(std::fabs(at_end / 4000 - stayed) < 4 * std::sqrt(stayed * (1 - stayed) / 4000));
}

TEST_CASE("the true depth counts the ends of the scale", "[dyads]") {
  // Near the ceiling a fall of 1.5 is seen as less: the same clients with and without it.
  rp::dyad_options o{.n_clients = 20000,
                     .n_sessions = 12,
                     .level = 6.6,
                     .autocorrelation_sd = 0,
                     .ruptures = 100,
                     .most_ruptures = 1,
                     .least_depth = 1.5,
                     .largest_depth = 1.5,
                     .shape = pattern::v,
                     .missing_session = 0,
                     .dropout = 0};
  const auto with = rp::simulate_dyads(o).value();
  o.ruptures = 0;
  const auto without = by_session(rp::simulate_dyads(o).value().client_ratings);
  const auto y = by_session(with.client_ratings);
  double seen = 0, squares = 0, told = 0, n = 0;
  for (const auto& r : with.ruptures) {
    if (r.seen_by == rp::rupture_seen_by::therapist_only) continue;
    const std::pair<std::string, int> at{r.client, static_cast<int>(r.nadir)};
    const double fall = without.at(at) - y.at(at);
    seen += fall;
    squares += fall * fall;
    told += r.depth;
    n += 1;
  }
  const double sd = std::sqrt(squares / n - seen * seen / n / n);
  CHECK(told / n < 1.4);
  CHECK(std::fabs(seen / n - told / n) < 4 * sd / std::sqrt(n));
}

TEST_CASE("the same seed gives the same dyads; more clients and no ruptures leave the numbers as they are", "[dyads]") {
  rp::dyad_options o{.n_clients = 5, .missed_after_rupture = 1};
  const auto a = rp::simulate_dyads(o).value();
  const auto again = rp::simulate_dyads(o).value();
  REQUIRE(a.client_ratings.size() == again.client_ratings.size());
  for (std::size_t i = 0; i < a.client_ratings.size(); ++i)
    CHECK(a.client_ratings[i].score == again.client_ratings[i].score);
  o.n_clients = 9;
  const auto more = rp::simulate_dyads(o).value();
  for (std::size_t i = 0; i < a.client_ratings.size(); ++i)
    CHECK(a.client_ratings[i].score == more.client_ratings[i].score);
  o.ruptures = 0;
  o.therapist_only = 0;
  const auto none = rp::simulate_dyads(o).value();
  REQUIRE(none.client_ratings.size() == more.client_ratings.size());
  std::map<std::string, rp::index> onset;
  for (const auto& r : more.ruptures) onset.try_emplace(r.client, r.onset);
  for (std::size_t i = 0; i < none.client_ratings.size(); ++i) {
    const auto& row = none.client_ratings[i];
    const auto from = onset.find(row.client);
    if (from == onset.end() || row.session < static_cast<double>(from->second)) {
      CHECK(row.score == more.client_ratings[i].score);
    }
  }
  o.seed = 2;
  CHECK(rp::simulate_dyads(o).value().client_ratings[0].score != none.client_ratings[0].score);
}

TEST_CASE("the ratings make a panel, of clients and of therapists", "[dyads]") {
  const auto simulated = rp::simulate_dyads({.n_clients = 8}).value();
  const auto panel = rp::session_panel::from_rows(simulated.client_ratings, {.range = {{1, 7, 1.0 / 12}}}).value();
  CHECK(panel.n_clients() == 8);
  CHECK(panel.n_therapists() == 6);
  CHECK(rp::session_panel::from_rows(simulated.therapist_ratings, {.range = {{1, 7, 1.0 / 12}}}));
}

TEST_CASE("dyads: options outside their range are refused by name", "[dyads]") {
  const auto refused = [](const rp::dyad_options& o) {
    const auto got = rp::simulate_dyads(o);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == errc::invalid_option);
    return std::string(got.error().subject.view());
  };
  CHECK(refused({.n_clients = 0}) == "n_clients");
  CHECK(refused({.n_sessions = 0}) == "n_sessions");
  CHECK(refused({.n_therapists = 0}) == "n_therapists");
  CHECK(refused({.range = {7, 1, 0}}) == "range");
  CHECK(refused({.state_sd = -1}) == "state_sd");
  CHECK(refused({.autocorrelation = 0.9}) == "autocorrelation");
  CHECK(refused({.volatility_sd = std::numeric_limits<double>::quiet_NaN()}) == "volatility_sd");
  CHECK(refused({.ruptures = 101}) == "ruptures");
  CHECK(refused({.least_depth = 2, .largest_depth = 1}) == "largest_depth");
  CHECK(refused({.mean_length = 0.5}) == "mean_length");
  CHECK(refused({.repair_fraction = 1.5}) == "repair_fraction");
  CHECK(refused({.missing_session = 1}) == "missing_session");
  CHECK(refused({.level_agreement = 2}) == "level_agreement");
  CHECK(rp::simulate_dyads({.n_sessions = 1, .ruptures = 100}).value().ruptures.empty());
}
