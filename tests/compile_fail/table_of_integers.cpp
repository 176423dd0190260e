// SPDX-License-Identifier: BSL-1.0
// says: tables with missing values hold floating-point numbers
#include <rapport/data/response_matrix.hpp>

#if defined(WRONG)
using number = int;
#else
using number = float;
#endif
rapport::basic_response_matrix<number> table(2, 3);
