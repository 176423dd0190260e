// SPDX-License-Identifier: BSL-1.0
// Nested models, Kenward-Roger and the uncertainty of variances against every reference case that has them.
#include "growth_reference.hpp"

namespace rp = rapport;

using namespace rapport::stats;
using rapport_test::as_list;
using rapport_test::random_part;
using rapport_test::reference_case;
using rapport_test::reference_table;

namespace {

using jet_type = matrix_jet<double>;

std::vector<double> standard_errors(const matrix<double>& covariance) {
  std::vector<double> out;
  for (rp::index j = 0; j < covariance.rows(); ++j) out.push_back(std::sqrt(covariance(j, j)));
  return out;
}

std::vector<double> products(const std::vector<double>& a) {
  std::vector<double> out;
  for (const double x : a) {
    for (const double y : a) out.push_back(x * y);
  }
  return out;
}

void check_fixed(reference_case& r, const nested_model_fit<double>& fit) {
  CHECK(fit.report.status == fit_status::converged);
  const auto se = standard_errors(fit.fixed_covariance);
  r.check("n_obs", static_cast<double>(fit.n_rows));
  r.check("beta", as_list(fit.fixed));
  r.check("se", se);
  r.check_against("vcov", as_list(fit.fixed_covariance), r.list("vcov"), products(se));
  r.check("loglik", fit.log_likelihood());
  r.check("neg2loglik", fit.deviance);
  CHECK(fit.deviance <= r.value("neg2loglik").get<double>() + 1e-7);
  r.check("aic", fit.deviance + 2 * static_cast<double>(fit.n_parameters));
  r.check("sigma", std::sqrt(fit.residual_var));
}

/// Positions of the parameters of variances_of in the order of the files: G by rows of the lower triangle, then the rest.
std::vector<rp::index> file_order(rp::index q, bool correlated, rp::index n) {
  std::vector<rp::index> out;
  const auto position = [&](rp::index i, rp::index j) { return j * q - j * (j - 1) / 2 + (i - j); };
  for (rp::index i = 0; i < q; ++i) {
    for (rp::index j = correlated ? 0 : i; j <= i; ++j) out.push_back(correlated ? position(i, j) : i);
  }
  while (std::ssize(out) < n) out.push_back(std::ssize(out));
  return out;
}

void check_variances(reference_case& r, const nested_model_design<double>& design,
                     const nested_model_fit<double>& fit) {
  const auto variances = variances_of(design, fit).value();
  const auto order =
      file_order(design.n_random(), design.structure() == random_structure::correlated, variances.value.size());
  std::vector<double> value;
  std::vector<double> se;
  std::vector<double> covariance;
  for (const rp::index k : order) {
    value.push_back(variances.value(k));
    se.push_back(variances.standard_error(k));
    for (const rp::index l : order) covariance.push_back(variances.covariance(k, l));
  }
  // A covariance near zero is compared with a hundredth of its standard error.
  std::vector<double> floors;
  for (const double each : se) floors.push_back(0.01 * each);
  r.check_against("varpar", value, r.list("varpar"), floors);
  r.check("varpar_se", se);
  r.check_against("varpar_vcov_observed", covariance, r.list("varpar_vcov_observed"), products(se));
}

void check_kenward_roger(reference_case& r, const nested_model_design<double>& design,
                         const nested_model_fit<double>& fit) {
  const auto adjusted = kenward_roger_of(design, fit).value();
  const auto se = standard_errors(adjusted.fixed_covariance);
  r.check_against("vcov_kr", as_list(adjusted.fixed_covariance), r.list("vcov_kr"), products(se));
  r.check("se_kr", se);
  std::vector<double> df;
  std::vector<double> p;
  for (rp::index j = 0; j < fit.fixed.size(); ++j) {
    const vector<double> unit = vector<double>::Unit(fit.fixed.size(), j);
    const auto test = test_coefficient(fit, adjusted, unit).value();
    df.push_back(test.df);
    p.push_back(test.p);
  }
  r.check("df_kr", df);
  r.check("p_kr", p);
}

void check_satterthwaite(reference_case& r, const nested_model_fit<double>& fit) {
  std::vector<double> df;
  for (rp::index j = 0; j < fit.fixed.size(); ++j)
    df.push_back(satterthwaite_df<double>(fit, vector<double>(vector<double>::Unit(fit.fixed.size(), j))).value());
  r.check("df_satterthwaite", df);
}

void check_modes(reference_case& r, const std::string& key, const std::vector<std::string>& known,
                 const std::vector<vector<double>>& effects, const std::vector<double>& sd) {
  if (!r.has(key)) return;
  const std::string levels = r.has(key + "_levels") ? key + "_levels" : "ranef_levels";
  std::vector<double> found;
  std::vector<double> floors;
  for (const auto& level : r.names(levels)) {
    const auto at = std::find(known.begin(), known.end(), level) - known.begin();
    for (rp::index k = 0; k < std::ssize(sd); ++k) {
      found.push_back(effects[rp::as_size(at)](k));
      floors.push_back(0.01 * sd[rp::as_size(k)]);
    }
  }
  r.check_against(key, found, r.list(key), floors);
}

std::vector<vector<double>> modes_of(const nested_effects<double>& effects) {
  std::vector<vector<double>> out;
  for (const auto& each : effects.clusters) out.push_back(each.effect);
  return out;
}

}  // namespace

