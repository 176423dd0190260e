// SPDX-License-Identifier: BSL-1.0
// Clinical change of outcome measures: cut-offs a, b and c, and who recovered, improved or deteriorated.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/reliable_change.hpp>

namespace rapport {

/// Mean and SD of a population in a published study.
template <class Scalar>
struct population_norm {
  Scalar mean{};
  Scalar sd{};
  std::string source{};  ///< where it was published; a norm without one is refused
};

/// The norms of one outcome measure. Alliance inventories have no clinical norm as a rule, and so no cut-offs.
template <class Scalar>
struct outcome_norms {
  std::string measure{};                                ///< its name, for messages
  std::optional<population_norm<Scalar>> clinical{};    ///< people in need of treatment
  std::optional<population_norm<Scalar>> functional{};  ///< people not in need of it
  better_scores better = better_scores::lower;
};

/// Where the clinical range ends.
template <class Scalar>
struct clinical_cutoffs {
  Scalar a{};                 ///< two SDs from the clinical mean towards health
  std::optional<Scalar> b{};  ///< two SDs from the functional mean towards illness; needs a functional norm
  std::optional<Scalar> c{};  ///< where both populations are as likely; needs a functional norm
  better_scores better{};

  /// The cut-off that Jacobson and Truax advise: c where both norms are known, else a.
  [[nodiscard]] Scalar recommended() const { return c ? *c : a; }
};

namespace detail {

template <class Scalar>
[[nodiscard]] result<void> check_norm(const population_norm<Scalar>& norm, const outcome_norms<Scalar>& of) {
  using std::isfinite;
  if (norm.source.empty())
    return error{.code = errc::no_clinical_norm,
                 .function = "cutoffs",
                 .subject = std::string_view(of.measure.empty() ? "this measure" : of.measure)};
  if (!isfinite(norm.mean)) return error{.code = errc::not_finite, .function = "cutoffs"};
  return check_positive(norm.sd, "the standard deviation of a norm", "cutoffs");
}

}  // namespace detail

/// Cut-offs between the clinical and the functional range of an outcome measure.
/// Model:       a = M_c +- 2 S_c, b = M_f -+ 2 S_f, c = (S_c M_f + S_f M_c) / (S_c + S_f); c clinical, f functional,
///              the upper sign where higher scores are better
/// \param norms  published means and SDs, each with its source
/// \return      a; b and c where there is a functional norm
/// Errors:      errc::no_clinical_norm if the clinical norm, or the source of a norm, is missing: cut-offs of inventories
///              without one would be made up; errc::not_finite; errc::invalid_option for an SD that is not positive or
///              a functional mean on the wrong side of the clinical one
/// Not for:     alliance inventories: nearly none has a clinical norm, and a weak alliance is no disorder
/// Reference:   Jacobson & Truax (1991), doi 10.1037/0022-006X.59.1.12
template <class Scalar>
[[nodiscard]] result<clinical_cutoffs<Scalar>> cutoffs(const outcome_norms<Scalar>& norms) {
  if (!norms.clinical)
    return error{.code = errc::no_clinical_norm,
                 .function = "cutoffs",
                 .subject = std::string_view(norms.measure.empty() ? "this measure" : norms.measure)};
  if (auto legal = detail::check_norm(*norms.clinical, norms); !legal) return legal.error();
  const Scalar towards_health = norms.better == better_scores::higher ? Scalar(1) : Scalar(-1);
  const auto& clinical = *norms.clinical;
  clinical_cutoffs<Scalar> out;
  out.better = norms.better;
  out.a = clinical.mean + towards_health * 2 * clinical.sd;
  if (norms.functional) {
    const auto& functional = *norms.functional;
    if (auto legal = detail::check_norm(functional, norms); !legal) return legal.error();
    if (!(towards_health * (functional.mean - clinical.mean) > 0)) {
      const bool higher = norms.better == better_scores::higher;
      const auto limit = static_cast<double>(clinical.mean);
      constexpr double far = (std::numeric_limits<double>::max)();
      return error{.code = errc::invalid_option,
                   .function = "cutoffs",
                   .value = static_cast<double>(functional.mean),
                   .lower = higher ? limit : -far,
                   .upper = higher ? far : limit,
                   .subject = "the functional mean"};
    }
    out.b = functional.mean - towards_health * 2 * functional.sd;
    out.c = (clinical.sd * functional.mean + functional.sd * clinical.mean) / (clinical.sd + functional.sd);
  }
  return out;
}

/// What became of a person, clinically.
enum class clinical_outcome : unsigned char {
  recovered,    ///< improved reliably, and crossed the cut-off into the functional range
  improved,     ///< improved reliably, without crossing
  unchanged,    ///< no reliable change
  deteriorated  ///< worsened reliably
};

/// The word for an outcome.
[[nodiscard]] constexpr std::string_view to_string(clinical_outcome outcome) noexcept {
  switch (outcome) {
    case clinical_outcome::recovered: return "recovered";
    case clinical_outcome::improved: return "improved";
    case clinical_outcome::unchanged: return "unchanged";
    case clinical_outcome::deteriorated: return "deteriorated";
  }
  return "";
}

/// Recovered, improved, unchanged or deteriorated.
/// Model:       recovered = improved reliably and before on the clinical side of the cut-off, after on the functional one;
///              a score exactly on the cut-off is clinical
/// \param change  verdict of reliable_change, with the same direction as the cut-offs
/// \param pre     score before
/// \param post    score after
/// \param limits  from cutoffs, which refuses measures without a published clinical norm
/// \return      the outcome by the recommended cut-off
/// Reference:   Jacobson & Truax (1991), doi 10.1037/0022-006X.59.1.12
template <class Scalar>
[[nodiscard]] clinical_outcome classify_change(const basic_reliable_change<Scalar>& change, const Scalar& pre,
                                               const Scalar& post, const clinical_cutoffs<Scalar>& limits) {
  if (change.verdict == change_verdict::deteriorated) return clinical_outcome::deteriorated;
  if (change.verdict == change_verdict::unchanged) return clinical_outcome::unchanged;
  const Scalar cutoff = limits.recommended();
  const auto is_functional = [&](const Scalar& score) {
    return limits.better == better_scores::higher ? score > cutoff : score < cutoff;
  };
  return !is_functional(pre) && is_functional(post) ? clinical_outcome::recovered : clinical_outcome::improved;
}

}  // namespace rapport
