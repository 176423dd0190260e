// SPDX-License-Identifier: BSL-1.0
// Lagged effects: against regressions with a dummy for every client, the root of the adjusted score, simulated truth, gaps.
#include "rapport_test.hpp"

#include <Eigen/Dense>

namespace rp = rapport;

using rapport::errc;
using rapport::lag_correction;

namespace {

struct series_table {
  std::vector<int> client{};
  std::vector<double> session{};
  std::vector<double> symptom{};
  std::vector<double> alliance{};

  [[nodiscard]] rapport::session_panel panel() const {
    return rapport::session_panel::make(client, session, symptom).value();
  }
  [[nodiscard]] std::vector<rapport::growth_covariate> predictors() const { return {{"alliance", alliance}}; }
};

/// Symptom and alliance of clients with levels of their own: .3 and -.15 on the symptom, .3 and -.1 on the alliance.
series_table simulated(std::uint64_t seed, int n_clients, int n_sessions, double missed = 0) {
  rapport::random_stream random(seed);
  series_table out;
  for (int c = 1; c <= n_clients; ++c) {
    const double level = 2 * random.normal();
    double y = random.normal();
    double x = random.normal();
    for (int s = -20; s <= n_sessions; ++s) {
      const double before = y;
      y = 0.3 * y - 0.15 * x + random.normal();
      x = 0.3 * x - 0.1 * before + random.normal();
      if (s < 1 || random.chance(missed)) continue;
      out.client.push_back(c);
      out.session.push_back(s);
      out.symptom.push_back(10 + level + y);
      out.alliance.push_back(5 - level + x);
    }
  }
  return out;
}

struct naive_pair {
  int client = 0;
  double second = 0;
  Eigen::Vector2d before{};
  Eigen::Vector2d after{};
};

std::vector<naive_pair> naive_pairs(const series_table& table) {
  std::vector<naive_pair> out;
  for (std::size_t i = 0; i < table.client.size(); ++i) {
    for (std::size_t j = 0; j < table.client.size(); ++j) {
      if (table.client[i] != table.client[j] || table.session[j] - table.session[i] != 1) continue;
      out.push_back({table.client[i],
                     table.session[j],
                     {table.symptom[i], table.alliance[i]},
                     {table.symptom[j], table.alliance[j]}});
    }
  }
  return out;
}

/// Least squares with a dummy for every client.
Eigen::Vector2d naive_within(const std::vector<naive_pair>& pairs, int n_clients) {
  const auto n = static_cast<rapport::index>(pairs.size());
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(n, 2 + n_clients);
  Eigen::VectorXd y(n);
  for (rapport::index i = 0; i < n; ++i) {
    const naive_pair& pair = pairs[rapport::as_size(i)];
    x.row(i).head(2) = pair.before.transpose();
    x(i, 1 + pair.client) = 1;
    y(i) = pair.after(0);
  }
  return x.completeOrthogonalDecomposition().solve(y).head(2);
}

}  // namespace

TEST_CASE("uncorrected lagged effects are a regression with a dummy for every client", "[lagged]") {
  const auto table = simulated(1, 12, 9, 0.15);
  const auto pairs = naive_pairs(table);
  const auto fit =
      rapport::lagged_effects(table.panel(), table.predictors(), {.correction = lag_correction::uncorrected}).value();
  // A client with a single pair says nothing about effects within clients, and is left out.
  const Eigen::Vector2d wanted = naive_within(pairs, 12);
  CHECK(fit.effects[0].name == "score@lag");
  CHECK(fit.effects[1].name == "alliance@lag");
  CHECK_CLOSE(fit.effects[0].estimate, wanted(0), 1e-9);
  CHECK_CLOSE(fit.effects[1].estimate, wanted(1), 1e-9);
  CHECK(fit.uncorrected(0) == fit.effects[0].estimate);
  CHECK(fit.effects[0].df == static_cast<double>(fit.n_clients - 1));
}

