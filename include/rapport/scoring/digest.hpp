// SPDX-License-Identifier: BSL-1.0
// A number that stands for a scored form: the same instrument, rule, answers and scores give the same one, everywhere.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include <rapport/core/missing.hpp>
#include <rapport/scoring/score.hpp>

namespace rapport {

namespace detail {

/// FNV-1a in 64 bits: xor a byte, multiply by the prime, for every byte.
class digest_stream {
 public:
  constexpr void add_byte(unsigned char byte) noexcept { state_ = (state_ ^ byte) * 0x100000001b3U; }
  constexpr void add(std::uint64_t number) noexcept {
    for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<unsigned char>(number >> shift & 0xff));
  }
  constexpr void add(std::int64_t number) noexcept { add(static_cast<std::uint64_t>(number)); }
  constexpr void add(std::string_view words) noexcept {
    for (const char c : words) add_byte(static_cast<unsigned char>(c));
    add_byte(0);
  }
  [[nodiscard]] constexpr std::uint64_t state() const noexcept { return state_; }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace detail

/// The digest of a scored form.
/// Model:       FNV-1a, 64 bits, over these bytes, numbers being 8 bytes with the lowest first: the id of the instrument
///              and a 0; its scoring version; the rule that was asked for (its kind, the bits of the fraction, n); for
///              every item a byte 0 (missing), 1 (skipped) or 2 (answered), after a 2 the answer as a fraction, top and
///              bottom; for every score (total, subscales, combined scores) its status as a byte, and where there is a
///              number the score as a reduced fraction, or the bits of the double if the fraction needs more than 64 bits
/// \param questionnaire  the instrument
/// \param answers        the answers that were scored
/// \param card           what score() made of them
/// \return      a number of 64 bits; it finds accidents, not forgeries
template <class Scalar, class Answers>
[[nodiscard]] constexpr std::uint64_t score_digest(const instrument& questionnaire, const Answers& answers,
                                                   const basic_score_card<Scalar>& card) noexcept {
  detail::digest_stream out;
  out.add(questionnaire.id());
  out.add(std::int64_t{questionnaire.scoring_version()});
  out.add_byte(static_cast<unsigned char>(card.rule().how));
  out.add(std::bit_cast<std::uint64_t>(card.rule().fraction));
  out.add(std::int64_t{card.rule().n});
  int item = 0;
  for (const auto& given : answers) {
    ++item;
    const auto one = detail::as_answer(given);
    if (!one.is_given()) {
      out.add_byte(one.is_skipped() ? 1 : 0);
      continue;
    }
    const detail::scale_key& scale = questionnaire.description().scale_of(item);
    std::int64_t steps = 0;
    error why;
    out.add_byte(2);
    if (!detail::read_answer(scale, one.value(), steps, why)) continue;  // no card is made of such a form
    const std::int64_t whole = scale.first + steps * scale.stride;
    const std::int64_t common = detail::greatest_common_divisor(whole, scale.parts);
    out.add(whole / common);
    out.add(scale.parts / common);
  }
  for (int number = 0; number < card.n_scores(); ++number) {
    const score_status status = card.status_of(number);
    out.add_byte(static_cast<unsigned char>(status));
    if (status == score_status::incomplete) continue;
    detail::fraction exact;
    if (card.exact_value(number, exact)) {
      const std::int64_t common = detail::greatest_common_divisor(exact.top, exact.bottom);
      out.add(exact.top / common);
      out.add(exact.bottom / common);
    } else {
      out.add(std::bit_cast<std::uint64_t>(static_cast<double>(*card.value_of(number))));
    }
  }
  return out.state();
}

}  // namespace rapport
