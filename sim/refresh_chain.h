// How refresh tokens rotate: each has the one it came from as its predecessor.
#pragma once

#include <map>
#include <string>

namespace sim {

/// The token a refresh token came from is good until here: a client killed between the answer and its write starts
/// again from it.
template <class Token>
void retire_predecessors(std::map<std::string, Token>& tokens, const std::string& used) {
  for (auto found = tokens.find(used); found != tokens.end();) {
    found = tokens.find(found->second.predecessor);
    if (found == tokens.end() || found->second.superseded) return;
    found->second.superseded = true;
  }
}

}  // namespace sim
