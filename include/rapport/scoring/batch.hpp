// SPDX-License-Identifier: BSL-1.0
// Scoring a table of forms into arrays of the caller: no allocation, and fast where answers are stored as bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/detail/byte_forms.hpp>
#include <rapport/scoring/score.hpp>

namespace rapport {

/// A table of forms: where in memory the answer of a form to an item stands.
template <class T>
struct form_table {
  std::span<const T> answers{};
  index n_forms = 0;
  index n_items = 0;
  index form_stride = 1;            ///< from a form's answer to the next form's answer to the same item
  index item_stride = 1;            ///< from an answer to the answer to the next item on the same form
  std::optional<T> missing_code{};  ///< the number that stands for a missing answer; NaN always does
};

/// Forms one behind the other.
/// \param answers       n_items answers of the first form, then of the second, ...
/// \param n_items       the number of items of a form
/// \param missing_code  the number that stands for a missing answer, if one does
/// \return        a view of the answers, which must outlive it
template <class T>
[[nodiscard]] constexpr form_table<T> forms_by_row(std::span<const T> answers, index n_items,
                                                   std::optional<T> missing_code = {}) noexcept {
  const index n_forms = n_items > 0 ? std::ssize(answers) / n_items : 0;
  return {answers, n_forms, n_items, n_items, 1, missing_code};
}

/// Items one behind the other: the answers of all forms to the first item, then to the second, ...
/// \param answers       as many answers per item as there are forms
/// \param n_items       the number of items of a form
/// \param missing_code  the number that stands for a missing answer, if one does
/// \return        a view of the answers, which must outlive it
template <class T>
[[nodiscard]] constexpr form_table<T> forms_by_column(std::span<const T> answers, index n_items,
                                                      std::optional<T> missing_code = {}) noexcept {
  const index n_forms = n_items > 0 ? std::ssize(answers) / n_items : 0;
  return {answers, n_forms, n_items, 1, n_forms, missing_code};
}

/// Where the scores of a table go. What is empty is not written; a score that may not be computed is NaN.
template <class Scalar>
struct batch_scores {
  std::span<Scalar> total{};            ///< one per form
  std::span<Scalar> subscales{};        ///< of all forms the first subscale, then the second, ...
  std::span<Scalar> combined{};         ///< likewise
  std::span<score_status> status{};     ///< of the total, or where there is none the worst of the subscales
  std::span<std::uint8_t> n_missing{};  ///< items without an answer; 0 where the status is invalid
};

/// What became of the forms of a table.
struct batch_summary {
  index n_forms = 0;
  index n_ok = 0;
  index n_prorated = 0;
  index n_incomplete = 0;
  index n_invalid = 0;                   ///< forms with an answer that is not legal; they have no scores
  std::optional<error> first_invalid{};  ///< the first such answer: form in `row`, item in `column`
};

namespace detail {

/// Scores a table form by form.
template <class Scalar, class T>
class batch_scorer {
 public:
  batch_scorer(const instrument& form, const form_table<T>& table, const batch_scores<Scalar>& out,
               const missing_rule& rule) noexcept
      : form_(form), key_(form.description()), table_(table), out_(out), rule_(rule) {}

  [[nodiscard]] batch_summary run() noexcept {
    summary_.n_forms = table_.n_forms;
    if constexpr (std::is_integral_v<T> && sizeof(T) == 1 && !std::is_same_v<T, bool>) {
      if (byte_key::fits(key_) && out_.combined.empty()) {
        run_bytes();
        return summary_;
      }
    }
    for (index f = 0; f < table_.n_forms; ++f) score_one(f);
    return summary_;
  }

 private:
  using byte = byte_key::byte;
  static constexpr index forms_at_once = 32;

  // The number of blocks is known to the compiler for forms of up to 64 items; longer ones take the longest.
  void run_bytes() noexcept {
    const int blank = table_.missing_code ? static_cast<byte>(*table_.missing_code) : 0;
    const byte_key bytes(key_, table_.missing_code ? &blank : nullptr);
    switch (bytes.n_blocks()) {
      case 1: return run_blocks<1>(bytes);
      case 2: return run_blocks<2>(bytes);
      case 3: return run_blocks<3>(bytes);
      case 4: return run_blocks<4>(bytes);
      default: return run_blocks<max_items / 16>(bytes);
    }
  }

