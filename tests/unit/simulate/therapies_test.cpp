// SPDX-License-Identifier: BSL-1.0
// Simulated therapies: legal answers, known truth, the same for the same seed.
#include "rapport_test.hpp"

#include <map>
#include <set>

using rapport::errc;

namespace {

/// Scores of the forms, by client and session.
std::map<std::pair<std::string, rapport::index>, double> totals(const rapport::simulated_therapies& simulated,
                                                                const rapport::instrument& form) {
  std::map<std::pair<std::string, rapport::index>, double> out;
  for (const auto& filled : simulated.forms) {
    const auto card = rapport::score(form, filled.answers);
    REQUIRE(card);
    if (card->total_mean()) out[{filled.client, filled.session}] = *card->total_mean();
  }
  return out;
}

}  // namespace

TEST_CASE("every simulated form is legal for its instrument", "[simulate]") {
  for (const rapport::instrument* form :
       {&rapport::instruments::wai_36_client, &rapport::instruments::wai_sr_client, &rapport::instruments::srs_3}) {
    const auto simulated = rapport::simulate_therapies(*form, {.n_clients = 20, .n_sessions = 10}).value();
    CHECK(simulated.forms.size() > 120);
    for (const auto& filled : simulated.forms) CHECK(rapport::score(*form, filled.answers));
  }
}

TEST_CASE("the same seed gives the same therapies; another gives others", "[simulate]") {
  const auto make = [](std::uint64_t seed) {
    return rapport::simulate_therapies(rapport::instruments::wai_sr_client,
                                       {.n_clients = 5, .missing_answer = 0, .seed = seed})
        .value();
  };
  const auto a = make(1);
  const auto b = make(1);
  REQUIRE(a.forms.size() == b.forms.size());
  for (std::size_t i = 0; i < a.forms.size(); ++i) CHECK(a.forms[i].answers == b.forms[i].answers);
  CHECK(make(2).forms[0].answers != a.forms[0].answers);
}

TEST_CASE("more clients leave the others as they are", "[simulate]") {
  const rapport::therapy_options few{.n_clients = 4, .n_therapists = 3, .missing_answer = 0};
  rapport::therapy_options many = few;
  many.n_clients = 9;
  const auto a = rapport::simulate_therapies(rapport::instruments::wai_sr_client, few).value();
  const auto b = rapport::simulate_therapies(rapport::instruments::wai_sr_client, many).value();
  for (std::size_t i = 0; i < a.forms.size(); ++i) CHECK(a.forms[i].answers == b.forms[i].answers);
}

TEST_CASE("planted ruptures lower the scores where they say, by what they say", "[simulate]") {
  // The same therapies with and without ruptures: the difference at the nadir is the depth, on average.
  const auto& form = rapport::instruments::wai_36_client;
  rapport::therapy_options o{
      .n_clients = 400, .n_sessions = 12, .rupture_rate = 1, .missing_session = 0, .missing_answer = 0, .dropout = 0};
  const auto with = rapport::simulate_therapies(form, o).value();
  CHECK(with.ruptures.size() == 400);
  const auto scores = totals(with, form);
  double fall = 0;
  double planted = 0;
  for (const auto& r : with.ruptures) {
    CHECK(r.pre == r.onset - 1);
    CHECK(r.onset >= 4);
    CHECK(r.nadir >= r.onset);
    if (r.repair) CHECK(*r.repair > r.nadir);
    fall += scores.at({r.client, r.pre}) - scores.at({r.client, r.nadir});
    planted += r.depth;
  }
  // Ordinary ups and downs average out over 400 therapies: SD of a difference about .7 points, so .035 of the mean.
  CHECK_CLOSE(fall / 400, planted / 400, 0, 0.15);
}

TEST_CASE("rates of ruptures, repairs, blanks and missed sessions are as asked", "[simulate]") {
  rapport::therapy_options o{.n_clients = 2000,
                             .n_sessions = 14,
                             .rupture_rate = 0.3,
                             .repair_probability = 0.6,
                             .missing_session = 0.1,
                             .missing_answer = 0.02,
                             .dropout = 0};
  const auto simulated = rapport::simulate_therapies(rapport::instruments::srs_3, o).value();
  double repaired = 0;
  for (const auto& r : simulated.ruptures) repaired += r.repair ? 1 : 0;
  const auto n_ruptures = static_cast<double>(simulated.ruptures.size());
  CHECK_CLOSE(n_ruptures / 2000, 0.3, 0, 0.05);
  CHECK_CLOSE(repaired / n_ruptures, 0.6, 0, 0.1);
  double blanks = 0;
  for (const auto& form : simulated.forms) {
    for (const double answer : form.answers) blanks += rapport::is_missing(answer) ? 1 : 0;
  }
  const auto n_forms = static_cast<double>(simulated.forms.size());
  CHECK_CLOSE(blanks / (4 * n_forms), 0.02, 0, 0.003);
  CHECK_CLOSE(n_forms / (2000 * 14), 1 - 0.1 * 13 / 14, 0, 0.01);
}

