// SPDX-License-Identifier: BSL-1.0
// For app developers: the whole of scoring, built with -fno-exceptions -fno-rtti. Nothing is allocated, nothing throws, and
// what may not be scored is said in a sentence.
#include <array>
#include <cstdio>

#include <rapport/scoring.hpp>

namespace {

using answers = std::array<rapport::answer<double>, 4>;

/// What the app shows after the client moved the four sliders of the Session Rating Scale.
void show(const answers& sliders) {
  const auto card = rapport::score(rapport::instruments::srs_3, sliders);
  if (!card) {
    std::puts(rapport::message(card.error()).c_str());  // in a fixed buffer
  } else if (const auto total = card->total()) {
    std::printf("%.1f of 40%s\n", *total, *total < 36 ? ": worth a conversation" : "");
  } else {
    for (const int item : card->missing_items()) std::printf("slider %d was not moved\n", item);
  }
}

// Scored by the compiler: sums are exact in tenths, so that 9.1 + 8.7 + 9.3 + 8.9 is 36 and not a little less.
constexpr auto at_the_line = rapport::score(rapport::instruments::srs_3, std::array{9.1, 8.7, 9.3, 8.9});
static_assert(*at_the_line->total() == 36.0);

}  // namespace

int main() {
  show({9.1, 8.7, 9.3, 8.9});
  show({7.5, 8.0, 6.9, 8.2});
  show({7.5, rapport::missing, 6.9, 8.2});
  show({7.5, 8.0, 12.0, 8.2});
  show({7.5, 8.0, 6.95, 8.2});
}
