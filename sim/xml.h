// AWS's XML answers, written by appending: open, text elements, close.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim {

class Xml {
 public:
  void open(std::string_view name);
  /// With an xmlns attribute.
  void open(std::string_view name, std::string_view name_space);
  void close();
  void element(std::string_view name, std::string_view text);
  /// All open elements closed.
  std::string take();

 private:
  std::string text_;
  std::vector<std::string> open_;
};

std::string xml_escape(std::string_view text);

}  // namespace sim
