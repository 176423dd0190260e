// SPDX-License-Identifier: BSL-1.0
// The audit record of a scored form: a short text from which the scores can be computed again, to the same bytes.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <rapport/core/missing.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/core/result.hpp>
#include <rapport/scoring/digest.hpp>
#include <rapport/scoring/score.hpp>

namespace rapport {

/// What was scored, how, and with what result. Owns all it needs.
struct score_record {
  struct recorded_score {
    id_text_type id{};
    score_status status = score_status::incomplete;
    double value = 0;  ///< meaningless if the status is incomplete
  };

  id_text_type instrument_id{};
  id_text_type edition{};
  int scoring_version = 1;
  missing_rule rule{};
  int n_items = 0;
  answer<double> answers[max_items] = {};
  int n_scores = 0;
  recorded_score scores[detail::max_scores] = {};
  std::uint64_t digest = 0;
};

/// The text of a record; long enough for every record.
using record_text = text<6143>;

/// Scores a form and makes its record.
/// \param questionnaire  the instrument
/// \param answers        as in score()
/// \param options        as in score()
/// \return      the record
/// Errors:      as score()
template <class Answers>
[[nodiscard]] result<score_record> make_record(const instrument& questionnaire, const Answers& answers,
                                               const score_options& options = {}) noexcept {
  const auto card = score(questionnaire, answers, options);
  if (!card) return card.error();
  score_record out;
  out.instrument_id = questionnaire.id();
  out.edition = questionnaire.edition();
  out.scoring_version = questionnaire.scoring_version();
  out.rule = options.missing;
  for (const auto& given : answers) {
    const auto one = detail::as_answer(given);
    answer<double>& kept = out.answers[out.n_items++];
    if (one.is_given()) {
      // The legal answer itself: what was given as a float is not the double that stands for the same decimal.
      const detail::scale_key& scale = questionnaire.description().scale_of(out.n_items);
      std::int64_t steps = 0;
      error why;
      if (detail::read_answer(scale, one.value(), steps, why)) kept = scale.answer(steps);
    } else if (one.is_skipped()) {
      kept = skipped;
    }
  }
  for (int number = 0; number < card->n_scores(); ++number) {
    out.scores[out.n_scores++] = {card->score_id(number), card->status_of(number),
                                  card->value_of(number).value_or(0.0)};
  }
  out.digest = score_digest(questionnaire, answers, *card);
  return out;
}

/// A record as text: lines of a word and what it says. `.` is a missing answer, `/` a skipped one.
/// \param record  a record
/// \return      the text, ending in a line feed; the same bytes on every machine
[[nodiscard]] inline record_text save(const score_record& record) noexcept {
  record_text out("rapport-score-record 1\n");
  out.append("instrument ").append(record.instrument_id.view());
  out.append("\nedition ").append(record.edition.view());
  out.append("\nscoring-version ").append(number_text(record.scoring_version));
  out.append("\nrule ");
  switch (record.rule.how) {
    case missing_rule::kind::published: out.append("published"); break;
    case missing_rule::kind::complete: out.append("complete"); break;
    case missing_rule::kind::prorate: out.append("prorate ").append(number_text(record.rule.fraction)); break;
    case missing_rule::kind::at_least: out.append("at-least ").append(number_text(record.rule.n)); break;
    case missing_rule::kind::at_most_missing: out.append("at-most-missing ").append(number_text(record.rule.n)); break;
  }
  out.append("\nanswers");
  for (int i = 0; i < record.n_items; ++i) {
    const answer<double>& one = record.answers[i];
    out.append(' ');
    if (one.is_given()) {
      out.append(number_text(one.value()));
    } else {
      out.append(one.is_skipped() ? '/' : '.');
    }
  }
  for (int s = 0; s < record.n_scores; ++s) {
    const auto& score = record.scores[s];
    out.append("\nscore ").append(score.id.view()).append(" ").append(to_string(score.status));
    if (score.status != score_status::incomplete) out.append(" ").append(number_text(score.value));
  }
  out.append("\ndigest ");
  for (int shift = 60; shift >= 0; shift -= 4) out.append("0123456789abcdef"[record.digest >> shift & 15]);
  return out.append("\n");
}

namespace detail {

/// Takes the lines of a record apart.
class record_reader {
 public:
  explicit record_reader(std::string_view words) noexcept : rest_(words) {}

  [[nodiscard]] result<score_record> run() noexcept {
    if (next_line() != "rapport-score-record 1") return refusal("the first line is not that of a record");
    if (!value_of("instrument", line_) || line_.empty() || !id_text_type::fits(line_)) return refusal("instrument");
    out_.instrument_id = line_;
    if (!value_of("edition", line_) || !id_text_type::fits(line_)) return refusal("edition");
    out_.edition = line_;
    if (!value_of("scoring-version", line_) || !number(line_, out_.scoring_version)) return refusal("scoring-version");
    if (!value_of("rule", line_) || !read_rule()) return refusal("rule");
    if (!value_of("answers", line_) || !read_answers()) return refusal("answers");
    while (rest_.substr(0, 6) == "score ") {
      if (!value_of("score", line_) || !read_score()) return refusal("score");
    }
    if (!value_of("digest", line_) || !read_digest()) return refusal("digest");
    if (!rest_.empty()) return refusal("something follows the digest");
    return out_;
  }

