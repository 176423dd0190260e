// SPDX-License-Identifier: BSL-1.0
// says: an_instrument_has_at_most_12_subscales
#include <rapport/instruments.hpp>

constexpr auto twelve = rapport::instrument("my-scale", 6)
                            .subscale("a", {1})
                            .subscale("b", {1})
                            .subscale("c", {1})
                            .subscale("d", {1})
                            .subscale("e", {1})
                            .subscale("f", {1})
                            .subscale("g", {1})
                            .subscale("h", {1})
                            .subscale("i", {1})
                            .subscale("j", {1})
                            .subscale("k", {1})
                            .subscale("l", {1});
#if defined(WRONG)
constexpr auto scale = twelve.subscale("m", {1});
#endif
