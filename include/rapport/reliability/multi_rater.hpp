// SPDX-License-Identifier: BSL-1.0
// Agreement of any number of raters in categories: Fleiss, Conger, Brennan-Prediger, Gwet's AC1 and AC2.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/measurement_error.hpp>
#include <rapport/reliability/ratings.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/distribution/student_t.hpp>

namespace rapport {

namespace detail {

/// What the coefficients share: the agreement found, subject by subject.
template <class Scalar>
struct observed_agreement {
  classified_ratings ratings{};
  stats::matrix<Scalar> count{};       ///< subjects x categories, every subject rated at least once
  stats::matrix<Scalar> weight{};      ///< categories x categories
  stats::vector<Scalar> n_ratings{};   ///< of each subject
  stats::vector<Scalar> agreement{};   ///< of each subject; 0 where it has one rating
  stats::vector<Scalar> prevalence{};  ///< of each category, every subject counting alike
  Scalar observed{};                   ///< over subjects with two or more ratings
  Scalar n{};                          ///< subjects with a rating
  Scalar n_paired{};                   ///< subjects with two or more
  index n_unrated = 0;
};

template <class Scalar>
[[nodiscard]] result<observed_agreement<Scalar>> observe_agreement(const stats::matrix_ref<Scalar>& x,
                                                                   const kappa_options& options, const char* function) {
  if (auto legal = check_level(options.level, function); !legal) return legal.error();
  auto ratings = classify<Scalar>(x, options.categories, function);
  if (!ratings) return ratings.error();
  observed_agreement<Scalar> out;
  out.ratings = std::move(*ratings);
  const index q = out.ratings.n_categories();
  if (q < 2) return error{.code = errc::one_category, .function = function};
  out.weight = weight_matrix<Scalar>(q, options.weights);
  out.count = count_ratings<Scalar>(out.ratings, 1);
  out.n_unrated = x.rows() - out.count.rows();
  out.n_ratings = out.count.rowwise().sum();
  out.n = static_cast<Scalar>(out.count.rows());
  out.agreement = stats::vector<Scalar>::Zero(out.count.rows());
  const stats::matrix<Scalar> alike = out.count * out.weight.transpose();
  for (index i = 0; i < out.count.rows(); ++i) {
    const Scalar& r = out.n_ratings(i);
    if (r < 2) continue;
    out.n_paired += 1;
    out.agreement(i) = (out.count.row(i).array() * (alike.row(i).array() - 1)).sum() / (r * (r - 1));
  }
  if (out.n_paired < 2)
    return error{.code = errc::too_few_rows,
                 .function = function,
                 .value = static_cast<double>(out.n_paired),
                 .lower = 2,
                 .subject = "subjects with two ratings"};
  out.observed = out.agreement.sum() / out.n_paired;
  out.prevalence = (out.count.array().colwise() / out.n_ratings.array()).matrix().colwise().sum().transpose() / out.n;
  return out;
}

/// The coefficient, with the variance that the subjects' own contributions to it have.
/// `expected_of` holds each subject's contribution to the chance agreement, whose mean is the chance agreement itself; the
/// latter is quadratic in the prevalences, hence the 2.
template <class Scalar>
[[nodiscard]] result<basic_kappa<Scalar>> chance_corrected(const observed_agreement<Scalar>& o, const Scalar& expected,
                                                           const stats::vector<Scalar>& expected_of,
                                                           const kappa_options& options, std::string_view name,
                                                           const char* function) {
  using std::isfinite;
  using std::sqrt;
  const Scalar beyond = 1 - expected;
  if (!(beyond > 4 * std::numeric_limits<Scalar>::epsilon()))
    return error{.code = errc::one_category, .function = function};
  basic_kappa<Scalar> out;
  out.observed = o.observed;
  out.expected = expected;
  out.estimate = (o.observed - expected) / beyond;
  out.n = o.count.rows();
  out.n_categories = o.ratings.n_categories();
  Scalar squares(0);
  for (index i = 0; i < o.count.rows(); ++i) {
    const Scalar own = o.n_ratings(i) < 2 ? Scalar(0) : Scalar(o.n / o.n_paired * (o.agreement(i) - expected) / beyond);
    const Scalar linear = own - 2 * (1 - out.estimate) * (expected_of(i) - expected) / beyond;
    squares += (linear - out.estimate) * (linear - out.estimate);
  }
  out.standard_error = sqrt(squares / (o.n * (o.n - 1)));
  const Scalar df = o.n - 1;
  const Scalar half =
      stats::student_t_quantile<Scalar>((1 + static_cast<Scalar>(options.level)) / 2, df) * *out.standard_error;
  out.interval = {out.estimate - half, (std::min)(Scalar(1), Scalar(out.estimate + half)), options.level};
  if (*out.standard_error > 0) out.p = stats::student_t_two_sided<Scalar>(out.estimate / *out.standard_error, df);
  out.method = std::string(name) + ", " + std::string(weights_in_words(options.weights)) +
               ", subjects as the sample, Student " + percent(options.level);
  const auto single = static_cast<index>(o.n - o.n_paired);
  if (o.n_unrated > 0) out.notes.push_back(std::to_string(o.n_unrated) + " subjects without a rating were left out");
  if (single > 0)
    out.notes.push_back(std::to_string(single) +
                        " subjects with one rating count for how common categories are, not "
                        "for agreement");
  if (!isfinite(out.estimate) || !isfinite(*out.standard_error))
    return error{.code = errc::numeric_failure, .function = function};
  return out;
}

/// Each subject's ratings times a value per category, per rating.
template <class Scalar>
[[nodiscard]] stats::vector<Scalar> mean_of_ratings(const observed_agreement<Scalar>& o,
                                                    const stats::vector<Scalar>& value) {
  return ((o.count * value).array() / o.n_ratings.array()).matrix();
}

}  // namespace detail

/// Fleiss's kappa of any number of raters, who need not be the same for every subject.
/// Model:       (po - pe) / (1 - pe); po = mean over subjects with two or more ratings of the share of agreeing pairs of
///              ratings, weighted; pe = sum w_kl pi_k pi_l, pi = prevalence of the categories
/// \param ratings  subjects x raters, categories as numbers; NaN is missing
/// \param options  weights, categories (those found, unless given), level
/// \return      estimate, standard error over subjects, Student's interval with n - 1 df, cut at 1; without weights and with as many
///              ratings for every subject also z and p under no agreement
/// Errors:      errc::too_few_levels below 2 raters; errc::not_finite; errc::no_data; errc::unknown_category;
///              errc::one_category; errc::too_few_rows below 2 subjects with two ratings; errc::invalid_option
/// Missing:     every rating that there is counts; notes say for what
/// Numerics:    closed form; linearized variance of Gwet
/// Reference:   Fleiss (1971), doi 10.1037/h0031619; Fleiss, Nee & Landis (1979), doi 10.1037/0033-2909.86.5.974; Gwet
///              (2014), Handbook of inter-rater reliability, 4th ed., ch. 5
/// R:           irr::kappam.fleiss (complete rows), irrCAC::fleiss.kappa.raw
template <class Derived>
[[nodiscard]] auto fleiss_kappa(const Eigen::MatrixBase<Derived>& ratings, const kappa_options& options = {})
    -> result<basic_kappa<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  using std::sqrt;
  const auto o = detail::observe_agreement<Scalar>(ratings.derived(), options, "fleiss_kappa");
  if (!o) return o.error();
  const stats::vector<Scalar> by_category = (o->weight + o->weight.transpose()) * o->prevalence / 2;
  const Scalar expected = o->prevalence.dot(by_category);
  auto out = detail::chance_corrected<Scalar>(*o, expected, detail::mean_of_ratings(*o, by_category), options,
                                              "Fleiss's kappa", "fleiss_kappa");
  if (!out) return out;
  const Scalar m = o->n_ratings(0);
  if (options.weights == agreement_weights::none && (o->n_ratings.array() == m).all()) {
    const auto pq = (o->prevalence.array() * (1 - o->prevalence.array())).eval();
    const Scalar sum = pq.sum();
    const Scalar variance =
        2 / (o->n * m * (m - 1)) * (sum * sum - (pq * (1 - 2 * o->prevalence.array())).sum()) / (sum * sum);
    if (variance > 0) {
      out->standard_error_if_zero = sqrt(variance);
      out->z = out->estimate / *out->standard_error_if_zero;
      out->p = 2 * stats::normal_upper_tail<Scalar>(*out->z < 0 ? Scalar(-*out->z) : *out->z);
    }
  }
  return out;
}

