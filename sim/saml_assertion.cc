// The elements of a response, one by one.
#include "saml_assertion.h"

#include "crypto.h"
#include "xml.h"
#include "xml_signature.h"

#include <fmt/format.h>

#include <cstdlib>

namespace sim {
namespace {

constexpr std::string_view kAssertions = "urn:oasis:names:tc:SAML:2.0:assertion";
constexpr std::string_view kProtocol = "urn:oasis:names:tc:SAML:2.0:protocol";
constexpr std::string_view kSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success";
constexpr std::string_view kBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

XmlName in_assertion(std::string_view local) { return {kAssertions, local}; }

std::optional<base::Instant> instant_of(const _xmlNode* element, const char* name) {
  const std::optional<std::string> text = attribute(element, name);
  return text ? base::parse_iso8601(*text) : std::nullopt;
}

void keep_earliest(std::optional<base::Instant>& kept, std::optional<base::Instant> other) {
  if (other && (!kept || *other < *kept)) kept = other;
}

void read_subject(const _xmlNode* subject, SamlAssertion& out) {
  const _xmlNode* name = only_child(subject, in_assertion("NameID"));
  out.subject = text_of(name);
  out.subject_type = attribute(name, "Format").value_or("");
  const _xmlNode* confirmation = only_child(subject, in_assertion("SubjectConfirmation"));
  if (attribute(confirmation, "Method") != kBearer) return;
  const _xmlNode* data = only_child(confirmation, in_assertion("SubjectConfirmationData"));
  out.recipient = attribute(data, "Recipient").value_or("");
  keep_earliest(out.not_on_or_after, instant_of(data, "NotOnOrAfter"));
}

void read_conditions(const _xmlNode* conditions, SamlAssertion& out) {
  out.not_before = instant_of(conditions, "NotBefore");
  keep_earliest(out.not_on_or_after, instant_of(conditions, "NotOnOrAfter"));
  for (const _xmlNode* restriction : children(conditions, in_assertion("AudienceRestriction")))
    for (const _xmlNode* audience : children(restriction, in_assertion("Audience")))
      out.audiences.push_back(text_of(audience));
}

SamlAssertion read_assertion(const _xmlNode* assertion) {
  SamlAssertion out;
  out.issuer = text_of(only_child(assertion, in_assertion("Issuer")));
  out.issued = instant_of(assertion, "IssueInstant");
  read_subject(only_child(assertion, in_assertion("Subject")), out);
  read_conditions(only_child(assertion, in_assertion("Conditions")), out);
  out.session_end = instant_of(only_child(assertion, in_assertion("AuthnStatement")), "SessionNotOnOrAfter");
  for (const _xmlNode* statement : children(assertion, in_assertion("AttributeStatement")))
    for (const _xmlNode* one : children(statement, in_assertion("Attribute")))
      for (const _xmlNode* value : children(one, in_assertion("AttributeValue")))
        out.attributes[attribute(one, "Name").value_or("")].push_back(text_of(value));
  return out;
}

std::string attribute_if(std::string_view name, std::optional<base::Instant> when) {
  return when ? fmt::format(" {}=\"{}\"", name, base::iso8601(*when)) : std::string();
}

std::string attributes_xml(const SamlAssertion& assertion) {
  std::string xml;
  for (const auto& [name, values] : assertion.attributes) {
    xml += fmt::format("<saml:Attribute Name=\"{}\">", xml_escape(name));
    for (const std::string& value : values)
      xml += fmt::format("<saml:AttributeValue>{}</saml:AttributeValue>", xml_escape(value));
    xml += "</saml:Attribute>";
  }
  return xml;
}

std::string assertion_xml(const SamlAssertion& assertion, const std::string& id) {
  std::string audiences;
  for (const std::string& audience : assertion.audiences)
    audiences += fmt::format("<saml:Audience>{}</saml:Audience>", xml_escape(audience));
  return fmt::format(
      "<saml:Assertion xmlns:saml=\"{}\" ID=\"{}\" Version=\"2.0\"{}><saml:Issuer>{}</saml:Issuer>"
      "<saml:Subject><saml:NameID Format=\"{}\">{}</saml:NameID><saml:SubjectConfirmation Method=\"{}\">"
      "<saml:SubjectConfirmationData{} Recipient=\"{}\"/></saml:SubjectConfirmation></saml:Subject>"
      "<saml:Conditions{}{}><saml:AudienceRestriction>{}</saml:AudienceRestriction></saml:Conditions>"
      "<saml:AuthnStatement{}{}/><saml:AttributeStatement>{}</saml:AttributeStatement></saml:Assertion>",
      kAssertions, id, attribute_if("IssueInstant", assertion.issued), xml_escape(assertion.issuer),
      xml_escape(assertion.subject_type), xml_escape(assertion.subject), kBearer,
      attribute_if("NotOnOrAfter", assertion.not_on_or_after), xml_escape(assertion.recipient),
      attribute_if("NotBefore", assertion.not_before), attribute_if("NotOnOrAfter", assertion.not_on_or_after),
      audiences, attribute_if("AuthnInstant", assertion.issued),
      attribute_if("SessionNotOnOrAfter", assertion.session_end), attributes_xml(assertion));
}

}  // namespace

std::optional<ReadSaml> read_saml_response(std::string_view xml, const SigningKey& key) {
  const std::optional<XmlDocument> document = XmlDocument::parse(xml);
  if (!document) return std::nullopt;
  _xmlNode* response = document->root();
  if (!is_element(response, {kProtocol, "Response"})) return std::nullopt;
  const _xmlNode* status = only_child(only_child(response, {kProtocol, "Status"}), {kProtocol, "StatusCode"});
  _xmlNode* assertion = only_child(response, in_assertion("Assertion"));
  if (attribute(status, "Value") != kSuccess || assertion == nullptr) return std::nullopt;
  return ReadSaml{.assertion = read_assertion(assertion),
                  .is_signed = document->is_signed(assertion, key) || document->is_signed(response, key)};
}

std::string write_saml_response(const SamlWishes& wishes, const SigningKey& key) {
  using enum SamlWishes::Signed;
  const std::string response_id = "_" + hex_text(random_bytes(16));
  const std::string assertion_id = "_" + hex_text(random_bytes(16));
  const std::string xml = fmt::format(
      "<samlp:Response xmlns:samlp=\"{}\" ID=\"{}\" Version=\"2.0\"{} Destination=\"{}\">"
      "<saml:Issuer xmlns:saml=\"{}\">{}</saml:Issuer>"
      "<samlp:Status><samlp:StatusCode Value=\"{}\"/></samlp:Status>{}</samlp:Response>",
      kProtocol, response_id, attribute_if("IssueInstant", wishes.assertion.issued),
      xml_escape(wishes.assertion.recipient), kAssertions, xml_escape(wishes.assertion.issuer), kSuccess,
      assertion_xml(wishes.assertion, assertion_id));
  std::optional<XmlDocument> document = XmlDocument::parse(xml);
  if (!document) std::abort();
  const std::string& id = wishes.how == response ? response_id : assertion_id;
  std::optional<SigningKey> other;
  if (wishes.how == foreign) other = SigningKey::create(SigningKey::Kind::rsa);
  const bool done = wishes.how == nothing || document->sign(id, other ? *other : key);
  if (!done) std::abort();
  return document->text();
}

}  // namespace sim
