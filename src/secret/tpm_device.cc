#include "secret/tpm_device.h"

#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace secret {
namespace {

constexpr TPMT_SYM_DEF kBusCipher = {.algorithm = TPM2_ALG_AES, .keyBits = {.aes = 128}, .mode = {.aes = TPM2_ALG_CFB}};
constexpr TPMA_OBJECT kOfThisTpm = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_USERWITHAUTH;

/// The TCG's template of a storage root key on P-256 (TPM v2.0 Provisioning Guidance, 7.5.1): the key that other
/// programs of this machine use too.
TPM2B_PUBLIC primary_template() {
  TPM2B_PUBLIC out{};
  auto& area = out.publicArea;
  area.type = TPM2_ALG_ECC;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes =
      kOfThisTpm | TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
  auto& ecc = area.parameters.eccDetail;
  ecc.symmetric = {.algorithm = TPM2_ALG_AES, .keyBits = {.aes = 128}, .mode = {.aes = TPM2_ALG_CFB}};
  ecc.scheme.scheme = TPM2_ALG_NULL;
  ecc.curveID = TPM2_ECC_NIST_P256;
  ecc.kdf.scheme = TPM2_ALG_NULL;
  area.unique.ecc.x.size = 32;
  area.unique.ecc.y.size = 32;
  return out;
}

TPM2B_PUBLIC sealed_template(Pin pin) {
  TPM2B_PUBLIC out{};
  auto& area = out.publicArea;
  area.type = TPM2_ALG_KEYEDHASH;
  area.nameAlg = TPM2_ALG_SHA256;
  // Without a PIN there is nothing to guess: a lock-out that other programs caused must not close the store.
  area.objectAttributes = kOfThisTpm | (pin == Pin::none ? TPMA_OBJECT_NODA : 0);
  area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  return out;
}

/// The code without the number of the handle, parameter or session that it speaks of.
TSS2_RC bare(TSS2_RC code) { return (code & TPM2_RC_FMT1) != 0 ? code & 0xBF : code & 0xFFF; }

bool from_tpm(TSS2_RC code) { return (code & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER; }

base::Error refusal(const char* doing, TSS2_RC code) {
  return {base::ErrorKind::unreachable, fmt::format("the TPM: it could not {} (error 0x{:x})", doing, code),
          "try again; tpm2_getcap properties-variable shows its state"};
}

/// Why the device could not be opened.
base::Error no_device() {
  const base::Descriptor device(::open(kTpmDevice, O_RDWR | O_CLOEXEC));
  if (device.valid())
    return {base::ErrorKind::unreachable, fmt::format("the TPM: {} does not answer", kTpmDevice),
            "try again: another program may hold it"};
  if (errno == EACCES || errno == EPERM)
    return {base::ErrorKind::unreachable, fmt::format("the TPM: you may not use {}", kTpmDevice),
            "run sudo usermod -aG tss \"$USER\" and log in again: the group tss may use the TPM"};
  if (errno == ENOENT || errno == ENXIO || errno == ENODEV)
    return {base::ErrorKind::unreachable, fmt::format("this machine has no TPM 2.0: there is no {}", kTpmDevice),
            "switch it on in the firmware's setup, or run kabuto store slots use N with another slot"};
  return {base::ErrorKind::unreachable, fmt::format("the TPM: open {}: {}", kTpmDevice, base::errno_text(errno)), {}};
}

base::Error locked_out(std::uint32_t seconds, std::string what) {
  return {base::ErrorKind::refused, std::move(what),
          fmt::format("wait {} for one more try, or run tpm2_dictionarylockout --clear-lockout, or "
                      "kabuto store slots use N with another slot",
                      base::human_duration(base::Duration((seconds + 59LL) * 1000)))};  // whole minutes, up
}

template <class Buffer>
void fill(Buffer& into, const Bytes& from) {
  from.reveal([&](std::span<const std::byte> bytes) {
    into.size = static_cast<UINT16>(std::min(bytes.size(), sizeof into.buffer));
    if (into.size > 0) std::memcpy(into.buffer, bytes.data(), into.size);
  });
}

/// A structure as tpm2-tss writes it, in hex.
template <class Write, class Structure>
base::Result<std::string> written(Write write, const Structure& structure) {
  std::vector<std::byte> room(sizeof structure);
  std::size_t used = 0;
  const TSS2_RC code = write(&structure, reinterpret_cast<std::uint8_t*>(room.data()), room.size(), &used);
  if (code != TSS2_RC_SUCCESS) return std::unexpected(refusal("write what it made", code));
  return base::hex(std::span(room).first(used));
}

/// False where the text is not exactly one structure.
template <class Read, class Structure>
bool read_whole(Read read, const std::string& hex, Structure& into) {
  const auto bytes = base::from_hex(hex);
  std::size_t used = 0;
  return bytes &&
         read(reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size(), &used, &into) == TSS2_RC_SUCCESS &&
         used == bytes->size();
}

}  // namespace

TpmDevice::~TpmDevice() {
  // The kernel does the same when the device is closed; a TPM that is passed to a container may have nobody who does.
  for (const ESYS_TR handle : {object_, session_, primary_})
    if (handle != ESYS_TR_NONE) library_.flush(context_, handle);
}

base::Result<void> TpmDevice::open() {
  library_ = TRY(TpmLibrary::load());
  std::size_t size = 0;
  if (library_.open_device(nullptr, &size, kTpmDevice) != TSS2_RC_SUCCESS || size == 0)
    return base::fail(base::ErrorKind::unreachable, "the TPM: tpm2-tss is too old");
  // Never freed: the child ends with it.
  auto* const device = static_cast<TSS2_TCTI_CONTEXT*>(std::calloc(1, size));
  if (device == nullptr || library_.open_device(device, &size, kTpmDevice) != TSS2_RC_SUCCESS)
    return std::unexpected(no_device());
  if (const TSS2_RC code = library_.initialize(&context_, device, nullptr); code != TSS2_RC_SUCCESS)
    return std::unexpected(refusal("start a conversation", code));
  return {};
}

base::Result<void> TpmDevice::make_primary() {
  const TPM2B_SENSITIVE_CREATE sensitive{};
  const TPM2B_PUBLIC area = primary_template();
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  TPM2B_PUBLIC* made = nullptr;
  TPM2B_CREATION_DATA* data = nullptr;
  TPM2B_DIGEST* hash = nullptr;
  TPMT_TK_CREATION* ticket = nullptr;
  const TSS2_RC code =
      library_.create_primary(context_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                              &area, &outside, &pcrs, &primary_, &made, &data, &hash, &ticket);
  if (code == TSS2_RC_SUCCESS) return {};
  primary_ = ESYS_TR_NONE;
  if (from_tpm(code) && (bare(code) == TPM2_RC_BAD_AUTH || bare(code) == TPM2_RC_AUTH_FAIL))
    return base::fail(base::ErrorKind::refused, "the TPM: its owner hierarchy has a password, which kabuto cannot give",
                      "run tpm2_changeauth -c owner -p PASSWORD to take it off, or use another slot");
  return std::unexpected(refusal("make the storage key", code));
}

base::Result<std::string> TpmDevice::primary_name() const {
  TPM2B_NAME* name = nullptr;
  if (const TSS2_RC code = library_.get_name(context_, primary_, &name); code != TSS2_RC_SUCCESS)
    return std::unexpected(refusal("name the storage key", code));
  return base::hex(std::as_bytes(std::span(name->name, name->size)));
}

base::Result<void> TpmDevice::need_same_primary(std::string_view name) const {
  if (TRY(primary_name()) == name) return {};
  return base::fail(base::ErrorKind::store_damaged,
                    "the store's key was sealed by another TPM, or this one was cleared",
                    "run kabuto store slots use N with another slot, or kabuto store restore FILE");
}

base::Result<TpmDevice::Guard> TpmDevice::guard() const {
  TPMI_YES_NO more = 0;
  TPMS_CAPABILITY_DATA* data = nullptr;
  const TSS2_RC code = library_.get_capability(context_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                               TPM2_CAP_TPM_PROPERTIES, TPM2_PT_LOCKOUT_COUNTER, 3, &more, &data);
  if (code != TSS2_RC_SUCCESS) return std::unexpected(refusal("say how many tries are left", code));
  Guard out;
  const auto& list = data->data.tpmProperties;
  for (const auto& [property, value] : std::span(list.tpmProperty, list.count)) {
    if (property == TPM2_PT_LOCKOUT_COUNTER) out.failures = value;
    if (property == TPM2_PT_MAX_AUTH_FAIL) out.most = value;
    if (property == TPM2_PT_LOCKOUT_INTERVAL) out.seconds = value;
  }
  return out;
}

base::Result<void> TpmDevice::need_tries_left() {
  const Guard now = TRY(guard());
  if (now.failures < now.most) return {};
  return std::unexpected(locked_out(now.seconds, "the TPM is locked out: too many wrong PINs were given to it"));
}

base::Result<void> TpmDevice::start_session() {
  TSS2_RC code = library_.start_session(context_, primary_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                        nullptr, TPM2_SE_HMAC, &kBusCipher, TPM2_ALG_SHA256, &session_);
  if (code != TSS2_RC_SUCCESS) session_ = ESYS_TR_NONE;
  if (code == TSS2_RC_SUCCESS)
    code = library_.set_attributes(context_, session_,
                                   TPMA_SESSION_CONTINUESESSION | TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT, 0xFF);
  if (code != TSS2_RC_SUCCESS) return std::unexpected(refusal("start an encrypted session", code));
  return {};
}

base::Result<TpmBlob> TpmDevice::seal(const Bytes& key, const Bytes& auth) {
  TpmBlob out;
  out.pin = auth.empty() ? Pin::none : Pin::asked;
  out.primary = TRY(primary_name());
  TPM2B_SENSITIVE_CREATE sensitive{};
  fill(sensitive.sensitive.data, key);
  fill(sensitive.sensitive.userAuth, auth);
  const TPM2B_PUBLIC area = sealed_template(out.pin);
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  TPM2B_PRIVATE* private_part = nullptr;
  TPM2B_PUBLIC* public_part = nullptr;
  TPM2B_CREATION_DATA* data = nullptr;
  TPM2B_DIGEST* hash = nullptr;
  TPMT_TK_CREATION* ticket = nullptr;
  const TSS2_RC code = library_.create(context_, primary_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &area,
                                       &outside, &pcrs, &private_part, &public_part, &data, &hash, &ticket);
  explicit_bzero(&sensitive, sizeof sensitive);
  if (code != TSS2_RC_SUCCESS) return std::unexpected(refusal("seal the key", code));
  out.public_part = TRY(written(library_.write_public, *public_part));
  out.private_part = TRY(written(library_.write_private, *private_part));
  return out;
}

base::Result<ESYS_TR> TpmDevice::load(const TpmBlob& blob) const {
  TPM2B_PUBLIC public_part{};
  TPM2B_PRIVATE private_part{};
  TSS2_RC code = TPM2_RC_INTEGRITY;
  ESYS_TR object = ESYS_TR_NONE;
  if (read_whole(library_.read_public, blob.public_part, public_part) &&
      read_whole(library_.read_private, blob.private_part, private_part))
    code = library_.load_object(context_, primary_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &private_part, &public_part,
                                &object);
  if (code == TSS2_RC_SUCCESS) return object;
  if (from_tpm(code) && (code & TPM2_RC_FMT1) != 0)
    return base::fail(base::ErrorKind::store_damaged, "the TPM: the store's slot is damaged",
                      "run kabuto store restore FILE with a backup");
  return std::unexpected(refusal("load the sealed key", code));
}

base::Error TpmDevice::wrong_pin() const {
  const auto now = guard();
  if (!now) return now.error();
  if (now->failures >= now->most) return locked_out(now->seconds, "wrong PIN, and the TPM is locked out now");
  const auto left = now->most - now->failures;
  return {
      base::ErrorKind::store_locked,
      fmt::format("wrong PIN; the TPM allows {} more {} before it locks itself out", left, left == 1 ? "try" : "tries"),
      {}};
}

base::Result<Bytes> TpmDevice::unseal(const TpmBlob& blob, const Bytes& auth) {
  object_ = TRY(load(blob));
  TPM2B_AUTH given{};
  fill(given, auth);
  TSS2_RC code = library_.set_auth(context_, object_, &given);
  explicit_bzero(&given, sizeof given);
  // The command carries nothing to encrypt, its answer does.
  if (code == TSS2_RC_SUCCESS)
    code = library_.set_attributes(context_, session_, TPMA_SESSION_CONTINUESESSION | TPMA_SESSION_ENCRYPT, 0xFF);
  TPM2B_SENSITIVE_DATA* data = nullptr;
  if (code == TSS2_RC_SUCCESS) code = library_.unseal(context_, object_, session_, ESYS_TR_NONE, ESYS_TR_NONE, &data);
  if (code == TSS2_RC_SUCCESS) {
    Bytes out = Bytes::copy_of(std::as_bytes(std::span(data->buffer, data->size)));
    explicit_bzero(data, sizeof *data);
    return out;
  }
  if (from_tpm(code) && bare(code) == TPM2_RC_AUTH_FAIL) return std::unexpected(wrong_pin());
  if (from_tpm(code) && bare(code) == TPM2_RC_LOCKOUT) TRY(need_tries_left());
  return std::unexpected(refusal("open the sealed key", code));
}

}  // namespace secret
