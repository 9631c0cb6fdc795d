#include "aws/query_xml.h"

#include "base/text.h"

#include <pugixml.hpp>

#include <span>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;

constexpr int kDeepest = 64;

base::Error malformed(std::string what) {
  return {ErrorKind::failure, "AWS's reply is not as documented: " + std::move(what), {}};
}

// Walks without recursion: the parser builds a tree as deep as the reply wants.
bool is_deeper_than(const pugi::xml_document& document, int limit) {
  int depth = 0;
  pugi::xml_node node = document;
  for (;;) {
    if (const auto child = node.first_child()) {
      if (++depth > limit) return true;
      node = child;
      continue;
    }
    while (node != document && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (node == document) return false;
    node = node.next_sibling();
  }
}

// The text of an element, as a view into the reply. Empty where there is none.
base::Result<std::string_view> text_in(pugi::xml_node_struct* raw, std::string_view path) {
  const pugi::xml_node node(raw);
  const auto only = node.first_child();
  if (!only) return std::string_view();
  if (only.next_sibling() || (only.type() != pugi::node_pcdata && only.type() != pugi::node_cdata))
    return std::unexpected(malformed(base::printable(path) + " holds more than text"));
  return base::trim_lines(only.value());
}

}  // namespace

std::string_view XmlElement::name() const { return pugi::xml_node(node_).name(); }

base::Result<pugi::xml_node_struct*> XmlElement::find(std::string_view path) const {
  pugi::xml_node node(node_);
  if (path.empty()) return node_;
  for (const auto step : base::split(path, '/')) {
    pugi::xml_node next;
    for (const auto child : node.children()) {
      if (step != child.name()) continue;
      if (next) return std::unexpected(malformed(base::printable(step) + " occurs twice"));
      next = child;
    }
    if (!next) return nullptr;
    node = next;
  }
  return node.internal_object();
}

base::Result<XmlElement> XmlElement::child(std::string_view path) const {
  auto* const node = TRY(find(path));
  if (node == nullptr) return std::unexpected(malformed(base::printable(path) + " is missing"));
  return XmlElement(node);
}

base::Result<std::optional<std::string>> XmlElement::optional_text(std::string_view path) const {
  auto* const node = TRY(find(path));
  if (node == nullptr) return std::nullopt;
  return std::string(TRY(text_in(node, path)));
}

base::Result<std::string> XmlElement::text(std::string_view path) const {
  auto text = TRY(optional_text(path));
  if (!text) return std::unexpected(malformed(base::printable(path) + " is missing"));
  return std::move(*text);
}

base::Result<secret::Bytes> XmlElement::secret(std::string_view path) const {
  auto* const node = TRY(find(path));
  if (node == nullptr) return std::unexpected(malformed(base::printable(path) + " is missing"));
  return secret::Bytes::copy_of(TRY(text_in(node, path)));
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> out;
  for (const auto child : pugi::xml_node(node_).children())
    if (child.type() == pugi::node_element) out.emplace_back(child.internal_object());
  return out;
}

base::Result<std::vector<XmlElement>> XmlElement::members(std::string_view path) const {
  auto* const node = TRY(find(path));
  if (node == nullptr) return std::vector<XmlElement>();
  auto out = XmlElement(node).children();
  std::erase_if(out, [](const XmlElement& child) { return child.name() != "member"; });
  return out;
}

XmlReply::XmlReply(secret::Bytes body, std::unique_ptr<pugi::xml_document> document)
    : body_(std::move(body)), document_(std::move(document)) {}
XmlReply::XmlReply(XmlReply&&) noexcept = default;
XmlReply::~XmlReply() = default;

XmlElement XmlReply::root() const { return XmlElement(document_->document_element().internal_object()); }

base::Result<XmlReply> XmlReply::parse(secret::Bytes body) {
  if (body.empty()) return std::unexpected(malformed("it is empty"));
  const bool is_text =
      body.reveal_text([](std::string_view text) { return text.find('\0') == text.npos && base::is_valid_utf8(text); });
  if (!is_text) return std::unexpected(malformed("it is not UTF-8 text"));
  auto document = std::make_unique<pugi::xml_document>();
  // The encoding is fixed: pugixml would convert another one into memory that is neither locked nor wiped.
  const auto result = body.edit([&](std::span<std::byte> bytes) {
    return document->load_buffer_inplace(bytes.data(), bytes.size(), pugi::parse_default | pugi::parse_doctype,
                                         pugi::encoding_utf8);
  });
  if (!result) return std::unexpected(malformed(std::string("it is not XML (") + result.description() + ")"));
  int elements = 0;
  for (const auto child : document->children()) {
    if (child.type() == pugi::node_doctype) return std::unexpected(malformed("it has a document type definition"));
    if (child.type() == pugi::node_element) ++elements;
  }
  if (elements != 1) return std::unexpected(malformed("it is not one XML element"));
  if (is_deeper_than(*document, kDeepest)) return std::unexpected(malformed("it is nested too deep"));
  return XmlReply(std::move(body), std::move(document));
}

}  // namespace aws
