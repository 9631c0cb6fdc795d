// Where the bindings of a .env file stand, as its two great readers see it: python-dotenv, which passes over what it
// cannot read, and docker compose, which then refuses the whole file. They differ in spaces, comments, escapes and what
// may follow a quoted value, so each has its own walk over the text. Pure; offsets only, no value is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace deliver {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
  bool operator==(const Span&) const = default;
};

enum class Quote : std::uint8_t { none, one, two };

struct DotenvBinding {
  Span key;    // without quotes
  Span value;  // with its quotes, without a comment; empty and behind the key where there is no '='
  Quote quote = Quote::none;
  bool has_value = false;  // whether there is an '=', or for compose a ':'
  bool is_exported = false;

  bool operator==(const DotenvBinding&) const = default;
};

struct DotenvReading {
  std::vector<DotenvBinding> bindings;  // of keys that begin with the wanted prefix, in order
  bool is_last_exported = false;        // of all bindings, whatever their key
  std::size_t last = 0;                 // where the last statement begins: reading on from there finds the same
  std::optional<std::size_t> refused;   // where the reader gives up and takes nothing of the file
};

/// python-dotenv 1.2: never refuses; a statement that it cannot read is passed over with its line.
DotenvReading read_as_python(std::string_view text, std::string_view prefix);
/// docker compose (compose-go 2): stops at the first statement that it cannot read.
DotenvReading read_as_compose(std::string_view text, std::string_view prefix);

struct DotenvReadings {
  DotenvReading python;
  DotenvReading compose;
};
/// Both at once. Lines that are alike for both, nearly all of a file's, are passed over together.
DotenvReadings read_dotenv(std::string_view text, std::string_view prefix);

}  // namespace deliver
