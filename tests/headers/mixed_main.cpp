// SPDX-License-Identifier: BSL-1.0
// A throwing program that links a part built without exceptions.
#include <cstdio>

#include <rapport/core/failure.hpp>

int failure_without_exceptions();
double use_everything();

int main() {
  const rapport::result<int> none(rapport::error{.code = rapport::errc::no_data});
  bool thrown = false;
  try {
    static_cast<void>(none.value());
  } catch (const rapport::failure& f) {
    thrown = f.error().code == rapport::errc::no_data;
  }
  const int reported = failure_without_exceptions();
  const double alpha = use_everything();
  std::printf("thrown here: %d, reported there: %d, alpha %.3f\n", thrown, reported, alpha);
  return thrown && reported == 205 && alpha > 0.5 ? 0 : 1;
}
