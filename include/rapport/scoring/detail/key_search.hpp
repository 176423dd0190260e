// SPDX-License-Identifier: BSL-1.0
// The search for the smallest change of a key that explains stored scores.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/data/response_matrix.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/detail/tally.hpp>

namespace rapport {

/// One way in which an item may have been counted otherwise than by the key.
struct item_change {
  enum class kind : unsigned char { flipped, left_out, added, added_reversed } how = kind::flipped;
  int item = 0;
};

namespace detail {

/// Stored scores of one kind, their forms, and what a change of the key would make of them.
template <class Scalar>
class key_search {
 public:
  /// What is assumed of the stored scores.
  struct hypothesis {
    bool as_mean = false;  // the mean of the items instead of their sum
    double times = 1;      // ... times this
    double per_form = 0;   // so much more on every form, because of another code or another reversal
    std::string words{};   // empty for what the instrument says
    std::vector<item_change> changes{};
    bool is_named = false;   // the words say all of the changes
    std::string of_score{};  // the other score that was stored, if that is the mistake
  };

  /// \param number  of a score of items: 0 is the total, then the subscales
  /// \param weight  what the stored scores are multiplied by besides
  key_search(const instrument& form, int number, double weight, const basic_response_matrix<Scalar>& answers,
             std::span<const Scalar> stored)
      : form_(form), key_(form.description()), score_(key_.scores[number]), answers_(answers), stored_(stored) {
    own_.as_mean = score_.kind == score_kind::mean;
    own_.times = static_cast<double>(score_.times.top) / score_.times.bottom * weight;
    for (index row = 0; row < answers.n_persons(); ++row) {
      if (is_missing(stored[as_size(row)])) continue;
      bool complete = true;
      for (const int item : score_.items) complete = complete && !is_missing(answers(row, item - 1));
      (complete ? rows_ : incomplete_).push_back(row);
    }
    for (const index row : rows_) {
      sums_.push_back(key_sum(row));
      is_legal_.push_back(legal(row));
    }
    screened_ = (std::min)(rows_.size(), most_screened);
  }

  [[nodiscard]] index n_complete() const noexcept { return std::ssize(rows_); }
  [[nodiscard]] index n_invalid() const { return std::count(is_legal_.begin(), is_legal_.end(), false); }
  [[nodiscard]] index n_incomplete() const noexcept { return std::ssize(incomplete_); }
  [[nodiscard]] const hypothesis& own() const noexcept { return own_; }

  [[nodiscard]] double largest_difference() const {
    double largest = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (is_legal_[i]) largest = (std::max)(largest, std::abs(stored(i) - scaled(own_, sums_[i], n_items())));
    }
    return largest;
  }

  /// How many complete forms a hypothesis reproduces. The key itself makes no score of an illegal answer.
  [[nodiscard]] index explained(const hypothesis& h) const {
    const bool is_own = h.words.empty() && h.changes.empty();
    index count = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (is_own && !is_legal_[i]) continue;
      double sum = sums_[i] + h.per_form;
      for (const item_change& change : h.changes) sum += effect(change, rows_[i]);
      count += agrees(h, implied(h, i, n_items() + items_more(h.changes)), sum) ? 1 : 0;
    }
    return count;
  }

