// SPDX-License-Identifier: BSL-1.0
// Polychoric correlations and the coefficients that rest on them against reference values.
#include <rapport/core/failure.hpp>
#include <rapport/reliability/guttman.hpp>
#include <rapport/reliability/ordinal.hpp>

#include "accuracy_parts.hpp"

namespace accuracy {

namespace {

using namespace rapport::stats;

std::vector<double> thresholds_of(const polychoric_estimate<double>& p) {
  std::vector<double> out;
  for (const auto& t : p.thresholds) out.insert(out.end(), t.data(), t.data() + t.size());
  return out;
}

}  // namespace

void compare_ordinal(const data_set& d, table& out) {
  const bool scale = d.has("polychoric_lavaan_listwise");
  if (!scale && !d.has("polychoric_twostep_exact")) return;
  const auto complete = polychoric(d.x, missing_cells::listwise);
  if (!complete) return;
  const std::string suffix = scale ? "_listwise" : "";
  out.add(d, "polychoric_lavaan" + suffix, numbers_of(complete->correlation));
  out.add(d, "polychoric_tau" + suffix, thresholds_of(*complete));
  out.add(d, "thresholds", thresholds_of(*complete));
  out.add(d, "polychoric_twostep_exact", numbers_of(complete->correlation));
  out.add(d, "polychoric_psych_complete_correct0", numbers_of(complete->correlation));
  const auto rows = static_cast<double>(complete->n_complete);
  std::vector<double> se;
  for (rapport::index i = 0; i < complete->correlation.rows(); ++i) {
    for (rapport::index j = i + 1; j < complete->correlation.rows(); ++j)
      se.push_back(std::sqrt(complete->sampling_variance(i, j) * rows / (rows - 1)));  // the peer divides by n - 1
  }
  out.add(d, "polychoric_lavaan_se", se);
  if (!scale) return;
  out.add(d, "polychoric_listwise_correct0", numbers_of(complete->correlation));
  out.add(d, "ordinal_alpha_listwise", rapport::ordinal_alpha(*complete).value());
  if (const auto l6 = rapport::guttman_lambdas(complete->as_covariance())->lambda6)
    out.add(d, "ordinal_lambda6_listwise", *l6);
  const auto pairwise = polychoric(d.x, missing_cells::pairwise).value();
  out.add(d, "polychoric_pairwise_correct0", numbers_of(pairwise.correlation));
  out.add(d, "ordinal_alpha_psych_pairwise", rapport::ordinal_alpha(pairwise).value());
  out.add(d, "polychoric_tau_pairwise", thresholds_of(pairwise));
  const auto omega = rapport::categorical_omega(*complete);
  if (!omega) return;
  out.add(d, "cfa1_wlsmv_loading", numbers_of(omega->solution.loadings));
  out.add(d, "omega_categorical_gy_obsvar", omega->omega);
  out.add(d, "omega_categorical_gy_modelvar", omega->omega_model);
  out.add(d, "semtools_ord_alpha_ord", rapport::ordinal_alpha(*complete).value());
}

}  // namespace accuracy
