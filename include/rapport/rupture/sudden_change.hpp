// SPDX-License-Identifier: BSL-1.0
// Sudden gains and losses between two sessions, by the three criteria of the literature, exactly as R suddengains.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/data/response_matrix.hpp>
#include <rapport/stats/distribution/student_t.hpp>

namespace rapport {

/// Which way the score jumps. The literature speaks of symptoms and calls a fall a gain; of an alliance it is a loss.
enum class jump_direction : unsigned char {
  fall,  ///< as identify_sg
  rise   ///< as identify_sl: cutoff and share are negative numbers there
};

/// The criteria for a jump from x_n to x_n+1, and their numbers.
///
/// 1: x_n - x_n+1 >= cutoff. 2: x_n - x_n+1 >= share x_n. 3: the mean of up to three scores before lies above the mean
/// of up to three scores after by more than `critical` times their pooled SD. All that are applied must be met.
template <class Scalar>
struct basic_sudden_change_rule {
  jump_direction direction = jump_direction::fall;
  std::optional<Scalar> cutoff{};              ///< criterion 1, in points; empty: not applied; rises: not positive
  std::optional<Scalar> share = Scalar(0.25);  ///< criterion 2; empty: not applied; rises: a negative number is meant
  bool stability = true;                       ///< criterion 3 is applied
  Scalar alpha = Scalar(0.05);                 ///< of criterion 3, two-sided; in (0, 1)
  bool adjust = true;                          ///< critical value by the number of scores present, from alpha
  Scalar critical = Scalar(2.776);             ///< the critical value without `adjust`; not negative
  bool first_is_baseline = false;              ///< the first column lies before treatment: session numbers begin at 0
};

/// What the criteria say of one jump; empty where a criterion is not applied or cannot be judged.
struct sudden_change_verdict {
  std::optional<bool> size{};       ///< criterion 1
  std::optional<bool> share{};      ///< criterion 2
  std::optional<bool> stability{};  ///< criterion 3
  std::optional<bool> all{};        ///< all that are applied; empty if any of them is
};

/// One sudden change. Numbers that would need a missing score are empty.
template <class Scalar>
struct basic_sudden_change {
  index person = 0;                               ///< row of the table
  index column = 0;                               ///< of the last score before the jump, from 0
  index session = 0;                              ///< number of that session: column + 1, or column with a baseline
  index n_of_person = 0;                          ///< changes of this person
  std::array<std::optional<Scalar>, 6> around{};  ///< scores at sessions n-2, n-1, n, n+1, n+2, n+3
  std::optional<Scalar> magnitude{};              ///< x_n - x_n+1; negative for rises
  std::optional<Scalar> total_change{};           ///< first minus last score
  std::optional<Scalar> proportion{};             ///< |magnitude| / total change; infinite if that is 0; falls: signed
  std::optional<Scalar> reversal_value{};         ///< x_n+1 plus half the magnitude
  bool reversed = false;                          ///< a later score lies beyond the reversal value; see find_reversal
};

/// The verdicts and changes of a table.
template <class Scalar>
struct basic_sudden_changes {
  index n_persons = 0;
  index n_pairs = 0;                                   ///< jumps looked at per person: columns minus 3
  std::vector<sudden_change_verdict> verdicts{};       ///< person by person; jump k is from column k + 1 to k + 2
  std::vector<basic_sudden_change<Scalar>> changes{};  ///< by person, then by session

  [[nodiscard]] const sudden_change_verdict& verdict(index person, index pair) const noexcept {
    return verdicts[as_size(person * n_pairs + pair)];
  }
};

using sudden_change_rule = basic_sudden_change_rule<double>;
using sudden_change = basic_sudden_change<double>;

/// Checks the criteria.
/// Errors: errc::invalid_option naming the number; "criteria" if none is applied
template <class Scalar>
[[nodiscard]] result<void> validate(const basic_sudden_change_rule<Scalar>& rule) {
  const auto refuse = [](const char* what, const Scalar& value, double lower, double upper) {
    return error{.code = errc::invalid_option,
                 .function = "sudden_change",
                 .value = static_cast<double>(value),
                 .lower = lower,
                 .upper = upper,
                 .subject = what};
  };
  constexpr double huge = 1e300;
  const bool falls = rule.direction == jump_direction::fall;
  using std::isfinite;
  if (!rule.cutoff && !rule.share && !rule.stability) return refuse("the number of criteria", Scalar(0), 1, 3);
  if (rule.cutoff && !(isfinite(*rule.cutoff) && (falls ? *rule.cutoff >= 0 : *rule.cutoff <= 0)))
    return refuse("cutoff", *rule.cutoff, falls ? 0 : -huge, falls ? huge : 0);
  if (rule.share && !isfinite(*rule.share)) return refuse("share", *rule.share, -huge, huge);
  if (rule.stability && rule.adjust && !(rule.alpha > 0 && rule.alpha < 1)) return refuse("alpha", rule.alpha, 0, 1);
  if (rule.stability && !rule.adjust && !(rule.critical >= 0 && isfinite(rule.critical)))
    return refuse("critical", rule.critical, 0, huge);
  return {};
}

namespace detail {

// Means of equal scores must come out equal, and ties as in R, which sums in long double.
template <class Scalar>
using sum_of = std::conditional_t<std::is_floating_point_v<Scalar>, long double, Scalar>;

/// Up to three scores on one side of a jump.
template <class Scalar>
struct side_scores {
  std::array<Scalar, 3> value{};
  int n = 0;

