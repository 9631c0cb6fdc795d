// The JSON replies of Identity Center, read in place in their locked memory: members that are not known are skipped,
// wrong types and lengths refused. It knows the values' shapes, not the services.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"
#include "secret/bytes.h"
#include "secret/json_reader.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace aws {

/// Reads a member's value where it knows the name; false where it does not and has read nothing.
using JsonMember = std::function<base::Result<bool>(secret::JsonReader& json, std::string_view name)>;

/// Reads a reply that is one object. A member that is null counts as missing. Error: failure, never quoting the reply.
base::Result<void> read_json_reply(secret::Bytes body, const JsonMember& member);
/// The same for an object within it.
base::Result<void> read_json_object(secret::JsonReader& json, const JsonMember& member);

// Errors of all: failure, naming `name`.
/// Any text, for people; pass it through base::printable before it is shown.
base::Result<std::string> json_name(secret::JsonReader& json, std::string_view name, std::size_t most);
/// Visible ASCII and not empty.
base::Result<std::string> json_word(secret::JsonReader& json, std::string_view name, std::size_t most);
/// As json_word, into locked memory.
base::Result<secret::Bytes> json_secret(secret::JsonReader& json, std::string_view name);
/// accessKeyId (at most `most` long), secretAccessKey or sessionToken, into `out`; false where it is another member.
base::Result<bool> json_key_member(secret::JsonReader& json, std::string_view name, std::size_t most, Credentials& out);
/// A whole number from `least` to `most`.
base::Result<std::int64_t> json_integer(secret::JsonReader& json, std::string_view name, std::int64_t least,
                                        std::int64_t most);

/// failure: "AWS's reply is not as documented: …".
std::unexpected<base::Error> not_as_documented(const std::string& what);

}  // namespace aws
