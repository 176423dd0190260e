// SPDX-License-Identifier: BSL-1.0
// Split-half reliability over all distinct splits, or over a seeded sample of them; lambda 4; Spearman-Brown.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/stats/covariance.hpp>

namespace rapport {

/// Which splits are looked at.
struct split_half_options {
  index most_splits = 100000;     ///< all distinct splits if there are no more than this many; at least 1
  index sampled_splits = 10000;   ///< otherwise so many random ones; at least 1
  std::uint64_t seed = 20240229;  ///< of the random ones
};

/// Checks the options.
/// Errors: errc::invalid_option naming the field
[[nodiscard]] inline result<void> validate(const split_half_options& options) {
  const auto refuse = [](index value, const char* subject) {
    return error{.code = errc::invalid_option,
                 .function = "split_half",
                 .value = static_cast<double>(value),
                 .lower = 1,
                 .upper = 1e9,
                 .subject = subject};
  };
  constexpr index most = 1000000000;
  if (options.most_splits < 1 || options.most_splits > most) return refuse(options.most_splits, "the number of splits");
  if (options.sampled_splits < 1 || options.sampled_splits > most)
    return refuse(options.sampled_splits, "the number of sampled splits");
  return {};
}

/// Split-half reliability over many splits: 4 cov(A, B) / var(A + B) of each.
template <class Scalar>
struct basic_split_half {
  Scalar min{};
  Scalar mean{};
  Scalar max{};                    ///< lambda 4 if every split was looked at, else a lower bound of it
  std::vector<index> best_half{};  ///< items of one half of the best split, the smaller half if k is odd
  std::vector<Scalar> values{};    ///< of all splits, sorted
  bool is_exhaustive = true;       ///< whether every distinct split was looked at
};

/// One split, odd against even items.
template <class Scalar>
struct basic_odd_even_split {
  std::optional<Scalar> correlation{};     ///< of the two halves; empty if one does not vary
  std::optional<Scalar> spearman_brown{};  ///< 2 r / (1 + r); empty if r is
  std::optional<Scalar> horst{};           ///< the same for halves of unequal length; equals it if k is even
  Scalar flanagan{};                       ///< 4 cov(A, B) / var(A + B), also called Guttman's or Rulon's
};

/// Reliability of a scale made m times as long.
/// Model:       m r / (1 + (m - 1) r)
/// \param reliability  of the scale as it is
/// \param factor       how many times as long, above 0; one half for half the items
/// \return      the predicted reliability
/// Errors:      errc::invalid_option if the factor is not positive, or so large that the formula has no value there
/// Not for:     items that are not parallel to those there are
/// Reference:   Spearman (1910); Brown (1910)
/// R:           psychometric::SBrel(m, r)
template <class Scalar>
[[nodiscard]] result<Scalar> spearman_brown(const Scalar& reliability, const Scalar& factor) {
  const Scalar denominator = 1 + (factor - 1) * reliability;
  if (!(factor > 0) || !(denominator > 0)) {
    return error{.code = errc::invalid_option,
                 .function = "spearman_brown",
                 .value = static_cast<double>(factor),
                 .lower = 0,
                 .upper = 1e300,
                 .subject = "the factor of length"};
  }
  return Scalar(factor * reliability / denominator);
}

/// How many distinct ways there are to split k items into halves (of k / 2, or of (k - 1) / 2 and the rest).
///
/// A number beyond 2^53 is not exact.
[[nodiscard]] constexpr double number_of_splits(index k) noexcept {
  if (k < 2) return 0;
  const index half = k / 2;
  double count = 1;
  for (index i = 1; i <= half; ++i) count = count * static_cast<double>(k - half + i) / static_cast<double>(i);
  return k % 2 == 0 ? count / 2 : count;
}

namespace detail {

/// Visits subsets of `size` out of n items such that each differs from the last by one item gone and one come.
///
/// Calls `change` with (item that leaves, item that enters) between two subsets; the first one is 0 .. size - 1.
/// Reference: Knuth (2011), The Art of Computer Programming 4A, sec. 7.2.1.3, algorithm R
template <class Change>
void for_each_exchange(index n, index size, const Change& change) {
  if (size == 0 || size == n) return;
  std::vector<index> c(as_size(size + 2));  // c[1] < ... < c[size], c[size + 1] = n
  for (index j = 1; j <= size; ++j) c[as_size(j)] = j - 1;
  c[as_size(size + 1)] = n;
  const bool odd = size % 2 == 1;
  for (bool moved = true; moved;) {
    if (odd ? c[1] + 1 < c[2] : c[1] > 0) {
      const index enters = odd ? c[1] + 1 : c[1] - 1;
      change(c[1], enters);
      c[1] = enters;
      continue;
    }
    moved = false;
    bool decrease = odd;
    for (index j = 2; j <= size && !moved; ++j, decrease = !decrease) {
      index& here = c[as_size(j)];
      index& before = c[as_size(j - 1)];
      if (decrease && here >= j) {
        change(here, j - 2);
        here = before;
        before = j - 2;
        moved = true;
      } else if (!decrease && here + 1 < c[as_size(j + 1)]) {
        change(before, here + 1);
        before = here;
        ++here;
        moved = true;
      }
    }
  }
}

/// A split as signs, with what changes when an item goes to the other half.
template <class Scalar>
class running_split {
 public:
  running_split(const stats::matrix<Scalar>& c, const std::vector<index>& first_half)
      : c_(c), sign_(stats::vector<Scalar>::Constant(c.cols(), Scalar(-1))) {
    for (const index i : first_half) sign_(i) = Scalar(1);
    pull_ = c_ * sign_;
    contrast_ = sign_.dot(pull_);
  }

