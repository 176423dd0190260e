// SPDX-License-Identifier: BSL-1.0
// Three raters and ten sessions: how well do they agree, and which coefficient answers the question?
#include <iostream>

#include <rapport/reliability.hpp>

namespace rp = rapport;

int main() {
  Eigen::MatrixXd ratings(10, 3);  // sessions x raters
  ratings << 5, 6, 5,              //
      3, 4, 2,                     //
      6, 7, 6,                     //
      4, 4, 3,                     //
      2, 3, 2,                     //
      7, 7, 6,                     //
      5, 5, 4,                     //
      3, 5, 3,                     //
      6, 6, 5,                     //
      4, 5, 4;

  std::cout.precision(3);
  // The design decides: the same raters everywhere, a sample of raters, the same numbers wanted, one will rate later.
  const auto choice = rp::choose_icc({.use = rp::rating_use::single});
  std::cout << to_string(choice.form) << ". " << choice.reason << '\n';
  const auto table = rp::intraclass_correlations(ratings).value();
  for (const auto& icc : table.of_form) {
    std::cout << to_string(icc->form) << ", " << mcgraw_wong_name(icc->form) << ": " << icc->estimate << " ["
              << icc->interval.lower << ", " << icc->interval.upper << "]\n";
  }

  const auto alpha = rp::krippendorff_alpha(ratings, rp::rating_metric::ordinal).value();
  std::cout << "Krippendorff " << alpha.estimate << " [" << alpha.interval.lower << ", " << alpha.interval.upper
            << "]\n";
  const auto w = rp::kendall_w(ratings).value();
  std::cout << "Kendall's W " << w.w << ", p " << w.p << '\n';

  // What would four raters give?
  const auto study = rp::generalizability_study(ratings, rp::g_design::p_x_i).value();
  const auto four = rp::decision_study(study, 4).value();
  std::cout << "Phi of four raters " << four.dependability.estimate << ", standard error of a mean rating "
            << four.absolute_error_sd << '\n';
}
