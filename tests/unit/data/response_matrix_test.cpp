// SPDX-License-Identifier: BSL-1.0
// The table of answers: missing at first, stored column by column.
#include "rapport_test.hpp"

#include <type_traits>
#include <utility>

#include <rapport/data/response_matrix.hpp>

namespace rp = rapport;

using rapport::response_matrix;

TEST_CASE("a new table is all missing", "[data][response_matrix]") {
  const response_matrix table(3, 2);
  CHECK(table.n_persons() == 3);
  CHECK(table.n_items() == 2);
  for (rp::index i = 0; i < 3; ++i) {
    for (rp::index j = 0; j < 2; ++j) CHECK(rapport::is_missing(table(i, j)));
  }
}

TEST_CASE("the columns lie one behind the other", "[data][response_matrix]") {
  response_matrix table(3, 2);
  for (rp::index i = 0; i < 3; ++i) {
    for (rp::index j = 0; j < 2; ++j) table(i, j) = static_cast<double>(10 * i + j);
  }
  const double expected[] = {0, 10, 20, 1, 11, 21};
  for (int k = 0; k < 6; ++k) CHECK(table.data()[k] == expected[k]);
  const auto second = table.item(1);
  REQUIRE(second.size() == 3);
  CHECK(second[0] == 1);
  CHECK(second[2] == 21);
  CHECK(second.data() == table.data() + 3);
  CHECK(std::as_const(table)(2, 0) == 20);
}

TEST_CASE("a copy is independent of the original", "[data][response_matrix]") {
  response_matrix table(1, 1);
  table(0, 0) = 4;
  const response_matrix copy = table;
  table(0, 0) = 5;
  CHECK(copy(0, 0) == 4);
}

TEST_CASE("empty tables", "[data][response_matrix]") {
  CHECK(response_matrix().n_persons() == 0);
  CHECK(response_matrix().n_items() == 0);
  CHECK(response_matrix(0, 5).n_items() == 5);
  CHECK(response_matrix(0, 5).item(4).empty());
  CHECK(response_matrix(5, 0).n_persons() == 5);
}

TEST_CASE("tables of other floating-point numbers", "[data][response_matrix]") {
  rapport::basic_response_matrix<float> single(1, 2);
  single(0, 0) = 1.5F;
  CHECK(single(0, 0) == 1.5F);
  CHECK(rapport::is_missing(single(0, 1)));
  const rapport::basic_response_matrix<long double> extended(1, 1);
  CHECK(rapport::is_missing(extended(0, 0)));
  STATIC_REQUIRE(std::is_same_v<decltype(extended(0, 0)), const long double&>);
}
