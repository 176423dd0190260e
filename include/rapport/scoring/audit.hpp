// SPDX-License-Identifier: BSL-1.0
// Stored scores held against the key: do they agree, and if not, which mistake explains them?
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/data/response_matrix.hpp>
#include <rapport/instruments/instrument.hpp>
#include <rapport/scoring/detail/key_hypothesis.hpp>
#include <rapport/scoring/detail/key_search.hpp>
#include <rapport/scoring/detail/stored_forms.hpp>

namespace rapport {

/// What an audit of stored scores found.
struct score_audit {
  index n = 0;                       ///< forms with a stored score and all answers of the score
  index n_equal = 0;                 ///< of these, stored scores that the key reproduces
  index n_invalid = 0;               ///< of n, forms with an illegal answer; the key makes no score of them
  double max_abs_difference = 0;     ///< the largest difference among those that the key scores, in points
  index n_incomplete = 0;            ///< forms with a stored score although answers are missing
  index n_explained = 0;             ///< of n, stored scores that the changed key below reproduces; n_equal without one
  index n_incomplete_explained = 0;  ///< of n_incomplete, stored scores that the explanation of blanks reproduces
  std::string explanation{};         ///< the smallest change that reproduces clearly more; empty if none does
  std::vector<item_change> changes{};  ///< the items that count otherwise, if that is the explanation
  std::string score_found{};           ///< the other score that was stored, if that is the explanation
};

/// Compares stored scores with what the key makes of the answers, and looks for the mistake if they differ.
/// Model:       tries, in this order: item means for sums and the other way round, answers coded one higher or lower,
///              another number to reverse from; no item reversed, all turned round, another score stored; one item's
///              polarity, one item left out or added; any two of these, among them an item in the place of another. A more complicated change must reproduce at least 5 % of the forms
///              more than a simpler one, more forms than chance lets one of so many attempts reproduce, and half of all.
///              Then: how blanks were counted on forms that have any
/// \param form      the instrument
/// \param subscale  id of a subscale, or of a combined score that is one score times its weight; empty for the total
/// \param answers   raw answers, forms x items; NaN is missing
/// \param stored    the stored scores, one per form; NaN where there is none
/// \return       counts and, if the key does not reproduce all, an explanation in words
/// Errors:       errc::size_mismatch; errc::unknown_subscale; errc::invalid_instrument
/// Missing:      forms with missing answers are counted in n_incomplete, and judge nothing but how blanks were counted
/// Numerics:     pairs of changes are tried on the first 1000 forms and the best of them on all; stored means may be
///               rounded to two decimals
/// Not for:      changing the key: an explanation tells what was done to the data, not what is right
template <class Scalar>
[[nodiscard]] result<score_audit> audit_stored_scores(const instrument& form, std::string_view subscale,
                                                      const basic_response_matrix<Scalar>& answers,
                                                      std::span<const Scalar> stored) {
  if (auto legal = form.check(); !legal) return legal.error();
  error mismatch{.code = errc::size_mismatch,
                 .function = "audit_stored_scores",
                 .value = static_cast<double>(answers.n_items()),
                 .lower = static_cast<double>(form.n_items()),
                 .subject = "the answers of a form"};
  if (answers.n_items() != form.n_items()) return mismatch;
  mismatch.value = static_cast<double>(std::ssize(stored));
  mismatch.lower = static_cast<double>(answers.n_persons());
  mismatch.subject = "the stored scores";
  if (std::ssize(stored) != answers.n_persons()) return mismatch;
  // A combined score of one part is that score, times its weight.
  std::string_view name = subscale.empty() ? std::string_view("total") : subscale;
  double weight = 1;
  for (int c = form.n_combined() - 1; c >= 0; --c) {
    if (form.combined_at(c).id != name || form.combined_at(c).n_parts != 1) continue;
    const weighted_score part = form.combined_part(c, 0);
    weight *= part.weight;
    name = part.score;
  }
  const int number = name == "total" ? 0 : form.find_subscale(name) + 1;
  if (number == 0 && (name != "total" || !form.has_total())) {
    return error{.code = errc::unknown_subscale,
                 .function = "audit_stored_scores",
                 .subject = subscale.empty() ? std::string_view("total") : subscale};
  }

  const detail::stored_forms<Scalar> forms(form, number, weight, answers, stored);
  score_audit out;
  out.n = forms.n_complete();
  out.n_equal = forms.explained(forms.own());
  out.n_invalid = forms.n_invalid();
  out.max_abs_difference = forms.largest_difference();
  out.n_incomplete = forms.n_incomplete();
  const auto found = out.n_equal == out.n ? forms.own() : detail::key_search<Scalar>(form, number, forms).best();
  out.n_explained = forms.explained(found);
  out.explanation = detail::sentence(found, form.description().reversed);
  out.changes = found.changes;
  out.score_found = found.of_score;
  const auto [blanks, n_blanks] = forms.blanks(found);
  out.n_incomplete_explained = n_blanks;
  if (!blanks.empty()) out.explanation += (out.explanation.empty() ? "" : "; ") + blanks;
  return out;
}

/// An audit and the subscale that it was made of.
struct subscale_audit {
  std::string_view subscale{};
  const score_audit* audit = nullptr;
};

/// What audits of several subscales of the same forms say together: which were exchanged, and which items were moved or
/// swapped between them.
/// \param audits  audits of different subscales
/// \return      sentences, separated by "; "; empty if nothing that is missing in one subscale turns up in another
[[nodiscard]] inline std::string explain_together(std::span<const subscale_audit> audits) {
  const auto has = [](const score_audit& audit, int item, bool added) {
    for (const item_change& change : audit.changes) {
      const bool is_added = change.how == item_change::kind::added || change.how == item_change::kind::added_reversed;
      if (change.item == item && (added ? is_added : change.how == item_change::kind::left_out)) return true;
    }
    return false;
  };
  std::string out;
  const auto say = [&](const std::string& sentence) { out += (out.empty() ? "" : "; ") + sentence; };
  for (std::size_t a = 0; a < audits.size(); ++a) {
    for (std::size_t b = 0; b < audits.size(); ++b) {
      if (a == b) continue;
      const std::string from(audits[a].subscale);
      const std::string to(audits[b].subscale);
      if (!audits[a].audit->score_found.empty()) {  // as a whole, not item by item
        if (a < b && audits[a].audit->score_found == to && audits[b].audit->score_found == from)
          say(from + " and " + to + " are exchanged");
        continue;
      }
      for (const item_change& change : audits[a].audit->changes) {
        if (change.how != item_change::kind::left_out || !has(*audits[b].audit, change.item, true)) continue;
        int partner = 0;  // the item that made the way back
        for (const item_change& other : audits[b].audit->changes) {
          const bool swapped = other.how == item_change::kind::left_out && has(*audits[a].audit, other.item, true);
          if (swapped) partner = other.item;
        }
        if (partner == 0) {
          say("item " + std::to_string(change.item) + " is counted in " + to + " instead of " + from);
        } else if (a < b) {
          say("items " + std::to_string(change.item) + " and " + std::to_string(partner) + " are swapped between " +
              from + " and " + to);
        }
      }
    }
  }
  return out;
}

}  // namespace rapport