TEST_CASE("the half-panel jackknife from its four halves", "[lagged]") {
  const auto table = simulated(2, 15, 8);
  const auto pairs = naive_pairs(table);
  const auto part = [&](double first, double last) {
    std::vector<naive_pair> out;
    for (const auto& pair : pairs) {
      if (pair.second >= first && pair.second <= last) out.push_back(pair);
    }
    return naive_within(out, 15);
  };
  // 7 pairs, of which the second sessions are 2 to 8.
  const Eigen::Vector2d wanted =
      2 * part(2, 8) - (3 * part(2, 4) + 4 * part(5, 8)) / 14 - (4 * part(2, 5) + 3 * part(6, 8)) / 14;
  const auto fit =
      rapport::lagged_effects(table.panel(), table.predictors(), {.correction = lag_correction::half_panel_jackknife})
          .value();
  CHECK_CLOSE(fit.effects[0].estimate, wanted(0), 1e-9);
  CHECK_CLOSE(fit.effects[1].estimate, wanted(1), 1e-9);
  CHECK(fit.n_pairs == 15 * 7);
}

TEST_CASE("the adjusted score vanishes, its expectation summed over every two pairs", "[lagged]") {
  const auto table = simulated(3, 40, 9, 0.1);
  const auto fit = rapport::lagged_effects(table.panel(), table.predictors()).value();
  REQUIRE(fit.has_root);
  // The alliance has an equation of its own, which the same function solves if the roles are exchanged.
  auto exchanged = table;
  std::swap(exchanged.symptom, exchanged.alliance);
  const auto other = rapport::lagged_effects(exchanged.panel(), exchanged.predictors()).value();
  Eigen::Matrix2d a;
  a << fit.effects[0].estimate, fit.effects[1].estimate, other.effects[1].estimate, other.effects[0].estimate;

  const auto pairs = naive_pairs(table);
  Eigen::Matrix2d score = Eigen::Matrix2d::Zero();
  Eigen::Matrix2d squares = Eigen::Matrix2d::Zero();
  double free = 0;
  std::vector<std::vector<naive_pair>> of_client(41);
  for (const auto& pair : pairs) of_client[static_cast<std::size_t>(pair.client)].push_back(pair);
  for (const auto& mine : of_client) {
    if (mine.size() < 2) continue;
    Eigen::Vector2d mean_before = Eigen::Vector2d::Zero();
    Eigen::Vector2d mean_error = Eigen::Vector2d::Zero();
    for (const auto& pair : mine) {
      mean_before += pair.before / static_cast<double>(mine.size());
      mean_error += (pair.after - a * pair.before) / static_cast<double>(mine.size());
    }
    for (const auto& pair : mine) {
      const Eigen::Vector2d error = pair.after - a * pair.before - mean_error;
      score += (pair.before - mean_before) * error.transpose();
      squares += error * error.transpose();
    }
    free += static_cast<double>(mine.size()) - 1;
  }
  const double size = score.cwiseAbs().maxCoeff();
  const Eigen::Matrix2d errors = squares / free;
  for (const auto& mine : of_client) {
    if (mine.size() < 2) continue;
    for (const auto& earlier : mine) {
      for (const auto& later : mine) {
        const double distance = later.second - 1 - earlier.second;
        if (distance < 0) continue;
        Eigen::Matrix2d power = Eigen::Matrix2d::Identity();
        for (int d = 0; d < static_cast<int>(distance); ++d) power = power * a;
        score += power * errors / static_cast<double>(mine.size());
      }
    }
  }
  CHECK(size > 1);
  CHECK(score.cwiseAbs().maxCoeff() < 1e-9 * size);
}

TEST_CASE("lagged effects of eight sessions are found without their bias", "[lagged]") {
  double found[2] = {};
  double plain = 0;
  int covered = 0;
  constexpr int n_studies = 60;
  for (std::uint64_t r = 0; r < n_studies; ++r) {
    const auto table = simulated(100 + r, 120, 8);
    const auto fit = rapport::lagged_effects(table.panel(), table.predictors()).value();
    for (std::size_t j = 0; j < 2; ++j) found[j] += fit.effects[j].estimate / n_studies;
    plain += fit.uncorrected(0) / n_studies;
    covered += fit.effects[0].interval.contains(0.3) ? 1 : 0;
  }
  // Standard errors of these means are about .006.
  CHECK(std::fabs(found[0] - 0.30) < 0.02);
  CHECK(std::fabs(found[1] + 0.15) < 0.02);
  CHECK(plain < 0.15);   // what the correction is for
  CHECK(covered >= 51);  // of 60; 57 expected, SD 1.7
}

