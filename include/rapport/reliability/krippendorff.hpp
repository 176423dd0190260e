// SPDX-License-Identifier: BSL-1.0
// Krippendorff's alpha: agreement of any number of raters on any scale of measurement, with missing ratings.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/reliability/ratings.hpp>
#include <rapport/stats/distribution/student_t.hpp>

namespace rapport {

/// What the numbers of ratings mean, and so how far apart two of them are.
enum class rating_metric : unsigned char {
  nominal,   ///< names: different is different
  ordinal,   ///< an order: squared number of ratings that lie between
  interval,  ///< distances: squared difference
  ratio      ///< a true zero: squared difference over squared sum
};

/// The word for a metric.
[[nodiscard]] constexpr std::string_view to_string(rating_metric metric) noexcept {
  switch (metric) {
    case rating_metric::nominal: return "nominal";
    case rating_metric::ordinal: return "ordinal";
    case rating_metric::interval: return "interval";
    case rating_metric::ratio: return "ratio";
  }
  return "";
}

/// Krippendorff's alpha with the disagreements behind it.
template <class Scalar>
struct basic_krippendorff : basic_estimate<Scalar> {
  Scalar observed_disagreement{};
  Scalar expected_disagreement{};
  index n_values = 0;  ///< ratings that could be paired
};

namespace detail {

/// Squared distances between values; `total` counts how often each occurs.
template <class Scalar>
[[nodiscard]] stats::matrix<Scalar> distances(const std::vector<double>& values, const stats::vector<Scalar>& total,
                                              rating_metric metric) {
  const index q = std::ssize(values);
  stats::matrix<Scalar> d = stats::matrix<Scalar>::Zero(q, q);
  for (index i = 0; i < q; ++i) {
    Scalar between = total(i) / 2;  // ratings from the middle of i's to the middle of j's
    for (index j = i + 1; j < q; ++j) {
      between += total(j) / 2;
      const auto a = static_cast<Scalar>(values[as_size(i)]);
      const auto b = static_cast<Scalar>(values[as_size(j)]);
      switch (metric) {
        case rating_metric::nominal: d(i, j) = 1; break;
        case rating_metric::ordinal: d(i, j) = between * between; break;
        case rating_metric::interval: d(i, j) = (a - b) * (a - b); break;
        case rating_metric::ratio: d(i, j) = (a - b) * (a - b) / ((a + b) * (a + b)); break;
      }
      d(j, i) = d(i, j);
      between += total(j) / 2;
    }
  }
  return d;
}

}  // namespace detail

/// Krippendorff's alpha.
/// Model:       1 - Do / De. Do = sum over subjects and pairs of their ratings of d / (m_u - 1), per rating; De = the same
///              over all pairs of ratings, per rating; d = squared distance of the metric, m_u = ratings of the subject
/// \param ratings  subjects x raters, as numbers; NaN is missing
/// \param metric   what the numbers mean
/// \param level    of the interval
/// \return      estimate, standard error over subjects (the distances of the ordinal metric as known), Student's
///              interval, cut at 1
/// Errors:      errc::too_few_levels below 2 raters; errc::not_finite; errc::no_data; errc::too_few_rows below 2 subjects
///              with two ratings; errc::one_category if they are all alike; errc::invalid_option for the level, or for a
///              negative number on the ratio metric
/// Missing:     every subject with two or more ratings counts with those it has
/// Numerics:    closed form, cost O(subjects q^2), q different values
/// Reference:   Krippendorff (2011), Computing Krippendorff's alpha-reliability; standard error: Gwet (2014), Handbook of
///              inter-rater reliability, 4th ed., ch. 6
/// R:           irr::kripp.alpha, wrong in 0.84.1 where more than two raters leave nothing out;
///              irrCAC::krippen.alpha.raw
template <class Derived>
[[nodiscard]] auto krippendorff_alpha(const Eigen::MatrixBase<Derived>& ratings, rating_metric metric,
                                      double level = 0.95) -> result<basic_krippendorff<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  using std::isfinite;
  using std::sqrt;
  constexpr const char* function = "krippendorff_alpha";
  if (auto legal = check_level(level, function); !legal) return legal.error();
  const auto classified = detail::classify<Scalar>(ratings.derived(), {}, function);
  if (!classified) return classified.error();
  if (metric == rating_metric::ratio && classified->categories.front() < 0)
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = classified->categories.front(),
                 .lower = 0,
                 .upper = (std::numeric_limits<double>::max)(),
                 .subject = "a rating on the ratio metric"};
  const stats::matrix<Scalar> count = detail::count_ratings<Scalar>(*classified, 2);
  const index n = count.rows();
  if (n < 2)
    return error{.code = errc::too_few_rows,
                 .function = function,
                 .value = static_cast<double>(n),
                 .lower = 2,
                 .subject = "subjects with two ratings"};
  const stats::vector<Scalar> size = count.rowwise().sum();
  const stats::vector<Scalar> total = count.colwise().sum().transpose();
  const Scalar values = total.sum();
  const stats::matrix<Scalar> d = detail::distances<Scalar>(classified->categories, total, metric);
  const stats::vector<Scalar> to_all = d * total / values;  // mean distance of a value to every rating
  const Scalar expected = total.dot(to_all) / (values - 1);
  if (!(expected > 0)) return error{.code = errc::one_category, .function = function};

  // Each subject's share of the observed disagreement and of the pairs that chance would make; the ratings number
  // values only on average, so both are ratios.
  const Scalar mean_size = values / static_cast<Scalar>(n);
  stats::vector<Scalar> own_observed(n);
  stats::vector<Scalar> own_expected(n);
  const stats::matrix<Scalar> apart = count * d;
  for (index i = 0; i < n; ++i) {
    own_observed(i) = (count.row(i).array() * apart.row(i).array()).sum() / (mean_size * (size(i) - 1));
    own_expected(i) = count.row(i).dot(to_all) / mean_size;
  }
  basic_krippendorff<Scalar> out;
  out.observed_disagreement = own_observed.mean();
  out.expected_disagreement = expected;
  out.estimate = 1 - out.observed_disagreement / expected;
  out.n = n;
  out.n_values = static_cast<index>(values);
  const Scalar population = own_expected.mean();  // the expected disagreement with replacement
  const Scalar to_alpha = 1 - 1 / values;
  Scalar squares(0);
  for (index i = 0; i < n; ++i) {
    const Scalar surplus = (size(i) - mean_size) / mean_size;
    const Scalar observed = own_observed(i) - out.observed_disagreement * surplus - out.observed_disagreement;
    const Scalar chance = own_expected(i) - population * surplus - population;
    const Scalar deviation = to_alpha * (observed - 2 * out.observed_disagreement / population * chance) / population;
    squares += deviation * deviation;
  }
  out.standard_error = sqrt(squares / static_cast<Scalar>(n * (n - 1)));
  const Scalar half =
      stats::student_t_quantile<Scalar>((1 + static_cast<Scalar>(level)) / 2, static_cast<Scalar>(n - 1)) *
      *out.standard_error;
  out.interval = {out.estimate - half, (std::min)(Scalar(1), Scalar(out.estimate + half)), level};
  out.method = "Krippendorff's alpha, " + std::string(to_string(metric)) + ", subjects as the sample, Student " +
               detail::percent(level);
  const index left_out = ratings.rows() - n;
  if (left_out > 0)
    out.notes.push_back(std::to_string(left_out) + " subjects with fewer than two ratings were left out");
  if (!isfinite(out.estimate) || !isfinite(*out.standard_error))
    return error{.code = errc::numeric_failure, .function = function};
  return out;
}

}  // namespace rapport