  /// Takes the forms a few at a time, one behind the other, with some readable bytes behind the last.
  template <int Blocks>
  void run_blocks(const byte_key& bytes) noexcept {
    const auto* const first = reinterpret_cast<const byte*>(table_.answers.data());
    const bool in_rows = table_.item_stride == 1 && table_.form_stride == table_.n_items;
    const index n_bytes = std::ssize(table_.answers);
    byte gathered[as_size(forms_at_once * max_items + 16 * Blocks)];
    for (index f = 0; f < table_.n_forms; f += forms_at_once) {
      const index n = (std::min)(forms_at_once, table_.n_forms - f);
      const byte* forms = first + f * table_.form_stride;
      if (!in_rows || (f + n - 1) * table_.n_items + 16 * Blocks > n_bytes) {
        for (index i = 0; i < table_.n_items; ++i) {
          const byte* const item = forms + i * table_.item_stride;
          for (index k = 0; k < n; ++k) gathered[k * table_.n_items + i] = item[k * table_.form_stride];
        }
        for (index i = 0; i < 16 * Blocks; ++i) gathered[n * table_.n_items + i] = 0;
        forms = gathered;
      }
      score_some<Blocks>(bytes, forms, f, n);
    }
  }

  template <int Blocks>
  void score_some(const byte_key& bytes, const byte* forms, index f, index n) noexcept {
    if (bytes.all_legal(forms, n * table_.n_items)) return score_complete<Blocks>(bytes, forms, f, n);
    tally tallies[1 + max_subscales];
    for (index k = 0; k < n; ++k) {
      int n_blank = 0;
      if (bytes.score<Blocks>(forms + k * table_.n_items, rule_, tallies, n_blank)) {
        store(f + k, tallies, n_blank);
      } else {
        score_one(f + k);
      }
    }
  }

  /// Score by score, so that the key of a score is read once for many forms.
  template <int Blocks>
  void score_complete(const byte_key& bytes, const byte* forms, index f, index n) noexcept {
    std::int32_t units[forms_at_once];
    std::int32_t sums[forms_at_once] = {};
    const bool add_up = !out_.subscales.empty() && bytes.total_is_sum_of_subscales();
    for (int s = 0; !out_.subscales.empty() && s < key_.legend.n_subscales; ++s) {
      bytes.units<Blocks>(forms, n, 1 + s, units);
      for (index k = 0; k < n; ++k) sums[k] += units[k];
      store_complete(bytes.complete(1 + s), units, out_.subscales.subspan(as_size(s * table_.n_forms + f), as_size(n)));
    }
    if (!out_.total.empty()) {
      if (!add_up) bytes.units<Blocks>(forms, n, 0, sums);
      store_complete(bytes.complete(0), sums, out_.total.subspan(as_size(f), as_size(n)));
    }
    if (!out_.status.empty()) std::fill_n(out_.status.begin() + f, n, score_status::ok);
    if (!out_.n_missing.empty()) std::fill_n(out_.n_missing.begin() + f, n, std::uint8_t{0});
    summary_.n_ok += n;
  }

  void store_complete(const tally& complete, const std::int32_t* units, std::span<Scalar> out) const noexcept {
    if (complete.is_sum) {
      for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<Scalar>(units[k]);
      return;
    }
    tally one = complete;
    for (std::size_t k = 0; k < out.size(); ++k) {
      one.units = units[k];
      out[k] = value(one);
    }
  }

  void store(index f, const tally* tallies, int n_blank) noexcept {
    if (!out_.total.empty()) out_.total[as_size(f)] = value(tallies[0]);
    for (int s = 0; !out_.subscales.empty() && s < key_.legend.n_subscales; ++s)
      out_.subscales[as_size(s * table_.n_forms + f)] = value(tallies[1 + s]);
    score_status worst = key_.scores[0].n_items > 0 ? tallies[0].status : score_status::ok;
    for (int s = 1; key_.scores[0].n_items == 0 && s <= key_.legend.n_subscales; ++s)
      worst = tallies[s].status > worst ? tallies[s].status : worst;
    count(f, worst, n_blank);
  }

  [[nodiscard]] Scalar value(const tally& t) const noexcept {
    if (t.is_sum) return static_cast<Scalar>(t.units);
    return t.status == score_status::incomplete ? missing_value<Scalar>() : value_of<Scalar>(t, key_.units);
  }

  void count(index f, score_status status, int n_blank) noexcept {
    if (!out_.status.empty()) out_.status[as_size(f)] = status;
    if (!out_.n_missing.empty()) out_.n_missing[as_size(f)] = static_cast<std::uint8_t>(n_blank);
    switch (status) {
      case score_status::ok: ++summary_.n_ok; break;
      case score_status::prorated: ++summary_.n_prorated; break;
      case score_status::incomplete: ++summary_.n_incomplete; break;
      case score_status::invalid: ++summary_.n_invalid; break;
    }
  }

