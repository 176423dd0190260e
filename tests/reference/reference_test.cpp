// SPDX-License-Identifier: BSL-1.0
// Growth curves and alpha against values of R, printed by make_reference.R with their tolerances.
#include "rapport_test.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace rp = rapport;

namespace {

const std::string folder = std::string(RAPPORT_TEST_DIR) + "/reference/";

std::vector<std::vector<std::string>> read_csv(const std::string& name) {
  std::ifstream file(folder + name);
  REQUIRE(file);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells;
    std::stringstream fields(line);
    for (std::string cell; std::getline(fields, cell, ',');) cells.push_back(cell);
    if (!line.empty() && line.back() == ',') cells.emplace_back();
    rows.push_back(cells);
  }
  rows.erase(rows.begin());
  return rows;
}

double number(const std::string& cell) {
  return cell.empty() ? std::numeric_limits<double>::quiet_NaN() : std::stod(cell);
}

/// What R says of a case: quantity -> value and tolerance.
struct reference {
  std::map<std::string, std::pair<double, double>> values{};
  int checked = 0;

  void check(const std::string& quantity, double found) {
    INFO(quantity);
    const auto known = values.find(quantity);
    REQUIRE(known != values.end());
    CHECK_CLOSE(found, known->second.first, known->second.second);
    ++checked;
  }
};

std::map<std::string, reference> read_reference(const std::string& name) {
  std::map<std::string, reference> cases;
  for (const auto& row : read_csv(name)) cases[row[0]].values[row[1]] = {number(row[2]), number(row[3])};
  return cases;
}

}  // namespace

TEST_CASE("growth curves agree with lme4 and lmerTest", "[reference]") {
  std::vector<std::string> client;
  std::vector<double> session;
  std::vector<double> score;
  for (const auto& row : read_csv("sessions.csv")) {
    client.push_back(row[0]);
    session.push_back(number(row[1]));
    score.push_back(number(row[2]));
  }
  const auto panel = rapport::session_panel::make(client, session, score).value();
  const std::map<std::string, rapport::time_coding> codings{
      {"slope", rapport::linear{}.random_slope()},
      {"uncorrelated", rapport::linear{}.random_slope_uncorrelated()},
      {"intercept", rapport::linear{}},
      {"quadratic", rapport::quadratic{}.random_slope()}};
  auto cases = read_reference("growth.csv");
  REQUIRE(cases.size() == 8);
  for (auto& [name, r] : cases) {
    const auto& coding = codings.at(name.substr(0, name.find('_')));
    const auto method = name.ends_with("_ml") ? rapport::stats::likelihood::ml : rapport::stats::likelihood::reml;
    const auto fit = rapport::fit_growth(panel, coding, {.method = method}).value();
    INFO(name << ": " << fit.report());
    REQUIRE(fit.model().report.status == rapport::stats::fit_status::converged);

    // First the formula at fixed parameters, then the optimum.
    const auto rows = rapport::rows_of_growth<double>(panel, coding).value();
    const auto design = rapport::stats::mixed_model_design<double>::make(rows.data).value();
    const rp::index q = coding.n_random();
    rapport::stats::small_matrix<double> factor = rapport::stats::small_matrix<double>::Identity(q, q);
    if (q == 2) factor(1, 1) = 0.1;
    const rapport::stats::small_matrix<double> g0 =
        design.z_factor() * factor * factor.transpose() * design.z_factor().transpose();
    r.check("deviance_at_start", rapport::stats::evaluate(design, g0, method)->deviance);

    r.check("deviance", fit.criterion());
    for (std::size_t j = 0; j < fit.fixed().size(); ++j) {
      const std::string number_of_term = std::to_string(j + 1);
      r.check("beta" + number_of_term, fit.fixed()[j].estimate);
      r.check("se" + number_of_term, fit.fixed()[j].standard_error);
      r.check("df" + number_of_term, fit.fixed()[j].df);
    }
    r.check("sigma", fit.residual_sd());
    r.check("sd1", fit.random_sd(0));
    if (q == 2) r.check("sd2", fit.random_sd(1));
    if (r.values.contains("corr"))
      r.check("corr", fit.random_covariance()(0, 1) / (fit.random_sd(0) * fit.random_sd(1)));
    r.check("aic", fit.aic());
    r.check("bic", fit.bic_n_obs());
    r.check("mode_first_client", fit.client_curves().front().coefficients(0) - fit.fixed()[0].estimate);
    r.check("mode_last_client", fit.client_curves().back().coefficients(0) - fit.fixed()[0].estimate);
    CHECK(r.checked == static_cast<int>(r.values.size()));  // nothing that R printed was passed over
  }
}

TEST_CASE("alpha and the item table agree with psych", "[reference]") {
  const auto rows = read_csv("items.csv");
  Eigen::MatrixXd items(std::ssize(rows), 12);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    REQUIRE(rows[i].size() == 12);
    for (std::size_t j = 0; j < 12; ++j)
      items(static_cast<rp::index>(i), static_cast<rp::index>(j)) = number(rows[i][j]);
  }
  auto cases = read_reference("alpha.csv");
  REQUIRE(cases.size() == 2);
  for (auto& [name, r] : cases) {
    INFO(name);
    const auto handling =
        name == "listwise" ? rapport::stats::missing_cells::listwise : rapport::stats::missing_cells::pairwise;
    const auto c = rapport::stats::covariance(items, handling).value();
    const auto alpha = rapport::cronbach_alpha(c).value();
    r.check("alpha", alpha.estimate);
    r.check("se", *alpha.standard_error);
    r.check("feldt_lower", alpha.interval.lower);
    r.check("feldt_upper", alpha.interval.upper);
    r.check("alpha_standardized", rapport::standardized_alpha(c).value());
    r.check("mean_r", rapport::mean_inter_item_correlation(c).value());
    const auto table = rapport::item_statistics(items, c).value();
    for (std::size_t j = 0; j < 12; ++j) {
      const std::string item = std::to_string(j + 1);
      r.check("mean" + item, table[j].mean);
      r.check("sd" + item, table[j].sd);
      r.check("raw_r" + item, *table[j].raw_r);
      r.check("std_r" + item, *table[j].std_r);
      r.check("r_cor" + item, *table[j].r_cor);
      r.check("r_drop" + item, *table[j].r_drop);
      r.check("dropped" + item, *table[j].alpha_if_dropped);
    }
    CHECK(r.checked == static_cast<int>(r.values.size()));
  }
}
