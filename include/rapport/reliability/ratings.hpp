// SPDX-License-Identifier: BSL-1.0
// Ratings in categories: which categories there are, how far apart they lie, and what is missing.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/anova.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport {

/// How much a disagreement between categories counts. Distances are those of the categories' ranks.
enum class agreement_weights : unsigned char {
  none,      ///< any disagreement counts in full
  linear,    ///< 1 - |i - j| / (q - 1)
  quadratic  ///< 1 - (i - j)^2 / (q - 1)^2
};

/// How agreement in categories is measured.
struct kappa_options {
  agreement_weights weights = agreement_weights::none;
  std::vector<double> categories{};  ///< all that may be used; empty: those that were
  double level = 0.95;               ///< of the interval
};

/// A coefficient of agreement beyond chance.
template <class Scalar>
struct basic_kappa : basic_estimate<Scalar> {
  Scalar observed{};                               ///< agreement found, weighted
  Scalar expected{};                               ///< agreement by chance, as the coefficient sees chance
  std::optional<Scalar> standard_error_if_zero{};  ///< under the hypothesis of no agreement beyond chance
  std::optional<Scalar> z{};                       ///< estimate over the former
  std::optional<Scalar> p{};                       ///< two-sided, of no agreement beyond chance
  index n_categories = 0;
};

namespace detail {

/// A table of ratings with categories numbered from 0.
struct classified_ratings {
  std::vector<double> categories{};                                 ///< in increasing order
  Eigen::Matrix<index, Eigen::Dynamic, Eigen::Dynamic> category{};  ///< subjects x raters; -1 is missing

  [[nodiscard]] index n_categories() const { return std::ssize(categories); }
};

template <class Scalar>
[[nodiscard]] result<classified_ratings> classify(const stats::matrix_ref<Scalar>& x, std::vector<double> categories,
                                                  const char* function) {
  using std::isfinite;
  if (auto enough = stats::detail::check_levels(x.cols(), "raters", function); !enough) return enough.error();
  classified_ratings out;
  const bool given = !categories.empty();
  out.categories = std::move(categories);
  if (given) {
    for (const double c : out.categories) {
      if (!isfinite(c)) return error{.code = errc::not_finite, .function = function, .subject = "a category"};
    }
    std::sort(out.categories.begin(), out.categories.end());
    out.categories.erase(std::unique(out.categories.begin(), out.categories.end()), out.categories.end());
  }
  for (index i = 0; i < x.rows(); ++i) {
    for (index j = 0; j < x.cols(); ++j) {
      if (is_missing(x(i, j))) continue;
      if (!isfinite(x(i, j))) return error{.code = errc::not_finite, .function = function, .row = i, .column = j};
      if (!given) out.categories.push_back(static_cast<double>(x(i, j)));
    }
  }
  if (!given) {
    std::sort(out.categories.begin(), out.categories.end());
    out.categories.erase(std::unique(out.categories.begin(), out.categories.end()), out.categories.end());
  }
  if (out.categories.empty()) return error{.code = errc::no_data, .function = function};
  out.category.resize(x.rows(), x.cols());
  for (index i = 0; i < x.rows(); ++i) {
    for (index j = 0; j < x.cols(); ++j) {
      out.category(i, j) = -1;
      if (is_missing(x(i, j))) continue;
      const auto value = static_cast<double>(x(i, j));
      const auto at = std::lower_bound(out.categories.begin(), out.categories.end(), value);
      if (at == out.categories.end() || *at != value) {
        return error{.code = errc::unknown_category, .function = function, .row = i, .column = j, .value = value};
      }
      out.category(i, j) = at - out.categories.begin();
    }
  }
  return out;
}

/// How alike categories are: 1 on the diagonal, 0 where a disagreement counts in full.
template <class Scalar>
[[nodiscard]] stats::matrix<Scalar> weight_matrix(index q, agreement_weights kind) {
  stats::matrix<Scalar> w = stats::matrix<Scalar>::Identity(q, q);
  if (kind == agreement_weights::none) return w;
  for (index i = 0; i < q; ++i) {
    for (index j = 0; j < q; ++j) {
      if (i == j) continue;
      const Scalar share = static_cast<Scalar>(i < j ? j - i : i - j) / static_cast<Scalar>(q - 1);
      w(i, j) = 1 - (kind == agreement_weights::linear ? share : Scalar(share * share));
    }
  }
  return w;
}

[[nodiscard]] constexpr std::string_view weights_in_words(agreement_weights kind) noexcept {
  switch (kind) {
    case agreement_weights::none: return "unweighted";
    case agreement_weights::linear: return "linear weights";
    case agreement_weights::quadratic: return "quadratic weights";
  }
  return "";
}

/// Counts of ratings by subject and category, without the subjects that nobody rated.
template <class Scalar>
[[nodiscard]] stats::matrix<Scalar> count_ratings(const classified_ratings& ratings, index fewest) {
  stats::matrix<Scalar> count(ratings.category.rows(), ratings.n_categories());
  index n = 0;
  for (index i = 0; i < ratings.category.rows(); ++i) {
    count.row(n).setZero();
    for (index j = 0; j < ratings.category.cols(); ++j) {
      if (ratings.category(i, j) >= 0) count(n, ratings.category(i, j)) += 1;
    }
    if (count.row(n).sum() >= static_cast<Scalar>(fewest)) ++n;
  }
  count.conservativeResize(n, Eigen::NoChange);
  return count;
}

}  // namespace detail

}  // namespace rapport
