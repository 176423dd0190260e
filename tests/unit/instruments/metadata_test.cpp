// SPDX-License-Identifier: BSL-1.0
// The catalogue: every entry can be found and is complete; what has no established key refuses to score.
#include "rapport_test.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <rapport/core/error_message.hpp>
#include <rapport/instruments.hpp>
#include <rapport/instruments/metadata.hpp>

namespace instruments = rapport::instruments;
using instruments::key_use;
using instruments::licence_class;
using instruments::verification;
using rapport::perspective;

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
  const expectation expected[] = {
      {"wai-36-client", 36, 1, 7, 1, 14, 3, perspective::client, verification::single_source},
      {"wai-36-therapist", 36, 1, 7, 1, 14, 3, perspective::therapist, verification::single_source},
      {"wai-o", 36, 1, 7, 1, 14, 3, perspective::observer, verification::single_source},
      {"wai-s-client", 12, 1, 7, 1, 2, 3, perspective::client, verification::single_source},
      {"wai-sr-client", 12, 1, 5, 1, 0, 3, perspective::client, verification::verified},
      {"srs-3", 4, 0, 10, 0.1, 0, 0, perspective::client, verification::verified},
      {"haq-ii-patient", 19, 1, 6, 1, 5, 0, perspective::client, verification::single_source},
      {"core-om", 34, 0, 4, 1, 8, 5, perspective::client, verification::verified},
      {"dass-21", 21, 0, 3, 1, 0, 3, perspective::client, verification::verified},
  };
  for (const expectation& each : expected) {
    CAPTURE(each.id);
    const auto* entry = instruments::find(each.id);
    REQUIRE(entry != nullptr);
    REQUIRE(entry->key != nullptr);
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
  const auto count = [](key_use use) {
    return std::count_if(instruments::catalogue.begin(), instruments::catalogue.end(),
                         [use](const auto& entry) { return entry.usable == use; });
  };
  CHECK(count(key_use::all) == 29);
  CHECK(count(key_use::total) == 2);
  CHECK(count(key_use::none) == 33);
}

TEST_CASE("every entry can be found by an id of its own and is complete", "[instruments][metadata]") {
  std::set<std::string> ids;
  std::set<std::string> names;
  for (const instruments::catalogue_entry& entry : instruments::catalogue) {
    const std::string id(entry.id);
    CAPTURE(id);
    CHECK(instruments::find(id) == &entry);
    CHECK(ids.insert(id).second);
    CHECK(names.insert(std::string(entry.name)).second);
    CHECK(!entry.name.empty());
    CHECK(entry.year > 1900);
    CHECK(!entry.licence.empty());
    CHECK(!entry.sources.empty());
    CHECK(!entry.measures.empty());
    CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos);
    // One source per line, none of them blank.
    CHECK(entry.sources.front() != '\n');
    CHECK(entry.sources.back() != '\n');
    CHECK(entry.sources.find("\n\n") == std::string_view::npos);
    CHECK((entry.key == nullptr) == (entry.usable == key_use::none));
    if (entry.verification != verification::verified) CHECK(!entry.caveat.empty());
  }
}

TEST_CASE("nothing unverified is in a key or a published number", "[instruments][metadata]") {
  const auto established = [](verification v) {
    return v == verification::verified || v == verification::single_source;
  };
  for (const instruments::catalogue_entry& entry : instruments::catalogue) {
    CAPTURE(entry.id);
    for (const auto& each : entry.norms) CHECK(established(each.provenance));
    for (const auto& each : entry.reliability) CHECK(established(each.provenance));
    for (const auto& each : entry.reliable_change) CHECK(established(each.provenance));
    CHECK(established(entry.verification) == (entry.key != nullptr));
    if (entry.key == nullptr) continue;
    const rapport::instrument& key = *entry.key;
    CHECK(key.check());
    CHECK(key.id() == entry.id);
    CHECK(key.family() == entry.family);
    CHECK(key.perspective() == entry.perspective);
    CHECK(key.n_items() == entry.n_items);
    CHECK(established(entry.provenance.n_items));
    CHECK(established(entry.provenance.scale));
    CHECK(established(entry.provenance.reversed));
    CHECK((key.n_subscales() == 0 || established(entry.provenance.subscales)));
    CHECK((key.n_bands() == 0 || established(entry.provenance.bands)));
    CHECK((key.n_cutoffs() == 0 || established(entry.provenance.cutoffs)));
    CHECK((key.published_rule() == rapport::complete || established(entry.provenance.missing)));
    if (entry.usable == key_use::total) CHECK(key.n_subscales() == 0);
  }
}

