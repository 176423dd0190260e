// SPDX-License-Identifier: BSL-1.0
// The instruments that the library can score. Provenance and licences: <rapport/instruments/metadata.hpp>.
#pragma once

#include <rapport/instruments/instrument.hpp>  // IWYU pragma: export
#include <rapport/instruments/srs.hpp>         // IWYU pragma: export
#include <rapport/instruments/wai.hpp>         // IWYU pragma: export
