// A slot's header as text, and what a header may ask for: it comes from a file that somebody may have made.
#include "base/text.h"
#include "secret/fields.h"
#include "secret/kdf.h"
#include "secret/slot.h"

namespace secret {
namespace {

constexpr std::size_t kLargestHeader = 8192;
constexpr const char* kTpmFormat = "1";
constexpr std::size_t kTpmName = 34;          // the hash's number and SHA-256
constexpr std::size_t kLargestTpmPart = 512;  // what a TPM gives for 32 bytes is about 200

std::optional<std::uint64_t> number_of(const Fields& fields, const std::string& key) {
  const auto value = base::parse_integer(field(fields, key));
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

bool is_hex(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least * 2 && text.size() <= most * 2 && base::from_hex(text).has_value();
}

base::Result<TpmBlob> tpm_blob(const Fields& fields) {
  const std::string format = field(fields, "format");
  if (format != kTpmFormat)
    return base::fail(
        base::ErrorKind::store_damaged,
        "a tpm2 slot of the store has the format " + base::printable(format, 20) + ", which is unknown here",
        "use the kabuto that made it, or a later one");
  TpmBlob out{field(fields, "pin") == "yes" ? Pin::asked : Pin::none, field(fields, "primary"), field(fields, "public"),
              field(fields, "private")};
  if (!is_hex(out.primary, kTpmName, kTpmName) || !is_hex(out.public_part, 1, kLargestTpmPart) ||
      !is_hex(out.private_part, 1, kLargestTpmPart))
    return std::unexpected(damaged_slot("its sealed key cannot be read"));
  return out;
}

}  // namespace

base::Error damaged_slot(std::string_view why) {
  return {base::ErrorKind::store_damaged, "a key slot of the store is damaged: " + std::string(why),
          "run kabuto store restore FILE with a backup"};
}

bool needs_person(const SlotHeader& header) {
  return header.kind == SlotKind::passphrase || (header.kind == SlotKind::tpm2 && header.tpm.pin == Pin::asked);
}

std::string_view name_of(SlotKind kind) {
  switch (kind) {
    case SlotKind::passphrase:
      return "passphrase";
    case SlotKind::key_file:
      return "keyfile";
    case SlotKind::secret_service:
      return "secret-service";
    case SlotKind::tpm2:
      return "tpm2";
  }
  return "";
}

std::optional<SlotKind> slot_kind(std::string_view name) {
  for (const auto kind : {SlotKind::passphrase, SlotKind::key_file, SlotKind::secret_service, SlotKind::tpm2})
    if (name == name_of(kind)) return kind;
  return std::nullopt;
}

std::string encode_slot(const SlotHeader& header) {
  Fields fields{{"id", std::to_string(header.id)},
                {"kind", std::string(name_of(header.kind))},
                {"created", std::to_string(header.created.time_since_epoch().count())}};
  if (header.kind == SlotKind::passphrase) {
    fields.emplace("algorithm", "argon2id13");
    fields.emplace("salt", header.salt);
    fields.emplace("memory", std::to_string(header.cost.memory));
    fields.emplace("passes", std::to_string(header.cost.passes));
  }
  if (header.kind == SlotKind::key_file) fields.emplace("file", header.key_file);
  if (header.kind == SlotKind::tpm2) {
    fields.emplace("format", kTpmFormat);
    fields.emplace("pin", header.tpm.pin == Pin::asked ? "yes" : "no");
    fields.emplace("primary", header.tpm.primary);
    fields.emplace("private", header.tpm.private_part);
    fields.emplace("public", header.tpm.public_part);
  }
  return encode_fields(fields);
}

base::Result<SlotHeader> decode_slot(std::string_view text, const KdfLimits& limits) {
  if (text.size() > kLargestHeader) return std::unexpected(damaged_slot("its header is too long"));
  const auto fields = decode_fields(text);
  if (!fields) return std::unexpected(damaged_slot("its header cannot be read"));
  const auto kind = slot_kind(field(*fields, "kind"));
  const auto id = number_of(*fields, "id");
  const auto created = base::parse_integer(field(*fields, "created"));
  if (!kind || !id || *id > 1'000'000 || !created) return std::unexpected(damaged_slot("its header cannot be read"));
  SlotHeader header;
  header.id = static_cast<int>(*id);
  header.kind = *kind;
  header.created = base::Instant(base::Duration(*created));
  if (header.kind == SlotKind::passphrase) {
    header.salt = field(*fields, "salt");
    header.cost = {number_of(*fields, "memory").value_or(0), number_of(*fields, "passes").value_or(0)};
    if (!allowed(header.cost, limits)) return std::unexpected(damaged_slot("its Argon2 cost is outside the limits"));
  }
  if (header.kind == SlotKind::key_file) {
    header.key_file = field(*fields, "file");
    if (!header.key_file.starts_with('/')) return std::unexpected(damaged_slot("its key file has no absolute path"));
  }
  if (header.kind == SlotKind::tpm2) header.tpm = TRY(tpm_blob(*fields));
  if (encode_slot(header) != text) return std::unexpected(damaged_slot("its header cannot be read"));
  return header;
}

}  // namespace secret