TEST_CASE("Kenward-Roger and the uncertainty of variances in models of two levels", "[shared]") {
  if (!rapport_test::have_references()) return;
  const auto name =
      GENERATE(as<std::string>(), "sleep_ri", "sleep_ris", "sleep_ris_uncorr", "sleep_miss_ris", "sleep_unb_ris",
               "sleep5_ri", "oxboys_quad", "oxboys_quad_full", "bodyweight_diet_time", "bodyweight_piecewise",
               "btheb_ri", "btheb_logtime", "early_trt", "univbct_wb", "univbct_wb_slope");
  for (const char* method : {"_reml", "_ml"}) {
    auto r = reference_case::read(name + method);
    auto table = reference_table::read(r.file["data"]);
    if (name.starts_with("univbct")) rapport_test::add_split(table);
    const auto call = rapport_test::lmer_call(r);
    const auto model = rapport_test::parse_model(r, call);
    const auto rows = rapport_test::rows_of_case(table, rapport_test::response_of(call), model.names, model.random[0]);
    const auto kind = model.reml ? likelihood::reml : likelihood::ml;
    const auto design = nested_model_design<double>::make(rows.data).value();
    // The optimum of the model of two levels, read as a nested model without groups.
    const nested_model_fit<double> fit{
        fit_mixed_model(mixed_model_design<double>::make(rows.data).value(), kind).value()};
    check_variances(r, design, fit);
    if (model.reml) check_kenward_roger(r, design, fit);
    if (!model.reml) CHECK(kenward_roger_of(design, fit).error().code == rp::errc::kenward_roger_refused);
    CHECK(r.checked >= 3);
  }
}

TEST_CASE("every reference case of three levels", "[shared]") {
  if (!rapport_test::have_references()) return;
  const auto name = GENERATE(as<std::string>(), "eg3_ri", "eg3_ris", "pastes_nested");
  for (const char* method : {"_reml", "_ml"}) {
    auto r = reference_case::read(name + method);
    const auto table = reference_table::read(r.file["data"]);
    const auto call = rapport_test::lmer_call(r);
    const auto model = rapport_test::parse_model(r, call);
    REQUIRE(model.random.size() == 2);
    const std::string& group = model.random[1].group;
    const auto rows =
        rapport_test::rows_of_case(table, rapport_test::response_of(call), model.names, model.random[0], group);
    const auto design = nested_model_design<double>::make(rows.data).value();
    const auto fit = fit_nested_model(design, model.reml ? likelihood::reml : likelihood::ml).value();
    INFO(r.name);
    check_fixed(r, fit);
    check_satterthwaite(r, fit);
    check_variances(r, design, fit);
    if (model.reml) check_kenward_roger(r, design, fit);
    CHECK(r.list("n_groups") ==
          std::vector<double>{static_cast<double>(rows.client.size()), static_cast<double>(rows.group.size())});
    std::vector<double> sd = standard_errors(fit.random_covariance);
    const auto effects = effects_of(design, fit).value();
    check_modes(r, "ranef_" + model.random[0].group, rows.client, modes_of(effects), sd);
    std::vector<vector<double>> groups;
    std::vector<double> conditional;
    for (const auto& each : effects.groups) groups.push_back(vector<double>::Constant(1, each.effect));
    check_modes(r, "ranef_" + group, rows.group, groups, {std::sqrt(fit.group_var)});
    for (const auto& level : r.names("ranef_" + group + "_levels")) {
      const auto at = std::find(rows.group.begin(), rows.group.end(), level) - rows.group.begin();
      conditional.push_back(effects.groups[rp::as_size(at)].conditional_variance);
    }
    r.check("ranef_condvar_" + group, conditional);
    CHECK(r.checked >= 14);
  }
}

