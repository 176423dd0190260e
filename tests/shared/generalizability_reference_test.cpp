// SPDX-License-Identifier: BSL-1.0
// Generalizability studies against reference values that lie beside the project, if they do.
#include "shared_reference.hpp"

#include <rapport/reliability/generalizability.hpp>

#include <string>

using rapport::g_design;
using rapport_test::reference_file;

TEST_CASE("persons by items", "[shared]") {
  const auto file = reference_file::open("reliability/gtheory_pi_attitude.json");
  if (!file) return;
  const auto study = rapport::generalizability_study(file->table(), g_design::p_x_i).value();
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK_CLOSE(study.component[k].mean_square, file->number("ms_p_i_pi", k), 1e-10);
    CHECK_CLOSE(study.component[k].variance, file->number("vc_anova_p_i_pi", k), 1e-10);
  }
  for (const rapport::index n : {1, 2, 5, 7, 10, 20}) {
    const auto found = rapport::decision_study(study, n).value();
    const std::string suffix = "_i" + std::to_string(n);
    file->check("Erho2" + suffix, found.generalizability.estimate);
    file->check("Phi" + suffix, found.dependability.estimate);
    CHECK_CLOSE(found.relative_error_sd, file->number("sem_rel_abs" + suffix, 0), 1e-10);
    CHECK_CLOSE(found.absolute_error_sd, file->number("sem_rel_abs" + suffix, 1), 1e-10);
  }
}

TEST_CASE("persons by items by occasions", "[shared]") {
  const auto file = reference_file::open("reliability/gtheory_pio_msq_vale.json");
  if (!file) return;
  const auto study = rapport::generalizability_study(file->table(), g_design::p_x_i_x_o, 4).value();
  for (std::size_t k = 0; k < 7; ++k) {
    CHECK_CLOSE(study.component[k].mean_square, file->number("ms", k), 1e-10);
    CHECK_CLOSE(study.component[k].variance, file->number("vc_anova", k), 1e-10, 1e-14);
  }
  for (const rapport::index items : {1, 4, 10}) {
    for (const rapport::index occasions : {1, 4}) {
      const std::string suffix = "_i" + std::to_string(items) + "_o" + std::to_string(occasions);
      const auto kept = rapport::decision_study(study, items, occasions).value();
      file->check("anova_Erho2" + suffix, kept.generalizability.estimate);
      file->check("anova_Phi" + suffix, kept.dependability.estimate);
      const auto zero = rapport::decision_study(study, items, occasions, rapport::negative_variance::zero).value();
      file->check("anova0_Erho2" + suffix, zero.generalizability.estimate);
      file->check("anova0_Phi" + suffix, zero.dependability.estimate);
    }
  }
}
