// SPDX-License-Identifier: BSL-1.0
// How a form was answered: uniform answers, long strings, consistency, variation, blanks, ends of the scale.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/score.hpp>

namespace rapport {

/// What can be conspicuous about the answers of a form. None of it says why.
enum class pattern_flag : unsigned char { uniform, long_string, even_odd, low_variation, stopped, ceiling, floor };

/// The number of flags.
inline constexpr int n_pattern_flags = 7;

/// The word for a flag, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(pattern_flag flag) noexcept {
  switch (flag) {
    case pattern_flag::uniform: return "uniform";
    case pattern_flag::long_string: return "long-string";
    case pattern_flag::even_odd: return "even-odd";
    case pattern_flag::low_variation: return "low-variation";
    case pattern_flag::stopped: return "stopped";
    case pattern_flag::ceiling: return "ceiling";
    case pattern_flag::floor: return "floor";
  }
  return "unknown";
}

/// Where a flag comes from. The thresholds are conventions of the literature or, where it says so, of this library.
[[nodiscard]] constexpr std::string_view source_of(pattern_flag flag) noexcept {
  switch (flag) {
    case pattern_flag::uniform:
      return "all answers alike; the longest possible string of Johnson (2005), doi 10.1016/j.jrp.2004.09.009";
    case pattern_flag::long_string:
      return "Johnson (2005), doi 10.1016/j.jrp.2004.09.009; half of the items after Curran (2016), "
             "doi 10.1016/j.jesp.2015.07.006";
    case pattern_flag::even_odd:
      return "Jackson (1976), in Johnson (2005), doi 10.1016/j.jrp.2004.09.009; 0.30 after Curran (2016), "
             "doi 10.1016/j.jesp.2015.07.006";
    case pattern_flag::low_variation:
      return "intra-individual response variability, Dunn et al. (2018), doi 10.1007/s10869-016-9479-0; no published "
             "threshold";
    case pattern_flag::stopped: return "blanks from some item to the end; a definition of this library";
    case pattern_flag::ceiling: return "answers at the upper end of what an item can count; threshold of this library";
    case pattern_flag::floor: return "answers at the lower end of what an item can count; threshold of this library";
  }
  return "unknown";
}

/// From where on something is conspicuous.
struct pattern_options {
  double longest_string_share = 0.5;  ///< a string of at least this share of the items, in (0, 1]
  double even_odd_below = 0.30;       ///< a consistency below this, in [-1, 1]
  double variation_below = 0;         ///< a standard deviation below this, not negative; 0 never flags
  double ceiling_share = 0.9;         ///< at least this share of the answers at the upper end, in (0, 1]
  double floor_share = 0.9;           ///< at least this share of the answers at the lower end, in (0, 1]
};

/// How a form was answered. What cannot be computed is empty.
struct response_pattern {
  int n_items = 0;
  int n_answered = 0;
  item_set missing_items{};
  int stopped_after = 0;   ///< the last item answered, if everything behind it is blank; 0 if the last item is answered
  int longest_string = 0;  ///< the largest number of equal answers to items one after the other; a blank ends a string
  std::optional<double> variation{};  ///< standard deviation of the answers as they stand, of forms with one scale
  std::optional<double> even_odd_consistency{};  ///< needs three subscales of two answered items on both sides
  std::optional<double> ceiling_share{};         ///< share of the answers that count as much as they can
  std::optional<double> floor_share{};           ///< share of the answers that count as little as they can
  bool raised[n_pattern_flags] = {};

  [[nodiscard]] constexpr bool has(pattern_flag flag) const noexcept { return raised[static_cast<int>(flag)]; }
};

namespace detail {

/// The measures of a form whose answers are legal.
class pattern_measures {
 public:
  explicit pattern_measures(const instrument& form) noexcept : form_(form), key_(form.description()) {}

