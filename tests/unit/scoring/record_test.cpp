// SPDX-License-Identifier: BSL-1.0
// Digests and audit records: what they are made of, that they replay to the same bytes, and that changes are noticed.
#include "rapport_test.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/scoring/digest.hpp>
#include <rapport/scoring/record.hpp>

using rapport::answer;
using rapport::errc;
using rapport::instrument;
using rapport::missing;
using rapport::skipped;

namespace {

constexpr auto mood = instrument("mood-6", 6, {.min = 1, .max = 7})
                          .edition("second")
                          .scoring_version(3)
                          .reversed({2, 5})
                          .subscale("trust in it", {1, 2, 3}, {.kind = rapport::score_kind::mean})
                          .subscale("task", {4, 5, 6})
                          .combined("both", {{"trust in it", 2}, {"task", 0.5}});

/// The bytes that the documentation lists, put together with nothing but a string.
std::uint64_t naive_digest(const std::string& bytes) {
  std::uint64_t h = 14695981039346656037U;
  for (const char c : bytes) {
    h ^= static_cast<unsigned char>(c);
    h *= 1099511628211U;
  }
  return h;
}

std::string eight(std::int64_t number) {
  std::string out;
  auto rest = static_cast<std::uint64_t>(number);
  for (int i = 0; i < 8; ++i, rest /= 256) out += static_cast<char>(rest % 256);
  return out;
}

}  // namespace

TEST_CASE("the digest is FNV-1a of the bytes that are documented", "[scoring][digest]") {
  CHECK(naive_digest("") == 0xcbf29ce484222325U);
  CHECK(naive_digest("foobar") == 0x85944171f73967e8U);  // the reference value of the inventors
  constexpr auto tenths = instrument("tenths", 3, {.min = 0, .max = 10, .step = 0.1}).scoring_version(2);
  constexpr std::array<answer<double>, 3> answers = {0.5, skipped, missing};
  constexpr auto card = rapport::score(tenths, answers, {.missing = rapport::prorate(0.25)});
  constexpr std::uint64_t digest = rapport::score_digest(tenths, answers, *card);
  // Rule 2 is prorating; 0.25 is the double 0x3fd0000000000000; 0.5 is 1/2; the score is 3/2.
  const std::string bytes = std::string("tenths") + '\0' + eight(2) + '\2' + eight(0x3fd0000000000000) + eight(0) +
                            '\2' + eight(1) + eight(2) + '\1' + '\0' + '\1' + eight(3) + eight(2);
  CHECK(digest == naive_digest(bytes));
}

TEST_CASE("the digest does not depend on how the answers are stored", "[scoring][digest]") {
  const std::array<int, 6> ints = {6, 2, 7, 5, 3, 6};
  const std::vector<float> floats = {6, 2, 7, 5, 3, 6};
  const std::array<std::optional<long double>, 6> optionals = {6.0L, 2.0L, 7.0L, 5.0L, 3.0L, 6.0L};
  const auto digest = [](const auto& answers) {
    return rapport::score_digest(mood, answers, rapport::score(mood, answers).value());
  };
  CHECK(digest(ints) == digest(floats));
  CHECK(digest(ints) == digest(optionals));
}

TEST_CASE("every change changes the digest", "[scoring][digest]") {
  std::set<std::uint64_t> seen;
  const auto add = [&](const instrument& form, const std::array<answer<int>, 6>& answers, rapport::missing_rule rule) {
    const auto card = rapport::score(form, answers, {.missing = rule}).value();
    return seen.insert(rapport::score_digest(form, answers, card)).second;
  };
  const std::array<answer<int>, 6> answers = {6, 2, 7, 5, 3, 6};
  CHECK(add(mood, answers, rapport::published));
  CHECK(!add(mood, answers, rapport::published));
  CHECK(!add(mood.edition("third"), answers, rapport::published));  // the edition is no part of it
  CHECK(add(mood.scoring_version(4), answers, rapport::published));
  CHECK(add(mood, answers, rapport::complete));
  CHECK(add(mood, answers, rapport::prorate(0.5)));
  CHECK(add(mood, answers, rapport::prorate(0.25)));
  CHECK(add(mood, answers, rapport::at_least(2)));
  CHECK(add(mood, answers, rapport::at_least(1)));
  CHECK(add(mood, answers, rapport::at_most_missing(1)));
  CHECK(add(mood.reversed({1}), answers, rapport::published));  // the scores differ
  for (int item = 0; item < 6; ++item) {
    auto other = answers;
    other[static_cast<std::size_t>(item)] = 1;
    CHECK(add(mood, other, rapport::published));
    other[static_cast<std::size_t>(item)] = missing;
    CHECK(add(mood, other, rapport::published));
    other[static_cast<std::size_t>(item)] = skipped;
    CHECK(add(mood, other, rapport::published));
  }
}

TEST_CASE("the text of a record", "[scoring][record]") {
  const std::array<answer<int>, 6> answers = {6, 2, missing, 5, skipped, 6};
  const auto record = rapport::make_record(mood, answers, {.missing = rapport::at_least(2)}).value();
  const std::string text(rapport::save(record).view());
  // trust in it: (6 + 6) / 2; task: (5 + 6) / 2 * 3 = 16.5; both: 2 * 6 + 16.5 / 2; total: (6 + 6 + 5 + 6) / 4 * 6.
  CHECK(text.substr(0, text.find("digest")) ==
        "rapport-score-record 1\ninstrument mood-6\nedition second\nscoring-version 3\nrule at-least 2\n"
        "answers 6 2 . 5 / 6\nscore total prorated 34.5\nscore trust in it prorated 6\nscore task prorated 16.5\n"
        "score both prorated 20.25\n");
  CHECK(text.size() - text.find("digest") == 7 + 16 + 1);
}

