// SPDX-License-Identifier: BSL-1.0
// Sandwich, profile and likelihood ratios against their reference cases.
#include "growth_reference.hpp"

namespace rp = rapport;

using namespace rapport::stats;
using rapport_test::as_list;
using rapport_test::random_part;
using rapport_test::reference_case;
using rapport_test::reference_table;

TEST_CASE("sandwich covariances", "[shared]") {
  if (!rapport_test::have_references()) return;
  for (const auto& [name, y, random] :
       {std::tuple("cr_sleep_ri", "y", random_part{{"(Intercept)"}, "id", true}),
        std::tuple("cr_sleep_ris", "y", random_part{{"(Intercept)", "days"}, "id", true}),
        std::tuple("cr_btheb", "bdi", random_part{{"(Intercept)"}, "id", true})}) {
    auto r = reference_case::read(name);
    const auto rows =
        rapport_test::rows_of_case(reference_table::read(r.file["data"]), y, r.names("beta_names"), random);
    const mixed_model_data<double>& data = rows.data;
    const auto fit = fit_rows(data, likelihood::reml).value();
    for (const auto& [key, kind] : {std::pair("CR0", sandwich_kind::cr0), std::pair("CR1", sandwich_kind::cr1),
                                    std::pair("CR1S", sandwich_kind::cr1s), std::pair("CR2", sandwich_kind::cr2)}) {
      const auto covariance = sandwich_covariance(data, fit, kind).value();
      std::vector<double> se;
      std::vector<double> sizes;
      for (rp::index j = 0; j < covariance.rows(); ++j) se.push_back(std::sqrt(covariance(j, j)));
      for (const double a : se) {
        for (const double b : se) sizes.push_back(a * b);
      }
      r.check(std::string("se_") + key, se);
      const std::string whole = std::string("vcov_") + key;
      r.check_against(whole, as_list(covariance), r.list(whole), sizes);
    }
    CHECK(r.checked == 8);
  }
}

TEST_CASE("profile intervals of fixed effects", "[shared]") {
  if (!rapport_test::have_references()) return;
  for (const auto& [name, n_random] : {std::pair("sleep_ri_profile", 1), std::pair("sleep_ris_profile", 2)}) {
    auto r = reference_case::read(name);
    random_part random{{"(Intercept)"}, "id", true};
    if (n_random == 2) random.terms.push_back("days");
    const auto rows =
        rapport_test::rows_of_case(reference_table::read(r.file["data"]), "y", {"(Intercept)", "days"}, random);
    std::vector<double> ends;
    for (const rp::index j : {0, 1}) {
      const auto interval = profile_interval<mixed_model_data<double>>(rows.data, j).value();
      ends.insert(ends.end(), {interval.lower, interval.upper});
    }
    r.check("fixed_profile_ci", ends);
    CHECK(r.checked == 1);
  }
}

TEST_CASE("intervals of standard deviations by the logarithm", "[shared]") {
  if (!rapport_test::have_references()) return;
  auto r = reference_case::read("sleep_ris_profile");
  const auto rows = rapport_test::rows_of_case(reference_table::read(r.file["data"]), "y", {"(Intercept)", "days"},
                                               {{"(Intercept)", "days"}, "id", true});
  const auto design = nested_model_design<double>::make(rows.data).value();
  const nested_model_fit<double> fit{fit_rows<double>(rows.data, likelihood::ml).value()};
  const auto variances = variances_of(design, fit).value();
  const auto wanted = r.list("varpar_wald_log_ci");
  std::vector<double> found;
  std::vector<double> of_file;
  // Entries (1,1), (2,1), (2,2), residual; the file has two SDs, the correlation, sigma.
  for (const auto& [k, at] : {std::pair(0, 0), std::pair(2, 1), std::pair(3, 3)}) {
    const auto interval = variances.sd_interval(k).value();
    found.insert(found.end(), {interval.lower, interval.upper});
    const auto first = static_cast<std::size_t>(2 * at);
    of_file.insert(of_file.end(), {wanted[first], wanted[first + 1]});
  }
  r.check_against("varpar_wald_log_ci", found, of_file, std::vector<double>(6));
}

TEST_CASE("likelihood ratios with their mixtures", "[shared]") {
  if (!rapport_test::have_references()) return;
  for (const char* name : {"sleep_lrt_ml", "sleep_lrt_reml"}) {
    auto r = reference_case::read(name);
    const bool reml = std::string(name) == "sleep_lrt_reml";
    const auto kind = reml ? likelihood::reml : likelihood::ml;
    const auto table = reference_table::read(r.file["data"]);
    std::vector<mixed_model_fit<double>> fits;
    const auto add = [&](const std::vector<std::string>& fixed, const random_part& random) {
      fits.push_back(fit_rows<double>(rapport_test::rows_of_case(table, "y", fixed, random).data, kind).value());
    };
    const std::vector<std::string> both{"(Intercept)", "days"};
    if (!reml) add({"(Intercept)"}, {{"(Intercept)"}, "id", true});
    add(both, {{"(Intercept)"}, "id", true});
    add(both, {both, "id", false});
    add(both, {both, "id", true});
    std::vector<double> loglik;
    std::vector<double> statistic;
    std::vector<double> plain;
    for (const auto& fit : fits) loglik.push_back(fit.log_likelihood());
    for (std::size_t k = 1; k < fits.size(); ++k) {
      const auto test = compare_models(fits[k - 1], fits[k]).value();
      statistic.push_back(test.statistic);
      plain.push_back(test.p_plain);
    }
    r.check("loglik", loglik);
    // A difference of deviances of 1800 keeps 1e-12 of those; relative to the statistic, 1e-8 of .04.
    r.check("chisq", statistic, 0.5);
    r.check("p", plain);
    // The slope's variance beside the level's, uncorrelated.
    const auto boundary = compare_models(fits[reml ? 0 : 1], fits[reml ? 1 : 2]).value();
    CHECK_CLOSE(boundary.p, r.list("p_boundary_mixture")[reml ? 0 : 1], 1e-7);
  }
}
