#include "secret/tpm.h"

#include "secret/bounded_child.h"
#include "secret/digest.h"
#include "secret/fields.h"
#include "secret/tpm_device.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

namespace secret {
namespace {

constexpr base::Duration kCallLimit{9'000};  // the whole command answers within 10 s
constexpr std::size_t kLargestAnswer = 4096;

// The child's answer: one letter, then what was asked for, or the error's kind, text and hint.
constexpr char kDone = 'd';
constexpr char kFailed = 'f';

void send_text(const Send& send, std::string_view text) { send(std::as_bytes(std::span(text))); }

void send_error(const Send& send, const base::Error& error) {
  send_text(send, std::string{kFailed, static_cast<char>(error.kind)});
  send_text(send, error.what + '\n' + error.hint);
}

base::Error received_error(std::string_view text) {
  if (text.empty()) return {base::ErrorKind::unreachable, "the TPM: it crashed", {}};
  const std::string_view words = text.substr(1);
  const auto end = std::min(words.find('\n'), words.size());
  const auto hint = end == words.size() ? std::string_view() : words.substr(end + 1);
  return {static_cast<base::ErrorKind>(text.front()), std::string(words.substr(0, end)), std::string(hint)};
}

/// What `work` does with the TPM, in the child.
base::Result<Bytes> with_device(base::Clock& clock, const std::function<base::Result<Bytes>(TpmDevice&)>& work) {
  const auto talk = [&](const Send& send) {
    const auto attempt = [&]() -> base::Result<Bytes> {
      TpmDevice device;
      TRY(device.open());
      return work(device);
    };
    const auto answer = attempt();
    if (!answer) return send_error(send, answer.error());
    send_text(send, std::string{kDone});
    answer->reveal(send);
  };
  const Bytes reply = TRY(run_bounded(talk, kCallLimit, kLargestAnswer, "the TPM", clock));
  return reply.reveal_text([](std::string_view text) -> base::Result<Bytes> {
    if (text.starts_with(kDone)) return Bytes::copy_of(text.substr(1));
    return std::unexpected(received_error(text.empty() ? text : text.substr(1)));
  });
}

/// Any PIN in the 32 bytes that a TPM takes. A zero at the end would be cut off there.
Bytes authorization(const Bytes& pin) {
  if (pin.empty()) return {};
  Bytes out = Digest().add("kabuto tpm pin 1").add_secret(pin).finish_secret();
  out.edit([](std::span<std::byte> bytes) { bytes.back() |= std::byte{1}; });
  return out;
}

}  // namespace

bool MachineTpm::present() { return access(kTpmDevice, R_OK | W_OK) == 0; }

base::Result<TpmBlob> MachineTpm::seal(const Bytes& key, const Bytes& pin) {
  const Bytes auth = authorization(pin);
  const auto work = [&](TpmDevice& device) -> base::Result<Bytes> {
    TRY(device.make_primary());
    TRY(device.start_session());
    const TpmBlob made = TRY(device.seal(key, auth));
    return Bytes::copy_of(
        encode_fields({{"primary", made.primary}, {"private", made.private_part}, {"public", made.public_part}}));
  };
  const Bytes answer = TRY(with_device(clock_, work));
  const auto fields = answer.reveal_text([](std::string_view text) { return decode_fields(text); });
  if (!fields) return base::fail(base::ErrorKind::unreachable, "the TPM: its answer was cut short");
  return TpmBlob{pin.empty() ? Pin::none : Pin::asked, field(*fields, "primary"), field(*fields, "public"),
                 field(*fields, "private")};
}

base::Result<void> MachineTpm::check(const TpmBlob& blob) {
  const auto work = [&](TpmDevice& device) -> base::Result<Bytes> {
    TRY(device.make_primary());
    TRY(device.need_same_primary(blob.primary));
    TRY(device.need_tries_left());
    return Bytes();
  };
  TRY(with_device(clock_, work));
  return {};
}

base::Result<Bytes> MachineTpm::unseal(const TpmBlob& blob, const Bytes& pin) {
  const Bytes auth = authorization(pin);
  const auto work = [&](TpmDevice& device) -> base::Result<Bytes> {
    TRY(device.make_primary());
    TRY(device.need_same_primary(blob.primary));
    TRY(device.start_session());
    return device.unseal(blob, auth);
  };
  return with_device(clock_, work);
}

}  // namespace secret
