// SPDX-License-Identifier: BSL-1.0
// The search for the smallest change of a key that explains stored scores.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapport/core/number_text.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/detail/key_hypothesis.hpp>
#include <rapport/scoring/detail/stored_forms.hpp>

namespace rapport::detail {

/// Looks through ways of scoring for the simplest that makes the stored scores.
template <class Scalar>
class key_search {
 public:
  /// \param number  of the score that the forms belong to: 0 is the total, then the subscales
  key_search(const instrument& form, int number, const stored_forms<Scalar>& forms)
      : form_(form),
        key_(form.description()),
        score_(key_.scores[number]),
        forms_(forms),
        screened_((std::min)(static_cast<std::size_t>(forms.n_complete()), most_screened)) {}

  /// The best hypothesis, from the simplest on: another way of adding up, one change of an item, two.
  [[nodiscard]] key_hypothesis best() const {
    const index n = forms_.n_complete();
    key_hypothesis found = forms_.own();
    index n_found = forms_.explained(found);
    const index n_equal = n_found;
    // A more complicated one must reproduce at least a twentieth of the forms more, and more than chance lets any of so
    // many attempts reproduce: a wrong key agrees with about one form in four.
    const auto offer = [&](const key_hypothesis& h, std::size_t n_attempts) {
      const index count = forms_.explained(h);
      const index gain = count - n_found;
      const double chance = static_cast<double>(n_attempts) * std::pow(0.25, static_cast<double>(count - n_equal));
      if (gain <= 0 || 20 * gain < n || chance > 0.01) return;
      found = h;
      n_found = count;
    };
    if (forms_.n_invalid() > 0) {
      key_hypothesis as_they_stand = forms_.own();
      as_they_stand.words = "answers that are not legal were counted as they stand";
      as_they_stand.is_named = true;
      offer(as_they_stand, 1);
    }
    std::vector<key_hypothesis> bases = other_ways();
    for (const key_hypothesis& h : bases) offer(h, bases.size());
    if (n_found == n) return found;

    const std::vector<item_change> singles = single_changes();
    // Changes of items are looked for on top of the simple ways of adding up; those in other codes only by themselves.
    bases.erase(std::remove_if(bases.begin(), bases.end(), [](const key_hypothesis& h) { return h.per_form != 0; }),
                bases.end());
    bases.insert(bases.begin(), forms_.own());
    for (const key_hypothesis& base : bases) {
      const auto others = other_keys(base);
      for (const key_hypothesis& h : others) offer(h, bases.size() * others.size());
    }
    if (n_found == n) return found;
    for (const key_hypothesis& base : bases) {
      for (const key_hypothesis& h : best_single(base, singles)) offer(h, singles.size());
    }
    if (n_found == n) return found;
    for (const key_hypothesis& base : bases) {
      for (const key_hypothesis& h : best_pairs(base, singles)) offer(h, singles.size() * singles.size() / 2);
    }
    // What leaves most forms unexplained explains nothing.
    return 2 * n_found >= n ? found : forms_.own();
  }

 private:
  static constexpr std::size_t most_screened = 1000;  // forms on which changes are tried; the best are tried on all

