#include "base/result.h"

namespace base {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failure:
      return 1;
    case ErrorKind::usage:
      return 2;
    case ErrorKind::sign_in_needed:
      return 3;
    case ErrorKind::denied:
    case ErrorKind::unknown_key:
    case ErrorKind::expired:
    case ErrorKind::mfa_rejected:
      return 4;
    case ErrorKind::not_found:
      return 5;
    case ErrorKind::unreachable:
      return 6;
    case ErrorKind::store_damaged:
    case ErrorKind::store_locked:
      return 7;
    case ErrorKind::refused:
      return 8;
  }
  return 1;
}

}  // namespace base