  void turn(index item) {
    const Scalar change = -2 * sign_(item);
    contrast_ += 2 * change * pull_(item) + change * change * c_(item, item);
    pull_ += change * c_.col(item);
    sign_(item) = -sign_(item);
  }

  /// The variance of the difference of the halves, s'cs.
  [[nodiscard]] const Scalar& contrast() const noexcept { return contrast_; }
  [[nodiscard]] const stats::vector<Scalar>& signs() const noexcept { return sign_; }

 private:
  const stats::matrix<Scalar>& c_;
  stats::vector<Scalar> sign_;
  stats::vector<Scalar> pull_{};
  Scalar contrast_{};
};

/// 4 cov(A, B) / var(A + B) for the split with these signs, from the definition.
template <class Scalar>
[[nodiscard]] Scalar split_value(const stats::matrix<Scalar>& c, const stats::vector<Scalar>& signs) {
  return 1 - signs.dot(c * signs) / c.sum();
}

template <class Scalar>
void visit_all_splits(const stats::matrix<Scalar>& c, basic_split_half<Scalar>& out, stats::vector<Scalar>& best) {
  const index k = c.cols();
  const index half = k / 2;
  // With an even number each split has two names; the last item stays in the second half.
  const bool even = k % 2 == 0;
  const index pool = even ? k - 1 : k;
  const index size = even ? half - 1 : half;
  // With the last item in the first half, the others there are chosen from the pool.
  std::vector<index> first;
  for (index i = 0; i < size; ++i) first.push_back(i);
  if (even) first.push_back(k - 1);
  running_split<Scalar> split(c, first);
  const Scalar total = c.sum();
  Scalar least = split.contrast();
  best = split.signs();
  out.values.reserve(static_cast<std::size_t>(number_of_splits(k)));
  out.values.push_back(1 - split.contrast() / total);
  for_each_exchange(pool, size, [&](index leaves, index enters) {
    split.turn(leaves);
    split.turn(enters);
    out.values.push_back(1 - split.contrast() / total);
    if (split.contrast() < least) {
      least = split.contrast();
      best = split.signs();
    }
  });
}

template <class Scalar>
void visit_sampled_splits(const stats::matrix<Scalar>& c, const split_half_options& options,
                          basic_split_half<Scalar>& out, stats::vector<Scalar>& best) {
  const index k = c.cols();
  random_stream random(options.seed);
  std::vector<index> order(as_size(k));
  for (index i = 0; i < k; ++i) order[as_size(i)] = i;
  Scalar largest(0);
  for (index s = 0; s < options.sampled_splits; ++s) {
    stats::vector<Scalar> signs = stats::vector<Scalar>::Constant(k, Scalar(-1));
    for (index i = 0; i < k / 2; ++i) {
      std::swap(order[as_size(i)], order[as_size(i + random.below(k - i))]);
      signs(order[as_size(i)]) = Scalar(1);
    }
    const Scalar value = split_value(c, signs);
    if (s == 0 || value > largest) {
      largest = value;
      best = signs;
    }
    out.values.push_back(value);
  }
}

}  // namespace detail

/// Split-half reliability over the distinct splits of the items into two halves.
/// Model:       4 cov(A, B) / var(A + B) for halves A and B; with an odd number of items one half has one item more
/// \param c        covariances of the items
/// \param options  when to sample
/// \return      smallest, mean and largest value, the best half, and all values sorted
/// Errors:      errc::too_few_columns below 2 items; errc::negative_total_variance; errc::invalid_option
/// Missing:     as the covariances handled it
/// Numerics:    each split is reached from the last by exchanging two items, O(k) a step; the smallest and the largest
///              value are computed from the definition again. For an even number of items the mean is alpha
/// Not for:     picking the split that pleases
/// Reference:   Guttman (1945), doi 10.1007/BF02288892; Revelle (1979)
/// R:           psych::splitHalf(c), which for an odd number of items looks at half of the splits only
template <class Scalar>
[[nodiscard]] result<basic_split_half<Scalar>> split_half(const stats::covariance_estimate<Scalar>& c,
                                                          const split_half_options& options = {}) {
  if (auto legal = validate(options); !legal) return legal.error();
  if (auto usable = detail::check_alpha_input(c, "split_half"); !usable) return usable.error();
  basic_split_half<Scalar> out;
  stats::vector<Scalar> best;
  out.is_exhaustive = number_of_splits(c.n_columns()) <= static_cast<double>(options.most_splits);
  if (out.is_exhaustive) {
    detail::visit_all_splits(c.covariance, out, best);
  } else {
    detail::visit_sampled_splits(c.covariance, options, out, best);
  }
  Scalar sum(0);
  for (const Scalar& value : out.values) sum += value;
  out.mean = sum / static_cast<Scalar>(std::ssize(out.values));
  std::sort(out.values.begin(), out.values.end());
  out.min = out.values.front();
  out.max = detail::split_value(c.covariance, best);
  for (index i = 0; i < c.n_columns(); ++i) {
    if (best(i) > 0) out.best_half.push_back(i);
  }
  return out;
}

/// The split of odd against even items, in the order of the table.
/// \param c     covariances of the items
/// \return      correlation, Spearman-Brown, Horst, and Flanagan's coefficient
/// Errors:      errc::too_few_columns below 2 items; errc::negative_total_variance
/// Missing:     as the covariances handled it
/// Not for:     anything that the order of the items decides by accident; see split_half
/// Reference:   Horst (1951), doi 10.1177/001316445101100306 for halves of unequal length
/// R:           2 r / (1 + r) with r = cor(rowSums(odd items), rowSums(even items))
template <class Scalar>
[[nodiscard]] result<basic_odd_even_split<Scalar>> odd_even_split(const stats::covariance_estimate<Scalar>& c) {
  using std::sqrt;
  if (auto usable = detail::check_alpha_input(c, "odd_even_split"); !usable) return usable.error();
  const index k = c.n_columns();
  Scalar odd(0);
  Scalar even(0);
  Scalar between(0);
  for (index j = 0; j < k; ++j) {
    for (index i = 0; i < k; ++i) {
      if (i % 2 != j % 2) {
        between += c.covariance(i, j) / 2;
      } else {
        (i % 2 == 0 ? odd : even) += c.covariance(i, j);
      }
    }
  }
  basic_odd_even_split<Scalar> out;
  out.flanagan = 4 * between / c.covariance.sum();
  if (!(odd > 0) || !(even > 0)) return out;
  const Scalar r = between / sqrt(odd * even);
  out.correlation = r;
  if (!(r > -1)) return out;
  out.spearman_brown = 2 * r / (1 + r);
  const auto items = static_cast<Scalar>(k);
  const Scalar p = static_cast<Scalar>((k + 1) / 2) / items;
  const Scalar pq = p * (1 - p);
  const Scalar r2 = r * r;
  if (!(r2 < 1)) {
    out.horst = Scalar(1);
  } else {
    out.horst = (r * sqrt(r2 + 4 * pq * (1 - r2)) - r2) / (2 * pq * (1 - r2));
  }
  return out;
}

}  // namespace rapport
