#include "secret/pkcs11_module.h"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace secret {
namespace {

// What the system's administrator has registered, behind one module.
constexpr char kProxyModule[] = "p11-kit-proxy.so";
constexpr CK_ULONG kMostObjects = 16;
constexpr CK_ULONG kMostSlots = 64;
constexpr CK_ULONG kLargestCertificate = 65536;
constexpr CK_ULONG kLargestSignature = 1024;

/// A fixed field of a token, padded with blanks.
template <std::size_t Size>
bool fits(const std::string& wanted, const unsigned char (&field)[Size]) {
  std::string_view text(reinterpret_cast<const char*>(field), Size);
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  return wanted.empty() || wanted == text;
}

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
  return {type, const_cast<void*>(value), static_cast<CK_ULONG>(size)};
}

class Token {
 public:
  FromToken<void> open(const Pkcs11Uri& uri) {
    void* const library = dlopen(uri.module_path.empty() ? kProxyModule : uri.module_path.c_str(), RTLD_NOW);
    const auto list =
        library == nullptr ? nullptr : reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
    if (list == nullptr || list(&call_) != CKR_OK || call_->C_Initialize(nullptr) != CKR_OK)
      return std::unexpected(TokenTrouble::no_module);
    std::array<CK_SLOT_ID, kMostSlots> slots{};
    CK_ULONG count = slots.size();
    if (call_->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) return std::unexpected(TokenTrouble::no_token);
    std::vector<CK_SLOT_ID> found;
    for (const auto slot : std::span(slots).first(std::min<std::size_t>(count, slots.size()))) {
      CK_TOKEN_INFO info{};
      if (call_->C_GetTokenInfo(slot, &info) == CKR_OK && fits(uri.token, info.label) &&
          fits(uri.serial, info.serialNumber) && fits(uri.manufacturer, info.manufacturerID) &&
          fits(uri.model, info.model) && (info.flags & CKF_TOKEN_INITIALIZED) != 0)
        found.push_back(slot);
    }
    if (found.empty()) return std::unexpected(TokenTrouble::no_token);
    if (found.size() > 1) return std::unexpected(TokenTrouble::several_tokens);
    if (call_->C_OpenSession(found.front(), CKF_SERIAL_SESSION, nullptr, nullptr, &session_) != CKR_OK)
      return std::unexpected(TokenTrouble::refused);
    return {};
  }

  FromToken<void> log_in(const Bytes& pin) {
    const CK_RV result = pin.reveal([&](std::span<const std::byte> bytes) {
      return call_->C_Login(session_, CKU_USER, reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes.data())),
                            static_cast<CK_ULONG>(bytes.size()));
    });
    if (result == CKR_OK || result == CKR_USER_ALREADY_LOGGED_IN) return {};
    if (result == CKR_PIN_LOCKED) return std::unexpected(TokenTrouble::pin_locked);
    const bool wrong = result == CKR_PIN_INCORRECT || result == CKR_PIN_LEN_RANGE || result == CKR_PIN_INVALID;
    return std::unexpected(wrong ? TokenTrouble::wrong_pin : TokenTrouble::refused);
  }

  FromToken<std::vector<CK_OBJECT_HANDLE>> find(CK_OBJECT_CLASS kind, const Pkcs11Uri& uri) {
    std::vector<CK_ATTRIBUTE> wanted{attribute(CKA_CLASS, &kind, sizeof kind)};
    if (!uri.object.empty()) wanted.push_back(attribute(CKA_LABEL, uri.object.data(), uri.object.size()));
    if (!uri.id.empty()) wanted.push_back(attribute(CKA_ID, uri.id.data(), uri.id.size()));
    std::array<CK_OBJECT_HANDLE, kMostObjects> handles{};
    CK_ULONG count = 0;
    if (call_->C_FindObjectsInit(session_, wanted.data(), static_cast<CK_ULONG>(wanted.size())) != CKR_OK ||
        call_->C_FindObjects(session_, handles.data(), handles.size(), &count) != CKR_OK ||
        call_->C_FindObjectsFinal(session_) != CKR_OK)
      return std::unexpected(TokenTrouble::refused);
    const auto found = std::span(handles).first(std::min<std::size_t>(count, handles.size()));
    return std::vector<CK_OBJECT_HANDLE>(found.begin(), found.end());
  }

  FromToken<Der> value_of(CK_OBJECT_HANDLE object) {
    Der out(kLargestCertificate);
    CK_ATTRIBUTE value = attribute(CKA_VALUE, out.data(), out.size());
    if (call_->C_GetAttributeValue(session_, object, &value, 1) != CKR_OK || value.ulValueLen > out.size())
      return std::unexpected(TokenTrouble::refused);
    out.resize(value.ulValueLen);
    return out;
  }

  FromToken<Der> sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type, std::span<const std::byte> input) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    Der out(kLargestSignature);
    CK_ULONG size = kLargestSignature;
    auto* const bytes = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(input.data()));
    if (call_->C_SignInit(session_, &mechanism, key) != CKR_OK ||
        call_->C_Sign(session_, bytes, static_cast<CK_ULONG>(input.size()),
                      reinterpret_cast<unsigned char*>(out.data()), &size) != CKR_OK ||
        size > out.size())
      return std::unexpected(TokenTrouble::refused);
    out.resize(size);
    return out;
  }

 private:
  CK_FUNCTION_LIST* call_ = nullptr;
  CK_SESSION_HANDLE session_ = 0;
};

}  // namespace

FromToken<std::vector<Der>> certificates_in_token(const Pkcs11Uri& uri) {
  Token token;
  if (const auto opened = token.open(uri); !opened) return std::unexpected(opened.error());
  const auto objects = token.find(CKO_CERTIFICATE, uri);
  if (!objects) return std::unexpected(objects.error());
  std::vector<Der> out;
  for (const auto object : *objects) {
    auto der = token.value_of(object);
    if (!der) return std::unexpected(der.error());
    out.push_back(std::move(*der));
  }
  if (out.empty()) return std::unexpected(TokenTrouble::no_object);
  return out;
}

FromToken<Der> signed_in_token(const Pkcs11Uri& uri, KeyAlgorithm algorithm, const Bytes& pin,
                               std::span<const std::byte> input) {
  Token token;
  if (const auto opened = token.open(uri); !opened) return std::unexpected(opened.error());
  if (const auto in = token.log_in(pin); !in) return std::unexpected(in.error());
  const auto keys = token.find(CKO_PRIVATE_KEY, uri);
  if (!keys) return std::unexpected(keys.error());
  if (keys->empty()) return std::unexpected(TokenTrouble::no_object);
  if (keys->size() > 1) return std::unexpected(TokenTrouble::several_objects);
  return token.sign(keys->front(), algorithm == KeyAlgorithm::rsa ? CKM_RSA_PKCS : CKM_ECDSA, input);
}

}  // namespace secret
