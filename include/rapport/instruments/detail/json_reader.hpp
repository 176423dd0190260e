// SPDX-License-Identifier: BSL-1.0
// Reads the description of an instrument field by field, and says which field is wrong.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapport/instruments/instrument.hpp>

namespace rapport {

/// Which field of a description is wrong, and why. Both are empty if none is.
struct field_error {
  std::string field{};   ///< a JSON pointer, "/subscales/2/items"; empty for the description as a whole
  std::string reason{};  ///< "item 13 does not exist on the form"
};

namespace detail {

/// Reads one description. The first field that is wrong ends it.
template <class Json>
class instrument_reader {
 public:
  explicit instrument_reader(const Json& description) : top_(description) {}

  [[nodiscard]] std::optional<instrument> read() {
    if (!has_only(top_, "",
                  {"id", "edition", "scoring_version", "family", "perspective", "direction", "n_items", "scale",
                   "item_scales", "legal_values", "reversed", "unscored", "total", "subscales", "combined", "missing",
                   "bands", "cutoffs", "risk_items"}) ||
        !begin() || !add_scales() || !add_scores() || !add_rules() || !add_meanings()) {
      return std::nullopt;
    }
    return form_;
  }
  [[nodiscard]] const field_error& why() const noexcept { return why_; }

 private:
  using path = const std::string&;

  bool fail(path field, std::string reason) {
    why_ = {field, std::move(reason)};
    return false;
  }
  /// Whether the description is still free of contradictions; otherwise the field that was just read made one.
  bool sound(path field) {
    if (auto consistent = form_->check(); !consistent)
      return fail(field, std::string(consistent.error().subject.view()));
    return true;
  }

  // --- fields of a kind -------------------------------------------------------------------------------------------
  bool has_only(const Json& object, path field, std::initializer_list<std::string_view> known) {
    if (!object.is_object()) return fail(field, "an object is wanted");
    for (auto each = object.begin(); each != object.end(); ++each) {
      bool is_known = false;
      for (const std::string_view name : known) is_known = is_known || name == each.key();
      if (!is_known) return fail(field + '/' + escaped(each.key()), "there is no such field");
    }
    return true;
  }
  static std::string escaped(const std::string& name) {
    std::string out;
    for (const char c : name) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
  }
  /// The member of a name; null if there is none.
  static const Json* member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  }
  bool text(const Json& object, path field, const char* name, bool needed, std::string& out) {
    const Json* value = member(object, name);
    if (value == nullptr) return !needed || fail(field + '/' + name, "is missing");
    if (!value->is_string()) return fail(field + '/' + name, "a text is wanted");
    out = value->template get<std::string>();
    return true;
  }
  bool number(const Json& object, path field, const char* name, bool needed, double& out) {
    const Json* value = member(object, name);
    if (value == nullptr) return !needed || fail(field + '/' + name, "is missing");
    if (!value->is_number()) return fail(field + '/' + name, "a number is wanted");
    out = value->template get<double>();
    return true;
  }
  bool whole(const Json& value, path field, int& out) {
    const double number = value.is_number() ? value.template get<double>() : 0.5;
    if (!(number >= -1e9 && number <= 1e9) || static_cast<double>(static_cast<int>(number)) != number)
      return fail(field, "a whole number is wanted");
    out = static_cast<int>(number);
    return true;
  }
  bool whole(const Json& object, path field, const char* name, bool needed, int& out) {
    const Json* value = member(object, name);
    if (value == nullptr) return !needed || fail(field + '/' + name, "is missing");
    return whole(*value, field + '/' + name, out);
  }
  bool truth(const Json& object, path field, const char* name, bool& out) {
    const Json* value = member(object, name);
    if (value == nullptr) return true;
    if (!value->is_boolean()) return fail(field + '/' + name, "true or false is wanted");
    out = value->template get<bool>();
    return true;
  }
  /// The members of a list, each with its own pointer.
  template <class Visit>
  bool each(const Json& object, path field, const char* name, bool needed, Visit visit) {
    const Json* list = member(object, name);
    if (list == nullptr) return !needed || fail(field + '/' + name, "is missing");
    if (!list->is_array()) return fail(field + '/' + name, "a list is wanted");
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (!visit((*list)[i], field + '/' + name + '/' + std::to_string(i))) return false;
    }
    return true;
  }
  bool items(const Json& object, path field, const char* name, bool needed, std::vector<int>& out) {
    out.clear();
    return each(object, field, name, needed, [&](const Json& value, path where) {
      int item = 0;
      if (!whole(value, where, item)) return false;
      if (item < 1 || item > form_->n_items())
        return fail(where, "item " + std::to_string(item) + " does not exist on the form");
      for (const int other : out) {
        if (other == item) return fail(where, "item " + std::to_string(item) + " is listed twice");
      }
      out.push_back(item);
      return true;
    });
  }
  /// One of some words; the number of the word.
  bool word(const Json& object, path field, const char* name, bool needed, std::initializer_list<const char*> words,
            int& out) {
    std::string given;
    if (member(object, name) == nullptr) return !needed || fail(field + '/' + name, "is missing");
    if (!text(object, field, name, needed, given)) return false;
    std::string wanted;
    int position = 0;
    for (const char* each_word : words) {
      if (given == each_word) {
        out = position;
        return true;
      }
      wanted += (position++ == 0 ? "" : ", ") + std::string(each_word);
    }
    return fail(field + '/' + name, "one of " + wanted + " is wanted");
  }

