// SPDX-License-Identifier: BSL-1.0
// Reliability of repeated measures against reference values that lie beside the project, if they do.
#include "shared_reference.hpp"

#include <rapport/reliability/multilevel.hpp>

#include <string>
#include <vector>

using rapport_test::reference_file;

namespace {

/// The file's items, and the client and session before them.
rapport::session_items items_of(const reference_file& file) {
  const auto all = file.table();
  std::vector<int> client;
  std::vector<double> session;
  rapport::response_matrix items(all.rows(), all.cols() - 2);
  for (rapport::index i = 0; i < all.rows(); ++i) {
    client.push_back(static_cast<int>(all(i, 0)));
    session.push_back(all(i, 1));
    for (rapport::index j = 2; j < all.cols(); ++j) items(i, j - 2) = all(i, j);
  }
  return rapport::session_items::make(client, session, items).value();
}

}  // namespace

TEST_CASE("reliability of repeated measures", "[shared]") {
  for (const char* name : {"mlr_shrout_lane", "mlr_msq_vale_complete"}) {
    const auto file = reference_file::open("reliability/" + std::string(name) + ".json");
    if (!file) return;
    const auto found = rapport::multilevel_reliability(items_of(*file)).value();
    REQUIRE(found.crossed);
    const auto& a = found.crossed->anova;
    const double components[] = {a.a.variance,  a.b.variance,  a.c.variance,       a.ab.variance,
                                 a.ac.variance, a.bc.variance, a.residual.variance};
    const std::string key = "aov_components_id_time_item_idxtime_idxitem_timexitem_resid";
    for (std::size_t c = 0; c < 7; ++c) CHECK_CLOSE(components[c], file->number(key, c), file->tolerance(key), 1e-13);
    file->check("aov_R1F", found.crossed->r1f.estimate);
    file->check("aov_RkF", found.crossed->rkf.estimate);
    file->check("aov_R1R", found.crossed->r1r.estimate);
    file->check("aov_RkR", found.crossed->rkr.estimate);
    file->check("aov_Rc", found.crossed->rc.estimate);
    const double nested[] = {found.nested.client_var, found.nested.session_var, found.nested.residual_var};
    for (std::size_t c = 0; c < 3; ++c)
      CHECK_CLOSE(nested[c], file->number("nested_components_lme4", c), file->tolerance("nested_components_lme4"));
    file->check("nested_RkRn_lme4", found.rkrn.estimate);
    file->check("nested_Rcn_lme4", found.rcn.estimate);
    file->check("nested_reml_loglik", found.nested.log_likelihood);
    CHECK_CLOSE(found.nested.mean, file->number("nested_intercept_and_se", 0), 1e-9);
  }
}
