#include "secret/libsecret.h"

#include "base/text.h"

#include <dlfcn.h>

#include <span>

namespace secret {
namespace {

constexpr base::Duration kCallLimit{9'500};  // the whole command answers within 10 s
constexpr const char* kFile = "libsecret-1.so.0";

}  // namespace

Libsecret Libsecret::load() {
  Libsecret out;
  void* const library = dlopen(kFile, RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) {
    out.missing = kFile;
    return out;
  }
#define KABUTO_FIND(name)                                                 \
  out.name = reinterpret_cast<decltype(out.name)>(dlsym(library, #name)); \
  if (out.name == nullptr && out.missing.empty()) out.missing = #name;
  KABUTO_LIBSECRET_FUNCTIONS(KABUTO_FIND)
#undef KABUTO_FIND
  return out;
}

bool ServiceTalk::connect(SecretServiceFlags flags) {
  if (!call_.missing.empty()) {
    answer(kServiceRefused, "this machine lacks " + call_.missing + " (Debian: libsecret-1-0)");
    return false;
  }
  service_ = call_.secret_service_get_sync(flags, nullptr, &error_);
  return !refused();
}

bool ServiceTalk::refused() {
  if (error_ == nullptr) return false;
  answer(kServiceRefused, error_->message);
  return true;
}

void ServiceTalk::answer(char kind, std::string_view text) {
  send_(std::as_bytes(std::span(&kind, 1)));
  send_(std::as_bytes(std::span(text)));
}

base::Result<ServiceReply> talk_to_service(const std::function<void(const Send&)>& work, std::size_t most_bytes,
                                           base::Clock& clock) {
  const Bytes answer = TRY(run_bounded(work, kCallLimit, most_bytes, "the Secret Service", clock));
  if (answer.empty()) return base::fail(base::ErrorKind::unreachable, "the Secret Service: it crashed");
  return answer.reveal([](std::span<const std::byte> bytes) {
    return ServiceReply{std::to_integer<char>(bytes[0]), Bytes::copy_of(bytes.subspan(1))};
  });
}

base::Error error_of(const ServiceReply& reply) {
  if (reply.kind == kServiceLocked)
    return {base::ErrorKind::store_locked, "the Secret Service's collection is locked",
            "unlock the keyring of your desktop, then try again"};
  const std::string why = reply.text.reveal_text([](std::string_view text) { return base::printable(text); });
  return {base::ErrorKind::unreachable, "the Secret Service: " + why,
          "start and unlock the desktop's keyring, then run the command again"};
}

}  // namespace secret