TEST_CASE("records of random forms replay to the same bytes", "[scoring][record]") {
  rapport::random_stream random(20260501);
  const rapport::missing_rule rules[] = {rapport::published, rapport::complete, rapport::prorate(0.7),
                                         rapport::at_least(2), rapport::at_most_missing(1)};
  const instrument forms[] = {mood, rapport::instruments::srs_3, rapport::instruments::wai_36_client,
                              instrument("no-edition", 128, {.min = -3, .max = 3, .step = 0.01}).no_total()};
  for (int repetition = 0; repetition < 400; ++repetition) {
    const instrument& form = forms[repetition % 4];
    std::vector<answer<double>> answers;
    for (int item = 1; item <= form.n_items(); ++item) {
      const auto& scale = form.description().scale_of(item);
      const double any = scale.answer(random.below(scale.n_steps + 1));
      answers.push_back(random.chance(0.1)   ? answer<double>(missing)
                        : random.chance(0.1) ? answer<double>(skipped)
                                             : answer<double>(any));
    }
    const auto& rule = rules[random.below(5)];
    const auto record = rapport::make_record(form, answers, {.missing = rule}).value();
    const auto saved = rapport::save(record);
    CHECK(!saved.truncated());
    const auto parsed = rapport::parse_record(saved.view());
    REQUIRE(parsed);
    CHECK(rapport::save(*parsed) == saved);
    const auto card = rapport::replay(form, *parsed);
    REQUIRE(card);
    CHECK(card->total() == rapport::score(form, answers, {.missing = rule}).value().total());
    CHECK(card->missing_items() == rapport::score(form, answers).value().missing_items());
  }
}

TEST_CASE("a record that was changed, or a key that was, does not replay", "[scoring][record]") {
  const std::array<int, 6> answers = {6, 2, 7, 5, 3, 6};
  const auto record = rapport::make_record(mood, answers).value();
  REQUIRE(rapport::replay(mood, record));
  const auto differs = [](const instrument& form, const rapport::score_record& changed) {
    const auto card = rapport::replay(form, changed);
    REQUIRE(!card);
    CHECK(card.error().code == errc::record_differs);
    return std::string(card.error().subject.view());
  };
  auto changed = record;
  changed.answers[0] = 5.0;
  CHECK(differs(mood, changed) == "total");
  changed = record;
  changed.scores[2].value += 1;
  CHECK(differs(mood, changed) == "task");
  changed = record;
  changed.scores[1].status = rapport::score_status::prorated;
  CHECK(differs(mood, changed) == "trust in it");
  changed = record;
  changed.digest ^= 1;
  CHECK(differs(mood, changed) == "the digest");
  changed = record;
  changed.rule = rapport::complete;
  CHECK(differs(mood, changed) == "the digest");
  CHECK(differs(mood.scoring_version(4), record) == "the scoring version");
  CHECK(differs(mood.edition("third"), record) == "the edition");
  CHECK(differs(mood.reversed({1}), record) == "total");
  CHECK(differs(rapport::instruments::srs_3, record) == "the instrument");
  changed = record;
  changed.answers[0] = 9.0;
  CHECK(rapport::replay(mood, changed).error().code == errc::answer_out_of_range);
}

TEST_CASE("text that is no record is refused", "[scoring][record]") {
  const std::array<int, 6> answers = {6, 2, 7, 5, 3, 6};
  const std::string good(rapport::save(rapport::make_record(mood, answers).value()).view());
  REQUIRE(rapport::parse_record(good));
  // No beginning of a record is one, and neither is a record with a byte too many.
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto parsed = rapport::parse_record(std::string_view(good).substr(0, size));
    REQUIRE(!parsed);
    CHECK(parsed.error().code == errc::invalid_record);
  }
  CHECK(!rapport::parse_record(good + "\n"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    const auto parsed = rapport::parse_record(bad);
    CHECK(!parsed);
    return parsed ? std::string() : std::string(parsed.error().subject.view());
  };
  CHECK(with("record 1", "record 2") == "the first line is not that of a record");
  CHECK(with("mood-6", std::string(32, 'x')) == "instrument");
  CHECK(with("version 3", "version three") == "scoring-version");
  CHECK(with("rule published", "rule guess") == "rule");
  CHECK(with("rule published", "rule prorate 1.5") == "rule");
  CHECK(with("rule published", "rule at-least 0") == "rule");
  CHECK(with("6 2 7", "6 two 7") == "answers");
  CHECK(with("total ok", "total fine") == "score");
  CHECK(with("digest ", "digest x") == "digest");
  // Whatever a byte is changed to: a text that is read and replays differs from the record in nothing that counts.
  rapport::random_stream random(20260502);
  int n_read = 0;
  for (int repetition = 0; repetition < 5000; ++repetition) {
    std::string bad = good;
    bad[rapport::as_size(random.below(std::ssize(bad)))] = static_cast<char>(random.below(256));
    const auto parsed = rapport::parse_record(bad);
    if (!parsed) continue;
    ++n_read;
    if (rapport::replay(mood, *parsed)) CHECK(rapport::save(*parsed).view() == good);
  }
  CHECK(n_read > 500);
}
