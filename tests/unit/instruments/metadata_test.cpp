// SPDX-License-Identifier: BSL-1.0
// The catalogue: every entry can be found, is complete, and belongs to an instrument that can be scored.
#include "rapport_test.hpp"

#include <set>
#include <string>
#include <string_view>

#include <rapport/instruments/metadata.hpp>

namespace instruments = rapport::instruments;
using instruments::verification;

TEST_CASE("the catalogue holds these instruments", "[instruments][metadata]") {
  struct expectation {
    const char* id;
    int n_items;
    double min;
    double max;
    double step;
    int n_reversed;
    int n_subscales;
    rapport::perspective perspective;
    verification verified;
  };
  using rapport::perspective;
  const expectation expected[] = {
      {"wai-36-client", 36, 1, 7, 1, 14, 3, perspective::client, verification::single_source},
      {"wai-36-therapist", 36, 1, 7, 1, 14, 3, perspective::therapist, verification::single_source},
      {"wai-sr-client", 12, 1, 5, 1, 0, 3, perspective::client, verification::verified},
      {"srs-3", 4, 0, 10, 0.1, 0, 0, perspective::client, verification::verified},
  };
  CHECK(std::size(instruments::catalogue) == std::size(expected));
  for (const expectation& each : expected) {
    CAPTURE(each.id);
    const auto* entry = instruments::find(each.id);
    REQUIRE(entry != nullptr);
    CHECK(entry->key->id() == each.id);
    CHECK(entry->key->n_items() == each.n_items);
    CHECK(entry->key->min() == each.min);
    CHECK(entry->key->max() == each.max);
    CHECK(entry->key->step() == each.step);
    CHECK(entry->key->reversed_items().size() == each.n_reversed);
    CHECK(entry->key->n_subscales() == each.n_subscales);
    CHECK(entry->key->perspective() == each.perspective);
    CHECK(entry->verification == each.verified);
  }
}

TEST_CASE("every entry can be found by an id of its own and is complete", "[instruments][metadata]") {
  std::set<std::string> ids;
  std::set<std::string> names;
  for (const instruments::catalogue_entry& entry : instruments::catalogue) {
    const std::string id(entry.key->id());
    CAPTURE(id);
    CHECK(entry.key->check());
    CHECK(instruments::find(id) == &entry);
    CHECK(ids.insert(id).second);
    CHECK(names.insert(std::string(entry.name)).second);
    CHECK(!entry.name.empty());
    CHECK(!entry.licence.empty());
    CHECK(!entry.sources.empty());
    CHECK(entry.verification != verification::unverified);  // such a key is never built in
    if (entry.verification != verification::verified) CHECK(!entry.caveat.empty());
    CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    // One source per line, none of them blank.
    CHECK(entry.sources.front() != '\n');
    CHECK(entry.sources.back() != '\n');
    CHECK(entry.sources.find("\n\n") == std::string_view::npos);
  }
}

TEST_CASE("what is not in the catalogue is not found", "[instruments][metadata]") {
  STATIC_REQUIRE(instruments::find("srs-3")->key == &instruments::srs_3);
  for (const char* id :
       {"", "srs", "srs-33", "SRS-3", " srs-3", "srs-3 ", "wai-s-client", "Session Rating Scale V.3.0"}) {
    CAPTURE(id);
    CHECK(instruments::find(id) == nullptr);
  }
}

TEST_CASE("verification has words", "[instruments][metadata]") {
  STATIC_REQUIRE(instruments::to_string(verification::verified) == "verified");
  STATIC_REQUIRE(instruments::to_string(verification::single_source) == "single-source");
  STATIC_REQUIRE(instruments::to_string(verification::unverified) == "unverified");
}