  /// Other ways to add up the same items: means for sums, other codes, another number to reverse from.
  [[nodiscard]] std::vector<key_hypothesis> other_ways() const {
    std::vector<key_hypothesis> out;
    const auto add = [&](bool as_mean, double times, double per_form, const std::string& words) {
      const bool is_own = as_mean == forms_.own().as_mean && times == forms_.own().times && per_form == 0;
      if (!is_own) out.push_back({as_mean, times, per_form, words, {}});
    };
    add(true, 1, 0, "the stored scores are item means" + std::string(forms_.own().as_mean ? "" : ", not sums"));
    add(false, 1, 0,
        "the stored scores are sums" + std::string(forms_.own().as_mean ? ", not item means" : " as they are"));
    int n_reversed = 0;
    for (const int item : score_.items) n_reversed += key_.reversed.contains(item) ? 1 : 0;
    const int n_forward = score_.n_items - n_reversed;
    for (const int shift : {-1, 1}) {
      const std::string words =
          "the stored scores were computed from answers coded one " + std::string(shift < 0 ? "lower" : "higher");
      // Reversed from the same number the answers move the other way; reversed from the number that fits the code, not.
      if (n_forward != n_reversed)
        add(forms_.own().as_mean, forms_.own().times, shift * (n_forward - n_reversed), words);
      if (n_reversed > 0) add(forms_.own().as_mean, forms_.own().times, shift * score_.n_items, words);
    }
    if (n_reversed > 0 && form_.has_one_scale()) {
      const double right = key_.scales[0].counted.min + key_.scales[0].counted.max;
      for (const double wrong : {right - 1, right + 1, 0.0}) {
        add(forms_.own().as_mean, forms_.own().times, n_reversed * (wrong - right),
            "reversed items were counted as " + std::string(number_text(wrong)) + " - answer instead of " +
                std::string(number_text(right)) + " - answer");
      }
    }
    return out;
  }

  /// Mistakes that concern many items at once: nothing is reversed, all is turned round, or another score was stored.
  [[nodiscard]] std::vector<key_hypothesis> other_keys(const key_hypothesis& base) const {
    std::vector<key_hypothesis> out;
    const auto add = [&](const key_hypothesis& how, const std::string& words, std::vector<item_change> changes) {
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
      const key_hypothesis how = {.as_mean = other.kind == score_kind::mean,
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
      if (score_.n_items > 1) out.push_back({item_change::kind::left_out, item});
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
    std::vector<std::pair<std::size_t, key_hypothesis>> best{};

    void offer(std::size_t count, const key_hypothesis& base, std::initializer_list<item_change> changes) {
      if (best.size() == length && count <= best.back().first) return;
      key_hypothesis h = base;
      h.changes = changes;
      auto at = best.begin();
      while (at != best.end() && at->first >= count) ++at;
      best.insert(at, {count, h});
      if (best.size() > length) best.pop_back();
    }
    [[nodiscard]] std::vector<key_hypothesis> hypotheses() const {
      std::vector<key_hypothesis> out;
      for (const auto& each : best) out.push_back(each.second);
      return out;
    }
  };

  [[nodiscard]] std::vector<double> screened_effects(const item_change& change) const {
    std::vector<double> out(screened_);
    for (std::size_t i = 0; i < screened_; ++i) out[i] = forms_.effect(change, i);
    return out;
  }

  [[nodiscard]] std::vector<key_hypothesis> best_single(const key_hypothesis& base,
                                                        const std::vector<item_change>& singles) const {
    shortlist found;
    for (const item_change& change : singles) {
      const std::vector<double> effects = screened_effects(change);
      const int n = score_.n_items + items_more({change});
      std::size_t count = 0;
      for (std::size_t i = 0; i < screened_; ++i) count += forms_.fits(base, i, n, effects[i]) ? 1U : 0U;
      found.offer(count, base, {change});
    }
    return found.hypotheses();
  }

  [[nodiscard]] std::vector<key_hypothesis> best_pairs(const key_hypothesis& base,
                                                       const std::vector<item_change>& singles) const {
    std::vector<std::vector<double>> effects;
    for (const item_change& change : singles) effects.push_back(screened_effects(change));
    shortlist found;
    std::vector<double> wanted(screened_);
    for (std::size_t a = 0; a < singles.size(); ++a) {
      for (std::size_t b = a + 1; b < singles.size(); ++b) {
        if (singles[a].item == singles[b].item) continue;
        const int n = score_.n_items + items_more({singles[a], singles[b]});
        std::size_t count = 0;
        for (std::size_t i = 0; i < screened_; ++i)
          count += forms_.fits(base, i, n, effects[a][i] + effects[b][i]) ? 1U : 0U;
        found.offer(count, base, {singles[a], singles[b]});
      }
    }
    return found.hypotheses();
  }

  const instrument& form_;
  const description& key_;
  const item_score& score_;
  const stored_forms<Scalar>& forms_;
  std::size_t screened_ = 0;
};

}  // namespace rapport::detail
