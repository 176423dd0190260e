// SPDX-License-Identifier: BSL-1.0
// Intraclass correlations against reference values that lie beside the project, if they do.
#include "shared_reference.hpp"

#include <rapport/reliability/icc_inference.hpp>

#include <string>

using rapport_test::reference_file;

namespace {

void compare_table(const reference_file& file, const rapport::stats::matrix<double>& x, const std::string& prefix) {
  const auto table = rapport::intraclass_correlations(x).value();
  const std::string anova = prefix + "anova_MSB_MSJ_MSE_MSW";
  const double mean_squares[] = {table.anova.rows.mean_square, table.anova.columns.mean_square,
                                 table.anova.residual.mean_square, table.anova.mean_square_within()};
  for (std::size_t i = 0; i < 4; ++i) CHECK_CLOSE(mean_squares[i], file.number(anova, i), file.tolerance(anova), 1e-13);
  const std::string icc = prefix + "icc_aov";
  for (const auto form : rapport::all_icc_forms) {
    const auto i = static_cast<std::size_t>(form);
    INFO(file.name << ": " << to_string(form));
    const auto& one = table.of(form);
    REQUIRE(one);
    CHECK_CLOSE(one->estimate, file.number(icc, i), file.tolerance(icc), 1e-13);
    CHECK_CLOSE(*one->f, file.number(icc + "_F", i), file.tolerance(icc + "_F"));
    CHECK(one->df1 == file.number(icc + "_df1", i));
    CHECK(one->df2 == file.number(icc + "_df2", i));
    CHECK_CLOSE(*one->p, file.number(icc + "_p", i), file.tolerance(icc + "_p"));
    CHECK_CLOSE(one->interval.lower, file.number(icc + "_lower95", i), file.tolerance(icc + "_lower95"));
    CHECK_CLOSE(one->interval.upper, file.number(icc + "_upper95", i), file.tolerance(icc + "_upper95"));
  }
}

}  // namespace

TEST_CASE("intraclass correlations of four studies", "[shared]") {
  for (const char* name : {"icc_shrout_fleiss", "agree_anxiety", "agree_krippendorff_missing"}) {
    const auto file = reference_file::open("reliability/" + std::string(name) + ".json");
    if (!file) return;
    compare_table(*file, file->table(), "");
  }
  const auto file = reference_file::open("reliability/retest_sai_xray.json");
  const auto items = file->table();
  rapport::stats::matrix<double> sums(items.rows(), 2);
  sums << items.leftCols(6).rowwise().sum(), items.rightCols(6).rowwise().sum();
  compare_table(*file, sums, "total_");
}
