// libxml2 for the tree, libxmlsec1 with its OpenSSL backend for canonical form, digest and signature.
#include "xml_signature.h"

#include "base/text.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/evp.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include <cstdlib>
#include <set>

namespace sim {
namespace {

constexpr std::string_view kSignatureSpace = "http://www.w3.org/2000/09/xmldsig#";

struct Free {
  void operator()(xmlSecDSigCtx* context) const { xmlSecDSigCtxDestroy(context); }
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using Context = std::unique_ptr<xmlSecDSigCtx, Free>;
using Text = std::unique_ptr<xmlChar, Free>;

const xmlChar* xml_text(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
std::string_view view_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

void start_library() {
  static const bool started = [] {
    xmlInitParser();
    if (xmlSecInit() < 0 || xmlSecCryptoAppInit(nullptr) < 0 || xmlSecCryptoInit() < 0) std::abort();
    xmlSecErrorsDefaultCallbackEnableOutput(0);
    return true;
  }();
  (void)started;
}

/// Visits every element; false where `visit` said so.
template <class Visit>
bool each_element(xmlNode* node, Visit&& visit) {
  for (; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    if (!visit(node) || !each_element(node->children, visit)) return false;
  }
  return true;
}

bool ids_are_unique(xmlNode* root) {
  std::set<std::string> seen;
  return each_element(root, [&](const xmlNode* element) {
    const std::optional<std::string> id = attribute(element, "ID");
    return !id || seen.insert(*id).second;
  });
}

/// Signs or verifies with this key and these algorithms only, whatever the document says about keys.
Context context_for(const SigningKey& key) {
  Context context(xmlSecDSigCtxCreate(nullptr));
  if (!context || EVP_PKEY_up_ref(key.handle()) != 1) std::abort();
  xmlSecKeyData* data = xmlSecOpenSSLEvpKeyAdopt(key.handle());
  context->signKey = xmlSecKeyCreate();
  if (data == nullptr || context->signKey == nullptr || xmlSecKeySetValue(context->signKey, data) < 0) std::abort();
  context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
  bool good = true;
  for (const xmlSecTransformId id : {xmlSecTransformExclC14NId, xmlSecTransformRsaSha256Id})
    good = good && xmlSecDSigCtxEnableSignatureTransform(context.get(), id) >= 0;
  for (const xmlSecTransformId id : {xmlSecTransformEnvelopedId, xmlSecTransformExclC14NId, xmlSecTransformSha256Id})
    good = good && xmlSecDSigCtxEnableReferenceTransform(context.get(), id) >= 0;
  if (!good) std::abort();
  return context;
}

/// Lets "#ID" in the document mean that one element; false where it means another already (by xml:id).
bool declare_id(xmlDoc* document, xmlNode* element) {
  xmlAttr* id = xmlHasProp(element, xml_text("ID"));
  if (id == nullptr) return false;
  const Text value(xmlNodeListGetString(document, id->children, 1));
  if (!value) return false;
  if (const xmlAttr* declared = xmlGetID(document, value.get())) return declared == id;
  return xmlAddID(nullptr, document, value.get(), id) != nullptr;
}

}  // namespace

void XmlDocument::Free::operator()(_xmlDoc* document) const { xmlFreeDoc(document); }

std::optional<XmlDocument> XmlDocument::parse(std::string_view text) {
  start_library();
  constexpr int quietly = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  XmlDocument document(xmlReadMemory(text.data(), static_cast<int>(text.size()), "saml.xml", nullptr, quietly));
  if (!document.document_ || document.document_->intSubset != nullptr || document.root() == nullptr)
    return std::nullopt;
  if (!ids_are_unique(document.root())) return std::nullopt;
  return document;
}

_xmlNode* XmlDocument::root() const { return xmlDocGetRootElement(document_.get()); }

std::string XmlDocument::text() const {
  xmlChar* bytes = nullptr;
  int size = 0;
  xmlDocDumpMemory(document_.get(), &bytes, &size);
  const Text owner(bytes);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

bool XmlDocument::sign(const std::string& id, const SigningKey& key) {
  xmlNode* element = nullptr;
  each_element(root(), [&](xmlNode* one) {
    if (attribute(one, "ID") == id) element = one;
    return element == nullptr;
  });
  if (element == nullptr || !declare_id(document_.get(), element)) return false;
  xmlNode* signature = xmlSecTmplSignatureCreateNsPref(document_.get(), xmlSecTransformExclC14NId,
                                                       xmlSecTransformRsaSha256Id, nullptr, xml_text("ds"));
  xmlNode* issuer = xmlFirstElementChild(element);
  if (signature == nullptr || issuer == nullptr) return false;
  xmlAddNextSibling(issuer, signature);
  const std::string uri = "#" + id;
  xmlNode* reference =
      xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, nullptr, xml_text(uri.c_str()), nullptr);
  const bool good = reference != nullptr &&
                    xmlSecTmplReferenceAddTransform(reference, xmlSecTransformEnvelopedId) != nullptr &&
                    xmlSecTmplReferenceAddTransform(reference, xmlSecTransformExclC14NId) != nullptr;
  return good && xmlSecDSigCtxSign(context_for(key).get(), signature) >= 0;
}

bool XmlDocument::is_signed(_xmlNode* element, const SigningKey& key) const {
  xmlNode* signature = only_child(element, {kSignatureSpace, "Signature"});
  const xmlNode* reference =
      only_child(only_child(signature, {kSignatureSpace, "SignedInfo"}), {kSignatureSpace, "Reference"});
  const std::optional<std::string> id = attribute(element, "ID");
  if (reference == nullptr || !id || id->empty() || attribute(reference, "URI") != "#" + *id) return false;
  if (!declare_id(document_.get(), element)) return false;
  const Context context = context_for(key);
  return xmlSecDSigCtxVerify(context.get(), signature) >= 0 && context->status == xmlSecDSigStatusSucceeded;
}

bool is_element(const _xmlNode* node, const XmlName& name) {
  return node->type == XML_ELEMENT_NODE && view_of(node->name) == name.local && node->ns != nullptr &&
         view_of(node->ns->href) == name.name_space;
}

std::vector<_xmlNode*> children(const _xmlNode* element, const XmlName& name) {
  std::vector<_xmlNode*> found;
  if (element == nullptr) return found;
  for (xmlNode* child = element->children; child != nullptr; child = child->next)
    if (is_element(child, name)) found.push_back(child);
  return found;
}

_xmlNode* only_child(const _xmlNode* element, const XmlName& name) {
  const std::vector<_xmlNode*> found = children(element, name);
  return found.size() == 1 ? found.front() : nullptr;
}

std::string text_of(const _xmlNode* element) {
  if (element == nullptr) return {};
  const Text text(xmlNodeGetContent(element));
  return std::string(base::trim_lines(view_of(text.get())));
}

std::optional<std::string> attribute(const _xmlNode* element, const char* name) {
  if (element == nullptr) return std::nullopt;
  const Text value(xmlGetNoNsProp(element, xml_text(name)));
  if (!value) return std::nullopt;
  return std::string(view_of(value.get()));
}

}  // namespace sim