  /// \param steps  the answer in steps from the lower end
  void add(int item, double answer, std::int64_t steps) noexcept {
    out_.missing_items.remove(item);
    ++out_.n_answered;
    const scale_key& scale = key_.scale_of(item);
    const bool is_reversed = key_.reversed.contains(item);
    counted_[item - 1] = static_cast<double>(counted_units(scale, steps, is_reversed));
    n_ceiling_ += steps == (is_reversed ? 0 : scale.n_steps) ? 1 : 0;
    n_floor_ += steps == (is_reversed ? scale.n_steps : 0) ? 1 : 0;

    string_ = item - 1 == last_item_ && answer == last_answer_ ? string_ + 1 : 1;
    if (string_ > out_.longest_string) out_.longest_string = string_;
    differs_ = differs_ || (out_.n_answered > 1 && answer != last_answer_);
    last_item_ = item;
    last_answer_ = answer;
    const double from_mean = answer - mean_;
    mean_ += from_mean / out_.n_answered;
    squares_ += from_mean * (answer - mean_);
  }

  [[nodiscard]] response_pattern finish(const pattern_options& options) noexcept {
    out_.n_items = key_.n_items;
    if (out_.n_answered > 0 && last_item_ < key_.n_items) out_.stopped_after = last_item_;
    if (out_.n_answered > 1 && form_.has_one_scale()) out_.variation = std::sqrt(squares_ / (out_.n_answered - 1));
    if (out_.n_answered > 0) {
      out_.ceiling_share = static_cast<double>(n_ceiling_) / out_.n_answered;
      out_.floor_share = static_cast<double>(n_floor_) / out_.n_answered;
    }
    out_.even_odd_consistency = even_odd();
    const bool is_uniform = out_.n_answered > 1 && !differs_;
    raise(pattern_flag::uniform, is_uniform);
    // A uniform form is one long string; one flag is enough for that.
    raise(pattern_flag::long_string,
          !is_uniform && out_.longest_string > 1 && out_.longest_string >= options.longest_string_share * key_.n_items);
    raise(pattern_flag::even_odd, out_.even_odd_consistency && *out_.even_odd_consistency < options.even_odd_below);
    raise(pattern_flag::low_variation, out_.variation && *out_.variation < options.variation_below);
    raise(pattern_flag::stopped, out_.stopped_after > 0);
    raise(pattern_flag::ceiling, out_.ceiling_share && *out_.ceiling_share >= options.ceiling_share);
    raise(pattern_flag::floor, out_.floor_share && *out_.floor_share >= options.floor_share);
    return out_;
  }

  void start() noexcept { out_.missing_items = item_set::first(key_.n_items); }

 private:
  void raise(pattern_flag flag, bool condition) noexcept { out_.raised[static_cast<int>(flag)] = condition; }

  /// Mean of the first, third, ... item of each subscale, and of the second, fourth, ...; correlated over the subscales,
  /// and stepped up to the whole length.
  [[nodiscard]] std::optional<double> even_odd() const noexcept {
    double odd[max_subscales];
    double even[max_subscales];
    int n = 0;
    for (int s = 0; s < form_.n_subscales(); ++s) {
      double sum[2] = {0, 0};
      int count[2] = {0, 0};
      int position = 0;
      for (const int item : key_.scores[1 + s].items) {
        const int half = position++ % 2;
        if (out_.missing_items.contains(item)) continue;
        sum[half] += counted_[item - 1];
        ++count[half];
      }
      if (count[0] == 0 || count[1] == 0) continue;
      odd[n] = sum[0] / count[0];
      even[n] = sum[1] / count[1];
      ++n;
    }
    if (n < 3) return std::nullopt;
    double mean_odd = 0;
    double mean_even = 0;
    for (int s = 0; s < n; ++s) {
      mean_odd += odd[s] / n;
      mean_even += even[s] / n;
    }
    double both = 0;
    double only_odd = 0;
    double only_even = 0;
    for (int s = 0; s < n; ++s) {
      both += (odd[s] - mean_odd) * (even[s] - mean_even);
      only_odd += (odd[s] - mean_odd) * (odd[s] - mean_odd);
      only_even += (even[s] - mean_even) * (even[s] - mean_even);
    }
    // Means that are equal by right may differ by rounding.
    const double size = 1e-20 * (mean_odd * mean_odd + mean_even * mean_even);
    if (only_odd <= size || only_even <= size) return std::nullopt;
    const double r = both / std::sqrt(only_odd * only_even);
    // Stepped up by Spearman and Brown; a negative correlation has no reliability to step up and is left as it is.
    return r > 0 ? 2 * r / (1 + r) : r;
  }

