// SPDX-License-Identifier: BSL-1.0
// A researcher asks how reliable a scale is.
#include <iostream>
#include <limits>

#include <rapport/reliability.hpp>

namespace rp = rapport;

int main() {
  const double na = std::numeric_limits<double>::quiet_NaN();
  Eigen::MatrixXd items(10, 4);  // persons x items
  items << 4, 5, 4, 4,           //
      3, 3, 4, 2,                //
      5, 5, 5, 5,                //
      2, 3, 2, 1,                //
      4, 4, 3, 3,                //
      5, 4, 5, 4,                //
      1, 2, 2, 2,                //
      3, 4, 3, na,               //
      4, 4, 5, 3,                //
      2, 2, 3, 1;

  std::cout.precision(4);
  // Without the option: the jackknife, from 1000 persons on ADF. value() throws rapport::failure.
  const auto a = rp::cronbach_alpha(items, {.interval = rp::alpha_interval::feldt}).value();
  std::cout << "alpha " << a.estimate << " [" << a.interval.lower << ", " << a.interval.upper << "], SE "
            << *a.standard_error << ", n " << a.n << " (" << a.method << ")\n";
  for (const auto& note : a.notes) std::cout << "note: " << note << '\n';

  // The covariances once, and all that rests on them.
  const auto c = rp::stats::covariance(items).value();
  std::cout << "standardized " << rp::standardized_alpha(c).value() << ", mean correlation "
            << rp::mean_inter_item_correlation(c).value() << ", standard error of measurement "
            << *rp::standard_error_of_measurement(c, a.estimate) << '\n';
  for (const auto& item : rp::item_statistics(items, c).value()) {
    std::cout << "mean " << item.mean << ", r with the rest " << *item.r_drop << ", alpha if dropped "
              << *item.alpha_if_dropped << '\n';
  }

  // A coefficient that cannot be computed is an error with its reason.
  const auto one_item = rp::cronbach_alpha(items.leftCols(1));
  std::cout << rp::message(one_item.error()).view() << '\n';
}
