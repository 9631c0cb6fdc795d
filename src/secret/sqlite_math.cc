// The mathematics that SQLite's SQL functions name and the store never uses, and the little that lists of a person's
// uses and the pace of calls need. Linking libm for them costs every start of the program a tenth of /bin/true; so they
// come from it at the first call, like every library that is seldom needed. The layers test keeps libm out.
#include <dlfcn.h>
#include <math.h>

#include <cassert>

namespace {

template <class Function>
Function* from_libm(const char* name) {
  static void* const library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
  void* const found = library != nullptr ? dlsym(library, name) : nullptr;
  assert(found != nullptr);
  return reinterpret_cast<Function*>(found);
}

double of_one(const char* name, double x) { return from_libm<double(double)>(name)(x); }
double of_two(const char* name, double x, double y) { return from_libm<double(double, double)>(name)(x, y); }

}  // namespace

extern "C" {
double acos(double x) noexcept { return of_one("acos", x); }
double acosh(double x) noexcept { return of_one("acosh", x); }
double asin(double x) noexcept { return of_one("asin", x); }
double asinh(double x) noexcept { return of_one("asinh", x); }
double atan(double x) noexcept { return of_one("atan", x); }
double atan2(double x, double y) noexcept { return of_two("atan2", x, y); }
double atanh(double x) noexcept { return of_one("atanh", x); }
double ceil(double x) noexcept { return of_one("ceil", x); }
double cos(double x) noexcept { return of_one("cos", x); }
double cosh(double x) noexcept { return of_one("cosh", x); }
double exp(double x) noexcept { return of_one("exp", x); }
double exp2(double x) noexcept { return of_one("exp2", x); }
double floor(double x) noexcept { return of_one("floor", x); }
double fmod(double x, double y) noexcept { return of_two("fmod", x, y); }
double log(double x) noexcept { return of_one("log", x); }
double log10(double x) noexcept { return of_one("log10", x); }
double log2(double x) noexcept { return of_one("log2", x); }
long lround(double x) noexcept { return from_libm<long(double)>("lround")(x); }
double pow(double x, double y) noexcept { return of_two("pow", x, y); }
double sin(double x) noexcept { return of_one("sin", x); }
double sinh(double x) noexcept { return of_one("sinh", x); }
double sqrt(double x) noexcept { return of_one("sqrt", x); }
double tan(double x) noexcept { return of_one("tan", x); }
double tanh(double x) noexcept { return of_one("tanh", x); }
double trunc(double x) noexcept { return of_one("trunc", x); }
}
