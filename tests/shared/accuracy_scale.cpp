// SPDX-License-Identifier: BSL-1.0
// Coefficients of one scale against reference values.
#include <rapport/core/failure.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/reliability/guttman.hpp>
#include <rapport/reliability/item_statistics.hpp>
#include <rapport/reliability/omega.hpp>
#include <rapport/reliability/omega_hierarchical.hpp>
#include <rapport/reliability/split_half.hpp>
#include <rapport/stats/factor_analysis.hpp>

#include "accuracy_parts.hpp"

namespace accuracy {

namespace {

using namespace rapport::stats;

std::vector<double> ends(const rapport::basic_interval<double>& i) { return {i.lower, i.upper}; }

/// Omega and its relatives; lavaan's S has divisor n.
void compare_one_factor(const data_set& d, const covariance_estimate<double>& c, const std::string& suffix,
                        table& out) {
  const auto found = rapport::one_factor_reliability(c);
  if (!found) return;
  const auto logit = rapport::one_factor_reliability(c, {.interval = rapport::omega_interval::logit}).value();
  const double n = static_cast<double>(c.n());
  const auto& s = found->solution;
  out.add(d, "cfa1_loading_" + suffix, numbers_of(s.loadings * std::sqrt((n - 1) / n)));
  out.add(d, "cfa1_residual_" + suffix, numbers_of(s.uniqueness * (n - 1) / n));
  out.add(d, "cfa1_loading_std_" + suffix, numbers_of(found->standardized_loadings));
  const auto add = [&](const std::string& name, const rapport::basic_estimate<double>& e) {
    out.add(d, name + "_ml_" + suffix, e.estimate);
    out.add(d, name + "_ml_se_" + suffix, *e.standard_error);
    out.add(d, name + "_ml_ci_" + suffix, ends(e.interval));
  };
  add("omega", found->omega);
  add("omega_std", found->omega_standardized);
  add("ave", found->ave);
  add("ave_std", found->ave_standardized);
  add("H", found->maximal_reliability);
  out.add(d, "omega_ml_logit_ci_" + suffix, ends(logit.omega.interval));
  out.add(d, "semtools_omega_" + suffix, found->omega.estimate);
  out.add(d, "semtools_omega3_" + suffix, found->omega_observed);
  out.add(d, "semtools_avevar_" + suffix, found->ave.estimate);
  const auto k = c.n_columns();
  const auto fit = compute_fit_indices<double>(s.implied(), c.covariance, c.n(), factor_degrees_of_freedom(k, 1), 1,
                                               fit_convention::confirmatory)
                       .value();
  // An exact fit has a chi-square of rounding size: compared with one.
  out.add(d, "cfa1_chisq_" + suffix, fit.chi_square, 1);
  out.add(d, "cfa1_df_" + suffix, static_cast<double>(fit.df));
  if (fit.p) out.add(d, "cfa1_pvalue_" + suffix, *fit.p, 1e-10);
  out.add(d, "cfa1_baseline_chisq_" + suffix, fit.baseline_chi_square);
  out.add(d, "cfa1_cfi_" + suffix, *fit.cfi);
  out.add(d, "cfa1_tli_" + suffix, *fit.tli);
  out.add(d, "cfa1_rmsea_" + suffix, fit.rmsea, 1e-3);
  out.add(d, "cfa1_rmsea_ci_lower_" + suffix, fit.rmsea_interval.lower, 1e-3);
  out.add(d, "cfa1_rmsea_ci_upper_" + suffix, fit.rmsea_interval.upper, 1e-3);
  out.add(d, "cfa1_srmr_" + suffix, fit.srmr, 1e-2);
}

/// The coefficients that need one matrix alone.
void compare_lambdas(const data_set& d, const covariance_estimate<double>& c, const std::string& suffix, table& out) {
  const auto lambdas = rapport::guttman_lambdas(c).value();
  out.add(d, "lambda1_" + suffix, lambdas.lambda1);
  out.add(d, "lambda2_" + suffix, lambdas.lambda2);
  out.add(d, "lambda3_" + suffix, lambdas.lambda3);
  out.add(d, "lambda5_" + suffix, lambdas.lambda5);
  if (lambdas.lambda6) out.add(d, "lambda6_" + suffix, *lambdas.lambda6);
  const auto splits = rapport::split_half(c).value();
  out.add(d, "split_max_" + suffix, splits.max);
  out.add(d, "split_min_" + suffix, splits.min);
  out.add(d, "split_mean_" + suffix, splits.mean);
  out.add(d, "split_median_" + suffix,
          (splits.values[(splits.values.size() - 1) / 2] + splits.values[splits.values.size() / 2]) / 2);
  out.add(d, "split_count_" + suffix, static_cast<double>(splits.values.size()));
}

void compare_alpha(const data_set& d, const covariance_estimate<double>& c, const std::string& suffix, table& out) {
  const auto get = [&](rapport::alpha_interval kind) { return rapport::cronbach_alpha(c, {.interval = kind}).value(); };
  using kind = rapport::alpha_interval;
  const auto alpha = get(kind::feldt);
  out.add(d, "alpha_" + suffix, alpha.estimate);
  out.add(d, "alpha_ase_" + suffix, *alpha.standard_error);
  out.add(d, "feldt_" + suffix, ends(alpha.interval));
  out.add(d, "bonett2002_ci_" + suffix, ends(get(kind::bonett).interval));
  out.add(d, "duhachek_ci_" + suffix, ends(get(kind::duhachek).interval));
  out.add(d, "fisher_ci_" + suffix, ends(get(kind::fisher).interval));
  if (suffix == "listwise") {
    // The peer cuts lower ends off at zero, and its alpha is 1e-8 off.
    auto hw = get(kind::hakstian_whalen).interval;
    hw.lower = std::max(0.0, hw.lower);
    out.add(d, "mbess_alpha_ci_hakstian_whalen", ends(hw));
  }
  out.add(d, "alpha_std_" + suffix, rapport::standardized_alpha(c).value());
  out.add(d, "average_r_" + suffix, rapport::mean_inter_item_correlation(c).value());
  const auto items = rapport::item_statistics(d.x, c).value();
  const auto column = [&](auto member) {
    std::vector<double> all;
    for (const auto& item : items) all.push_back((item.*member).value_or(std::nan("")));
    return all;
  };
  using item = rapport::basic_item_statistics<double>;
  if (suffix == "pairwise") {
    std::vector<double> n;
    std::vector<double> mean;
    std::vector<double> sd;
    for (const auto& one : items) {
      n.push_back(static_cast<double>(one.n));
      mean.push_back(one.mean);
      sd.push_back(one.sd);
    }
    out.add(d, "item_n", n);
    out.add(d, "item_mean", mean);
    out.add(d, "item_sd", sd);
  }
  out.add(d, "item_raw_r_" + suffix, column(&item::raw_r));
  out.add(d, "item_std_r_" + suffix, column(&item::std_r));
  out.add(d, "item_r_cor_" + suffix, column(&item::r_cor));
  out.add(d, "item_r_drop_" + suffix, column(&item::r_drop));
  out.add(d, "drop_raw_alpha_" + suffix, column(&item::alpha_if_dropped));
  out.add(d, "drop_std_alpha_" + suffix, column(&item::standardized_alpha_if_dropped));
  out.add(d, "drop_g6_" + suffix, column(&item::lambda6_if_dropped));
  out.add(d, "drop_average_r_" + suffix, column(&item::mean_r_if_dropped));
}

void compare_handling(const data_set& d, missing_cells handling, const std::string& suffix, table& out) {
  const auto c = covariance(d.x, handling).value();
  compare_alpha(d, c, suffix, out);
  compare_one_factor(d, c, suffix, out);
  compare_lambdas(d, c, "cov_" + suffix, out);
  auto r = c;
  r.covariance = correlation_from_covariance(c.covariance).value();
  out.add(d, "cov_" + suffix, numbers_of(c.covariance));
  out.add(d, "cor_from_cov_" + suffix, numbers_of(r.covariance));
  if (const auto smc = rapport::guttman_lambdas(r).value().lambda6) out.add(d, "g6_smc_" + suffix, *smc);
  compare_lambdas(d, r, "cor_" + suffix, out);
  const auto odd_even = rapport::odd_even_split(c).value();
  out.add(d, "oddeven_r_" + suffix, *odd_even.correlation);
  out.add(d, "oddeven_spearman_brown_" + suffix, *odd_even.spearman_brown);
  out.add(d, "oddeven_flanagan_" + suffix, odd_even.flanagan);
  out.add(d, "oddeven_horst_" + suffix, *odd_even.horst);
  const double alpha = rapport::cronbach_alpha(c)->estimate;
  out.add(d, "sem_sum_" + suffix, rapport::standard_error_of_measurement(c, alpha).value());
  out.add(d, "spearman_brown_x0.5_" + suffix, rapport::spearman_brown(alpha, 0.5).value());
  out.add(d, "spearman_brown_x2_" + suffix, rapport::spearman_brown(alpha, 2.0).value());
  out.add(d, "spearman_brown_x3_" + suffix, rapport::spearman_brown(alpha, 3.0).value());
}

void compare_hierarchical(const data_set& d, table& out) {
  const auto c = covariance(d.x, missing_cells::listwise).value();
  for (const bool ml : {false, true}) {
    const std::string sl = ml ? "sl_ml_" : "sl_minres_";
    if (!d.has(sl + "omega_t")) continue;
    const auto n_factors = static_cast<rapport::index>(d.numbers(sl + "second_order_loadings_sorted_best").size());
    const auto found = rapport::omega_hierarchical(
        c,
        {.n_factors = n_factors, .method = ml ? factor_method::maximum_likelihood : factor_method::minimum_residual});
    if (!found) continue;
    out.add(d, sl + "omega_h_best", found->omega_hierarchical);
    out.add(d, sl + "omega_t", found->omega_total);
    out.add(d, sl + "ecv_best", found->explained_common_variance);
    out.add(d, sl + "g_abs_best", numbers_of(found->general.cwiseAbs()));
  }
}

}  // namespace

void compare_scale(const data_set& d, table& out) {
  if (d.name.rfind("scale_", 0) != 0) return;
  compare_handling(d, missing_cells::listwise, "listwise", out);
  compare_handling(d, missing_cells::pairwise, "pairwise", out);
  compare_hierarchical(d, out);
}

}  // namespace accuracy