TEST_CASE("every reference case with structured errors", "[shared]") {
  if (!rapport_test::have_references()) return;
  struct one {
    std::string name;
    std::string y;
    std::string time;
    residual_kind kind;
    std::vector<std::string> random;
  };
  const std::vector<one> cases{
      {"sleep_gls_ar1", "y", "days", residual_kind::autoregressive, {}},
      {"sleep_miss_gls_ar1", "y", "days", residual_kind::autoregressive, {}},
      {"sleep_lme_ri_ar1", "y", "days", residual_kind::autoregressive, {"(Intercept)"}},
      {"sleep_gls_cs", "y", "days", residual_kind::symmetric, {}},
      {"bodyweight_gls_car1", "weight", "week", residual_kind::continuous, {}},
      {"bodyweight_lme_ri_car1", "weight", "week", residual_kind::continuous, {"(Intercept)"}},
      {"bodyweight_lme_ris_car1", "weight", "week", residual_kind::continuous, {"(Intercept)", "week"}},
      {"early_lme_varident_age", "cog", "age", residual_kind::stratified, {"(Intercept)"}},
      {"btheb_mmrm_un", "bdi", "month", residual_kind::unstructured, {}}};
  for (const auto& each : cases) {
    for (const char* method : {"_reml", "_ml"}) {
      auto r = reference_case::read(each.name + method);
      const auto table = reference_table::read(r.file["data"]);
      auto rows = rapport_test::rows_of_case(table, each.y, r.names("beta_names"), {each.random, "id", true});
      auto& residual = rows.data.residual;
      residual.kind = each.kind;
      const auto time = table.numbers(each.time);
      std::vector<double> distinct;
      for (const std::size_t i : rows.table_row) {
        residual.time.push_back(time[i]);
        distinct.push_back(time[i]);
      }
      std::sort(distinct.begin(), distinct.end());
      distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
      for (const double t : residual.time)
        residual.stratum.push_back(std::find(distinct.begin(), distinct.end(), t) - distinct.begin());
      residual.n_strata = std::ssize(distinct);
      const auto design = nested_model_design<double>::make(rows.data).value();
      const bool reml = std::string(method) == "_reml";
      const auto fit = fit_nested_model(design, reml ? likelihood::reml : likelihood::ml).value();
      INFO(r.name);
      check_fixed(r, fit);
      if (each.kind == residual_kind::unstructured) {
        std::vector<jet_type> parameters;
        for (const double x : fit.residual_parameters) parameters.push_back(jet_type::number(x));
        const matrix<double> covariance = fit.residual_var * design.weights().covariance(parameters).value();
        r.check("cov", as_list(covariance));
        check_satterthwaite(r, fit);
        if (reml) check_kenward_roger(r, design, fit);
        continue;
      }
      // In the files' order: G, the residual variance, then the errors' parameters, standard deviations for variances.
      const auto variances = variances_of(design, fit).value();
      const rp::index n = variances.value.size();
      vector<double> value(n);
      matrix<double> change = matrix<double>::Zero(n, n);
      const rp::index n_random = variances.n_random;
      for (rp::index k = 0; k < n; ++k) {
        const rp::index from = k < n_random ? k : k == n_random ? n - 1 : k - 1;
        const bool is_ratio = k > n_random && each.kind == residual_kind::stratified;
        value(k) = is_ratio ? std::sqrt(variances.value(from)) : variances.value(from);
        change(k, from) = is_ratio ? 1 / (2 * value(k)) : 1;
      }
      const matrix<double> covariance = change * variances.covariance * change.transpose();
      std::vector<double> floors;
      for (const double se : standard_errors(covariance)) floors.push_back(0.01 * se);
      r.check_against("covpar", as_list(value), r.list("covpar"), floors);
      r.check_against("covpar_vcov_observed", as_list(covariance), r.list("covpar_vcov_observed"),
                      products(standard_errors(covariance)));
      if (each.random.empty()) continue;
      check_modes(r, "ranef_first10", rows.client, modes_of(effects_of(design, fit).value()),
                  standard_errors(fit.random_covariance));
    }
  }
}
