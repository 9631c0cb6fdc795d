// Text without locale: bytes in, bytes out. "White space" here is what AWS's grammar says: space and tab.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

std::string_view trim(std::string_view text);
/// Removes spaces, tabs, CR and LF at both ends: for values of XML and of replies.
std::string_view trim_lines(std::string_view text);
std::string lower_ascii(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Every part, empty ones included; an empty text has one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);
/// The parts are views: those of a temporary string would dangle, in a range-for too.
template <std::same_as<std::string> Temporary>
void split(Temporary&& text, char separator) = delete;
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Decimal, an optional leading '-', the whole text; nullopt on anything else or on overflow.
std::optional<std::int64_t> parse_integer(std::string_view text);

std::string hex(std::span<const std::byte> bytes);
std::optional<std::vector<std::byte>> from_hex(std::string_view text);
/// 0 to 15; -1 where it is no hexadecimal digit.
int hex_digit(char c);

/// RFC 3986 unreserved bytes stay, the rest becomes %XX; `keep` names further bytes to leave alone.
std::string percent_encode(std::string_view text, std::string_view keep = {});
/// %XX back to bytes, all else as it is; nullopt where a '%' begins no escape.
std::optional<std::string> percent_decode(std::string_view text);

bool is_valid_utf8(std::string_view text);

/// Text of others made safe for a terminal: control characters (C0, C1, DEL), bidirectional overrides and invalid UTF-8
/// become visible escapes; longer than `limit` bytes is cut with "…". One line always.
std::string printable(std::string_view text, std::size_t limit = 300);

/// AWS's StringLike: '*' any run, '?' one character, all else itself.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace base
