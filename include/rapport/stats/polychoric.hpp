// SPDX-License-Identifier: BSL-1.0
// Polychoric and tetrachoric correlations: two-step maximum likelihood, with a written rule for empty cells.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/distribution/bivariate_normal.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// Most different answers that a column may hold.
inline constexpr index most_categories = 30;

/// Correlations of the normal variables that are taken to lie behind answers in categories.
template <class Scalar>
struct polychoric_estimate {
  matrix<Scalar> correlation{};                     ///< ones on the diagonal; need not be positive definite
  matrix<Scalar> sampling_variance{};               ///< of each correlation, thresholds estimated; 0 on the diagonal
  matrix<Scalar> n_pair{};                          ///< rows behind each correlation
  std::vector<vector<Scalar>> thresholds{};         ///< of each column, from all its answers; one fewer than categories
  std::vector<vector<Scalar>> categories{};         ///< the different answers of each column, rising
  std::vector<std::pair<index, index>> at_bound{};  ///< pairs whose likelihood rises towards -1 or 1
  index n_rows = 0;
  index n_complete = 0;
  missing_cells handling = missing_cells::pairwise;

  /// The correlations as the coefficients of a scale take them.
  [[nodiscard]] covariance_estimate<Scalar> as_covariance() const {
    covariance_estimate<Scalar> c;
    c.covariance = correlation;
    c.mean = vector<Scalar>::Zero(correlation.cols());
    c.n_pair = n_pair;
    c.n_rows = n_rows;
    c.n_complete = n_complete;
    c.handling = handling;
    return c;
  }
};

namespace detail {

/// Thresholds between categories with these counts; categories without answers have equal thresholds on both sides.
template <class Scalar>
[[nodiscard]] vector<Scalar> thresholds_of(const vector<Scalar>& counts) {
  const Scalar total = counts.sum();
  vector<Scalar> out(counts.size() - 1);
  Scalar below(0);
  for (index c = 0; c + 1 < counts.size(); ++c) {
    below += counts(c);
    const Scalar p = below / total;
    if (!(p > 0)) {
      out(c) = -std::numeric_limits<Scalar>::infinity();
    } else if (!(p < 1)) {
      out(c) = std::numeric_limits<Scalar>::infinity();
    } else {
      out(c) = normal_quantile<Scalar>(p);
    }
  }
  return out;
}

/// A two-way table of counts and the likelihood of rho given the thresholds of its margins.
template <class Scalar>
class polychoric_table {
 public:
  explicit polychoric_table(const matrix<Scalar>& counts)
      : counts_(counts),
        rows_(thresholds_of<Scalar>(counts.rowwise().sum())),
        columns_(thresholds_of<Scalar>(counts.colwise().sum().transpose())) {}

  /// Fills cell probabilities and their slopes by rho.
  void evaluate(const Scalar& rho) {
    const index a = counts_.rows();
    const index b = counts_.cols();
    cumulative_.setZero(a + 1, b + 1);
    slope_.setZero(a + 1, b + 1);
    for (index j = 1; j <= b; ++j) {
      for (index i = 1; i <= a; ++i) {
        const Scalar x = i == a ? std::numeric_limits<Scalar>::infinity() : rows_(i - 1);
        const Scalar y = j == b ? std::numeric_limits<Scalar>::infinity() : columns_(j - 1);
        cumulative_(i, j) = bivariate_normal_cdf<Scalar>(x, y, rho);
        slope_(i, j) = bivariate_normal_density<Scalar>(x, y, rho);
      }
    }
    probability_ = differences(cumulative_);
    by_rho_ = differences(slope_);
    // Below rounding a probability has no digits; a cell with answers must keep one.
    probability_ = probability_.cwiseMax(std::numeric_limits<Scalar>::min());
  }

  /// The score of rho and its expected information, at the last evaluation.
  [[nodiscard]] std::pair<Scalar, Scalar> score() const {
    Scalar sum(0);
    Scalar information(0);
    const Scalar n = counts_.sum();
    for (index i = 0; i < counts_.size(); ++i) {
      // A cell whose margin is empty has probability zero whatever rho is.
      if (!(probability_(i) > std::numeric_limits<Scalar>::min())) {
        if (counts_(i) > 0) sum += counts_(i) * by_rho_(i) / probability_(i);
        continue;
      }
      const Scalar ratio = by_rho_(i) / probability_(i);
      sum += counts_(i) * ratio;
      information += n * by_rho_(i) * ratio;
    }
    return {sum, information};
  }

