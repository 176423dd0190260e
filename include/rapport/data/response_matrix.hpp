// SPDX-License-Identifier: BSL-1.0
// Item responses: persons in rows, items in columns, NaN for a missing answer.
#pragma once

#include <span>
#include <vector>

#include <rapport/core/config.hpp>
#include <rapport/core/index.hpp>
#include <rapport/core/missing.hpp>

namespace rapport {

/// A table of answers, persons x items, stored column by column; a missing answer is NaN.
///
/// The columns lie one behind the other, so a matrix library can map it without copying.
template <class Scalar>
class basic_response_matrix {
 public:
  basic_response_matrix() = default;

  /// A table in which every answer is missing.
  basic_response_matrix(index n_persons, index n_items)
      : n_persons_(n_persons), n_items_(n_items), values_(as_size(n_persons * n_items), missing_value<Scalar>()) {
    RAPPORT_ASSERT(n_persons >= 0 && n_items >= 0);
  }

  [[nodiscard]] index n_persons() const noexcept { return n_persons_; }
  [[nodiscard]] index n_items() const noexcept { return n_items_; }

  [[nodiscard]] Scalar& operator()(index person, index item) noexcept {
    RAPPORT_ASSERT(person >= 0 && person < n_persons_ && item >= 0 && item < n_items_);
    return values_[as_size(item * n_persons_ + person)];
  }
  [[nodiscard]] const Scalar& operator()(index person, index item) const noexcept {
    RAPPORT_ASSERT(person >= 0 && person < n_persons_ && item >= 0 && item < n_items_);
    return values_[as_size(item * n_persons_ + person)];
  }

  /// All answers to one item.
  [[nodiscard]] std::span<const Scalar> item(index position) const noexcept {
    RAPPORT_ASSERT(position >= 0 && position < n_items_);
    return {values_.data() + position * n_persons_, as_size(n_persons_)};
  }

  /// The whole table, column by column.
  [[nodiscard]] const Scalar* data() const noexcept { return values_.data(); }

 private:
  index n_persons_ = 0;
  index n_items_ = 0;
  std::vector<Scalar> values_{};
};

/// The table that most programs use.
using response_matrix = basic_response_matrix<double>;

}  // namespace rapport
