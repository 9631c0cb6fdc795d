// XML documents with enveloped signatures, by libxml2 and libxmlsec1: parsed without entities, DTDs and network; signed
// and verified with RSA-SHA256 over exclusive canonical XML, and with nothing else.
#pragma once

#include "signing_key.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// libxml2's own types.
struct _xmlDoc;   // NOLINT(readability-identifier-naming): libxml2's own name
struct _xmlNode;  // NOLINT(readability-identifier-naming): the same

namespace sim {

class XmlDocument {
 public:
  /// nullopt where it is no well-formed XML, has a DTD, or gives one ID twice.
  static std::optional<XmlDocument> parse(std::string_view text);

  _xmlNode* root() const;
  std::string text() const;

  /// Signs the element whose attribute ID is `id`; the signature becomes its child behind its first one, the issuer.
  bool sign(const std::string& id, const SigningKey& key);
  /// Whether `element` has exactly one signature as a child, made with that key over this very element and all of it.
  bool is_signed(_xmlNode* element, const SigningKey& key) const;

 private:
  struct Free {
    void operator()(_xmlDoc* document) const;
  };
  explicit XmlDocument(_xmlDoc* document) : document_(document) {}
  std::unique_ptr<_xmlDoc, Free> document_;
};

/// What readers ask an element for. Names are local names in a namespace.
struct XmlName {
  std::string_view name_space, local;
};
bool is_element(const _xmlNode* node, const XmlName& name);
/// The child elements of that name, in order.
std::vector<_xmlNode*> children(const _xmlNode* element, const XmlName& name);
/// The only child of that name; nullptr where there is none or several.
_xmlNode* only_child(const _xmlNode* element, const XmlName& name);
/// All text below, white space at both ends removed; nothing for nullptr. A comment inside splits no text.
std::string text_of(const _xmlNode* element);
/// nullopt where the element is nullptr or has no such attribute.
std::optional<std::string> attribute(const _xmlNode* element, const char* name);

}  // namespace sim