  /// The sampling variance of rho where it maximises the likelihood, by the influence of each answer, margins estimated.
  /// Reference: Muthen (1984), doi 10.1007/BF02294210
  [[nodiscard]] Scalar sampling_variance(const Scalar& rho) {
    evaluate(rho);
    const matrix<Scalar> row_slope = slopes_by_threshold(rows_, columns_, rho, true);
    const matrix<Scalar> column_slope = slopes_by_threshold(rows_, columns_, rho, false);
    const index a = counts_.rows();
    const index b = counts_.cols();
    const index t_rows = a - 1;
    const index t = t_rows + b - 1;
    const matrix<Scalar> row_margin = margin_scores(rows_, counts_.rowwise().sum());
    const matrix<Scalar> column_margin = margin_scores(columns_, counts_.colwise().sum().transpose());
    matrix<Scalar> a11 = matrix<Scalar>::Zero(t, t);
    vector<Scalar> a21 = vector<Scalar>::Zero(t);
    Scalar a22(0);
    for (index j = 0; j < b; ++j) {
      for (index i = 0; i < a; ++i) {
        const Scalar n = counts_(i, j);
        if (!(n > 0)) continue;
        const Scalar s = by_rho_(i, j) / probability_(i, j);
        a22 += n * s * s;
        a11.topLeftCorner(t_rows, t_rows) += n * row_margin.row(i).transpose() * row_margin.row(i);
        a11.bottomRightCorner(b - 1, b - 1) += n * column_margin.row(j).transpose() * column_margin.row(j);
        // The slope of a cell by a threshold is that threshold's, with the sign of the side on which the cell lies.
        for (index h = 0; h < t_rows; ++h) {
          const Scalar side = h == i ? Scalar(1) : h == i - 1 ? Scalar(-1) : Scalar(0);
          if (side != 0) a21(h) += n * s * side * row_slope(h, j) / probability_(i, j);
        }
        for (index h = 0; h < b - 1; ++h) {
          const Scalar side = h == j ? Scalar(1) : h == j - 1 ? Scalar(-1) : Scalar(0);
          if (side != 0) a21(t_rows + h) += n * s * side * column_slope(i, h) / probability_(i, j);
        }
      }
    }
    if (!(a22 > 0)) return Scalar(0);
    // A threshold next to a category without answers is not a parameter.
    for (index h = 0; h < t; ++h) {
      if (a11(h, h) > 0) continue;
      a11(h, h) = Scalar(1);
      a21(h) = Scalar(0);
    }
    const auto factor = cholesky_factor<Scalar>::make(a11);
    const vector<Scalar> weight = factor ? vector<Scalar>(factor->solve(a21)) : vector<Scalar>::Zero(t);
    Scalar variance(0);
    for (index j = 0; j < b; ++j) {
      for (index i = 0; i < a; ++i) {
        if (!(counts_(i, j) > 0)) continue;
        const Scalar margins =
            weight.head(t_rows).dot(row_margin.row(i)) + weight.tail(b - 1).dot(column_margin.row(j));
        const Scalar influence = (by_rho_(i, j) / probability_(i, j) - margins) / a22;
        variance += counts_(i, j) * influence * influence;
      }
    }
    return variance;
  }

 private:
  [[nodiscard]] static matrix<Scalar> differences(const matrix<Scalar>& f) {
    const index a = f.rows() - 1;
    const index b = f.cols() - 1;
    return f.bottomRightCorner(a, b) - f.topRightCorner(a, b) - f.bottomLeftCorner(a, b) + f.topLeftCorner(a, b);
  }

  /// d log P(category) / d thresholds, categories x thresholds.
  [[nodiscard]] static matrix<Scalar> margin_scores(const vector<Scalar>& t, const vector<Scalar>& counts) {
    matrix<Scalar> out = matrix<Scalar>::Zero(counts.size(), t.size());
    const Scalar n = counts.sum();
    for (index h = 0; h < t.size(); ++h) {
      const Scalar density = normal_density(t(h));
      if (counts(h) > 0) out(h, h) = density * n / counts(h);
      if (counts(h + 1) > 0) out(h + 1, h) = -density * n / counts(h + 1);
    }
    return out;
  }

  [[nodiscard]] static Scalar normal_density(const Scalar& x) {
    using std::exp;
    using std::isfinite;
    using std::sqrt;
    if (!isfinite(x)) return Scalar(0);
    return exp(-x * x / 2) / sqrt(static_cast<Scalar>(6.283185307179586476925286766559L));
  }

