// SPDX-License-Identifier: BSL-1.0
// Alpha and omega within and between clusters against reference values that lie beside the project, if they do.
#include "shared_reference.hpp"

#include <rapport/reliability/two_level_reliability.hpp>

#include <string>
#include <vector>

using rapport_test::reference_file;

TEST_CASE("two levels", "[shared]") {
  for (const char* name : {"twolevel_msq_tension", "twolevel_demo_y1_3"}) {
    const auto file = reference_file::open("reliability/" + std::string(name) + ".json");
    if (!file) return;
    const auto all = file->table();
    const bool has_time = std::string(name) == "twolevel_msq_tension";
    const rapport::index first = has_time ? 2 : 1;
    std::vector<int> cluster;
    std::vector<int> session;
    rapport::response_matrix items(all.rows(), all.cols() - first);
    for (rapport::index i = 0; i < all.rows(); ++i) {
      cluster.push_back(static_cast<int>(all(i, 0)));
      session.push_back(static_cast<int>(i));
      for (rapport::index j = first; j < all.cols(); ++j) items(i, j - first) = all(i, j);
    }
    const auto found =
        rapport::two_level_reliability(rapport::session_items::make(cluster, session, items).value()).value();
    const auto& v = found.covariance;
    CHECK(v.converged);
    for (rapport::index i = 0; i < items.n_items(); ++i) {
      for (rapport::index j = 0; j < items.n_items(); ++j) {
        const auto wanted = [&](const char* key) {
          return file->root["values"][key][rapport::as_size(i)][rapport::as_size(j)].get<double>();
        };
        // The file's own optimum is good to 1e-5 of likelihood-ratio units, less in single cells between clusters.
        CHECK_CLOSE(v.within(i, j), wanted("sigma_within_ml"), 1e-4);
        CHECK_CLOSE(v.between(i, j), wanted("sigma_between_ml"), 1e-3);
      }
    }
    file->check("saturated_loglik", v.log_likelihood);
    file->check("alpha_w", found.alpha_within.estimate);
    file->check("alpha_b", found.alpha_between.estimate);
    file->check("alpha_within_moment", found.alpha_within_moment);
    file->check("alpha_between_moment", *found.alpha_between_moment);
    REQUIRE(found.omega_within);
    file->check("omega_w", found.omega_within->estimate);
    file->check("omega_b", found.omega_between->estimate);
    file->check("omega_w_se", *found.omega_within->standard_error);
    file->check("omega_b_se", *found.omega_between->standard_error);
    file->check("omega_w_ci", found.omega_within->interval);
    file->check("omega_b_ci", found.omega_between->interval);
  }
}
