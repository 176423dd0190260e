// SPDX-License-Identifier: BSL-1.0
// Reliable change and test-retest against reference values that lie beside the project, if they do.
#include "shared_reference.hpp"

#include <rapport/reliability/measurement_error.hpp>
#include <rapport/reliability/reliable_change.hpp>
#include <rapport/reliability/retest.hpp>

#include <vector>

using rapport::change_method;
using rapport_test::reference_file;

TEST_CASE("six indices of reliable change", "[shared]") {
  const auto file = reference_file::open("rupture/rci.json");
  if (!file) return;
  const double tolerance = file->root["tolerance"]["numbers"].get<double>();
  for (const auto& table : file->root["values"]["tables"]) {
    const auto pre = table["pre"].get<std::vector<double>>();
    const auto post = table["post"].get<std::vector<double>>();
    rapport::basic_estimate<double> reliability;
    reliability.estimate = table["reliability"].get<double>();
    const auto to =
        rapport::change_reference_from<double>(pre, post, reliability, table["reliability_post"].get<double>()).value();
    CHECK_CLOSE(to.mean, table["m_pre"].get<double>(), tolerance);
    CHECK_CLOSE(to.sd, table["sd_pre"].get<double>(), tolerance);
    CHECK_CLOSE(*to.sd_post, table["sd_post"].get<double>(), tolerance);
    CHECK_CLOSE(*to.correlation, table["cor_pre_post"].get<double>(), tolerance);
    const double sem = rapport::standard_error_of_measurement(to.sd, to.reliability).value();
    CHECK_CLOSE(sem, table["sem"].get<double>(), tolerance);
    CHECK_CLOSE(rapport::detail::difference_reliability(to, to.reliability), table["r_dd"].get<double>(), tolerance);
    const std::pair<const char*, change_method> methods[] = {
        {"JT", change_method::jacobson_truax},  {"GLN", change_method::gulliksen_lord_novick},
        {"HLL", change_method::hsu_linn_lord},  {"EN", change_method::edwards_nunnally},
        {"NK", change_method::nunnally_kotsch}, {"HA", change_method::hageman_arrindell}};
    for (const auto& [name, method] : methods) {
      const auto wanted = table[name].get<std::vector<double>>();
      REQUIRE(wanted.size() == pre.size());
      for (std::size_t i = 0; i < pre.size(); ++i) {
        INFO(name << ", person " << i + 1);
        CHECK_CLOSE(rapport::reliable_change(to, pre[i], post[i], {.method = method})->index, wanted[i], tolerance,
                    1e-13);
      }
    }
  }
}

TEST_CASE("test-retest of an anxiety scale", "[shared]") {
  const auto file = reference_file::open("reliability/retest_sai_xray.json");
  if (!file) return;
  const auto items = file->table();
  std::vector<double> first;
  std::vector<double> second;
  for (rapport::index i = 0; i < items.rows(); ++i) {  // sums are missing where an answer is
    first.push_back(items.row(i).head(6).sum());
    second.push_back(items.row(i).tail(6).sum());
  }
  const auto found = rapport::test_retest<double>(first, second).value();
  file->check("n", static_cast<double>(found.n));
  file->check("pearson", found.correlation.estimate);
  file->check("pearson_ci", found.correlation.interval);
  CHECK_CLOSE(*found.correlation_p, file->number("pearson_t_df_p", 2), file->tolerance("pearson_t_df_p"));
  file->check("lin_ccc_n", found.concordance.estimate);
  file->check("sem_retest", found.standard_error_of_measurement);
  file->check("sem_agreement_from_diff", found.error_of_differences.estimate);
  file->check("ba_bias", found.mean_change.estimate);
  file->check("ba_bias_ci", found.mean_change.interval);
  CHECK_CLOSE(*found.mean_change_p, file->number("paired_t_df_p", 2), file->tolerance("paired_t_df_p"));
  // The file takes 1.96 for the normal quantile.
  CHECK_CLOSE(
      rapport::smallest_detectable_change(found.error_of_differences.estimate).value() * 1.96 / 1.959963984540054,
      file->number("sdc95_from_diff"), 1e-10);
  rapport::basic_estimate<double> r = found.correlation;
  const auto to = rapport::change_reference_from<double>(first, second, r).value();
  const auto indices = file->root["values"]["rci_jt_first20"].get<std::vector<double>>();
  std::size_t complete = 0;
  for (std::size_t i = 0; i < first.size() && complete < indices.size(); ++i) {
    if (rapport::is_missing(first[i]) || rapport::is_missing(second[i])) continue;
    CHECK_CLOSE(rapport::reliable_change(to, first[i], second[i])->index, indices[complete], 1e-10, 1e-12);
    ++complete;
  }
}