/// Conger's kappa: chance as the raters' own habits make it, which is Cohen's kappa for two.
/// Model:       pe = mean over pairs of different raters g, h of sum w_kl p_gk p_hl, p_gk = rater g's share of category k
/// \param ratings  subjects x raters, the same raters in the same columns; NaN is missing
/// \param options  weights, categories, level
/// \return      see fleiss_kappa
/// Errors:      those of fleiss_kappa; errc::no_data naming a rater without ratings
/// Missing:     every rating that there is counts
/// Reference:   Conger (1980), doi 10.1037/0033-2909.88.2.322; Gwet (2014), ch. 5
/// R:           irr::kappam.fleiss(exact = TRUE) for complete rows, irrCAC::conger.kappa.raw
template <class Derived>
[[nodiscard]] auto conger_kappa(const Eigen::MatrixBase<Derived>& ratings, const kappa_options& options = {})
    -> result<basic_kappa<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  constexpr const char* function = "conger_kappa";
  const auto o = detail::observe_agreement<Scalar>(ratings.derived(), options, function);
  if (!o) return o.error();
  const auto& category = o->ratings.category;
  const index n_raters = category.cols();
  const index q = o->ratings.n_categories();
  stats::matrix<Scalar> share = stats::matrix<Scalar>::Zero(n_raters, q);  // rater g's share of each category
  stats::vector<Scalar> rated = stats::vector<Scalar>::Zero(n_raters);
  for (index g = 0; g < n_raters; ++g) {
    for (index i = 0; i < category.rows(); ++i) {
      if (category(i, g) < 0) continue;
      share(g, category(i, g)) += 1;
      rated(g) += 1;
    }
    if (!(rated(g) > 0))
      return error{.code = errc::no_data, .function = function, .column = g, .subject = "for a rater"};
    share.row(g) /= rated(g);
  }
  const stats::matrix<Scalar> w = (o->weight + o->weight.transpose()) / 2;
  const stats::vector<Scalar> all = share.colwise().sum().transpose();
  const stats::matrix<Scalar> others = (-share).rowwise() + all.transpose();  // sum over the other raters
  const stats::matrix<Scalar> met = others * w;  // what rater g's category k meets among the others
  const Scalar pairs = static_cast<Scalar>(n_raters * (n_raters - 1));
  const Scalar expected = (share.array() * met.array()).sum() / pairs;
  // A subject moves the shares of those raters who rated it; a rater who did not adds what he adds to everybody.
  stats::vector<Scalar> expected_of(o->count.rows());
  const stats::vector<Scalar> usual = (share.array() * met.array()).rowwise().sum();
  index row = 0;
  for (index i = 0; i < category.rows(); ++i) {
    Scalar sum(0);
    bool any = false;
    for (index g = 0; g < n_raters; ++g) {
      sum += usual(g);
      if (category(i, g) < 0) continue;
      any = true;
      sum += o->n / rated(g) * (met(g, category(i, g)) - usual(g));
    }
    if (any) expected_of(row++) = sum / pairs;
  }
  return detail::chance_corrected<Scalar>(*o, expected, expected_of, options, "Conger's kappa", function);
}

