// The status codes of HTTP that kabuto answers with, by the names of RFC 9110 and RFC 6585.
#pragma once

namespace http {

inline constexpr int kOk = 200;
inline constexpr int kBadRequest = 400;
inline constexpr int kUnauthorized = 401;
inline constexpr int kForbidden = 403;
inline constexpr int kNotFound = 404;
inline constexpr int kMethodNotAllowed = 405;
inline constexpr int kRequestTimeout = 408;
inline constexpr int kContentTooLarge = 413;
inline constexpr int kExpectationFailed = 417;
inline constexpr int kHeadTooLarge = 431;
inline constexpr int kInternalServerError = 500;
inline constexpr int kBadGateway = 502;
inline constexpr int kServiceUnavailable = 503;

}  // namespace http
