// SPDX-License-Identifier: BSL-1.0
// The panel of sessions: its order, its views, what it keeps and what it refuses.
#include "rapport_test.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/data/session_panel.hpp>

namespace rp = rapport;

using rapport::errc;
using rapport::error;
using rapport::panel_options;
using rapport::response_matrix;
using rapport::score_range;
using rapport::session_panel;
using rapport::detail::id_less;

namespace {

constexpr double blank = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

using rows = std::vector<session_panel::row_type>;

std::vector<std::string> client_ids(const session_panel& panel) {
  std::vector<std::string> out;
  for (rp::index c = 0; c < panel.n_clients(); ++c) out.push_back(panel.client_id(c));
  return out;
}

error refusal(const rows& table, const panel_options<double>& options = {}) {
  const auto panel = session_panel::from_rows(table, options);
  REQUIRE(!panel);
  return panel.error();
}

std::string sentence(const error& e) { return std::string(rapport::message(e).view()); }

bool same_score(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

TEST_CASE("identifiers are ordered as numbers, then as words", "[data][session_panel]") {
  // Each before all that follow.
  const std::vector<std::string> ordered = {"0", "00001", "01", "1", "2", "007", "10", "010x9"};
  STATIC_REQUIRE(id_less("2", "10"));
  STATIC_REQUIRE(id_less("10", "A"));
  STATIC_REQUIRE(!id_less("10", "2"));
  STATIC_REQUIRE(id_less("9", "10"));
  STATIC_REQUIRE(id_less("99999999999999999999", "100000000000000000000"));  // longer than any integer type
  STATIC_REQUIRE(id_less("A", "B"));
  STATIC_REQUIRE(id_less("A10", "A2"));  // words go byte by byte
  STATIC_REQUIRE(id_less("Z", "a"));
  STATIC_REQUIRE(id_less("7", "-1"));  // a sign makes a word
  STATIC_REQUIRE(id_less("7", "1.5"));
  STATIC_REQUIRE(id_less("z", "\xc3\xa4"));  // UTF-8 after ASCII
  STATIC_REQUIRE(!id_less("", ""));
  STATIC_REQUIRE(id_less("5", ""));
  for (std::size_t a = 0; a < ordered.size(); ++a) {
    for (std::size_t b = 0; b < ordered.size(); ++b) {
      CAPTURE(ordered[a], ordered[b]);
      CHECK(id_less(ordered[a], ordered[b]) == (a < b));
    }
  }
}

TEST_CASE("the order of identifiers is strict and total", "[data][session_panel]") {
  const std::vector<std::string> ids = {"",   "0",  "00", "000", "1",  "01",  "10",  "100", "99", "A",
                                        "a1", "1a", "a",  "B",   "-1", "1.0", "0x1", " 1",  "1 ", "\xff"};
  std::string violation;
  for (const auto& a : ids) {
    for (const auto& b : ids) {
      if (int(id_less(a, b)) + int(id_less(b, a)) != (a == b ? 0 : 1)) violation = a + " and " + b;
      for (const auto& c : ids) {
        if (id_less(a, b) && id_less(b, c) && !id_less(a, c)) violation = a + ", " + b + " and " + c;
      }
    }
  }
  CHECK(violation == "");
}

TEST_CASE("a panel is sorted by client and session", "[data][session_panel]") {
  const std::vector<std::string> client = {"10", "2", "A", "2", "10", "2"};
  const std::vector<int> session = {1, 3, 1, 1, 2, 2};
  const std::vector<double> score = {50, 23, 70, 21, 51, blank};
  const session_panel panel = session_panel::make(client, session, score).value();

  CHECK(panel.n_clients() == 3);
  CHECK(panel.n_rows() == 6);
  CHECK(panel.n_observed() == 5);
  CHECK(panel.n_therapists() == 0);
  CHECK((client_ids(panel) == std::vector<std::string>{"2", "10", "A"}));
  CHECK(panel.first_row(0) == 0);
  CHECK(panel.last_row(0) == 3);
  CHECK(panel.first_row(1) == 3);
  CHECK(panel.last_row(1) == 5);
  CHECK(panel.first_row(2) == 5);
  CHECK(panel.last_row(2) == 6);
  const rp::index expected_input[] = {3, 5, 1, 0, 4, 2};
  for (rp::index row = 0; row < 6; ++row) {
    CAPTURE(row);
    CHECK(panel.input_row(row) == expected_input[row]);
    CHECK(panel.therapist_of_row(row) == -1);
  }
  CHECK(!panel.range().has_value());

  const auto first = panel.series(0);
  REQUIRE(first.size() == 3);
  CHECK(first.session[0] == 1);
  CHECK(first.session[2] == 3);
  CHECK(first[0] == 21);
  CHECK(first.score[2] == 23);
  CHECK(first.is_observed(0));
  CHECK(!first.is_observed(1));  // the session took place, there is no score
  CHECK(panel.series(2).size() == 1);
}

TEST_CASE("identifiers may be numbers of any integer type or text of any kind", "[data][session_panel]") {
  const std::vector<int> session = {1, 1, 1};
  const std::vector<float> score = {1, 2, 3};
  const std::vector<int> numbers = {10, -3, 2};
  const std::vector<std::uint64_t> large = {18446744073709551615U, 5, 10};
  const std::vector<const char*> literals = {"b", "a", "c"};
  const std::vector<std::string_view> views = {"b", "a", "c"};

  CHECK(
      (client_ids(session_panel::make(numbers, session, score).value()) == std::vector<std::string>{"2", "10", "-3"}));
  CHECK((client_ids(session_panel::make(large, session, score).value()) ==
         std::vector<std::string>{"5", "10", "18446744073709551615"}));
  CHECK((client_ids(session_panel::make(literals, session, score).value()) == std::vector<std::string>{"a", "b", "c"}));
  CHECK((client_ids(session_panel::make(views, session, score).value()) == std::vector<std::string>{"a", "b", "c"}));
  CHECK((client_ids(session_panel::make(std::span(views), session, score).value()) ==
         std::vector<std::string>{"a", "b", "c"}));
}

TEST_CASE("identifiers that differ in leading zeros are different clients", "[data][session_panel]") {
  const rows table = {{"7", 1, 1, ""}, {"07", 1, 2, ""}, {"007", 1, 3, ""}};
  const session_panel panel = session_panel::from_rows(table).value();
  CHECK((client_ids(panel) == std::vector<std::string>{"007", "07", "7"}));
  CHECK(panel.series(0)[0] == 3);
}

TEST_CASE("the order of the rows does not matter", "[data][session_panel]") {
  // A naive second panel: a map of maps, whose keys say how identifiers are ordered.
  using id_key = std::tuple<bool, std::uint64_t, std::string>;
  rapport::random_stream random(20260408);
  for (int repetition = 0; repetition < 60; ++repetition) {
    rows table;
    std::map<id_key, std::map<double, double>> naive;
    std::map<std::string, std::string> therapist_of;
    const char* const names[] = {"A", "b", "client 1", "Z9", "\xc3\x84", "x", "-4", "4.0"};
    for (int c = 0; c < 12; ++c) {
      const bool is_word = random.chance(0.4);
      const rp::index number = random.below(2000);
      const std::string id = is_word ? names[random.below(8)] : std::to_string(number);
      auto& sessions = naive[{is_word, is_word ? 0 : static_cast<std::uint64_t>(number), id}];
      for (int s = 0; s < 6; ++s) {
        const double session = static_cast<double>(random.below(20)) / (repetition % 2 == 0 ? 1 : 4);
        const double score = random.chance(0.2) ? blank : static_cast<double>(random.below(100));
        const std::string therapist = "T" + std::to_string(random.below(3));
        if (sessions.emplace(session, score).second) table.push_back({id, session, score, therapist});
      }
    }
    for (std::size_t i = table.size(); i > 1; --i)
      std::swap(table[i - 1], table[rapport::as_size(random.below(static_cast<rp::index>(i)))]);

    const auto made = session_panel::from_rows(table);
    REQUIRE(made);
    const session_panel& panel = *made;
    REQUIRE(panel.n_clients() == static_cast<rp::index>(naive.size()));
    bool same = panel.n_rows() == static_cast<rp::index>(table.size());
    rp::index client = 0;
    rp::index row = 0;
    for (const auto& [key, sessions] : naive) {
      same = same && panel.client_id(client) == std::get<2>(key);
      const auto series = panel.series(client);
      same = same && series.size() == static_cast<rp::index>(sessions.size()) && panel.first_row(client) == row;
      rp::index t = 0;
      for (const auto& [session, score] : sessions) {
        same = same && series.session[rapport::as_size(t)] == session && same_score(series[t], score);
        const auto& input = table[rapport::as_size(panel.input_row(row))];
        same = same && input.client == panel.client_id(client) && input.session == session;
        same = same && input.therapist == panel.therapist_id(panel.therapist_of_row(row));
        ++t;
        ++row;
      }
      ++client;
    }
    CAPTURE(repetition);
    CHECK(same);
  }
}

TEST_CASE("therapists are ordered like clients, and a client may change therapist", "[data][session_panel]") {
  const rows table = {{"c1", 1, 5, "10"}, {"c1", 2, 6, "9"}, {"c2", 1, 7, "Ana"}, {"c0", 1, 8, "9"}};
  const session_panel panel = session_panel::from_rows(table).value();
  REQUIRE(panel.n_therapists() == 3);
  CHECK(panel.therapist_id(0) == "9");
  CHECK(panel.therapist_id(1) == "10");
  CHECK(panel.therapist_id(2) == "Ana");
  const rp::index expected[] = {0, 1, 0, 2};  // c0, c1 twice, c2
  for (rp::index row = 0; row < 4; ++row) CHECK(panel.therapist_of_row(row) == expected[row]);
}

TEST_CASE("therapists must be known for all rows or for none", "[data][session_panel]") {
  const error later = refusal({{"a", 1, 5, "T"}, {"a", 2, 6, "T"}, {"b", 1, 7, ""}});
  CHECK(later.code == errc::missing_id);
  CHECK(later.row == 2);
  CHECK(later.subject == "therapist");
  const error first = refusal({{"a", 1, 5, ""}, {"a", 2, 6, ""}, {"b", 1, 7, "T"}});
  CHECK(first.code == errc::missing_id);
  CHECK(first.row == 0);
  CHECK(sentence(first) == "session_panel: row 1 has no therapist; every row needs one [rapport.207]");
}

TEST_CASE("a client needs an identifier", "[data][session_panel]") {
  const error e = refusal({{"a", 1, 5, ""}, {"", 2, 6, ""}});
  CHECK(e.code == errc::missing_id);
  CHECK(e.row == 1);
  CHECK(sentence(e) == "session_panel: row 2 has no client; every row needs one [rapport.207]");
}

TEST_CASE("a session needs a number", "[data][session_panel]") {
  CHECK(refusal({{"a", 1, 5, ""}, {"a", blank, 6, ""}}).code == errc::missing_session);
  CHECK(refusal({{"a", 1, 5, ""}, {"a", blank, 6, ""}}).row == 1);
  CHECK(refusal({{"a", blank, blank, ""}}).code == errc::missing_session);
  for (const double session : {inf, -inf}) {
    const error e = refusal({{"a", 1, 5, ""}, {"a", 2, 5, ""}, {"a", session, 6, ""}});
    CHECK(e.code == errc::not_finite);
    CHECK(e.row == 2);
  }
}

TEST_CASE("a score may be missing, but not infinite", "[data][session_panel]") {
  const session_panel panel = session_panel::from_rows(rows{{"a", 1, blank, ""}, {"a", 2, blank, ""}}).value();
  CHECK(panel.n_rows() == 2);
  CHECK(panel.n_observed() == 0);
  for (const double score : {inf, -inf}) {
    const error e = refusal({{"a", 1, 5, ""}, {"a", 2, score, ""}});
    CHECK(e.code == errc::not_finite);
    CHECK(e.row == 1);
  }
}

TEST_CASE("two rows for one session are refused, and the second is named", "[data][session_panel]") {
  const error e = refusal({{"b", 1, 5, ""}, {"a", 3, 5, ""}, {"a", 1, 5, ""}, {"c", 3, 2, ""}, {"a", 3, blank, ""}});
  CHECK(e.code == errc::duplicate_session);
  CHECK(e.row == 4);
  CHECK(e.value == 3);
  CHECK(e.subject == "a");
  CHECK(sentence(e) ==
        "session_panel: client a has two rows for session 3 (the second in row 5); keep one of them [rapport.206]");
  CHECK(refusal({{"a", 0.0, 5, ""}, {"a", -0.0, 6, ""}}).code == errc::duplicate_session);
  // The same session of two clients, or two that merely look alike, are no duplicates.
  CHECK(session_panel::from_rows(rows{{"a", 3, 5, ""}, {"a ", 3, 5, ""}, {"a", 3.5, 5, ""}}).has_value());
}

TEST_CASE("scores outside the given range are refused with their values", "[data][session_panel]") {
  const panel_options<double> options{.range = score_range<double>{.lower = 12, .upper = 84, .step = 1}};
  CHECK(session_panel::from_rows(rows{{"a", 1, 12, ""}, {"a", 2, 84, ""}, {"a", 3, blank, ""}}, options).has_value());
  for (const double score : {11.999, 84.001, -5.0, 840.0}) {
    const error e = refusal({{"a", 1, 12, ""}, {"b", 1, score, ""}}, options);
    CHECK(e.code == errc::score_out_of_range);
    CHECK(e.row == 1);
    CHECK(e.value == score);
    CHECK(e.lower == 12);
    CHECK(e.upper == 84);
  }
  CHECK(sentence(refusal({{"a", 1, 90, ""}}, options)) ==
        "session_panel: score 90 in row 1 is outside the range 12..84 that was given; correct one of the two "
        "[rapport.210]");
}

TEST_CASE("the first bad row is the one reported", "[data][session_panel]") {
  const panel_options<double> options{.range = score_range<double>{.lower = 0, .upper = 10, .step = 1}};
  const rows bad = {{"a", 1, 11, ""}, {"", 1, 5, ""}, {"a", blank, 5, ""}, {"a", 2, inf, ""}};
  const errc codes[] = {errc::score_out_of_range, errc::missing_id, errc::missing_session, errc::not_finite};
  for (std::size_t first = 0; first < 4; ++first) {
    rows table = {{"x", 1, 1, ""}};
    for (std::size_t k = 0; k < 4; ++k) table.push_back(bad[(first + k) % 4]);
    CAPTURE(first);
    CHECK(refusal(table, options).code == codes[first]);
    CHECK(refusal(table, options).row == 1);
  }
}

TEST_CASE("columns of different lengths are refused", "[data][session_panel]") {
  const std::vector<int> client = {1, 2, 3};
  const std::vector<int> session = {1, 1};
  const std::vector<double> score = {5, 6, 7};
  const auto short_sessions = session_panel::make(client, session, score);
  REQUIRE(!short_sessions);
  CHECK(sentence(short_sessions.error()) ==
        "session_panel: session has 2 entries where 3 are needed; give one per row [rapport.102]");
  const auto long_scores = session_panel::make(session, session, score);
  REQUIRE(!long_scores);
  CHECK(long_scores.error().code == errc::size_mismatch);
  CHECK(long_scores.error().subject == "score");
  CHECK(long_scores.error().value == 3);
  CHECK(long_scores.error().lower == 2);
}

TEST_CASE("no rows, no panel", "[data][session_panel]") {
  CHECK(refusal({}).code == errc::no_data);
  CHECK(sentence(refusal({})) ==
        "session_panel: there is nothing to compute from: no rows, or every cell is missing [rapport.205]");
  const std::vector<int> none;
  const auto made = session_panel::make(none, none, none);
  REQUIRE(!made);
  CHECK(made.error().code == errc::no_data);
  CHECK(session_panel().n_clients() == 0);
  CHECK(session_panel().n_rows() == 0);
}

TEST_CASE("a panel repeats its options, and so do its series", "[data][session_panel]") {
  const panel_options<double> options{.range = score_range<double>{.lower = 0, .upper = 40, .step = 0.1},
                                      .time = rapport::session_time::days};
  const session_panel panel = session_panel::from_rows(rows{{"a", 0, 36.5, ""}, {"a", 7, 38, ""}}, options).value();
  REQUIRE(panel.range().has_value());
  CHECK(panel.range()->upper == 40);
  CHECK(panel.options().time == rapport::session_time::days);
  CHECK(panel.series(0).options.time == rapport::session_time::days);
  REQUIRE(panel.series(0).options.range.has_value());
  CHECK(panel.series(0).options.range->step == 0.1);
  CHECK(session_panel().options().time == rapport::session_time::number);
  const std::vector<int> client = {1};
  const std::vector<int> session = {4};
  CHECK(session_panel::make(client, session, session, options).value().options().time == rapport::session_time::days);
}

TEST_CASE("sessions may be fractions, negative, and any distance apart", "[data][session_panel]") {
  const session_panel panel =
      session_panel::from_rows(rows{{"a", 1e9, 3, ""}, {"a", -2.5, 1, ""}, {"a", 0.25, 2, ""}}).value();
  const auto series = panel.series(0);
  CHECK(series.session[0] == -2.5);
  CHECK(series.session[1] == 0.25);
  CHECK(series.session[2] == 1e9);
  CHECK(series[2] == 3);
}

TEST_CASE("a wide table leaves out what did not take place", "[data][session_panel]") {
  const std::vector<std::string> client = {"b", "a"};
  const std::vector<double> sessions = {1, 4, 2};
  response_matrix scores(2, 3);
  scores(0, 0) = 10;
  scores(0, 2) = 12;
  scores(1, 1) = 24;
  scores(1, 2) = 22;
  const session_panel panel = session_panel::from_wide(client, std::span(sessions), scores).value();
  CHECK((client_ids(panel) == std::vector<std::string>{"a", "b"}));
  CHECK(panel.n_rows() == 4);
  const auto a = panel.series(0);
  REQUIRE(a.size() == 2);
  CHECK(a.session[0] == 2);
  CHECK(a[0] == 22);
  CHECK(a.session[1] == 4);
  CHECK(a[1] == 24);
  const auto b = panel.series(1);
  REQUIRE(b.size() == 2);
  CHECK(b.session[1] == 2);
  CHECK(b[1] == 12);
}

TEST_CASE("a wide and a long table of the same numbers make the same panel", "[data][session_panel]") {
  rapport::random_stream random(20260409);
  const std::vector<int> client = {4, 3, 20, 1};
  const std::vector<double> sessions = {3, 1, 2, 8, 5};
  response_matrix scores(4, 5);
  rows table;
  for (rp::index i = 0; i < 4; ++i) {
    for (rp::index j = 0; j < 5; ++j) {
      if (random.chance(0.3)) continue;
      scores(i, j) = random.normal();
      table.push_back({std::to_string(client[rapport::as_size(i)]), sessions[rapport::as_size(j)], scores(i, j), ""});
    }
  }
  const session_panel wide = session_panel::from_wide(client, std::span(sessions), scores).value();
  const session_panel long_panel = session_panel::from_rows(table).value();
  REQUIRE(wide.n_clients() == long_panel.n_clients());
  for (rp::index c = 0; c < wide.n_clients(); ++c) {
    CHECK(wide.client_id(c) == long_panel.client_id(c));
    const auto a = wide.series(c);
    const auto b = long_panel.series(c);
    CHECK(std::equal(a.session.begin(), a.session.end(), b.session.begin(), b.session.end()));
    CHECK(std::equal(a.score.begin(), a.score.end(), b.score.begin(), b.score.end()));
  }
}

TEST_CASE("a wide table whose parts do not fit together is refused", "[data][session_panel]") {
  const std::vector<int> client = {1, 2};
  const std::vector<double> sessions = {1, 2, 3};
  const auto fewer_clients = session_panel::from_wide(std::vector<int>{1}, std::span(sessions), response_matrix(2, 3));
  REQUIRE(!fewer_clients);
  CHECK(fewer_clients.error().code == errc::size_mismatch);
  CHECK(fewer_clients.error().subject == "client");
  const auto more_columns = session_panel::from_wide(client, std::span(sessions), response_matrix(2, 4));
  REQUIRE(!more_columns);
  CHECK(more_columns.error().code == errc::size_mismatch);
  CHECK(more_columns.error().subject == "sessions");
  CHECK(more_columns.error().value == 3);
  CHECK(more_columns.error().lower == 4);
  const auto all_blank = session_panel::from_wide(client, std::span(sessions), response_matrix(2, 3));
  REQUIRE(!all_blank);
  CHECK(all_blank.error().code == errc::no_data);
}

TEST_CASE("errors in a wide table name its own rows", "[data][session_panel]") {
  const std::vector<std::string> client = {"a", "b", "c"};
  const std::vector<double> sessions = {1, 2, 3};
  response_matrix scores(3, 3);
  for (rp::index i = 0; i < 3; ++i) {
    for (rp::index j = 0; j < 3; ++j) scores(i, j) = 5;
  }
  SECTION("a score outside the range") {
    scores(1, 2) = 50;
    const panel_options<double> options{.range = score_range<double>{.lower = 0, .upper = 10, .step = 1}};
    const auto panel = session_panel::from_wide(client, std::span(sessions), scores, options);
    REQUIRE(!panel);
    CHECK(panel.error().code == errc::score_out_of_range);
    CHECK(panel.error().value == 50);
    CHECK(panel.error().row == 1);
  }
  SECTION("an infinite score") {
    scores(2, 0) = inf;
    const auto panel = session_panel::from_wide(client, std::span(sessions), scores);
    REQUIRE(!panel);
    CHECK(panel.error().code == errc::not_finite);
    CHECK(panel.error().row == 2);
  }
  SECTION("a client without a name") {
    const std::vector<std::string> unnamed = {"a", "", "c"};
    const auto panel = session_panel::from_wide(unnamed, std::span(sessions), scores);
    REQUIRE(!panel);
    CHECK(panel.error().code == errc::missing_id);
    CHECK(panel.error().row == 1);
  }
  SECTION("a client named twice") {
    const std::vector<std::string> twice = {"a", "b", "a"};
    const auto panel = session_panel::from_wide(twice, std::span(sessions), scores);
    REQUIRE(!panel);
    CHECK(panel.error().code == errc::duplicate_session);
    CHECK(panel.error().row == 2);
  }
}

TEST_CASE("a panel of another floating-point type", "[data][session_panel]") {
  using panel_type = rapport::basic_session_panel<float>;
  const std::vector<int> client = {2, 1};
  const std::vector<float> score = {0.1F, std::numeric_limits<float>::quiet_NaN()};
  const panel_type panel = panel_type::make(client, client, score).value();
  CHECK(panel.n_observed() == 1);
  CHECK(panel.series(1)[0] == 0.1F);
  STATIC_REQUIRE(std::is_same_v<std::remove_cvref_t<decltype(panel.series(0)[0])>, float>);
  const std::vector<float> infinite = {1, std::numeric_limits<float>::infinity()};
  CHECK(!panel_type::make(client, client, infinite).has_value());
}
