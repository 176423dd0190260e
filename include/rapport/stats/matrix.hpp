// SPDX-License-Identifier: BSL-1.0
// The matrix types of the statistical core, and the bridge from response tables.
#pragma once

#include <Eigen/Core>

#include <rapport/core/index.hpp>
#include <rapport/data/response_matrix.hpp>

namespace rapport::stats {

static_assert(std::is_same_v<Eigen::Index, index>, "rapport needs Eigen's default index type");

template <class Scalar>
using matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <class Scalar>
using vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
/// How functions take a matrix: bound without a copy to any matrix or block stored column by column.
template <class Scalar>
using matrix_ref = Eigen::Ref<const matrix<Scalar>>;

/// A response table seen as a matrix, without a copy; valid as long as the table lives.
template <class Scalar>
[[nodiscard]] Eigen::Map<const matrix<Scalar>> as_matrix(const basic_response_matrix<Scalar>& table) {
  return {table.data(), table.n_persons(), table.n_items()};
}

}  // namespace rapport::stats
