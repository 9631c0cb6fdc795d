// Errors as values. A failure we expect is a Result; a bug is an assertion; exceptions come only from libraries and
// stop at the call that may throw them.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace base {

/// A kind exists only if a script (by exit code) or our own code reacts to it.
enum class ErrorKind {
  failure,         // anything else
  usage,           // the command line is wrong
  sign_in_needed,  // a passphrase, MFA code or sign-in is needed and nobody can be asked
  denied,          // AWS said no
  unknown_key,     // AWS does not know the access key (yet): InvalidClientTokenId
  expired,         // the credentials used for the call have expired
  mfa_rejected,    // AWS refused the MFA code: wrong, or used before
  not_found,       // no such profile, key, file
  unreachable,     // AWS or a proxy could not be reached, or did not answer in time
  store_damaged,   // the store or a slot is damaged, from the future, or not openable
  store_locked,    // the store is locked by passphrase or by another process
  refused,         // a guard refused: unsafe file, hostile value
};

/// What: lower case, one line, never a secret. Hint: the next step, as a command to type where there is one.
struct Error {
  ErrorKind kind = ErrorKind::failure;
  std::string what;
  std::string hint;
};

template <class T>
using Result = std::expected<T, Error>;

/// The error side of any Result.
inline std::unexpected<Error> fail(ErrorKind kind, std::string what, std::string hint = {}) {
  return std::unexpected(Error{kind, std::move(what), std::move(hint)});
}

/// Adds what was being done, on the way up: "read the store: no such file".
inline Error with_context(Error error, const std::string& doing) {
  error.what = doing + ": " + error.what;
  return error;
}

/// The process exit code of an error kind; the one place where they meet.
int exit_code(ErrorKind kind);

template <class T>
T take(Result<T>&& result) {
  return std::move(*result);
}
inline void take(Result<void>&&) {}

}  // namespace base

/// Unwraps a Result or returns its error from the enclosing function. Use it as a statement or an initializer,
/// never as one argument among others (GCC 12 does not destroy the arguments already evaluated).
#define TRY(...)                                                                          \
  (__extension__({                                                                        \
    auto try_result_ = (__VA_ARGS__);                                                     \
    if (!try_result_.has_value()) return std::unexpected(std::move(try_result_).error()); \
    ::base::take(std::move(try_result_));                                                 \
  }))
