#include "credentials/command_split.h"

namespace credentials {

base::Result<std::vector<std::string>> split_command(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'') {
      if (c == '\'')
        quote = '\0';
      else
        word += c;
      continue;
    }
    if (c == '\\') {
      if (++i == text.size()) return base::fail(base::ErrorKind::failure, "the command ends in a backslash");
      // Within double quotes a backslash is one of the text unless it hides a quote or another backslash.
      if (quote == '"' && text[i] != '"' && text[i] != '\\') word += '\\';
      word += text[i];
      in_word = true;
      continue;
    }
    if (quote == '"') {
      if (c == '"')
        quote = '\0';
      else
        word += c;
      continue;
    }
    if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != '\0') return base::fail(base::ErrorKind::failure, "the command has an open quote");
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace credentials