  /// The best hypothesis, from the simplest on: another way of adding up, one change of an item, two.
  [[nodiscard]] hypothesis best() const {
    const index n = n_complete();
    hypothesis found = own_;
    index n_found = explained(found);
    const index n_equal = n_found;
    // A more complicated one must reproduce at least a twentieth of the forms more, and more than chance lets any of so
    // many attempts reproduce: a wrong key agrees with about one form in four.
    const auto offer = [&](const hypothesis& h, std::size_t n_attempts) {
      const index count = explained(h);
      const index gain = count - n_found;
      const double chance = static_cast<double>(n_attempts) * std::pow(0.25, static_cast<double>(count - n_equal));
      if (gain <= 0 || 20 * gain < n || chance > 0.01) return;
      found = h;
      n_found = count;
    };
    if (n_invalid() > 0) {
      hypothesis as_they_stand = own_;
      as_they_stand.words = "answers that are not legal were counted as they stand";
      as_they_stand.is_named = true;
      offer(as_they_stand, 1);
    }
    std::vector<hypothesis> bases = other_ways();
    for (const hypothesis& h : bases) offer(h, bases.size());
    if (n_found == n) return found;

    const std::vector<item_change> singles = single_changes();
    // Changes of items are looked for on top of the simple ways of adding up; those in other codes only by themselves.
    bases.erase(std::remove_if(bases.begin(), bases.end(), [](const hypothesis& h) { return h.per_form != 0; }),
                bases.end());
    bases.insert(bases.begin(), own_);
    for (const hypothesis& base : bases) {
      const auto others = other_keys(base);
      for (const hypothesis& h : others) offer(h, bases.size() * others.size());
    }
    if (n_found == n) return found;
    for (const hypothesis& base : bases) {
      for (const hypothesis& h : best_single(base, singles)) offer(h, singles.size());
    }
    if (n_found == n) return found;
    for (const hypothesis& base : bases) {
      for (const hypothesis& h : best_pairs(base, singles)) offer(h, singles.size() * singles.size() / 2);
    }
    // What leaves most forms unexplained explains nothing.
    return 2 * n_found >= n ? found : own_;
  }

  /// How scores of forms with blanks came about, in words, and how many of them that reproduces.
  [[nodiscard]] std::pair<std::string, index> blanks(const hypothesis& h) const {
    enum { as_0, as_0_reversed, as_lowest, prorated, n_ways };
    constexpr const char* words[n_ways] = {
        "blanks were counted as 0", "blanks were counted as 0 and then reversed where the key reverses",
        "blanks were counted as the lowest answer", "scores with blanks were prorated from the answered items"};
    index count[n_ways] = {};
    index n_blank = 0;
    for (const index row : incomplete_) {
      double sum = 0;
      double reversed_blanks = 0;
      double lowest_blanks = 0;
      int n_answered = 0;
      const int n = n_items() + items_more(h.changes);
      for (int item = 1; item <= key_.n_items; ++item) {
        bool is_counted = score_.items.contains(item);
        bool is_reversed = key_.reversed.contains(item);
        for (const item_change& change : h.changes) {
          if (change.item != item) continue;
          if (change.how == item_change::kind::flipped) is_reversed = !is_reversed;
          if (change.how == item_change::kind::left_out) is_counted = false;
          if (change.how == item_change::kind::added || change.how == item_change::kind::added_reversed) {
            is_counted = true;
            is_reversed = change.how == item_change::kind::added_reversed;
          }
        }
        if (!is_counted) continue;
        if (is_missing(answers_(row, item - 1))) {
          const answer_scale& range = key_.scale_of(item).counted;
          reversed_blanks += is_reversed ? range.min + range.max : 0;
          lowest_blanks += range.min;
        } else {
          sum += counted(row, item, is_reversed);
          ++n_answered;
        }
      }
      if (n_answered == n) continue;  // none of its blanks enters this score
      ++n_blank;
      const auto was = static_cast<double>(stored_[as_size(row)]);
      const auto matches = [&](double total) {
        return agrees(h, h.as_mean ? was / h.times * n : was / h.times, total + h.per_form);
      };
      count[as_0] += matches(sum) ? 1 : 0;
      count[as_0_reversed] += reversed_blanks > 0 && matches(sum + reversed_blanks) ? 1 : 0;
      count[as_lowest] += lowest_blanks != 0 && matches(sum + lowest_blanks) ? 1 : 0;
      count[prorated] += n_answered > 0 && matches(sum / n_answered * n) ? 1 : 0;
    }
    const auto most = std::max_element(count, count + n_ways) - count;
    if (count[most] < 2 || 2 * count[most] < n_blank) return {"", 0};
    return {words[most], count[most]};
  }

