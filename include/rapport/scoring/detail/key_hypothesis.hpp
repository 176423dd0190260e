// SPDX-License-Identifier: BSL-1.0
// What may have been done otherwise than by the key: the vocabulary of an audit, and its words.
#pragma once

#include <string>
#include <vector>

#include <rapport/instruments/instrument.hpp>

namespace rapport {

/// One way in which an item may have been counted otherwise than by the key.
struct item_change {
  enum class kind : unsigned char { flipped, left_out, added, added_reversed } how = kind::flipped;
  int item = 0;
};

namespace detail {

/// What is assumed of the stored scores.
struct key_hypothesis {
  bool as_mean = false;  // the mean of the items instead of their sum
  double times = 1;      // ... times this
  double per_form = 0;   // so much more on every form, because of another code or another reversal
  std::string words{};   // empty for what the instrument says
  std::vector<item_change> changes{};
  bool is_named = false;   // the words say all of the changes
  std::string of_score{};  // the other score that was stored, if that is the mistake
};

[[nodiscard]] inline bool is_addition(const item_change& change) noexcept {
  return change.how == item_change::kind::added || change.how == item_change::kind::added_reversed;
}
[[nodiscard]] inline int items_more(const std::vector<item_change>& changes) noexcept {
  int more = 0;
  for (const item_change& each : changes)
    more += each.how == item_change::kind::left_out ? -1 : is_addition(each) ? 1 : 0;
  return more;
}

/// A hypothesis in words.
/// \param reversed  the items that the key reverses
[[nodiscard]] inline std::string sentence(const key_hypothesis& h, const item_set& reversed) {
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
        also(item + (reversed.contains(change.item) ? " is not reversed" : " is reversed"));
        break;
      case item_change::kind::left_out: also(item + " is left out"); break;
      case item_change::kind::added: also(item + " is added"); break;
      case item_change::kind::added_reversed: also(item + " is added, reversed"); break;
    }
  }
  return out;
}

}  // namespace detail
}  // namespace rapport
