// The XML writer: escapes text, keeps the stack of open elements.
#include "xml.h"

namespace sim {

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

void Xml::open(std::string_view name) {
  text_.append(open_.size() * 2, ' ').append("<").append(name).append(">\n");
  open_.emplace_back(name);
}

void Xml::open(std::string_view name, std::string_view name_space) {
  text_.append("<").append(name).append(" xmlns=\"").append(name_space).append("\">\n");
  open_.emplace_back(name);
}

void Xml::close() {
  const std::string name = std::move(open_.back());
  open_.pop_back();
  text_.append(open_.size() * 2, ' ').append("</").append(name).append(">\n");
}

void Xml::element(std::string_view name, std::string_view text) {
  text_.append(open_.size() * 2, ' ').append("<").append(name).append(">").append(xml_escape(text));
  text_.append("</").append(name).append(">\n");
}

std::string Xml::take() {
  while (!open_.empty()) close();
  return std::move(text_);
}

}  // namespace sim