  /// A hypothesis in words.
  [[nodiscard]] std::string sentence(const hypothesis& h) const {
    std::string out = h.words;
    if (h.is_named) return out;
    const auto also = [&](const std::string& more) {
      out += (out.empty() ? "" : out.size() == h.words.size() ? ", and " : " and ") + more;
    };
    const auto exchange = [&](const item_change& in, const item_change& outside) {
      also("item " + std::to_string(in.item) + (in.how == item_change::kind::added_reversed ? ", reversed," : "") +
           " stands in the place of item " + std::to_string(outside.item));
    };
    if (h.changes.size() == 2) {
      const item_change& a = h.changes[0];
      const item_change& b = h.changes[1];
      if (a.how == item_change::kind::left_out && is_addition(b)) return exchange(b, a), out;
      if (b.how == item_change::kind::left_out && is_addition(a)) return exchange(a, b), out;
    }
    for (const item_change& change : h.changes) {
      const std::string item = "item " + std::to_string(change.item);
      switch (change.how) {
        case item_change::kind::flipped:
          also(item + (key_.reversed.contains(change.item) ? " is not reversed" : " is reversed"));
          break;
        case item_change::kind::left_out: also(item + " is left out"); break;
        case item_change::kind::added: also(item + " is added"); break;
        case item_change::kind::added_reversed: also(item + " is added, reversed"); break;
      }
    }
    return out;
  }

 private:
  static constexpr std::size_t most_screened = 1000;  // forms on which changes are tried; the best are tried on all

  [[nodiscard]] static bool is_addition(const item_change& change) noexcept {
    return change.how == item_change::kind::added || change.how == item_change::kind::added_reversed;
  }
  [[nodiscard]] static int items_more(const std::vector<item_change>& changes) noexcept {
    int more = 0;
    for (const item_change& each : changes)
      more += each.how == item_change::kind::left_out ? -1 : is_addition(each) ? 1 : 0;
    return more;
  }

  [[nodiscard]] int n_items() const noexcept { return score_.n_items; }
  [[nodiscard]] double stored(std::size_t i) const { return static_cast<double>(stored_[as_size(rows_[i])]); }

  /// The score that a sum makes.
  [[nodiscard]] static double scaled(const hypothesis& h, double sum, int n) noexcept {
    return h.as_mean ? sum / n * h.times : sum * h.times;
  }
  /// The sum that a stored score must have come from.
  [[nodiscard]] double implied(const hypothesis& h, std::size_t i, int n) const {
    return h.as_mean ? stored(i) / h.times * n : stored(i) / h.times;
  }
  /// Sums agree to rounding; sums behind stored means to what two decimals of a mean can tell.
  [[nodiscard]] bool agrees(const hypothesis& h, double implied_sum, double sum) const noexcept {
    const double unit = 1.0 / static_cast<double>(key_.units);
    const double slack = h.as_mean ? (std::min)(0.006 / std::abs(h.times) * n_items(), 0.4 * unit) : 1e-6;
    return std::abs(implied_sum - sum) < slack;
  }

  [[nodiscard]] double counted(index row, int item, bool is_reversed) const {
    const scale_key& scale = key_.scale_of(item);
    const answer_scale& range = scale.counted;
    auto answer = static_cast<double>(answers_(row, item - 1));
    if (!(scale.counted == scale.shown)) {
      const double share = (answer - scale.shown.min) / (scale.shown.max - scale.shown.min);
      answer = range.min + share * (range.max - range.min);
    }
    return is_reversed ? range.min + range.max - answer : answer;
  }
  [[nodiscard]] double by_key(index row, int item) const { return counted(row, item, key_.reversed.contains(item)); }
  /// Whether the key makes scores of a form: one illegal answer, to whichever item, spoils all of them.
  [[nodiscard]] bool legal(index row) const {
    std::int64_t steps = 0;
    error why;
    for (int item = 1; item <= key_.n_items; ++item) {
      const Scalar answer = answers_(row, item - 1);
      if (!is_missing(answer) && !read_answer(key_.scale_of(item), answer, steps, why)) return false;
    }
    return true;
  }
  [[nodiscard]] double key_sum(index row) const {
    double sum = 0;
    for (const int item : score_.items) sum += by_key(row, item);
    return sum;
  }

