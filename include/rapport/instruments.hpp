// SPDX-License-Identifier: BSL-1.0
// The instruments that the library can score. Provenance and licences: <rapport/instruments/metadata.hpp>.
// Made by docs/instruments/generate.py from docs/instruments/catalogue.json; change that.
#pragma once

#include <rapport/instruments/arm.hpp>            // IWYU pragma: export
#include <rapport/instruments/bdi.hpp>            // IWYU pragma: export
#include <rapport/instruments/care.hpp>           // IWYU pragma: export
#include <rapport/instruments/ceq.hpp>            // IWYU pragma: export
#include <rapport/instruments/core_om.hpp>        // IWYU pragma: export
#include <rapport/instruments/dass.hpp>           // IWYU pragma: export
#include <rapport/instruments/first_session.hpp>  // IWYU pragma: export
#include <rapport/instruments/haq.hpp>            // IWYU pragma: export
#include <rapport/instruments/hope.hpp>           // IWYU pragma: export
#include <rapport/instruments/instrument.hpp>     // IWYU pragma: export
#include <rapport/instruments/k10.hpp>            // IWYU pragma: export
#include <rapport/instruments/oq.hpp>             // IWYU pragma: export
#include <rapport/instruments/phq.hpp>            // IWYU pragma: export
#include <rapport/instruments/sai.hpp>            // IWYU pragma: export
#include <rapport/instruments/srs.hpp>            // IWYU pragma: export
#include <rapport/instruments/swls.hpp>           // IWYU pragma: export
#include <rapport/instruments/tasc.hpp>           // IWYU pragma: export
#include <rapport/instruments/wai.hpp>            // IWYU pragma: export
#include <rapport/instruments/who_5.hpp>          // IWYU pragma: export
