// SPDX-License-Identifier: BSL-1.0
// New clients and lagged effects without correction against their reference cases.
#include "growth_reference.hpp"

#include <array>

#include <rapport/growth/curve.hpp>
#include <rapport/growth/new_client.hpp>

namespace rp = rapport;

using namespace rapport::stats;
using rapport_test::as_list;
using rapport_test::reference_case;
using rapport_test::reference_table;

TEST_CASE("a client who was not in the data", "[shared]") {
  if (!rapport_test::have_references()) return;
  auto r = reference_case::read("sleep_newsubject");
  const auto table = reference_table::read(r.file["data"]);
  const auto& id = table.texts("id");
  const auto days = table.numbers("days");
  const auto y = table.numbers("y");
  const std::string left_out = r.value("left_out").get<std::string>();
  std::vector<std::string> client;
  std::vector<double> time;
  std::vector<double> score;
  std::vector<double> own_time;
  std::vector<double> own_score;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (id[i] == left_out) {
      if (own_time.size() < 3) {
        own_time.push_back(days[i]);
        own_score.push_back(y[i]);
      }
      continue;
    }
    client.push_back(id[i]);
    time.push_back(days[i]);
    score.push_back(y[i]);
  }
  const auto panel = rapport::session_panel::make(client, time, score).value();
  const auto fit = rapport::fit_growth(panel, rapport::linear{}.random_slope()).value();
  r.check("beta", as_list(fit.model().fixed));
  r.check("vcov", as_list(fit.model().fixed_covariance));
  r.check("G", as_list(fit.random_covariance()));
  r.check("sigma2", fit.model().residual_var);
  const auto at = r.list("times");
  const auto known = rapport::predict_new_client<double>(fit, own_time, own_score, at, true).value();
  const auto uncertain = rapport::predict_new_client<double>(fit, own_time, own_score, at).value();
  r.check("eb", as_list(known.deviation));
  r.check("eb_cov", as_list(known.deviation_covariance));
  std::vector<double> mean;
  std::vector<double> latent[2];
  std::vector<double> observed[2];
  for (std::size_t i = 0; i < at.size(); ++i) {
    mean.push_back(known.expected[i].mean);
    latent[0].push_back(known.expected[i].curve_var);
    latent[1].push_back(uncertain.expected[i].curve_var);
    observed[0].push_back(known.expected[i].score_var);
    observed[1].push_back(uncertain.expected[i].score_var);
  }
  r.check("pred", mean);
  r.check("var_latent_params_known", latent[0]);
  r.check("var_latent_with_beta", latent[1]);
  r.check("var_obs_params_known", observed[0]);
  r.check("var_obs_with_beta", observed[1]);
  CHECK(r.checked == 11);
}

TEST_CASE("lagged scores of the previous row, uncorrected, in a mixed model", "[shared]") {
  if (!rapport_test::have_references()) return;
  auto r = reference_case::read("mlvar_pbc_a");
  auto table = reference_table::read(r.file["data"]);
  // Names and times of the columns.
  const auto ly = table.numbers("logbili");
  const auto lx = table.numbers("albumin");
  const auto& id = table.texts("id");
  std::map<std::string, std::pair<std::array<double, 2>, int>> sums;
  for (std::size_t i = 0; i < id.size(); ++i) {
    auto& mine = sums[id[i]];
    mine.first[0] += ly[i];
    mine.first[1] += lx[i];
    ++mine.second;
  }
  const double missing = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> before_y(id.size(), missing);
  std::vector<double> before_x(id.size(), missing);
  for (std::size_t i = 1; i < id.size(); ++i) {
    if (id[i] != id[i - 1]) continue;
    const auto& mine = sums[id[i]];
    before_y[i] = ly[i - 1] - mine.first[0] / mine.second;
    before_x[i] = lx[i - 1] - mine.first[1] / mine.second;
  }
  table.add("ly", before_y);
  table.add("lx", before_x);
  const std::vector<std::string> fixed{"(Intercept)", "ly", "lx"};
  for (const std::string outcome : {"logbili", "albumin"}) {
    for (const std::string slopes : {"ri", "rs"}) {
      for (const std::string method : {"ml", "reml"}) {
        const std::string key = outcome + "__" + slopes + "_" + method + "_";
        const rapport_test::random_part random{slopes == "ri" ? std::vector<std::string>{"(Intercept)"} : fixed, "id",
                                               slopes == "ri"};
        const auto rows = rapport_test::rows_of_case(table, outcome, fixed, random);
        const auto fit = fit_rows<double>(rows.data, method == "ml" ? likelihood::ml : likelihood::reml).value();
        CHECK(static_cast<double>(fit.n_rows) == r.value("n_rows").get<double>());
        CHECK(static_cast<double>(fit.n_clusters) == r.value("n_ids").get<double>());
        std::vector<double> se;
        std::vector<double> df;
        std::vector<double> variances;
        for (rapport::index j = 0; j < 3; ++j) {
          se.push_back(std::sqrt(fit.fixed_covariance(j, j)));
          df.push_back(satterthwaite_df<double>(fit, vector<double>(vector<double>::Unit(3, j))).value());
        }
        for (rapport::index k = 0; k < fit.random_covariance.rows(); ++k)
          variances.push_back(fit.random_covariance(k, k));
        variances.push_back(fit.residual_var);
        r.check(key + "beta", as_list(fit.fixed));
        r.check(key + "se", se);
        r.check(key + "varpar", variances);
        r.check(key + "loglik", fit.log_likelihood());
        const double allowed = r.tolerance("df");
        const auto wanted = r.list(key + "df_satterthwaite");
        for (std::size_t j = 0; j < 3; ++j) CHECK_CLOSE(df[j], wanted[j], allowed);
        CHECK(fit.deviance <= -2 * r.value(key + "loglik").get<double>() + 1e-7);
      }
    }
  }
  CHECK(r.checked == 32);
}