/// The coefficient of Brennan and Prediger: chance makes every category as likely.
/// Model:       pe = sum of all weights / q^2, 1 / q without weights
/// \param ratings  subjects x raters; NaN is missing
/// \param options  weights, categories: name all that could be used, for chance depends on their number; level
/// \return      see fleiss_kappa
/// Errors:      those of fleiss_kappa
/// Missing:     every rating that there is counts
/// Reference:   Brennan & Prediger (1981), doi 10.1177/001316448104100307; Gwet (2014), ch. 5
/// R:           irrCAC::bp.coeff.raw
template <class Derived>
[[nodiscard]] auto brennan_prediger(const Eigen::MatrixBase<Derived>& ratings, const kappa_options& options = {})
    -> result<basic_kappa<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  const auto o = detail::observe_agreement<Scalar>(ratings.derived(), options, "brennan_prediger");
  if (!o) return o.error();
  const Scalar expected = o->weight.mean();
  return detail::chance_corrected<Scalar>(*o, expected, stats::vector<Scalar>::Constant(o->count.rows(), expected),
                                          options, "Brennan-Prediger", "brennan_prediger");
}

/// Gwet's AC1, and with weights AC2: chance is confined to subjects that are hard to rate.
/// Model:       pe = sum of all weights / (q (q - 1)) times sum pi_k (1 - pi_k), pi = prevalence of the categories
/// \param ratings  subjects x raters; NaN is missing
/// \param options  weights, categories: name all that could be used, for chance depends on their number; level
/// \return      see fleiss_kappa; does not fall when one category is common, as the kappas do
/// Errors:      those of fleiss_kappa
/// Missing:     every rating that there is counts
/// Reference:   Gwet (2008), doi 10.1348/000711006X126600; Gwet (2014), ch. 5
/// R:           irrCAC::gwet.ac1.raw
template <class Derived>
[[nodiscard]] auto gwet_ac(const Eigen::MatrixBase<Derived>& ratings, const kappa_options& options = {})
    -> result<basic_kappa<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  const auto o = detail::observe_agreement<Scalar>(ratings.derived(), options, "gwet_ac");
  if (!o) return o.error();
  const auto q = static_cast<Scalar>(o->ratings.n_categories());
  const Scalar scale = o->weight.sum() / (q * (q - 1));
  const stats::vector<Scalar> rarity = scale * (1 - o->prevalence.array());
  const Scalar expected = o->prevalence.dot(rarity);
  return detail::chance_corrected<Scalar>(*o, expected, detail::mean_of_ratings(*o, rarity), options,
                                          options.weights == agreement_weights::none ? "Gwet's AC1" : "Gwet's AC2",
                                          "gwet_ac");
}

}  // namespace rapport