TEST_CASE("what has no established key refuses to score, in a sentence", "[instruments][metadata]") {
  const auto calpas = instruments::find_key("calpas-p");
  REQUIRE(!calpas);
  CHECK(calpas.error().code == rapport::errc::key_not_established);
  CHECK(rapport::message(calpas.error()).view() ==
        "find_key: the key of CALPAS-P is not established here: supply one [rapport.308]");
  const auto guess = instruments::find_key("wai-sr");
  REQUIRE(!guess);
  CHECK(guess.error().code == rapport::errc::unknown_instrument);
  STATIC_REQUIRE(*instruments::find_key("who-5") == &instruments::who_5);
  for (const char* id : {"blri-64", "chs", "rri-c", "eps-25", "hrs-ii", "sacip", "seq-5", "3rs", "wai-srt"}) {
    CAPTURE(id);
    REQUIRE(instruments::find(id) != nullptr);
    CHECK(!instruments::find_key(id));
  }
}

TEST_CASE("what is not in the catalogue is not found", "[instruments][metadata]") {
  STATIC_REQUIRE(instruments::find("srs-3")->key == &instruments::srs_3);
  for (const char* id : {"", "srs", "srs-33", "SRS-3", " srs-3", "srs-3 ", "wai-s", "Session Rating Scale V.3.0"}) {
    CAPTURE(id);
    CHECK(instruments::find(id) == nullptr);
  }
}

TEST_CASE("instruments are found by what they measure", "[instruments][metadata]") {
  STATIC_REQUIRE(instruments::find("state-hope")->is_measure_of("hope"));
  STATIC_REQUIRE(!instruments::find("state-hope")->is_measure_of("hop"));
  STATIC_REQUIRE(instruments::find("blri-64")->is_measure_of("congruence"));
  STATIC_REQUIRE(!instruments::find("first-session-4")->validated);
  STATIC_REQUIRE(instruments::find("core-10")->norms.size() == 2);
  STATIC_REQUIRE(instruments::find("core-10")->reliable_change[0].value == 6);
  STATIC_REQUIRE(instruments::find("bdi-ii")->licence_kind == licence_class::commercial);
}

TEST_CASE("the words of the catalogue", "[instruments][metadata]") {
  STATIC_REQUIRE(to_string(verification::verified) == "verified");
  STATIC_REQUIRE(to_string(verification::single_source) == "single-source");
  STATIC_REQUIRE(to_string(verification::unverified) == "unverified");
  STATIC_REQUIRE(to_string(verification::none) == "none");
  STATIC_REQUIRE(to_string(key_use::all) == "all");
  STATIC_REQUIRE(to_string(key_use::total) == "total");
  STATIC_REQUIRE(to_string(key_use::none) == "none");
  STATIC_REQUIRE(to_string(licence_class::free) == "free");
  STATIC_REQUIRE(to_string(licence_class::free_restricted) == "free-restricted");
  STATIC_REQUIRE(to_string(licence_class::permission) == "permission");
  STATIC_REQUIRE(to_string(licence_class::commercial) == "commercial");
  STATIC_REQUIRE(to_string(licence_class::unknown) == "unknown");
}