TEST_CASE("clients differ in how much they move about, as asked; switched off, nothing else changes", "[simulate]") {
  const auto& form = rapport::instruments::wai_36_client;
  rapport::therapy_options o{.n_clients = 300,
                             .n_sessions = 40,
                             .level = 0,  // in the middle of the scale: its ends do not narrow anyone's scores
                             .therapist_sd = 0,
                             .client_sd = 0,
                             .trend = 0,
                             .trend_sd = 0,
                             .state_autocorrelation = 0,
                             .rupture_rate = 0,
                             .missing_session = 0,
                             .missing_answer = 0,
                             .dropout = 0};
  // Variance between clients of the logarithm of their within-client SD.
  const auto spread = [&](double volatility_sd) {
    o.volatility_sd = volatility_sd;
    std::map<std::string, std::vector<double>> scores;
    for (const auto& [key, score] : totals(rapport::simulate_therapies(form, o).value(), form))
      scores[key.first].push_back(score);
    std::vector<double> logs;
    for (const auto& [client, y] : scores) logs.push_back(std::log(*rapport::stats::series_sd<double>({y, y, {}})));
    return std::pow(*rapport::stats::series_sd<double>({logs, logs, {}}), 2);
  };
  // Alike, the logarithms scatter by 1 / (2 x 39) = .013 alone. The state is nine tenths of the within-client variance
  // (36 items of loading .8), so a log-normal factor of SD .4 adds .4^2 x .9^2 = .13; its standard error is .012.
  const double alike = spread(0);
  CHECK_CLOSE(alike, 0.013, 0, 0.005);
  CHECK_CLOSE(spread(0.4) - alike, 0.13, 0, 0.04);

  o.n_clients = 5;
  o.volatility_sd = 0;
  const auto one = rapport::simulate_therapies(form, o).value();
  o.volatility_sd = 1e-12;
  const auto other = rapport::simulate_therapies(form, o).value();
  for (std::size_t i = 0; i < one.forms.size(); ++i) CHECK(one.forms[i].answers == other.forms[i].answers);
}

TEST_CASE("sessions after a lowered one are missed more often, as asked", "[simulate]") {
  rapport::therapy_options o{
      .n_clients = 3000, .n_sessions = 14, .rupture_rate = 1, .missing_session = 0.1, .dropout = 0};
  for (const double factor : {1.0, 3.0}) {
    o.missed_after_rupture = factor;
    const auto simulated = rapport::simulate_therapies(rapport::instruments::srs_3, o).value();
    std::set<std::pair<std::string, rapport::index>> attended;
    for (const auto& form : simulated.forms) attended.emplace(form.client, form.session);
    double n = 0;
    double missed = 0;
    double missed_before = 0;
    for (const auto& r : simulated.ruptures) {
      n += 1;
      missed += attended.count({r.client, r.nadir + 1}) == 0 ? 1 : 0;
      missed_before += attended.count({r.client, r.pre}) == 0 ? 1 : 0;
    }
    // Standard error about .008.
    CHECK_CLOSE(missed / n, 0.1 * factor, 0, 0.03);
    CHECK_CLOSE(missed_before / n, 0.1, 0, 0.03);
  }
}

TEST_CASE("options outside their range are refused by name", "[simulate]") {
  const auto& form = rapport::instruments::srs_3;
  CHECK(rapport::simulate_therapies(form, {.n_clients = 0}).error().subject == "n_clients");
  CHECK(rapport::simulate_therapies(form, {.rupture_rate = 1.1}).error().subject == "rupture_rate");
  CHECK(rapport::simulate_therapies(form, {.least_depth = 2, .largest_depth = 1}).error().subject == "largest_depth");
  CHECK(rapport::simulate_therapies(form, {.volatility_sd = -0.1}).error().subject == "volatility_sd");
  CHECK(rapport::simulate_therapies(form, {.missed_after_rupture = -1}).error().subject == "missed_after_rupture");
  CHECK(rapport::simulate_therapies(form, {.loading = std::numeric_limits<double>::quiet_NaN()}).error().code ==
        errc::invalid_option);
  CHECK(rapport::simulate_therapies(rapport::instrument("empty", 0)).error().code == errc::invalid_instrument);
}