  /// Slopes by thresholds: rows: (threshold, column) the density there times the conditional probability of the column.
  [[nodiscard]] static matrix<Scalar> slopes_by_threshold(const vector<Scalar>& rows, const vector<Scalar>& columns,
                                                          const Scalar& rho, bool by_rows) {
    using std::sqrt;
    const vector<Scalar>& own = by_rows ? rows : columns;
    const vector<Scalar>& other = by_rows ? columns : rows;
    const Scalar root = sqrt((1 - rho) * (1 + rho));
    matrix<Scalar> out(own.size(), other.size() + 1);
    for (index h = 0; h < own.size(); ++h) {
      const Scalar density = normal_density(own(h));
      Scalar before(0);
      for (index c = 0; c <= other.size(); ++c) {
        Scalar upto(1);
        if (c < other.size()) upto = density > 0 ? normal_cdf(Scalar((other(c) - rho * own(h)) / root)) : Scalar(0);
        out(h, c) = density * (upto - before);
        before = upto;
      }
    }
    return by_rows ? out : matrix<Scalar>(out.transpose());
  }

  matrix<Scalar> counts_;
  vector<Scalar> rows_;
  vector<Scalar> columns_;
  matrix<Scalar> cumulative_{};
  matrix<Scalar> slope_{};
  matrix<Scalar> probability_{};
  matrix<Scalar> by_rho_{};
};

/// Maximises the likelihood of rho; false in `inside` if it rises up to the bound.
template <class Scalar>
[[nodiscard]] std::pair<Scalar, bool> maximize_rho(polychoric_table<Scalar>& table, const Scalar& start) {
  using std::abs;
  const Scalar bound = 1 - static_cast<Scalar>(1e-6);
  const Scalar enough = 16 * std::numeric_limits<Scalar>::epsilon();
  Scalar low = -bound;
  Scalar high = bound;
  Scalar rho = (std::max)(Scalar(-0.95), (std::min)(Scalar(0.95), start));
  Scalar last_rho(0);
  Scalar last_score(0);
  for (int step = 0; step < 100; ++step) {
    table.evaluate(rho);
    const auto [score, information] = table.score();
    if (score == 0) return {rho, true};
    (score > 0 ? low : high) = rho;
    // The secant where it is downhill and has a past, else scoring; halving where they leave the bracket.
    Scalar next = information > 0 ? Scalar(rho + score / information) : Scalar((low + high) / 2);
    const Scalar curvature = step > 0 ? Scalar((score - last_score) / (rho - last_rho)) : Scalar(0);
    if (curvature < 0) next = rho - score / curvature;
    if (!(next > low && next < high)) next = (low + high) / 2;
    last_rho = rho;
    last_score = score;
    if (abs(next - rho) <= enough || high - low <= enough)
      return {next, next > -bound + enough * 8 && next < bound - enough * 8};
    rho = next;
  }
  return {rho, abs(rho) < bound - static_cast<Scalar>(1e-9)};
}

/// Answers as category numbers; -1 where missing.
template <class Scalar>
[[nodiscard]] result<std::vector<std::vector<int>>> categorize(const matrix_ref<Scalar>& x,
                                                               std::vector<vector<Scalar>>& categories) {
  std::vector<std::vector<int>> out(as_size(x.cols()));
  for (index j = 0; j < x.cols(); ++j) {
    std::vector<Scalar> seen;
    for (index i = 0; i < x.rows(); ++i) {
      if (is_missing(x(i, j))) continue;
      const auto at = std::lower_bound(seen.begin(), seen.end(), x(i, j));
      if (at != seen.end() && *at == x(i, j)) continue;
      if (std::ssize(seen) == most_categories) {
        return error{.code = errc::too_many_categories,
                     .function = "polychoric",
                     .column = j,
                     .lower = static_cast<double>(most_categories)};
      }
      seen.insert(at, x(i, j));
    }
    categories.emplace_back(Eigen::Map<const vector<Scalar>>(seen.data(), std::ssize(seen)));
    auto& codes = out[as_size(j)];
    codes.reserve(as_size(x.rows()));
    for (index i = 0; i < x.rows(); ++i) {
      codes.push_back(is_missing(x(i, j))
                          ? -1
                          : static_cast<int>(std::lower_bound(seen.begin(), seen.end(), x(i, j)) - seen.begin()));
    }
  }
  return out;
}

template <class Scalar>
[[nodiscard]] result<polychoric_estimate<Scalar>> polychoric(const matrix_ref<Scalar>& x, missing_cells handling) {
  const auto c = covariance<Scalar>(x, handling);
  if (!c) return c.error();
  polychoric_estimate<Scalar> out;
  out.n_rows = c->n_rows;
  out.n_complete = c->n_complete;
  out.n_pair = c->n_pair;
  out.handling = handling;
  const index k = x.cols();
  matrix<Scalar> kept = x;
  if (handling == missing_cells::listwise) {
    for (index i = 0; i < x.rows(); ++i) {
      bool complete = true;
      for (index j = 0; j < k; ++j) complete = complete && !is_missing(x(i, j));
      if (!complete) kept.row(i).setConstant(missing_value<Scalar>());
    }
  }
  const auto codes = categorize<Scalar>(kept, out.categories);
  if (!codes) return codes.error();
  for (index j = 0; j < k; ++j) {
    vector<Scalar> counts = vector<Scalar>::Zero(out.categories[as_size(j)].size());
    for (const int code : (*codes)[as_size(j)]) {
      if (code >= 0) counts(code) += Scalar(1);
    }
    if (counts.size() < 2) return error{.code = errc::zero_variance, .function = "polychoric", .column = j};
    out.thresholds.push_back(thresholds_of(counts));
  }
  out.correlation = matrix<Scalar>::Identity(k, k);
  out.sampling_variance = matrix<Scalar>::Zero(k, k);
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i < j; ++i) {
      const auto& first = (*codes)[as_size(i)];
      const auto& second = (*codes)[as_size(j)];
      matrix<Scalar> counts =
          matrix<Scalar>::Zero(out.categories[as_size(i)].size(), out.categories[as_size(j)].size());
      for (std::size_t row = 0; row < first.size(); ++row) {
        if (first[row] >= 0 && second[row] >= 0) counts(first[row], second[row]) += Scalar(1);
      }
      const auto varies = [](const vector<Scalar>& margin) { return (margin.array() > 0).count() > 1; };
      if (!varies(counts.rowwise().sum()) || !varies(counts.colwise().sum().transpose())) {
        const bool is_first = !varies(counts.rowwise().sum());
        return error{.code = errc::zero_variance, .function = "polychoric", .column = is_first ? i : j};
      }
      polychoric_table<Scalar> table(counts);
      const Scalar scale = c->covariance(i, i) * c->covariance(j, j);
      using std::sqrt;
      const Scalar start = scale > 0 ? Scalar(c->covariance(i, j) / sqrt(scale)) : Scalar(0);
      const auto [rho, inside] = maximize_rho(table, start);
      if (!inside) out.at_bound.emplace_back(i, j);
      out.correlation(i, j) = out.correlation(j, i) = rho;
      out.sampling_variance(i, j) = out.sampling_variance(j, i) = table.sampling_variance(rho);
    }
  }
  return out;
}

}  // namespace detail