  /// Any form, as score() does it.
  void score_one(index f) noexcept {
    answer<T> answers[max_items];
    for (index i = 0; i < table_.n_items; ++i) {
      const T& given = table_.answers[as_size(f * table_.form_stride + i * table_.item_stride)];
      const bool is_blank = table_.missing_code && given == *table_.missing_code;
      answers[i] = is_blank ? answer<T>() : answer<T>(given);
    }
    const std::span<const answer<T>> all(answers, as_size(table_.n_items));
    const auto card = score_any<Scalar>(form_, all, rule_);
    if (!card) {
      refuse(f, card.error());
      return;
    }
    tally tallies[1 + max_subscales];
    for (int number = 0; number <= key_.legend.n_subscales; ++number) tallies[number] = card->tally_of(number);
    store(f, tallies, card->n_missing());
    for (int c = 0; !out_.combined.empty() && c < key_.legend.n_combined; ++c)
      out_.combined[as_size(c * table_.n_forms + f)] = card->combined(c).value_or(missing_value<Scalar>());
  }

  void refuse(index f, const error& why) noexcept {
    if (!summary_.first_invalid) {
      summary_.first_invalid = why;
      summary_.first_invalid->function = "score_batch";
      summary_.first_invalid->row = f;
    }
    if (!out_.total.empty()) out_.total[as_size(f)] = missing_value<Scalar>();
    for (index at = f; at < std::ssize(out_.subscales); at += table_.n_forms)
      out_.subscales[as_size(at)] = missing_value<Scalar>();
    for (index at = f; at < std::ssize(out_.combined); at += table_.n_forms)
      out_.combined[as_size(at)] = missing_value<Scalar>();
    count(f, score_status::invalid, 0);
  }

  const instrument& form_;
  const description& key_;
  const form_table<T>& table_;
  const batch_scores<Scalar>& out_;
  const missing_rule& rule_;
  batch_summary summary_{};
};

}  // namespace detail

/// Scores every form of a table. A form with an answer that is not legal has no scores and is counted; the others do.
/// Model:       as score()
/// \param questionnaire  the instrument
/// \param forms          the answers, one form after the other or item after item; NaN or the table's code is missing
/// \param out            where the scores go; a score that may not be computed is NaN, as in every table of the library
/// \param options        the rule for missing answers, as in score()
/// \return      how many forms were scored, how many were not and why; the first answer that is not legal
/// Errors:      errc::wrong_number_of_answers; errc::size_mismatch if an output has another size than the table needs, or
///              the table is cut off; errc::invalid_option; errc::invalid_instrument
/// Missing:     as score()
/// Numerics:    as score(), and the same numbers; nothing is allocated
/// Example:     docs/snippets/score_batch.cpp
template <class Scalar, class T>
[[nodiscard]] result<batch_summary> score_batch(const instrument& questionnaire, const form_table<T>& forms,
                                                const batch_scores<Scalar>& out,
                                                const score_options& options = {}) noexcept {
  static_assert(std::is_arithmetic_v<T>, "a table of forms holds numbers");
  if (auto consistent = questionnaire.check(); !consistent) return consistent.error();
  if (!detail::is_valid(options.missing)) return detail::rule_error(options.missing, "score_batch");
  if (forms.n_items != questionnaire.n_items()) {
    return error{.code = errc::wrong_number_of_answers,
                 .function = "score_batch",
                 .value = static_cast<double>(forms.n_items),
                 .lower = static_cast<double>(questionnaire.n_items()),
                 .subject = questionnaire.id()};
  }
  const auto check = [&](index size, index needed, bool may_be_empty, const char* what, error& why) {
    if (size == needed || (may_be_empty && size == 0)) return true;
    why = {.code = errc::size_mismatch, .function = "score_batch", .subject = what};
    why.value = static_cast<double>(size);
    why.lower = static_cast<double>(needed);
    return false;
  };
  const index n = forms.n_forms;
  error why;
  const bool sizes_fit =
      check(std::ssize(forms.answers), n * forms.n_items, false, "the table of forms", why) &&
      check(std::ssize(out.total), n, true, "the totals", why) &&
      check(std::ssize(out.subscales), n * questionnaire.n_subscales(), true, "the subscales", why) &&
      check(std::ssize(out.combined), n * questionnaire.n_combined(), true, "the combined scores", why) &&
      check(std::ssize(out.status), n, true, "the statuses", why) &&
      check(std::ssize(out.n_missing), n, true, "the numbers of missing answers", why);
  if (!sizes_fit) return why;
  return detail::batch_scorer<Scalar, T>(questionnaire, forms, out, options.missing).run();
}

}  // namespace rapport
