// A browser's own ways to keep one account's pages apart from another's: Firefox's containers, Chromium's profiles.
#pragma once

#include "base/result.h"
#include "deliver/browser.h"
#include "secret/bytes.h"

#include <string>
#include <vector>

namespace deliver {

/// The words behind the program's name.
struct BrowserWords {
  std::vector<std::string> options;
  secret::Bytes link;  // the last word, with a NUL at its end
};

/// The URL alone.
BrowserWords plain_words(const secret::Bytes& url);

/// `program` is the absolute path, `url` a checked one. Makes the Chrome profile where there is none yet. Errors: usage
/// (this browser has neither), of files.
base::Result<BrowserWords> words_in_container(const std::string& program, const secret::Bytes& url,
                                              const BrowserChoice& choice);

}  // namespace deliver
