// SPDX-License-Identifier: BSL-1.0
// Agreement in categories, in ranks and in measurements against reference values beside the project, if they are there.
#include "shared_reference.hpp"

#include <rapport/reliability/bland_altman.hpp>
#include <rapport/reliability/kappa.hpp>
#include <rapport/reliability/kendall.hpp>
#include <rapport/reliability/krippendorff.hpp>
#include <rapport/reliability/multi_rater.hpp>

#include <string>
#include <vector>

using rapport::agreement_weights;
using rapport::rating_metric;
using rapport_test::reference_file;

namespace {

constexpr std::pair<const char*, agreement_weights> all_weights[] = {{"unweighted", agreement_weights::none},
                                                                     {"linear", agreement_weights::linear},
                                                                     {"quadratic", agreement_weights::quadratic}};

rapport::stats::matrix<double> complete_rows(const rapport::stats::matrix<double>& x) {
  rapport::stats::matrix<double> out(x.rows(), x.cols());
  rapport::index n = 0;
  for (rapport::index i = 0; i < x.rows(); ++i) {
    if (!x.row(i).hasNaN()) out.row(n++) = x.row(i);
  }
  return out.topRows(n);
}

void compare_cohen(const reference_file& file, const std::string& pair, const std::vector<double>& a,
                   const std::vector<double>& b) {
  constexpr const char* names[] = {"un", "lin", "quad"};
  for (std::size_t w = 0; w < 3; ++w) {
    const auto found = rapport::cohen_kappa<double>(a, b, {.weights = all_weights[w].second}).value();
    const std::string key = pair + "_kappa_" + names[w];
    file.check(key, found.estimate, 1e-13);
    file.check(key + "_se", *found.standard_error);
    file.check(key + "_se0", *found.standard_error_if_zero);
    file.check(key + "_ci", found.interval);
    file.check(pair + "_irr_kappa2_" + names[w] + "_z", *found.z);
  }
}

void compare_many(const reference_file& file) {
  const auto& values = file.root["values"];
  const auto x = file.table();
  std::vector<double> levels = values["levels"].get<std::vector<double>>();
  for (const auto& each : all_weights) {
    const rapport::kappa_options options{.weights = each.second, .categories = levels};
    const auto check = [&, name = each.first](const char* coefficient, const rapport::basic_kappa<double>& found) {
      const std::string key = "irrCAC_" + std::string(coefficient) + "_" + name + "_est_se_pa_pe";
      if (!values.contains(key)) return;
      INFO(file.name << ": " << key);
      CHECK_CLOSE(found.estimate, file.number(key, 0), 0, 6e-6);  // the package rounds to 5 decimals
      CHECK_CLOSE(*found.standard_error, file.number(key, 1), 0, 6e-6);
      CHECK_CLOSE(found.observed, file.number(key, 2), 1e-12);
      CHECK_CLOSE(found.expected, file.number(key, 3), 1e-12);
    };
    check("gwet.ac1", rapport::gwet_ac(x, options).value());
    check("fleiss.kappa", rapport::fleiss_kappa(x, options).value());
    check("conger.kappa", rapport::conger_kappa(x, options).value());
    check("bp.coeff", rapport::brennan_prediger(x, options).value());
  }
  file.check("gwet_ac1", rapport::gwet_ac(x, {.categories = levels})->estimate, 1e-13);
  const auto complete = complete_rows(x);
  if (values.contains("fleiss_kappa")) {
    const auto fleiss = rapport::fleiss_kappa(complete).value();
    file.check("fleiss_kappa", fleiss.estimate, 1e-13);
    file.check("fleiss_kappa_z", *fleiss.z);
    file.check("conger_exact_kappa", rapport::conger_kappa(complete)->estimate, 1e-13);
  }
  const std::pair<const char*, rating_metric> metrics[] = {{"nominal", rating_metric::nominal},
                                                           {"ordinal", rating_metric::ordinal},
                                                           {"interval", rating_metric::interval},
                                                           {"ratio", rating_metric::ratio}};
  for (const auto& [name, metric] : metrics) {
    const std::string key = "kripp_alpha_" + std::string(name);
    if (values.contains(key)) file.check(key, rapport::krippendorff_alpha(x, metric)->estimate, 1e-13);
  }
  // The package takes the variance of the coefficient without the correction for small samples, (N - 1) / N of the
  // disagreements; and where ratings are missing it treats the numbers of ratings otherwise.
  const std::pair<const char*, rating_metric> by_metric[] = {{"unweighted", rating_metric::nominal},
                                                             {"quadratic", rating_metric::interval}};
  for (const auto& [name, metric] : by_metric) {
    const std::string key = "irrCAC_krippen.alpha_" + std::string(name) + "_est_se_pa_pe";
    if (!values.contains(key)) continue;
    INFO(file.name << ": " << key);
    const auto found = rapport::krippendorff_alpha(x, metric).value();
    const double correction = 1 - 1 / static_cast<double>(found.n_values);
    CHECK_CLOSE(found.estimate, file.number(key, 0), 0, 6e-6);
    CHECK_CLOSE(*found.standard_error / correction, file.number(key, 1), x.hasNaN() ? 1e-3 : 0, 6e-6);
  }
  if (values.contains("kendall_W_corrected")) {
    const auto found = rapport::kendall_w(x).value();
    file.check("kendall_W_corrected", found.w);
    file.check("kendall_W_corrected_chi2", found.chi_squared);
    file.check("kendall_W_corrected_p", found.p);
    file.check("kendall_W_uncorrected", found.w_uncorrected);
  }
}

}  // namespace

