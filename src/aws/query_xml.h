// Reads the XML replies of AWS's query protocol in place, in the locked memory they arrived in. It checks form (no DTD,
// no deep nesting, nothing twice), not meaning. A secret goes from the reply straight into other locked memory.
#pragma once

#include "base/result.h"
#include "secret/bytes.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pugi {
class xml_document;
struct xml_node_struct;
}  // namespace pugi

namespace aws {

/// A place in a reply; valid as long as its XmlReply. A path is "Credentials/SecretAccessKey", or empty for the element
/// itself. An element that occurs twice on a path, or holds more than text where text is asked for, is an error.
class XmlElement {
 public:
  explicit XmlElement(pugi::xml_node_struct* node) : node_(node) {}
  std::string_view name() const;
  /// The element at the path. Missing: ErrorKind::failure.
  base::Result<XmlElement> child(std::string_view path) const;
  /// The text, without white space at its ends. Missing: ErrorKind::failure.
  base::Result<std::string> text(std::string_view path) const;
  /// As text, but nullopt where the element is missing.
  base::Result<std::optional<std::string>> optional_text(std::string_view path) const;
  base::Result<secret::Bytes> secret(std::string_view path) const;
  /// All elements directly below this one.
  std::vector<XmlElement> children() const;
  /// The elements named "member" at the path, none where it is missing.
  base::Result<std::vector<XmlElement>> members(std::string_view path) const;

 private:
  base::Result<pugi::xml_node_struct*> find(std::string_view path) const;
  pugi::xml_node_struct* node_;
};

class XmlReply {
 public:
  /// Takes the reply's memory and changes it while parsing. Error: failure, for anything that is not one well-formed
  /// document of UTF-8, without DTD and at most 64 elements deep.
  static base::Result<XmlReply> parse(secret::Bytes body);
  XmlReply(XmlReply&&) noexcept;
  ~XmlReply();
  XmlElement root() const;

 private:
  XmlReply(secret::Bytes body, std::unique_ptr<pugi::xml_document> document);
  secret::Bytes body_;
  std::unique_ptr<pugi::xml_document> document_;
};

}  // namespace aws
