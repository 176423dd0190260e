// SPDX-License-Identifier: BSL-1.0
// Latent class growth and growth mixtures against their reference cases.
#include "growth_reference.hpp"

#include <rapport/growth/latent_classes.hpp>

namespace rp = rapport;

using rapport_test::as_list;
using rapport_test::reference_case;
using rapport_test::reference_table;

TEST_CASE("mixtures of one to three growth curves", "[shared]") {
  if (!rapport_test::have_references()) return;
  for (const auto& [name, coding] : {std::pair("lcga_egsingle", rapport::linear{}.random_none()),
                                     std::pair("gmm_egsingle", rapport::linear{}.random_intercept())}) {
    auto r = reference_case::read(name);
    const auto table = reference_table::read(r.file["data"]);
    const auto panel =
        rapport::session_panel::make(table.texts("id"), table.numbers("year"), table.numbers("math")).value();
    for (rapport::index k = 1; k <= 3; ++k) {
      const auto found = rapport::fit_latent_classes(panel, coding, {.n_classes = k, .starts = 20}).value();
      const std::string key = "K" + std::to_string(k) + "_";
      INFO(name << " " << key);
      CHECK(found.converged);
      const double allowed = r.tolerance("loglik");
      const auto close = [&](const std::string& what, double value) {
        INFO(what);
        CHECK_CLOSE(value, r.value(key + what).get<double>(), allowed);
      };
      close("loglik", found.log_likelihood);
      // Never a worse optimum.
      CHECK(found.log_likelihood > r.value(key + "loglik").get<double>() - 1e-7);
      close("bic", found.bic_n_clients);
      close("aic", found.aic);
      close("sabic", found.bic_adjusted);
      CHECK(found.n_parameters == r.value(key + "n_par").get<rapport::index>());
      r.check(key + "class_prob", as_list(found.probability));
      r.check(key + "beta", as_list(found.coefficients));
      r.check(key + "sigma2", found.residual_var);
      r.check(key + "icl", found.icl);
      if (found.random_covariance.size() > 0) r.check(key + "var_intercept", found.random_covariance(0, 0));
      if (k == 1) continue;
      r.check(key + "entropy", found.entropy);
      r.check(key + "avepp", as_list(found.certainty));
      CHECK(r.value(key + "modal_counts").get<std::vector<rapport::index>>() == found.modal_count);
      CHECK(found.share_of_starts_at_best > 0);
    }
    CHECK(r.checked >= 14);
  }
}
