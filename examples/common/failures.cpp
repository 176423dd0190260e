// SPDX-License-Identifier: BSL-1.0
#include "failures.hpp"

#include <rapport/core/error_message.hpp>

namespace program {

void raise(const rapport::error& reason, const std::string& where) {
  const std::string sentence = (where.empty() ? "" : where + ": ") + message(reason).c_str();
  switch (reason.code) {
    case rapport::errc::invalid_option:
    case rapport::errc::wrong_number_of_answers:
    case rapport::errc::invalid_instrument:
    case rapport::errc::unknown_subscale: throw call_error(sentence);
    case rapport::errc::size_mismatch:
    case rapport::errc::answer_out_of_range:
    case rapport::errc::answer_off_step:
    case rapport::errc::not_finite:
    case rapport::errc::duplicate_session:
    case rapport::errc::missing_id:
    case rapport::errc::missing_session:
    case rapport::errc::invalid_date:
    case rapport::errc::score_out_of_range: throw data_error(sentence);
    default: throw computation_error(sentence);
  }
}

}  // namespace program
