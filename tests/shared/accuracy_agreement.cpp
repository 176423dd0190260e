// SPDX-License-Identifier: BSL-1.0
// Agreement of raters and of occasions against reference values.
#include <rapport/core/failure.hpp>
#include <rapport/reliability/bland_altman.hpp>
#include <rapport/reliability/icc_inference.hpp>
#include <rapport/reliability/kappa.hpp>
#include <rapport/reliability/kendall.hpp>
#include <rapport/reliability/krippendorff.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/reliability/multi_rater.hpp>
#include <rapport/reliability/retest.hpp>

#include "accuracy_parts.hpp"

namespace accuracy {

namespace {

using rapport::agreement_weights;
using rapport::rating_metric;
using rapport::stats::matrix;

std::vector<double> ends(const rapport::basic_interval<double>& i) { return {i.lower, i.upper}; }
std::vector<double> column(const matrix<double>& x, rapport::index j) { return {x.col(j).begin(), x.col(j).end()}; }

void compare_icc(const data_set& d, const matrix<double>& x, const std::string& prefix, table& out) {
  const auto icc = rapport::intraclass_correlations(x).value();
  out.add(d, prefix + "anova_MSB_MSJ_MSE_MSW",
          {icc.anova.rows.mean_square, icc.anova.columns.mean_square, icc.anova.residual.mean_square,
           icc.anova.mean_square_within()});
  std::vector<double> estimate;
  std::vector<double> f;
  std::vector<double> df1;
  std::vector<double> df2;
  std::vector<double> p;
  std::vector<double> lower;
  std::vector<double> upper;
  for (const auto form : rapport::all_icc_forms) {
    const auto& one = icc.of(form).value();
    estimate.push_back(one.estimate);
    f.push_back(one.f.value());
    df1.push_back(one.df1);
    df2.push_back(one.df2);
    p.push_back(one.p.value());
    lower.push_back(one.interval.lower);
    upper.push_back(one.interval.upper);
  }
  const std::string key = prefix + "icc_aov";
  out.add(d, key, estimate);
  out.add(d, key + "_F", f);
  out.add(d, key + "_df1", df1);
  out.add(d, key + "_df2", df2);
  out.add(d, key + "_p", p);
  out.add(d, key + "_lower95", lower);
  out.add(d, key + "_upper95", upper);
}

void compare_cohen(const data_set& d, const std::string& pair, const std::vector<double>& a,
                   const std::vector<double>& b, table& out) {
  if (!d.has(pair + "_kappa_un")) return;
  const std::pair<const char*, agreement_weights> kinds[] = {
      {"un", agreement_weights::none}, {"lin", agreement_weights::linear}, {"quad", agreement_weights::quadratic}};
  for (const auto& [name, weights] : kinds) {
    const auto found = rapport::cohen_kappa<double>(a, b, {.weights = weights}).value();
    const std::string key = pair + "_kappa_" + name;
    out.add(d, key, found.estimate);
    out.add(d, key + "_se", found.standard_error.value());
    out.add(d, key + "_se0", found.standard_error_if_zero.value());
    out.add(d, key + "_ci", ends(found.interval));
    if (weights == agreement_weights::none) out.add(d, pair + "_agreement_pct", 100 * found.observed);
  }
}

/// The package rounds estimate and standard error to five decimals: compared to that.
void compare_rounded(const data_set& d, const std::string& coefficient, const std::string& weights,
                     const rapport::result<rapport::basic_kappa<double>>& found, table& out) {
  const std::string key = "irrCAC_" + coefficient + "_" + weights + "_est_se_pa_pe";
  if (!d.has(key) || !found) return;
  const auto round5 = [](double x) { return std::round(x * 1e5) / 1e5; };
  out.add(d, key, {round5(found->estimate), round5(found->standard_error.value()), found->observed, found->expected});
}

void compare_many(const data_set& d, table& out) {
  const matrix<double>& x = d.x;
  const auto levels = d.numbers("levels");
  const std::pair<const char*, agreement_weights> kinds[] = {{"unweighted", agreement_weights::none},
                                                             {"linear", agreement_weights::linear},
                                                             {"quadratic", agreement_weights::quadratic}};
  for (const auto& [name, weights] : kinds) {
    const rapport::kappa_options options{.weights = weights, .categories = levels};
    compare_rounded(d, "gwet.ac1", name, rapport::gwet_ac(x, options), out);
    compare_rounded(d, "fleiss.kappa", name, rapport::fleiss_kappa(x, options), out);
    compare_rounded(d, "conger.kappa", name, rapport::conger_kappa(x, options), out);
    compare_rounded(d, "bp.coeff", name, rapport::brennan_prediger(x, options), out);
  }
  out.add(d, "gwet_ac1", rapport::gwet_ac(x, {.categories = levels}).value().estimate);
  matrix<double> complete(x.rows(), x.cols());
  rapport::index n = 0;
  for (rapport::index i = 0; i < x.rows(); ++i) {
    if (!x.row(i).hasNaN()) complete.row(n++) = x.row(i);
  }
  complete.conservativeResize(n, x.cols());
  const auto fleiss = rapport::fleiss_kappa(complete).value();
  out.add(d, "fleiss_kappa", fleiss.estimate);
  out.add(d, "fleiss_kappa_z", fleiss.z.value());
  out.add(d, "conger_exact_kappa", rapport::conger_kappa(complete).value().estimate);
  const std::pair<const char*, rating_metric> metrics[] = {{"nominal", rating_metric::nominal},
                                                           {"ordinal", rating_metric::ordinal},
                                                           {"interval", rating_metric::interval},
                                                           {"ratio", rating_metric::ratio}};
  for (const auto& [name, metric] : metrics) {
    const std::string key = std::string("kripp_alpha_") + name;
    if (d.has(key)) out.add(d, key, rapport::krippendorff_alpha(x, metric).value().estimate);
  }
  if (!d.has("kendall_W_corrected")) return;
  const auto w = rapport::kendall_w(x).value();
  out.add(d, "kendall_W_corrected", w.w);
  out.add(d, "kendall_W_corrected_chi2", w.chi_squared);
  out.add(d, "kendall_W_corrected_p", w.p);
  out.add(d, "kendall_W_uncorrected", w.w_uncorrected);
}

void compare_retest(const data_set& d, table& out) {
  const std::vector<double> first = [&] {
    const rapport::stats::vector<double> sum = d.x.leftCols(6).rowwise().sum();
    return std::vector<double>(sum.begin(), sum.end());
  }();
  const std::vector<double> second = [&] {
    const rapport::stats::vector<double> sum = d.x.rightCols(6).rowwise().sum();
    return std::vector<double>(sum.begin(), sum.end());
  }();
  const auto found = rapport::test_retest<double>(first, second).value();
  out.add(d, "pearson", found.correlation.estimate);
  out.add(d, "pearson_ci", ends(found.correlation.interval));
  out.add(d, "lin_ccc_n", found.concordance.estimate);
  out.add(d, "sem_retest", found.standard_error_of_measurement);
  out.add(d, "sem_agreement_from_diff", found.error_of_differences.estimate);
  // The file takes 1.96 for the normal quantile.
  const double rounded_z = 1.96 / 1.959963984540054;
  out.add(d, "sdc95_from_diff",
          rapport::smallest_detectable_change(found.error_of_differences.estimate).value() * rounded_z);
  const auto limits = rapport::bland_altman<double>(first, second).value();
  out.add(d, "ba_bias", limits.bias.estimate);
  out.add(d, "ba_sd", limits.sd);
  out.add(d, "ba_bias_ci", ends(limits.bias.interval));
  out.add(d, "ba_loa_qnorm", {limits.lower.estimate, limits.upper.estimate});
  out.add(d, "ba_slope_intercept_on_mean", {limits.slope.value().estimate, limits.intercept.value()});
  // The share of a normal distribution within 1.96.
  const auto rounded = rapport::bland_altman<double>(first, second, {.coverage = 0.95000420970355903}).value();
  out.add(d, "ba_loa_196", {rounded.lower.estimate, rounded.upper.estimate});
  out.add(d, "ba_loa_se_exact", rounded.lower.standard_error.value());
  matrix<double> totals(d.x.rows(), 2);
  totals << d.x.leftCols(6).rowwise().sum(), d.x.rightCols(6).rowwise().sum();
  compare_icc(d, totals, "total_", out);
  compare_cohen(d, "tense", column(d.x, 0), column(d.x, 6), out);
}

}  // namespace

void compare_agreement(const data_set& d, table& out) {
  if (d.name.rfind("retest_", 0) == 0) compare_retest(d, out);
  if (d.has("levels")) {
    compare_many(d, out);
    if (d.has("icc_aov")) compare_icc(d, d.x, "", out);
    compare_cohen(d, "r12", column(d.x, 0), column(d.x, 1), out);
    compare_cohen(d, "r13", column(d.x, 0), column(d.x, 2), out);
    if (d.x.cols() > 3) compare_cohen(d, "r34", column(d.x, 2), column(d.x, 3), out);
  }
}

}  // namespace accuracy
