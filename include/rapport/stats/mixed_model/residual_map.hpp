// SPDX-License-Identifier: BSL-1.0
// The parameters of correlated or unequal errors as functions of numbers that may take any value, for a search.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <rapport/stats/mixed_model/residual.hpp>

namespace rapport::stats::detail {

/// The parameters of the errors as functions of numbers on the whole line.
template <class Scalar>
class residual_map {
 public:
  using jet = matrix_jet<Scalar>;

  explicit residual_map(const residual_weights<Scalar>& weights) : weights_(weights) {}

  /// \param at     numbers on the whole line
  /// \param first  the position of the first among all parameters
  /// \param n      number of all parameters; 0 for values alone
  /// \return    the parameters of residual_weights
  [[nodiscard]] std::vector<jet> parameters(const vector<Scalar>& at, index first, index n) const {
    using std::exp;
    using std::tanh;
    std::vector<jet> out;
    const auto variable = [&](index k, const Scalar& value, const Scalar& slope, const Scalar& curvature) {
      return n == 0 ? jet::number(value) : jet::of_parameter(first + k, n, value, slope, curvature);
    };
    switch (weights_.kind()) {
      case residual_kind::autoregressive: {
        const Scalar x = tanh(at(0));
        const Scalar slope = 1 - x * x;
        out.push_back(variable(0, x, slope, -2 * x * slope));
        break;
      }
      case residual_kind::continuous:
      case residual_kind::symmetric: {
        const Scalar lowest = least_correlation();
        const Scalar x = 1 / (1 + exp(-at(0)));
        const Scalar slope = x * (1 - x);
        const Scalar width = 1 - lowest;
        out.push_back(variable(0, lowest + width * x, width * slope, width * slope * (1 - 2 * x)));
        break;
      }
      case residual_kind::stratified:
        for (index k = 0; k < at.size(); ++k) out.push_back(variable(k, exp(at(k)), exp(at(k)), exp(at(k))));
        break;
      case residual_kind::unstructured: {
        const index size = weights_.n_strata();
        jet lower(size, size, n);
        lower.value()(0, 0) = Scalar(1);
        index k = 0;
        for (index j = 0; j < size; ++j) {
          for (index i = j == 0 ? 1 : j; i < size; ++i, ++k) {
            const Scalar value = i == j ? Scalar(exp(at(k))) : at(k);
            lower.value()(i, j) = value;
            if (n == 0) continue;
            lower.first(first + k)(i, j) = i == j ? value : Scalar(1);
            if (i == j) lower.second(first + k, first + k)(i, j) = value;
          }
        }
        const jet whole = lower * lower.transpose();
        for (index j = 0; j < size; ++j) {
          for (index i = j == 0 ? 1 : j; i < size; ++i) out.push_back(whole.block(i, j, 1, 1));
        }
        break;
      }
      default: break;
    }
    return out;
  }

  /// Numbers on the whole line from which to start: independent errors where `correlation` is 0.
  [[nodiscard]] vector<Scalar> start(const Scalar& correlation) const {
    using std::log;
    vector<Scalar> out = vector<Scalar>::Zero(weights_.n_parameters());
    if (weights_.kind() == residual_kind::autoregressive) {
      out(0) = log((1 + correlation) / (1 - correlation)) / 2;
    } else if (weights_.kind() == residual_kind::continuous || weights_.kind() == residual_kind::symmetric) {
      const Scalar share = ((std::max)(correlation, Scalar(0.05)) - least_correlation()) / (1 - least_correlation());
      out(0) = log(share / (1 - share));
    }
    return out;
  }

 private:
  [[nodiscard]] Scalar least_correlation() const {
    if (weights_.kind() != residual_kind::symmetric) return Scalar(0);
    return Scalar(-1) / static_cast<Scalar>((std::max)(weights_.largest_cluster() - 1, index(1)));
  }

  const residual_weights<Scalar>& weights_;
};

}  // namespace rapport::stats::detail