  // --- parts of an instrument -------------------------------------------------------------------------------------
  bool range(const Json& object, path field, answer_scale& out) {
    return number(object, field, "min", true, out.min) && number(object, field, "max", true, out.max) &&
           number(object, field, "step", false, out.step);
  }
  bool metric(const Json& object, path field, score_metric& out) {
    int kind = 0;
    if (!word(object, field, "kind", false, {"sum", "mean"}, kind) || !number(object, field, "times", false, out.times))
      return false;
    if (!(out.times > 0)) return fail(field + "/times", "a number above 0 is wanted");
    out.kind = kind == 1 ? score_kind::mean : score_kind::sum;
    return true;
  }
  bool rule(const Json& value, path field, missing_rule& out) {
    int kind = 0;
    int n = 0;
    if (!has_only(value, field, {"rule", "fraction", "n"}) ||
        !word(value, field, "rule", true, {"complete", "prorate", "at-least", "at-most-missing"}, kind)) {
      return false;
    }
    const bool wants_n = kind >= 2;
    if (member(value, "n") != nullptr && !wants_n) return fail(field + "/n", "does not belong to this rule");
    if (member(value, "fraction") != nullptr && kind != 1)
      return fail(field + "/fraction", "does not belong to this rule");
    double fraction = 1;
    if (!number(value, field, "fraction", kind == 1, fraction) || !whole(value, field, "n", wants_n, n)) return false;
    if (!(fraction > 0 && fraction <= 1)) return fail(field + "/fraction", "a share above 0 and at most 1 is wanted");
    if (wants_n && n < (kind == 2 ? 1 : 0)) return fail(field + "/n", "is too small");
    out = kind == 0 ? complete : kind == 1 ? prorate(fraction) : kind == 2 ? at_least(n) : at_most_missing(n);
    return true;
  }

  bool begin() {
    std::string id;
    std::string edition;
    std::string family;
    int version = 1;
    int n_items = 0;
    int who = 0;
    int better = 2;
    const Json* scale = member(top_, "scale");
    answer_scale shown;
    if (!text(top_, "", "id", true, id) || !text(top_, "", "edition", false, edition) ||
        !text(top_, "", "family", false, family) || !whole(top_, "", "scoring_version", false, version) ||
        !word(top_, "", "perspective", false, {"client", "therapist", "observer"}, who) ||
        !word(top_, "", "direction", false, {"higher-better", "lower-better", "none"}, better) ||
        !whole(top_, "", "n_items", true, n_items)) {
      return false;
    }
    if (scale == nullptr) return fail("/scale", "is missing");
    if (!has_only(*scale, "/scale", {"min", "max", "step"}) || !range(*scale, "/scale", shown)) return false;
    if (id.empty() || !id_text_type::fits(id)) return fail("/id", "between 1 and 31 characters are wanted");
    if (n_items < 1 || n_items > max_items) return fail("/n_items", "between 1 and 128 items are possible");
    form_.emplace(id, n_items, shown);
    if (!sound("/scale")) return false;
    form_ = form_->rated_by(static_cast<perspective>(who))
                .better(better == 0   ? direction::higher
                        : better == 1 ? direction::lower
                                      : direction::none)
                .edition(edition);
    if (!sound("/edition")) return false;
    form_ = form_->family(family);
    if (!sound("/family")) return false;
    form_ = form_->scoring_version(version);
    return sound("/scoring_version");
  }

  bool add_scales() {
    std::vector<int> listed;
    std::vector<double> legal;
    const bool own = each(top_, "", "item_scales", false, [&](const Json& one, path field) {
      answer_scale shown;
      if (!has_only(one, field, {"items", "min", "max", "step", "counts_as"}) ||
          !items(one, field, "items", true, listed) || !range(one, field, shown)) {
        return false;
      }
      answer_scale counted = shown;
      if (const Json* as = member(one, "counts_as"); as != nullptr) {
        const std::string where = field + "/counts_as";
        if (!has_only(*as, where, {"min", "max"}) || !number(*as, where, "min", true, counted.min) ||
            !number(*as, where, "max", true, counted.max)) {
          return false;
        }
        form_ = form_->item_scale(listed, shown, {.min = counted.min, .max = counted.max});
      } else {
        form_ = form_->item_scale(listed, shown);
      }
      return sound(field);
    });
    if (!own) return false;
    const bool values = each(top_, "", "legal_values", false, [&](const Json& value, path field) {
      if (!value.is_number()) return fail(field, "a number is wanted");
      const double answer = value.template get<double>();
      if (std::find(legal.begin(), legal.end(), answer) != legal.end()) return fail(field, "is listed twice");
      legal.push_back(answer);
      return true;
    });
    if (!values) return false;
    if (member(top_, "legal_values") != nullptr) {
      form_ = form_->legal(legal);
      if (!sound("/legal_values")) return false;
    }
    if (!items(top_, "", "reversed", false, listed)) return false;
    form_ = form_->reversed(listed);
    if (!sound("/reversed") || !items(top_, "", "unscored", false, listed)) return false;
    form_ = form_->unscored(listed);
    return sound("/unscored");
  }

