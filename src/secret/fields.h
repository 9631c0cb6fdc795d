// A small map as text, "key=value" per line with percent escapes: the clear part of records, slots and session files.
// Parsing is strict: every text that parses is exactly what encode() would have written.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace secret {

using Fields = std::map<std::string, std::string>;

std::string encode_fields(const Fields& fields);
/// nullopt for anything that encode_fields does not write: order, escapes, duplicates, a missing last line end.
std::optional<Fields> decode_fields(std::string_view text);

/// The value, or "" where the key is missing.
std::string field(const Fields& fields, const std::string& key);

}  // namespace secret
