// SPDX-License-Identifier: BSL-1.0
// Repeated measures, two levels and generalizability against reference values.
#include <rapport/core/failure.hpp>
#include <rapport/reliability/generalizability.hpp>
#include <rapport/reliability/multilevel.hpp>
#include <rapport/reliability/two_level_reliability.hpp>

#include "accuracy_parts.hpp"

namespace accuracy {

namespace {

using rapport::g_design;

std::vector<double> ends(const rapport::basic_interval<double>& i) { return {i.lower, i.upper}; }

/// The table's items; its first column names the client, the second the session if `has_session`.
rapport::session_items items_of(const data_set& d, bool has_session) {
  const rapport::index first = has_session ? 2 : 1;
  std::vector<rapport::index> client;
  std::vector<double> session;
  rapport::response_matrix items(d.x.rows(), d.x.cols() - first);
  for (rapport::index i = 0; i < d.x.rows(); ++i) {
    client.push_back(static_cast<rapport::index>(d.x(i, 0)));
    session.push_back(has_session ? d.x(i, 1) : static_cast<double>(i));
    for (rapport::index j = first; j < d.x.cols(); ++j) items(i, j - first) = d.x(i, j);
  }
  return rapport::session_items::make(client, session, items).value();
}

void compare_repeated(const data_set& d, table& out) {
  const auto found = rapport::multilevel_reliability(items_of(d, true)).value();
  if (found.crossed) {
    const auto& c = *found.crossed;
    const auto& a = c.anova;
    out.add(
        d, "aov_components_id_time_item_idxtime_idxitem_timexitem_resid",
        {a.a.variance, a.b.variance, a.c.variance, a.ab.variance, a.ac.variance, a.bc.variance, a.residual.variance});
    out.add(d, "aov_R1F", c.r1f.estimate);
    out.add(d, "aov_RkF", c.rkf.estimate);
    out.add(d, "aov_R1R", c.r1r.estimate);
    out.add(d, "aov_RkR", c.rkr.estimate);
    out.add(d, "aov_Rc", c.rc.estimate);
  }
  out.add(d, "nested_components_lme4", {found.nested.client_var, found.nested.session_var, found.nested.residual_var});
  out.add(d, "nested_RkRn_lme4", found.rkrn.estimate);
  out.add(d, "nested_Rcn_lme4", found.rcn.estimate);
  out.add(d, "nested_reml_loglik", found.nested.log_likelihood);
}

void compare_two_levels(const data_set& d, table& out) {
  // Sessions carry a number of their own where the table has a column for them.
  const auto found = rapport::two_level_reliability(items_of(d, d.name == "twolevel_msq_tension")).value();
  out.add(d, "sigma_within_ml", numbers_of(found.covariance.within));
  out.add(d, "sigma_between_ml", numbers_of(found.covariance.between));
  out.add(d, "saturated_loglik", found.covariance.log_likelihood);
  out.add(d, "alpha_w", found.alpha_within.estimate);
  out.add(d, "alpha_b", found.alpha_between.estimate);
  out.add(d, "alpha_within_moment", found.alpha_within_moment);
  out.add(d, "alpha_between_moment", found.alpha_between_moment.value());
  if (!found.omega_within || !found.omega_between) return;
  const auto add = [&](const std::string& name, const rapport::basic_estimate<double>& e) {
    out.add(d, name, e.estimate);
    out.add(d, name + "_se", e.standard_error.value());
    out.add(d, name + "_ci", ends(e.interval));
  };
  add("omega_w", *found.omega_within);
  add("omega_b", *found.omega_between);
}

std::vector<double> components(const rapport::basic_g_study<double>& study, bool mean_squares, std::size_t n) {
  std::vector<double> out;
  for (std::size_t c = 0; c < n; ++c)
    out.push_back(mean_squares ? study.component[c].mean_square : study.component[c].variance);
  return out;
}

void compare_items(const data_set& d, table& out) {
  const auto study = rapport::generalizability_study(d.x, g_design::p_x_i).value();
  out.add(d, "ms_p_i_pi", components(study, true, 3));
  out.add(d, "vc_anova_p_i_pi", components(study, false, 3));
  for (const rapport::index n : {1, 2, 5, 7, 10, 20}) {
    const auto found = rapport::decision_study(study, n).value();
    const std::string suffix = "_i" + std::to_string(n);
    out.add(d, "Erho2" + suffix, found.generalizability.estimate);
    out.add(d, "Phi" + suffix, found.dependability.estimate);
    out.add(d, "sem_rel_abs" + suffix, {found.relative_error_sd, found.absolute_error_sd});
  }
}

void compare_occasions(const data_set& d, table& out) {
  const auto n = d.numbers("n_p_o_i");
  const auto n_occasions = static_cast<rapport::index>(n[1]);
  const auto study = rapport::generalizability_study(d.x, g_design::p_x_i_x_o, n_occasions).value();
  out.add(d, "ms", components(study, true, 7));
  out.add(d, "vc_anova", components(study, false, 7));
  for (const rapport::index items : {1, 4, 10}) {
    for (const rapport::index occasions : {1, 4}) {
      const std::string suffix = "_i" + std::to_string(items) + "_o" + std::to_string(occasions);
      const auto kept = rapport::decision_study(study, items, occasions).value();
      out.add(d, "anova_Erho2" + suffix, kept.generalizability.estimate);
      out.add(d, "anova_Phi" + suffix, kept.dependability.estimate);
      const auto zero = rapport::decision_study(study, items, occasions, rapport::negative_variance::zero).value();
      out.add(d, "anova0_Erho2" + suffix, zero.generalizability.estimate);
      out.add(d, "anova0_Phi" + suffix, zero.dependability.estimate);
    }
  }
}

}  // namespace

void compare_sessions(const data_set& d, table& out) {
  if (d.name.rfind("mlr_", 0) == 0) compare_repeated(d, out);
  if (d.name.rfind("twolevel_", 0) == 0) compare_two_levels(d, out);
  if (d.name.rfind("gtheory_pi_", 0) == 0) compare_items(d, out);
  if (d.name.rfind("gtheory_pio_", 0) == 0) compare_occasions(d, out);
}

}  // namespace accuracy