 private:
  [[nodiscard]] static error refusal(std::string_view what) noexcept {
    return {.code = errc::invalid_record, .function = "parse_record", .subject = what};
  }

  [[nodiscard]] std::string_view next_line() noexcept {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) {
      rest_ = {};
      return {};
    }
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }

  /// What follows the word with which a line begins; false if the line begins otherwise.
  [[nodiscard]] bool value_of(std::string_view word, std::string_view& value) noexcept {
    const std::string_view line = next_line();
    if (line.substr(0, word.size()) != word || line.size() <= word.size() || line[word.size()] != ' ') return false;
    value = line.substr(word.size() + 1);
    return true;
  }

  [[nodiscard]] static std::string_view next_word(std::string_view& words) noexcept {
    const std::size_t end = words.find(' ');
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
    return word;
  }

  template <class Number>
  [[nodiscard]] static bool number(std::string_view word, Number& out) noexcept {
    const char* const end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data(), end, out);
    return parsed.ec == std::errc() && parsed.ptr == end;
  }

  [[nodiscard]] bool read_rule() noexcept {
    const std::string_view kind = next_word(line_);
    if (kind == "published" || kind == "complete") {
      out_.rule = kind == "published" ? published : complete;
      return line_.empty();
    }
    if (kind == "prorate") {
      out_.rule = prorate(0);
      return number(line_, out_.rule.fraction) && is_valid(out_.rule);
    }
    if (kind != "at-least" && kind != "at-most-missing") return false;
    out_.rule = kind == "at-least" ? at_least(0) : at_most_missing(0);
    return number(line_, out_.rule.n) && is_valid(out_.rule);
  }

  [[nodiscard]] bool read_answers() noexcept {
    while (!line_.empty()) {
      if (out_.n_items == max_items) return false;
      const std::string_view word = next_word(line_);
      answer<double>& one = out_.answers[out_.n_items++];
      double value = 0;
      if (word == "/") {
        one = skipped;
      } else if (word != ".") {
        if (!number(word, value)) return false;
        one = value;
      }
    }
    return out_.n_items > 0;
  }

  [[nodiscard]] bool read_score() noexcept {
    if (out_.n_scores == max_scores) return false;
    auto& score = out_.scores[out_.n_scores++];
    const std::string_view value = last_word(line_);
    if (value == "incomplete") {
      score = {line_, score_status::incomplete, 0};
      return true;
    }
    const std::string_view status = last_word(line_);
    score.id = line_;
    score.status = status == "ok" ? score_status::ok : score_status::prorated;
    return (status == "ok" || status == "prorated") && number(value, score.value);
  }

  /// The ids of scores may hold blanks, so that lines of scores are read from their end.
  [[nodiscard]] static std::string_view last_word(std::string_view& words) noexcept {
    const std::size_t blank = words.rfind(' ');
    if (blank == std::string_view::npos) return {};
    const std::string_view word = words.substr(blank + 1);
    words = words.substr(0, blank);
    return word;
  }

  [[nodiscard]] bool read_digest() noexcept {
    const char* const end = line_.data() + line_.size();
    const auto parsed = std::from_chars(line_.data(), end, out_.digest, 16);
    return line_.size() == 16 && parsed.ec == std::errc() && parsed.ptr == end;
  }

  std::string_view rest_;
  std::string_view line_{};
  score_record out_{};
};

}  // namespace detail

/// Reads the text of a record.
/// \param words  what save() wrote
/// \return      the record; nothing in it has been checked against an instrument
/// Errors:      errc::invalid_record, its subject naming the line
[[nodiscard]] inline result<score_record> parse_record(std::string_view words) noexcept {
  return detail::record_reader(words).run();
}

/// Scores the answers of a record again, and holds the result against it.
/// \param questionnaire  the instrument of the record
/// \param record         a record, from make_record() or parse_record()
/// \return      the card, if every byte of the record comes out again
/// Errors:      errc::record_differs, its subject naming what does: the instrument, its edition, its scoring version, a
///              score, or the digest; and what score() refuses
[[nodiscard]] inline result<score_card> replay(const instrument& questionnaire, const score_record& record) noexcept {
  error differs{.code = errc::record_differs, .function = "replay"};
  const auto differ = [&](std::string_view what) {
    differs.subject = what;
    return differs;
  };
  if (record.instrument_id != questionnaire.id()) return differ("the instrument");
  if (record.edition != questionnaire.edition()) return differ("the edition");
  if (record.scoring_version != questionnaire.scoring_version()) return differ("the scoring version");
  const std::span<const answer<double>> answers(record.answers, static_cast<std::size_t>(record.n_items));
  const score_options options{.missing = record.rule};
  const auto again = make_record(questionnaire, answers, options);
  if (!again) return again.error();
  if (again->n_scores != record.n_scores) return differ("the number of scores");
  for (int s = 0; s < record.n_scores; ++s) {
    const auto& then = record.scores[s];
    const auto& now = again->scores[s];
    const bool same_value = then.status == score_status::incomplete || then.value == now.value;
    if (!(then.id == now.id) || then.status != now.status || !same_value) return differ(now.id.view());
  }
  if (record.digest != again->digest) return differ("the digest");
  return score(questionnaire, answers, options);
}

}  // namespace rapport