  void add(const Scalar& x) {
    if (!is_missing(x)) value[static_cast<std::size_t>(n++)] = x;
  }
  [[nodiscard]] sum_of<Scalar> wide(int i) const {
    return static_cast<sum_of<Scalar>>(value[static_cast<std::size_t>(i)]);
  }
  [[nodiscard]] Scalar mean() const {
    sum_of<Scalar> sum(0);
    for (int i = 0; i < n; ++i) sum += wide(i);
    sum /= n;
    sum_of<Scalar> rest(0);
    for (int i = 0; i < n; ++i) rest += wide(i) - sum;
    return static_cast<Scalar>(sum + rest / n);
  }
  [[nodiscard]] Scalar sd(const Scalar& about) const {
    using std::sqrt;
    sum_of<Scalar> sum(0);
    for (int i = 0; i < n; ++i) {
      const Scalar away = value[static_cast<std::size_t>(i)] - about;
      sum += static_cast<sum_of<Scalar>>(away * away);
    }
    return sqrt(static_cast<Scalar>(sum / (n - 1)));
  }
};

}  // namespace detail

/// Judges jumps by a rule; made once, used for many rows.
template <class Scalar>
class sudden_change_judge {
 public:
  /// Errors: those of validate(rule)
  [[nodiscard]] static result<sudden_change_judge> make(const basic_sudden_change_rule<Scalar>& rule) {
    if (auto legal = validate(rule); !legal) return legal.error();
    sudden_change_judge out(rule);
    for (int n = 4; n <= 6 && rule.stability; ++n) {
      out.critical_[static_cast<std::size_t>(n - 4)] =
          rule.adjust ? -stats::student_t_quantile(Scalar(rule.alpha / 2), Scalar(n - 2)) : rule.critical;
    }
    return out;
  }

  [[nodiscard]] const basic_sudden_change_rule<Scalar>& rule() const noexcept { return rule_; }

  /// The jump from column `after - 1` to column `after` of one person's row; 1 < after < size - 1.
  [[nodiscard]] sudden_change_verdict operator()(std::span<const Scalar> row, index after) const {
    RAPPORT_ASSERT(after > 1 && after + 1 < std::ssize(row));
    const bool falls = rule_.direction == jump_direction::fall;
    const Scalar& from = row[as_size(after - 1)];
    const Scalar& to = row[as_size(after)];
    const bool both = !is_missing(from) && !is_missing(to);
    sudden_change_verdict out;
    bool met = true;
    bool known = true;
    const auto count = [&](const std::optional<bool>& each) {
      met = met && each.value_or(false);
      known = known && each.has_value();
    };
    if (rule_.cutoff) {
      if (both) out.size = falls ? from - to >= *rule_.cutoff : from - to <= *rule_.cutoff;
      count(out.size);
    }
    if (rule_.share) {
      if (both) out.share = falls ? from - to >= *rule_.share * from : from - to <= *rule_.share * from;
      count(out.share);
    }
    if (rule_.stability) {
      out.stability = is_stable(row, after);
      count(out.stability);
    }
    if (known) out.all = met;
    return out;
  }

  /// All that is to be said of the jump behind column `before`, met or not.
  [[nodiscard]] basic_sudden_change<Scalar> describe(std::span<const Scalar> row, index before) const {
    const auto score = [&](index column) -> std::optional<Scalar> {
      if (column < 0 || column >= std::ssize(row) || is_missing(row[as_size(column)])) return std::nullopt;
      return row[as_size(column)];
    };
    basic_sudden_change<Scalar> out;
    out.column = before;
    out.session = rule_.first_is_baseline ? before : before + 1;
    for (index k = 0; k < 6; ++k) out.around[as_size(k)] = score(before - 2 + k);
    if (const auto first = score(0), last = score(std::ssize(row) - 1); first && last)
      out.total_change = *first - *last;
    if (!out.around[2] || !out.around[3]) return out;
    out.magnitude = *out.around[2] - *out.around[3];
    out.reversal_value = *out.around[3] + *out.magnitude / 2;
    if (out.total_change) out.proportion = proportion_of(*out.magnitude, *out.total_change);
    out.reversed = find_reversal(row, before, *out.reversal_value).has_value();
    return out;
  }

  /// The first column with a score beyond the reversal value. The search begins at session n + 3; with a baseline at
  /// n + 2, as the package does.
  [[nodiscard]] std::optional<index> find_reversal(std::span<const Scalar> row, index before,
                                                   const Scalar& reversal_value) const {
    for (index t = before + (rule_.first_is_baseline ? 2 : 3); t < std::ssize(row); ++t) {
      const Scalar& y = row[as_size(t)];
      // A comparison with a missing score is false.
      if (rule_.direction == jump_direction::fall ? y > reversal_value : y < reversal_value) return t;
    }
    return std::nullopt;
  }