  /// What a change adds to the sum of a form; NaN, which agrees with nothing, if an answer that it needs is missing.
  [[nodiscard]] double effect(const item_change& change, index row) const {
    switch (change.how) {
      case item_change::kind::flipped:
        return counted(row, change.item, !key_.reversed.contains(change.item)) - by_key(row, change.item);
      case item_change::kind::left_out: return -by_key(row, change.item);
      case item_change::kind::added: return counted(row, change.item, false);
      case item_change::kind::added_reversed: return counted(row, change.item, true);
    }
    return 0;
  }

  /// Other ways to add up the same items: means for sums, other codes, another number to reverse from.
  [[nodiscard]] std::vector<hypothesis> other_ways() const {
    std::vector<hypothesis> out;
    const auto add = [&](bool as_mean, double times, double per_form, const std::string& words) {
      const bool is_own = as_mean == own_.as_mean && times == own_.times && per_form == 0;
      if (!is_own) out.push_back({as_mean, times, per_form, words, {}});
    };
    add(true, 1, 0, "the stored scores are item means" + std::string(own_.as_mean ? "" : ", not sums"));
    add(false, 1, 0, "the stored scores are sums" + std::string(own_.as_mean ? ", not item means" : " as they are"));
    int n_reversed = 0;
    for (const int item : score_.items) n_reversed += key_.reversed.contains(item) ? 1 : 0;
    const int n_forward = n_items() - n_reversed;
    for (const int shift : {-1, 1}) {
      const std::string words =
          "the stored scores were computed from answers coded one " + std::string(shift < 0 ? "lower" : "higher");
      // Reversed from the same number the answers move the other way; reversed from the number that fits the code, not.
      if (n_forward != n_reversed) add(own_.as_mean, own_.times, shift * (n_forward - n_reversed), words);
      if (n_reversed > 0) add(own_.as_mean, own_.times, shift * n_items(), words);
    }
    if (n_reversed > 0 && form_.has_one_scale()) {
      const double right = key_.scales[0].counted.min + key_.scales[0].counted.max;
      for (const double wrong : {right - 1, right + 1, 0.0}) {
        add(own_.as_mean, own_.times, n_reversed * (wrong - right),
            "reversed items were counted as " + std::string(number_text(wrong)) + " - answer instead of " +
                std::string(number_text(right)) + " - answer");
      }
    }
    return out;
  }

  /// Mistakes that concern many items at once: nothing is reversed, all is turned round, or another score was stored.
  [[nodiscard]] std::vector<hypothesis> other_keys(const hypothesis& base) const {
    std::vector<hypothesis> out;
    const auto add = [&](const hypothesis& how, const std::string& words, std::vector<item_change> changes) {
      out.push_back(how);
      out.back().words += (how.words.empty() ? "" : ", and ") + words;
      out.back().changes = std::move(changes);
      out.back().is_named = true;
    };
    std::vector<item_change> reversed;
    std::vector<item_change> all;
    for (const int item : score_.items) {
      all.push_back({item_change::kind::flipped, item});
      if (key_.reversed.contains(item)) reversed.push_back(all.back());
    }
    if (reversed.size() > 2) add(base, "no item is reversed", reversed);
    if (all.size() > 2)
      add(base, "all items are turned round: those of the key count as they stand, the others reversed", all);
    if (!base.words.empty()) return out;

    for (int number = form_.has_total() ? 0 : 1; number <= form_.n_subscales(); ++number) {
      const item_score& other = key_.scores[number];
      if (&other == &score_) continue;
      std::vector<item_change> changes;
      for (int item = 1; item <= key_.n_items; ++item) {
        if (score_.items.contains(item) == other.items.contains(item)) continue;
        changes.push_back({score_.items.contains(item)    ? item_change::kind::left_out
                           : key_.reversed.contains(item) ? item_change::kind::added_reversed
                                                          : item_change::kind::added,
                           item});
      }
      const std::string name(number == 0 ? std::string_view("total") : form_.subscale_at(number - 1).id);
      const hypothesis how = {.as_mean = other.kind == score_kind::mean,
                              .times = static_cast<double>(other.times.top) / other.times.bottom};
      add(how, "the stored scores are those of " + name, std::move(changes));
      out.back().of_score = name;
    }
    return out;
  }

