// SPDX-License-Identifier: BSL-1.0
// A value or the reason why there is none: reading it, passing it on, and the throwing door.
#include "rapport_test.hpp"

#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>

using rapport::errc;
using rapport::error;
using rapport::result;

namespace {

constexpr error refused{.code = errc::answer_out_of_range,
                        .function = "score",
                        .row = 4,
                        .column = 2,
                        .value = 9,
                        .lower = 1,
                        .upper = 7,
                        .subject = "wai-36-client"};

bool same(const error& a, const error& b) {
  return a.code == b.code && std::string(a.function) == b.function && a.row == b.row && a.column == b.column &&
         a.value == b.value && a.lower == b.lower && a.upper == b.upper && a.subject == b.subject;
}

constexpr result<int> half_of(int x) {
  if (x % 2 != 0) return error{.code = errc::invalid_option, .function = "half_of"};
  return x / 2;
}

struct counted {
  explicit counted(int n) : number(n) {}
  counted(const counted& other) : number(other.number), copies(other.copies + 1) {}
  counted(counted&&) noexcept = default;
  counted& operator=(const counted&) = default;
  counted& operator=(counted&&) noexcept = default;
  ~counted() = default;
  int number;
  int copies = 0;
};

struct move_only {
  explicit move_only(int n) : number(n) {}
  move_only(const move_only&) = delete;
  move_only(move_only&&) noexcept = default;
  move_only& operator=(const move_only&) = delete;
  move_only& operator=(move_only&&) noexcept = default;
  ~move_only() = default;
  int number;
};

}  // namespace

TEST_CASE("an error is plain data, and an empty one points nowhere", "[core][result]") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<error>);
  constexpr error untouched;
  STATIC_REQUIRE(untouched.row == -1);
  STATIC_REQUIRE(untouched.column == -1);
  STATIC_REQUIRE(untouched.subject.empty());
  STATIC_REQUIRE(untouched.function[0] == '\0');
}

TEST_CASE("a result holds a value or an error, in constant expressions too", "[core][result]") {
  STATIC_REQUIRE(half_of(8).has_value());
  STATIC_REQUIRE(half_of(8));
  STATIC_REQUIRE(*half_of(8) == 4);
  STATIC_REQUIRE(half_of(8).value() == 4);
  STATIC_REQUIRE(!half_of(7));
  STATIC_REQUIRE(half_of(7).error().code == errc::invalid_option);
  STATIC_REQUIRE(half_of(7).value_or(-1) == -1);
  STATIC_REQUIRE(half_of(8).value_or(-1) == 4);
  STATIC_REQUIRE(*half_of(8).transform([](int x) { return 0.5 * x; }) == 2.0);
  STATIC_REQUIRE(*half_of(8).and_then(half_of) == 2);
  STATIC_REQUIRE(!half_of(6).and_then(half_of));
  STATIC_REQUIRE(std::is_same_v<result<int>::value_type, int>);
  STATIC_REQUIRE(!std::is_convertible_v<result<int>, bool>);  // only an `if` tests it
}

TEST_CASE("a value can be read, changed and moved out", "[core][result]") {
  result<std::string> word = std::string("alliance");
  REQUIRE(word);
  CHECK(*word == "alliance");
  CHECK(word->size() == 8);
  CHECK(word.value() == "alliance");
  *word += "s";
  word->push_back('!');
  CHECK(std::as_const(word)->size() == 10);
  CHECK(*std::as_const(word) == "alliances!");
  const std::string taken = *std::move(word);
  CHECK(taken == "alliances!");
}

TEST_CASE("an error passes unchanged", "[core][result]") {
  const result<int> failed = refused;
  REQUIRE(!failed);
  CHECK(!failed.has_value());
  CHECK(same(failed.error(), refused));

  int calls = 0;
  const auto transformed = failed.transform([&](int x) {
    ++calls;
    return std::to_string(x);
  });
  STATIC_REQUIRE(std::is_same_v<decltype(transformed), const result<std::string>>);
  CHECK(same(transformed.error(), refused));
  const auto chained = failed.and_then([&](int x) {
    ++calls;
    return half_of(x);
  });
  CHECK(same(chained.error(), refused));
  CHECK(calls == 0);
  CHECK(failed.value_or(11) == 11);
}

TEST_CASE("transform and and_then work on the value", "[core][result]") {
  const result<int> twelve = 12;
  CHECK(*twelve.transform([](const int& x) { return std::to_string(x); }) == "12");
  CHECK(*twelve.and_then(half_of).and_then(half_of) == 3);
  const auto failed_third = twelve.and_then(half_of).and_then(half_of).and_then(half_of);
  REQUIRE(!failed_third);
  CHECK(std::string(failed_third.error().function) == "half_of");
  const auto nothing = twelve.and_then([](int) { return result<void>(); });
  CHECK(nothing.has_value());
  CHECK(*twelve == 12);
}

TEST_CASE("moving out of a result copies nothing", "[core][result]") {
  result<counted> held = counted(5);
  REQUIRE(held);
  CHECK(held->copies == 0);
  CHECK(held.value().copies == 1);
  CHECK(std::move(held).value().copies == 0);

  result<move_only> unique = move_only(6);
  REQUIRE(unique);
  CHECK(unique->number == 6);
  const move_only out = std::move(unique).value();
  CHECK(out.number == 6);
}

TEST_CASE("success without a value", "[core][result]") {
  STATIC_REQUIRE(result<void>());
  STATIC_REQUIRE(result<void>().has_value());
  constexpr result<void> failed = refused;
  STATIC_REQUIRE(!failed);
  STATIC_REQUIRE(failed.error().column == 2);
  CHECK(same(failed.error(), refused));
  result<void>().value();  // no exception
  CHECK_THROWS_AS(failed.value(), rapport::failure);
}

TEST_CASE("value() throws the error and its sentence", "[core][result]") {
  const result<int> failed = refused;
  CHECK_THROWS_AS(failed.value(), rapport::failure);
  CHECK_THROWS_AS(failed.value(), std::runtime_error);
  CHECK_THROWS_AS(result<std::string>(refused).value(), rapport::failure);
  bool caught = false;
  try {
    static_cast<void>(failed.value());
  } catch (const rapport::failure& f) {
    caught = true;
    CHECK(std::string(f.what()) ==
          "score: answer 9 of person 5 to item 3 is outside 1..7; correct it or mark it missing [rapport.201]");
    CHECK(rapport::message(f.error()) == f.what());
    CHECK(same(f.error(), refused));
  }
  CHECK(caught);

  const result<int> good = 3;
  int number = 0;
  try {
    number = good.value();
  } catch (const std::exception&) {
    number = -1;
  }
  CHECK(number == 3);
}