  bool add_scores() {
    std::vector<int> listed;
    if (const Json* total = member(top_, "total"); total != nullptr && total->is_null()) {
      form_ = form_->no_total();
    } else if (total != nullptr) {
      score_metric how;
      if (!has_only(*total, "/total", {"items", "kind", "times"}) || !metric(*total, "/total", how) ||
          !items(*total, "/total", "items", false, listed)) {
        return false;
      }
      form_ = member(*total, "items") != nullptr ? form_->total(listed, how) : form_->total_as(how);
    }
    if (!sound("/total")) return false;
    const bool parts = each(top_, "", "subscales", false, [&](const Json& one, path field) {
      std::string id;
      std::string name;
      score_metric how;
      if (!has_only(one, field, {"id", "name", "items", "kind", "times", "missing"}) ||
          !text(one, field, "id", true, id) || !text(one, field, "name", false, name) ||
          !items(one, field, "items", true, listed) || !metric(one, field, how)) {
        return false;
      }
      form_ = form_->subscale(id, listed, how);
      return sound(field);
    });
    return parts &&
           each(top_, "", "combined", false, [&](const Json& one, path field) { return add_combined(one, field); });
  }

  bool add_combined(const Json& one, path field) {
    std::string id;
    std::string name;
    std::vector<std::string> scores;
    std::vector<double> weights;
    if (!has_only(one, field, {"id", "name", "of"}) || !text(one, field, "id", true, id) ||
        !text(one, field, "name", false, name)) {
      return false;
    }
    const bool parts = each(one, field, "of", true, [&](const Json& part, path where) {
      scores.emplace_back();
      weights.push_back(1);
      return has_only(part, where, {"score", "weight"}) && text(part, where, "score", true, scores.back()) &&
             number(part, where, "weight", false, weights.back());
    });
    if (!parts) return false;
    std::vector<weighted_score> of;
    for (std::size_t i = 0; i < scores.size(); ++i) of.push_back({scores[i], weights[i]});
    form_ = form_->combined(id, of);
    return sound(field);
  }

  bool add_rules() {
    missing_rule how;
    if (const Json* value = member(top_, "missing"); value != nullptr) {
      if (!rule(*value, "/missing", how)) return false;
      form_ = form_->missing(how);
      if (!sound("/missing")) return false;
    }
    return each(top_, "", "subscales", false, [&](const Json& one, path field) {
      const Json* value = member(one, "missing");
      if (value == nullptr) return true;
      std::string id;
      if (!rule(*value, field + "/missing", how) || !text(one, field, "id", true, id)) return false;
      form_ = form_->missing(id, how);
      return sound(field + "/missing");
    });
  }

  bool add_meanings() {
    std::string score;
    std::string label;
    const auto begin_meaning = [&](const Json& one, path field) {
      return text(one, field, "score", true, score) && text(one, field, "label", true, label);
    };
    const bool banded = each(top_, "", "bands", false, [&](const Json& one, path field) {
      double from = 0;
      double to = 0;
      bool from_open = false;
      bool to_open = false;
      if (!has_only(one, field, {"score", "label", "from", "to", "from_open", "to_open"}) ||
          !begin_meaning(one, field) || !number(one, field, "from", true, from) ||
          !number(one, field, "to", true, to) || !truth(one, field, "from_open", from_open) ||
          !truth(one, field, "to_open", to_open)) {
        return false;
      }
      form_ = form_->band(score, label, {.from = from, .to = to, .from_open = from_open, .to_open = to_open});
      return sound(field);
    });
    const bool cut = banded && each(top_, "", "cutoffs", false, [&](const Json& one, path field) {
                       double at = 0;
                       int side = 0;
                       if (!has_only(one, field, {"score", "label", "at", "side"}) || !begin_meaning(one, field) ||
                           !number(one, field, "at", true, at) ||
                           !word(one, field, "side", true, {"at-or-above", "above", "at-or-below", "below"}, side)) {
                         return false;
                       }
                       form_ = form_->cutoff(score, label, {.at = at, .side = static_cast<cutoff_side>(side)});
                       return sound(field);
                     });
    return cut && each(top_, "", "risk_items", false, [&](const Json& one, path field) {
             int item = 0;
             double at_least = 1;
             if (!has_only(one, field, {"item", "at_least"}) || !whole(one, field, "item", true, item) ||
                 !number(one, field, "at_least", true, at_least)) {
               return false;
             }
             form_ = form_->risk_item(item, at_least);
             return sound(field);
           });
  }

  const Json& top_;
  std::optional<instrument> form_{};
  field_error why_{};
};

}  // namespace detail
}  // namespace rapport