  [[nodiscard]] std::vector<item_change> single_changes() const {
    std::vector<item_change> out;
    for (const int item : score_.items) {
      out.push_back({item_change::kind::flipped, item});
      if (n_items() > 1) out.push_back({item_change::kind::left_out, item});
    }
    for (int item = 1; item <= key_.n_items; ++item) {
      if (score_.items.contains(item)) continue;
      out.push_back({item_change::kind::added, item});
      out.push_back({item_change::kind::added_reversed, item});
    }
    return out;
  }

  /// The few best of many candidates: ties are kept in the order in which they came.
  struct shortlist {
    static constexpr std::size_t length = 4;
    std::vector<std::pair<std::size_t, hypothesis>> best{};

    void offer(std::size_t count, const hypothesis& base, std::initializer_list<item_change> changes) {
      if (best.size() == length && count <= best.back().first) return;
      hypothesis h = base;
      h.changes = changes;
      auto at = best.begin();
      while (at != best.end() && at->first >= count) ++at;
      best.insert(at, {count, h});
      if (best.size() > length) best.pop_back();
    }
    [[nodiscard]] std::vector<hypothesis> hypotheses() const {
      std::vector<hypothesis> out;
      for (const auto& each : best) out.push_back(each.second);
      return out;
    }
  };

  [[nodiscard]] std::vector<double> screened_effects(const item_change& change) const {
    std::vector<double> out(screened_);
    for (std::size_t i = 0; i < screened_; ++i) out[i] = effect(change, rows_[i]);
    return out;
  }

  [[nodiscard]] std::vector<hypothesis> best_single(const hypothesis& base,
                                                    const std::vector<item_change>& singles) const {
    shortlist found;
    for (const item_change& change : singles) {
      const std::vector<double> effects = screened_effects(change);
      const int n = n_items() + items_more({change});
      std::size_t count = 0;
      for (std::size_t i = 0; i < screened_; ++i)
        count += agrees(base, implied(base, i, n), sums_[i] + effects[i]) ? 1U : 0U;
      found.offer(count, base, {change});
    }
    return found.hypotheses();
  }

  [[nodiscard]] std::vector<hypothesis> best_pairs(const hypothesis& base,
                                                   const std::vector<item_change>& singles) const {
    std::vector<std::vector<double>> effects;
    for (const item_change& change : singles) effects.push_back(screened_effects(change));
    shortlist found;
    std::vector<double> wanted(screened_);
    for (std::size_t a = 0; a < singles.size(); ++a) {
      for (std::size_t b = a + 1; b < singles.size(); ++b) {
        if (singles[a].item == singles[b].item) continue;
        const int n = n_items() + items_more({singles[a], singles[b]});
        std::size_t count = 0;
        for (std::size_t i = 0; i < screened_; ++i)
          count += agrees(base, implied(base, i, n), sums_[i] + effects[a][i] + effects[b][i]) ? 1U : 0U;
        found.offer(count, base, {singles[a], singles[b]});
      }
    }
    return found.hypotheses();
  }

  const instrument& form_;
  const description& key_;
  const item_score& score_;
  const basic_response_matrix<Scalar>& answers_;
  std::span<const Scalar> stored_;
  hypothesis own_{};
  std::vector<index> rows_{};        // forms with a stored score and all answers of it
  std::vector<index> incomplete_{};  // forms with a stored score although answers are missing
  std::vector<double> sums_{};       // by the key, one per row
  std::vector<bool> is_legal_{};     // whether the key scores the row
  std::size_t screened_ = 0;
};

}  // namespace detail
}  // namespace rapport