  const instrument& form_;
  const description& key_;
  response_pattern out_{};
  double counted_[max_items] = {};
  int n_ceiling_ = 0;
  int n_floor_ = 0;
  int string_ = 0;
  int last_item_ = 0;
  double last_answer_ = 0;
  bool differs_ = false;
  double mean_ = 0;
  double squares_ = 0;
};

}  // namespace detail

/// Describes how a form was answered, and flags what is conspicuous.
/// Model:       uniform: all answers alike. Longest string: most equal answers to consecutive items. Variation: standard
///              deviation of the answers of the form. Even-odd consistency: correlation over the subscales of the means
///              of their odd and even items, 2 r / (1 + r) if r > 0. Ceiling and floor share: answers that count as much,
///              or as little, as they can, after reversal
/// \param form     the instrument
/// \param answers  as in score()
/// \param options  from where on a measure is flagged
/// \return      the measures and the flags
/// Errors:      as score(), and errc::invalid_option
/// Missing:     blanks are left out of every measure; they end a string
/// Not for:     saying that someone was careless. On an instrument without reversed items a uniform form is an honest
///              answer of many very satisfied clients; each flag is a reason to look, never to delete
/// Reference:   Curran (2016), Methods for the detection of carelessly invalid responses in survey data,
///              doi 10.1016/j.jesp.2015.07.006
/// R:           careless::longstring, careless::irv, careless::evenodd (which steps negative correlations up too)
template <class Answers>
[[nodiscard]] result<response_pattern> describe_responses(const instrument& form, const Answers& answers,
                                                          const pattern_options& options = {}) noexcept {
  const auto within = [](double x, double above, double to) { return x > above && x <= to; };
  const bool sensible = within(options.longest_string_share, 0, 1) && within(options.ceiling_share, 0, 1) &&
                        within(options.floor_share, 0, 1) && within(options.even_odd_below, -1.0000001, 1) &&
                        options.variation_below >= 0;
  if (!sensible) {
    const double bad = !within(options.longest_string_share, 0, 1) ? options.longest_string_share
                       : !within(options.ceiling_share, 0, 1)      ? options.ceiling_share
                       : !within(options.floor_share, 0, 1)        ? options.floor_share
                       : !(options.variation_below >= 0)           ? options.variation_below
                                                                   : options.even_odd_below;
    return error{.code = errc::invalid_option,
                 .function = "describe_responses",
                 .value = bad,
                 .lower = 0,
                 .upper = 1,
                 .subject = "a threshold of a response pattern"};
  }
  // score() refuses what is not a legal form, with the reason.
  if (const auto card = score(form, answers); !card) {
    error why = card.error();
    why.function = "describe_responses";
    return why;
  }
  detail::pattern_measures measures(form);
  measures.start();
  int item = 0;
  for (const auto& given : answers) {
    ++item;
    const auto one = detail::as_answer(given);
    if (!one.is_given()) continue;
    const detail::scale_key& scale = form.description().scale_of(item);
    std::int64_t steps = 0;
    error why;
    if (detail::read_answer(scale, one.value(), steps, why)) measures.add(item, scale.answer(steps), steps);
  }
  return measures.finish(options);
}

}  // namespace rapport
