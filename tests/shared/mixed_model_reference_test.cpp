// SPDX-License-Identifier: BSL-1.0
// The mixed model against every reference case of two levels: optimum, inference, conditional modes.
#include "growth_reference.hpp"

namespace rp = rapport;

using namespace rapport::stats;
using rapport_test::as_list;
using rapport_test::reference_case;
using rapport_test::reference_table;

namespace {

void compare(reference_case& r, const reference_table& table, const std::string& call) {
  const auto model = rapport_test::parse_model(r, call);
  REQUIRE(model.random.size() == 1);
  const auto rows = rapport_test::rows_of_case(table, rapport_test::response_of(call), model.names, model.random[0]);
  const auto design = mixed_model_design<double>::make(rows.data).value();
  const auto fit = fit_mixed_model(design, model.reml ? likelihood::reml : likelihood::ml).value();
  INFO(r.name);
  const bool singular = r.name.find("var0") != std::string::npos || r.name.find("corr1") != std::string::npos;
  CHECK(fit.report.status == (singular ? fit_status::boundary : fit_status::converged));
  r.check("n_obs", static_cast<double>(fit.n_rows));
  r.check("n_groups", static_cast<double>(fit.n_clusters));
  r.check("beta", as_list(fit.fixed));
  std::vector<double> se;
  std::vector<double> sizes;
  const rp::index p = fit.fixed.size();
  for (rp::index i = 0; i < p; ++i) se.push_back(std::sqrt(fit.fixed_covariance(i, i)));
  for (const double a : se) {
    for (const double b : se) sizes.push_back(a * b);
  }
  r.check("se", se);
  r.check_against("vcov", as_list(fit.fixed_covariance), r.list("vcov"), sizes);
  r.check("loglik", fit.log_likelihood());
  r.check("neg2loglik", fit.deviance);
  // Never above the reference by more than 1e-7.
  CHECK(fit.deviance <= r.value("neg2loglik").get<double>() + 1e-7);
  r.check("aic", fit.deviance + 2 * static_cast<double>(fit.n_parameters));
  const double sigma = std::sqrt(fit.residual_var);
  r.check("sigma", sigma);
  const rp::index q = design.n_random();
  std::vector<double> sd;
  for (rp::index k = 0; k < q; ++k) sd.push_back(std::sqrt(fit.random_covariance(k, k)));
  r.check("re_sd", sd, singular ? 1e-6 * sigma / r.tolerance("re_sd") : 0.0);
  if (r.has("G")) r.check("G", as_list(fit.random_covariance), fit.random_covariance.cwiseAbs().maxCoeff());
  if (r.has("re_corr_id") && model.random[0].correlated) {
    Eigen::MatrixXd corr = fit.random_covariance;
    for (rp::index i = 0; i < q; ++i) {
      for (rp::index j = 0; j < q; ++j) corr(i, j) /= sd[rp::as_size(i)] * sd[rp::as_size(j)];
    }
    r.check("re_corr_id", as_list(corr));
  }
  std::vector<double> df;
  std::vector<double> p_value;
  for (rp::index j = 0; j < p; ++j) {
    const auto test = test_coefficient(fit, vector<double>(vector<double>::Unit(p, j))).value();
    df.push_back(test.df);
    p_value.push_back(test.p);
  }
  r.check("df_satterthwaite", df);
  r.check("p_satterthwaite", p_value);

  const std::string modes = r.has("ranef_id") ? "ranef_id" : "ranef";
  if (r.has(modes)) {
    const auto levels = r.names(modes + "_levels");
    std::vector<double> effect;
    std::vector<double> floors;
    std::vector<double> conditional;
    std::vector<double> conditional_floors;
    for (const auto& level : levels) {
      const auto at = std::find(rows.client.begin(), rows.client.end(), level) - rows.client.begin();
      const auto found = effects_of(design, fit, at);
      for (rp::index k = 0; k < q; ++k) {
        effect.push_back(found.effect(k));
        // Modes near zero are differences of large numbers: compared with a hundredth of their SD.
        floors.push_back(0.01 * sd[rp::as_size(k)] + 1e-6 * sigma);
      }
      for (rp::index j = 0; j < q; ++j) {
        for (rp::index i = j; i < (model.random[0].correlated ? q : j + 1); ++i) {
          conditional.push_back(found.conditional_covariance(i, j));
          conditional_floors.push_back(0.01 * sd[rp::as_size(i)] * sd[rp::as_size(j)]);
        }
      }
    }
    r.check_against(modes, effect, r.list(modes), floors);
    if (r.has("ranef_condvar_id"))
      r.check_against("ranef_condvar_id", conditional, r.list("ranef_condvar_id"), conditional_floors);
  }
}

}  // namespace

TEST_CASE("every reference case of two levels", "[shared]") {
  if (!rapport_test::have_references()) return;
  const auto name =
      GENERATE(as<std::string>(), "sleep_ri", "sleep_ris", "sleep_ris_uncorr", "sleep_miss_ris", "sleep_unb_ris",
               "sleep5_ri", "sleepchange_var0", "sleep_corr1", "oxboys_quad", "oxboys_quad_full",
               "bodyweight_diet_time", "bodyweight_piecewise", "btheb_ri", "btheb_logtime", "early_trt");
  for (const char* method : {"_reml", "_ml"}) {
    auto r = reference_case::read(name + method);
    const auto table = reference_table::read(r.file["data"]);
    compare(r, table, r.file["calls"].at("lmer"));
    CHECK(r.checked >= 9);
  }
}

TEST_CASE("the split of a covariate within and between clients", "[shared]") {
  if (!rapport_test::have_references()) return;
  for (const char* name : {"univbct_wb_reml", "univbct_wb_ml", "univbct_wb_slope_reml", "univbct_wb_slope_ml"}) {
    auto r = reference_case::read(name);
    auto table = reference_table::read(r.file["data"]);
    rapport_test::add_split(table);
    compare(r, table, rapport_test::lmer_call(r));
  }
}