 private:
  explicit sudden_change_judge(const basic_sudden_change_rule<Scalar>& rule) : rule_(rule) {}

  [[nodiscard]] std::optional<bool> is_stable(std::span<const Scalar> row, index after) const {
    using std::sqrt;
    detail::side_scores<Scalar> before;
    detail::side_scores<Scalar> behind;
    for (index t = (std::max)(index{0}, after - 3); t < after; ++t) before.add(row[as_size(t)]);
    for (index t = after; t < (std::min)(std::ssize(row), after + 3); ++t) behind.add(row[as_size(t)]);
    if (before.n < 2 || behind.n < 2) return std::nullopt;
    const Scalar mean_before = before.mean();
    const Scalar mean_behind = behind.mean();
    const Scalar sd_before = before.sd(mean_before);
    const Scalar sd_behind = behind.sd(mean_behind);
    const Scalar pooled_var = (static_cast<Scalar>(before.n - 1) * (sd_before * sd_before) +
                               static_cast<Scalar>(behind.n - 1) * (sd_behind * sd_behind)) /
                              static_cast<Scalar>(before.n + behind.n - 2);
    const Scalar least = critical_[static_cast<std::size_t>(before.n + behind.n - 4)] * sqrt(pooled_var);
    const Scalar fell = mean_before - mean_behind;
    return rule_.direction == jump_direction::fall ? fell > least : -fell > least;
  }

  /// Falls: signed, as the package has it. Of a quotient by zero only plus infinity remains.
  [[nodiscard]] std::optional<Scalar> proportion_of(const Scalar& magnitude, const Scalar& total) const {
    using std::fabs;
    const Scalar part = rule_.direction == jump_direction::fall ? magnitude : Scalar(fabs(magnitude));
    if (total != 0) return part / total;
    if (part > 0) return std::numeric_limits<Scalar>::infinity();
    return std::nullopt;
  }

  basic_sudden_change_rule<Scalar> rule_;
  std::array<Scalar, 3> critical_{};  // by the number of scores present: 4, 5, 6
};

/// Sudden changes in a table of scores.
/// Model:       see basic_sudden_change_rule; the first and the last pair of columns are never looked at
/// \param scores  persons x sessions, neighbouring columns are neighbouring sessions; NaN: no score
/// \param rule    the criteria
/// \return     verdicts for every jump, and the changes with what the package's table of gains says of them
/// Errors:      errc::too_few_columns below 4; errc::no_data without persons; errc::not_finite; those of validate(rule)
/// Missing:     a jump is not judged where an applied criterion cannot be; criterion 3 needs two scores on either side
/// Numerics:    comparisons are those of the package on the same doubles, ties included; O(cells)
/// Not for:     a test at level alpha: criterion 3 has no standard error in it. With missing scores, a verdict stays
///              empty even if another criterion is not met
/// Reference:   Tang & DeRubeis (1999), doi 10.1037/0022-006X.67.6.894; Lutz et al. (2013), doi 10.1037/a0030155;
///              Wiedemann, Thew, Stott & Ehlers (2020), doi 10.1371/journal.pone.0230276
/// R:           suddengains::identify_sg, identify_sl, create_bysg
template <class Scalar>
[[nodiscard]] result<basic_sudden_changes<Scalar>> find_sudden_changes(const basic_response_matrix<Scalar>& scores,
                                                                       const basic_sudden_change_rule<Scalar>& rule) {
  const auto judge = sudden_change_judge<Scalar>::make(rule);
  if (!judge) return judge.error();
  const index n_columns = scores.n_items();
  if (n_columns < 4) {
    return error{.code = errc::too_few_columns,
                 .function = "find_sudden_changes",
                 .value = static_cast<double>(n_columns),
                 .lower = 4};
  }
  if (scores.n_persons() == 0) return error{.code = errc::no_data, .function = "find_sudden_changes"};
  basic_sudden_changes<Scalar> out;
  out.n_persons = scores.n_persons();
  out.n_pairs = n_columns - 3;
  out.verdicts.reserve(as_size(out.n_persons * out.n_pairs));
  std::vector<Scalar> row(as_size(n_columns));
  for (index person = 0; person < out.n_persons; ++person) {
    for (index t = 0; t < n_columns; ++t) {
      using std::isinf;
      row[as_size(t)] = scores(person, t);
      if (isinf(row[as_size(t)]))
        return error{.code = errc::not_finite, .function = "find_sudden_changes", .row = person, .column = t};
    }
    const std::size_t before = out.changes.size();
    for (index after = 2; after + 1 < n_columns; ++after) {
      out.verdicts.push_back((*judge)(row, after));
      if (!out.verdicts.back().all.value_or(false)) continue;
      out.changes.push_back(judge->describe(row, after - 1));
      out.changes.back().person = person;
    }
    for (std::size_t k = before; k < out.changes.size(); ++k)
      out.changes[k].n_of_person = static_cast<index>(out.changes.size() - before);
  }
  return out;
}

}  // namespace rapport