/// Polychoric correlations (tetrachoric with two categories): two-step maximum likelihood.
/// Model:       each answer is a normal variable cut at thresholds; two variables are bivariate normal. Step one takes the
///              thresholds from the margins of each two-way table, step two maximises the likelihood of its correlation
/// \param x         persons x items; the different answers of an item, in rising order, are its categories; NaN is missing
/// \param handling  rows behind each two-way table
/// \return      correlations, thresholds, categories, and the pairs that stand at the bound
/// Errors:      errc::too_many_categories naming the item; errc::zero_variance naming an item with one category in a table;
///              those of covariance()
/// Missing:     as `handling` says
/// Numerics:    rule for empty cells: they count as what they are, nothing is added to them. Where the likelihood then
///              rises up to -1 or 1 the correlation is +-(1 - 1e-6) and the pair is listed in at_bound. Items may have
///              different numbers of categories; a category nobody chose in a table has no probability there. Cost of a
///              pair O(n) plus some 6 evaluations of its cells; correlations to 1e-13
/// Not for:     answers that are not coarse versions of something continuous
/// Reference:   Olsson (1979), doi 10.1007/BF02296207
/// R:           lavaan::lavCor(ordered = TRUE, se = "none"), psych::polychoric(correct = 0, global = FALSE)
template <class Derived>
[[nodiscard]] auto polychoric(const Eigen::MatrixBase<Derived>& x, missing_cells handling = missing_cells::pairwise)
    -> result<polychoric_estimate<typename Derived::Scalar>> {
  return detail::polychoric<typename Derived::Scalar>(x.derived(), handling);
}

namespace detail {
RAPPORT_INSTANCE(result<polychoric_estimate<double>> polychoric(const matrix_ref<double>&, missing_cells));
}  // namespace detail

}  // namespace rapport::stats
