// Keys of a terminal from the bytes that it sends: letters in UTF-8, arrows and their like, pasted text. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

enum class Key : std::uint8_t {
  text,  // a letter, or what was pasted: never a control character
  up,
  down,
  page_up,
  page_down,
  home,
  end,
  enter,
  escape,
  backspace,
  delete_word,
  delete_line,
  end_of_input,
};

struct KeyPress {
  Key key;
  std::string text;
  bool operator==(const KeyPress&) const = default;
};

class KeyDecoder {
 public:
  /// The keys that are complete; what has only begun is kept for the next bytes.
  std::vector<KeyPress> feed(std::string_view bytes);
  /// Whether an Escape may be a key of its own: if nothing follows soon, call time_over().
  bool undecided() const { return !held_.empty() && !pasting_; }
  /// Nothing has followed: a lone Escape is the key.
  std::vector<KeyPress> time_over();

 private:
  std::size_t take(std::string_view bytes, std::vector<KeyPress>& out);
  std::size_t take_sequence(std::string_view bytes, std::vector<KeyPress>& out);
  std::size_t take_pasted(std::string_view bytes);

  std::string held_;
  std::string pasted_;
  bool pasting_ = false;
};

}  // namespace cli