TEST_CASE("a session that was missed is not bridged", "[lagged]") {
  auto table = simulated(5, 10, 8);
  const auto whole = rapport::lagged_effects(table.panel(), table.predictors()).value();
  CHECK(whole.n_gaps == 0);
  CHECK(whole.n_pairs == 70);
  // Session 4 of the first client: gone as a row, then only its score, then only its alliance.
  auto without_row = table;
  for (auto* column : {&without_row.session, &without_row.symptom, &without_row.alliance})
    column->erase(column->begin() + 3);
  without_row.client.erase(without_row.client.begin() + 3);
  const auto fewer = rapport::lagged_effects(without_row.panel(), without_row.predictors()).value();
  CHECK(fewer.n_pairs == 68);
  CHECK(fewer.n_gaps == 1);
  auto without_score = table;
  without_score.symptom[3] = std::numeric_limits<double>::quiet_NaN();
  const auto unscored = rapport::lagged_effects(without_score.panel(), without_score.predictors()).value();
  CHECK(unscored.n_pairs == 68);
  CHECK_CLOSE(unscored.effects[0].estimate, fewer.effects[0].estimate, 1e-12);
  auto without_alliance = table;
  without_alliance.alliance[3] = std::numeric_limits<double>::quiet_NaN();
  CHECK(rapport::lagged_effects(without_alliance.panel(), without_alliance.predictors(),
                                {.correction = lag_correction::uncorrected})
            ->n_pairs == 69);
}

TEST_CASE("lagged effects do not depend on the order of rows, levels or units", "[lagged]") {
  auto table = simulated(6, 20, 8, 0.1);
  const auto fit = rapport::lagged_effects(table.panel(), table.predictors(), {.trend = true}).value();
  REQUIRE(fit.effects.size() == 3);
  std::reverse(table.client.begin(), table.client.end());
  std::reverse(table.session.begin(), table.session.end());
  std::reverse(table.symptom.begin(), table.symptom.end());
  std::reverse(table.alliance.begin(), table.alliance.end());
  for (double& y : table.symptom) y = 1000 + 3 * y;
  for (double& s : table.session) s = 7 * s;  // days
  const auto other = rapport::lagged_effects(table.panel(), table.predictors(), {.lag = 7, .trend = true}).value();
  CHECK_CLOSE(other.effects[0].estimate, fit.effects[0].estimate, 1e-10);
  CHECK_CLOSE(other.effects[1].estimate, 3 * fit.effects[1].estimate, 1e-10);
  CHECK_CLOSE(other.effects[0].standard_error, fit.effects[0].standard_error, 1e-9);
  CHECK_CLOSE(other.effects[2].estimate, 3 * fit.effects[2].estimate / 7, 1e-8);
}

TEST_CASE("lagged effects that cannot be estimated", "[lagged]") {
  auto table = simulated(7, 10, 6);
  const auto refused = [&](const std::vector<rapport::growth_covariate>& predictors,
                           const rapport::lagged_options& how = {}) {
    return rapport::lagged_effects(table.panel(), predictors, how).error().code;
  };
  CHECK(refused({{"alliance", {1, 2}}}) == errc::size_mismatch);
  CHECK(refused(table.predictors(), {.lag = 0}) == errc::invalid_option);
  CHECK(refused(table.predictors(), {.level = 1}) == errc::invalid_option);
  CHECK(refused(table.predictors(), {.lag = 9}) == errc::too_few_clusters);
  std::vector<double> of_the_client(table.client.begin(), table.client.end());
  CHECK(refused({{"client", of_the_client}}) == errc::collinear);
  CHECK(refused({{"symptom", table.symptom}}) == errc::collinear);
}
