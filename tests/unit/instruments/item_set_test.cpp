// SPDX-License-Identifier: BSL-1.0
// Sets of item numbers: they behave as a set of integers between 1 and 128.
#include "rapport_test.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/instruments/item_set.hpp>

using rapport::item_set;

namespace {

constexpr item_set of(std::initializer_list<int> items) {
  item_set set;
  for (const int item : items) set.insert(item);
  return set;
}

std::vector<int> listed(const item_set& set) { return {set.begin(), set.end()}; }

}  // namespace

TEST_CASE("item sets in constant expressions", "[instruments][item_set]") {
  STATIC_REQUIRE(rapport::max_items == 128);
  STATIC_REQUIRE(item_set().empty());
  STATIC_REQUIRE(item_set().size() == 0);
  STATIC_REQUIRE(of({3, 1, 2}) == item_set::first(3));
  STATIC_REQUIRE(of({3, 1, 2}) != of({1, 2, 4}));
  STATIC_REQUIRE(of({5, 5, 5}).size() == 1);
  STATIC_REQUIRE(item_set::first(0).empty());
  STATIC_REQUIRE(item_set::first(128).size() == 128);
  STATIC_REQUIRE(of({7}).contains(7));
  STATIC_REQUIRE(!of({7}).contains(6));
}

TEST_CASE("items at the ends and where the words meet", "[instruments][item_set]") {
  const item_set set = of({128, 65, 64, 1, 63});
  CHECK((listed(set) == std::vector<int>{1, 63, 64, 65, 128}));
  CHECK(set.size() == 5);
  CHECK(!set.contains(2));
  CHECK(!set.contains(66));
  CHECK(!set.contains(127));
}

TEST_CASE("numbers that no item has are in no set", "[instruments][item_set]") {
  const item_set all = item_set::first(128);
  for (const int item : {0, -1, -63, -64, 129, 192, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
    CAPTURE(item);
    CHECK(!all.contains(item));
  }
}

TEST_CASE("an item set is the set of its numbers", "[instruments][item_set]") {
  rapport::random_stream random(20260410);
  item_set set;
  std::set<int> naive;
  bool same = true;
  for (int step = 0; step < 20000; ++step) {
    const int item = 1 + static_cast<int>(random.below(128));
    if (random.chance(0.5)) {
      set.insert(item);
      naive.insert(item);
    } else {
      set.remove(item);
      naive.erase(item);
    }
    same = same && set.size() == static_cast<int>(naive.size()) && set.empty() == naive.empty() &&
           set.contains(item) == (naive.count(item) == 1);
    if (step % 50 == 0) {
      same = same && std::equal(set.begin(), set.end(), naive.begin(), naive.end());
      item_set again;
      for (const int each : naive) again.insert(each);
      same = same && again == set;
    }
  }
  CHECK(same);
}

TEST_CASE("walking through a set", "[instruments][item_set]") {
  const item_set set = of({2, 9});
  auto it = set.begin();
  CHECK(*it == 2);
  const auto before = it++;
  CHECK(*before == 2);
  CHECK(*it == 9);
  CHECK(++it == set.end());
  CHECK(item_set().begin() == item_set().end());
}
