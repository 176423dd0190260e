// SPDX-License-Identifier: BSL-1.0
// A form is scored while the program is compiled; a wrong expectation would not compile.
#include <array>
#include <cstdio>

#include <rapport/scoring.hpp>

namespace rp = rapport;

// Four lines of 10 cm, read to the millimeter.
constexpr auto form = rp::score(rp::instruments::srs_3, std::array{0.1, 0.2, 0.0, 0.0});
static_assert(form.has_value());
static_assert(*form->total() == 0.3);  // summed in whole tenths; 0.1 + 0.2 in binary arithmetic is not 0.3

constexpr auto off_step = rp::score(rp::instruments::srs_3, std::array{9.5, 9.55, 10.0, 8.0});
static_assert(off_step.error().code == rp::errc::answer_off_step);

int main() {
  std::printf("total %g\n", *form->total());
  std::printf("%s\n", rp::message(off_step.error()).c_str());
}