TEST_CASE("agreement of many raters", "[shared]") {
  for (const char* name : {"agree_anxiety", "agree_diagnoses", "agree_krippendorff_missing", "icc_shrout_fleiss"}) {
    const auto file = reference_file::open("reliability/" + std::string(name) + ".json");
    if (!file) return;
    compare_many(*file);
  }
}

TEST_CASE("agreement of two raters", "[shared]") {
  for (const char* name : {"agree_anxiety", "agree_diagnoses"}) {
    const auto file = reference_file::open("reliability/" + std::string(name) + ".json");
    if (!file) return;
    const auto x = file->table();
    for (const rapport::index other : {1, 2}) {
      const std::string pair = "r1" + std::to_string(other + 1);
      if (!file->root["values"].contains(pair + "_kappa_un")) continue;
      if (!file->root["values"].contains(pair + "_kappa_lin")) {
        const auto found = rapport::cohen_kappa<double>(std::vector<double>(x.col(0).begin(), x.col(0).end()),
                                                        std::vector<double>(x.col(other).begin(), x.col(other).end()))
                               .value();
        file->check(pair + "_kappa_un", found.estimate);
        file->check(pair + "_kappa_un_se", *found.standard_error);
        continue;
      }
      compare_cohen(*file, pair, {x.col(0).begin(), x.col(0).end()}, {x.col(other).begin(), x.col(other).end()});
    }
  }
  const auto file = reference_file::open("reliability/retest_sai_xray.json");
  if (!file) return;
  const auto x = file->table();
  compare_cohen(*file, "tense", {x.col(0).begin(), x.col(0).end()}, {x.col(6).begin(), x.col(6).end()});
}

TEST_CASE("limits of agreement of an anxiety scale", "[shared]") {
  const auto file = reference_file::open("reliability/retest_sai_xray.json");
  if (!file) return;
  const auto items = file->table();
  const rapport::stats::vector<double> first = items.leftCols(6).rowwise().sum();
  const rapport::stats::vector<double> second = items.rightCols(6).rowwise().sum();
  const auto found = rapport::bland_altman<double>(std::span(first.data(), rapport::as_size(first.size())),
                                                   std::span(second.data(), rapport::as_size(second.size())))
                         .value();
  file->check("ba_bias", found.bias.estimate);
  file->check("ba_sd", found.sd);
  file->check("ba_bias_ci", found.bias.interval);
  file->check("ba_loa_qnorm", {found.lower.estimate, found.upper.estimate});
  // The share of a normal distribution within 1.96.
  const auto rounded = rapport::bland_altman<double>(std::span(first.data(), rapport::as_size(first.size())),
                                                     std::span(second.data(), rapport::as_size(second.size())),
                                                     {.coverage = 0.95000420970355903})
                           .value();
  file->check("ba_loa_196", {rounded.lower.estimate, rounded.upper.estimate});
  file->check("ba_loa_se_exact", *rounded.lower.standard_error);
  CHECK_CLOSE(found.slope->estimate, file->number("ba_slope_intercept_on_mean", 0), 1e-9);
  CHECK_CLOSE(*found.intercept, file->number("ba_slope_intercept_on_mean", 1), 1e-9);
}
