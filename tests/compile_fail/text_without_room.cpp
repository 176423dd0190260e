// SPDX-License-Identifier: BSL-1.0
// says: a text holds between 1 and 65534 bytes
#include <rapport/core/text.hpp>

#if defined(WRONG)
rapport::text<0> nothing;
#else
rapport::text<1> nothing;
#endif
