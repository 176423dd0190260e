// SPDX-License-Identifier: BSL-1.0
// A researcher describes an instrument of their own: once as a constant, once at run time.
#include <array>
#include <cstdio>

#include <rapport/scoring.hpp>

namespace rp = rapport;

// Items 1 to 6, answered 1 to 7; items 2 and 5 count backwards. An item 7 here would not compile.
constexpr auto my_scale = rp::instrument("my-scale", 6, {.min = 1, .max = 7})
                              .reversed({2, 5})
                              .subscale("trust", {1, 2, 3})
                              .subscale("task", {4, 5, 6});

int main() {
  const std::array answers = {6, 2, 5, 7, 1, 6};
  const auto card = rp::score(my_scale, answers);
  std::printf("total %g, trust %g, task %g, mean answer %.2f\n", *card->total(), *card->subscale("trust"),
              *card->subscale("task"), *card->total_mean());

  // A description that is read from a file is checked when it is used, or before by check().
  const int n_items = 5;
  const auto broken = rp::instrument("from-a-file", n_items, {.min = 0, .max = 4}).reversed({6});
  if (const auto sound = broken.check(); !sound) std::printf("%s\n", rp::message(sound.error()).c_str());
}
