// What tools that share one keyring library (aws-vault, granted, aws-sso-cli) put into an item, and how they name
// items, whichever store holds it. Pure: it opens no store.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace peers {

/// The JSON around what a tool keeps: {"Key": …, "Data": base64, …}.
struct KeyringItem {
  std::string key;
  secret::Bytes data;
};

/// store_damaged for anything else, a form of the future included. Never quotes the text.
base::Result<KeyringItem> parse_item(secret::Bytes json);

/// A long-term key as AWS's SDK for Go writes one. refused: the key of a session, or a wrong shape.
base::Result<aws::Credentials> parse_stored_key(secret::Bytes data);

/// One static key of aws-sso-cli's record.
struct StaticKey {
  std::string profile;  // empty: it has none; then the user's ARN names it
  std::string arn;
  aws::Credentials key;
};
/// Those of aws-sso-cli's one record (its JSON store, or the data of its item); all else in it is passed over.
base::Result<std::vector<StaticKey>> parse_static_keys(secret::Bytes json);

enum class ItemKind : std::uint8_t { long_term, session, token };
/// By its name: aws-vault's sessions and the tokens of its sign-ins have names of their own forms.
ItemKind kind_of_item(std::string_view key);

}  // namespace peers
