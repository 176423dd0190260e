// SPDX-License-Identifier: BSL-1.0
// A check-list of four questions after a first session; unvalidated, its wording is our own: docs/instruments.md.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// First-session check-list (unvalidated), 4 items, rated by the client.
/// Reference: This project; the wording is its own and free to use
inline constexpr instrument first_session_4 = instrument("first-session-4", 4, {.min = 1, .max = 5})
                                                  .edition("1")
                                                  .family("first-session")
                                                  .better(direction::higher)
                                                  .no_total()
                                                  .subscale("feeling", {1})
                                                  .subscale("understood", {2})
                                                  .subscale("present", {3})
                                                  .subscale("invested", {4});

}  // namespace rapport::instruments
