#include "secret/secret_service.h"

#include "secret/cipher.h"
#include "secret/libsecret.h"

#include <sodium.h>

#include <functional>
#include <span>
#include <string_view>
#include <utility>

namespace secret {
namespace {

constexpr std::size_t kLargestAnswer = 4096;
constexpr const char* kApplication = "kabuto";

const SecretSchema* schema() {
  static const SecretSchema ours = [] {
    SecretSchema out{};
    out.name = "io.kabuto.StoreKey";
    out.attributes[0] = {"application", SECRET_SCHEMA_ATTRIBUTE_STRING};
    out.attributes[1] = {"store", SECRET_SCHEMA_ATTRIBUTE_STRING};
    return out;
  }();
  return &ours;
}

/// About the key of one store.
class Conversation final : private ServiceTalk {
 public:
  Conversation(const std::string& store_id, const Send& send) : ServiceTalk(send), store_id_(store_id) {}

  void find() {
    if (!connect(SECRET_SERVICE_OPEN_SESSION) || collection_locked()) return;
    auto* items = call_.secret_service_search_sync(
        service_, schema(), attributes(),
        static_cast<SecretSearchFlags>(SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS), nullptr, &error_);
    if (refused()) return;
    if (items == nullptr) return answer(kServiceDone);
    auto* item = static_cast<SecretItem*>(items->data);
    if (call_.secret_item_get_locked(item)) return answer(kServiceLocked);
    auto* value = call_.secret_item_get_secret(item);
    gsize size = 0;
    const char* text = value == nullptr ? nullptr : call_.secret_value_get(value, &size);
    if (text == nullptr) return answer(kServiceRefused, "it gave an item without its secret");
    answer(kServiceFound, {text, size});
  }

  void put(const std::string& label, const Bytes& hex_with_nul) {
    if (!connect(SECRET_SERVICE_OPEN_SESSION) || collection_locked()) return;
    hex_with_nul.reveal([&](std::span<const std::byte> text) {
      call_.secret_password_storev_sync(schema(), attributes(), SECRET_COLLECTION_DEFAULT, label.c_str(),
                                        reinterpret_cast<const char*>(text.data()), nullptr, &error_);
    });
    if (!refused()) answer(kServiceDone);
  }

  void remove() {
    if (!connect(SECRET_SERVICE_OPEN_SESSION) || collection_locked()) return;
    call_.secret_password_clearv_sync(schema(), attributes(), nullptr, &error_);
    if (!refused()) answer(kServiceDone);
  }

 private:
  /// A locked collection would open a prompt that may never be seen.
  bool collection_locked() {
    auto* collection = call_.secret_collection_for_alias_sync(service_, SECRET_COLLECTION_DEFAULT,
                                                              SECRET_COLLECTION_NONE, nullptr, &error_);
    if (refused()) return true;
    if (collection == nullptr) {
      answer(kServiceRefused, "it has no default collection");
      return true;
    }
    if (!call_.secret_collection_get_locked(collection)) return false;
    answer(kServiceLocked);
    return true;
  }

  GHashTable* attributes() {
    auto* table = call_.g_hash_table_new(call_.g_str_hash, call_.g_str_equal);
    for (const auto& [name, value] : {std::pair{"application", kApplication}, std::pair{"store", store_id_.c_str()}})
      call_.g_hash_table_insert(table, const_cast<char*>(name), const_cast<char*>(value));
    return table;
  }

  const std::string& store_id_;
};

base::Result<ServiceReply> converse(const std::string& store_id, base::Clock& clock,
                                    const std::function<void(Conversation&)>& talk) {
  const auto work = [&](const Send& send) {
    Conversation conversation(store_id, send);
    talk(conversation);
  };
  return talk_to_service(work, kLargestAnswer, clock);
}

}  // namespace

base::Result<std::optional<Bytes>> DesktopSecretService::find(const std::string& store_id) {
  const ServiceReply reply = TRY(converse(store_id, clock_, [](Conversation& talk) { talk.find(); }));
  if (reply.kind == kServiceDone) return std::nullopt;
  if (reply.kind != kServiceFound) return std::unexpected(error_of(reply));
  Bytes key(kKeySize);
  const bool good = reply.text.reveal_text([&](std::string_view text) {
    return key.edit([&](std::span<std::byte> out) {
      std::size_t written = 0;
      return sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                            &written, nullptr) == 0 &&
             written == out.size();
    });
  });
  if (!good) return base::fail(base::ErrorKind::store_damaged, "the Secret Service's key for this store is damaged");
  return key;
}

base::Result<void> DesktopSecretService::put(const std::string& store_id, const Bytes& key) {
  Bytes text(key.size() * 2 + 1);
  key.reveal([&](std::span<const std::byte> from) {
    text.edit([&](std::span<std::byte> to) {
      sodium_bin2hex(reinterpret_cast<char*>(to.data()), to.size(), reinterpret_cast<const unsigned char*>(from.data()),
                     from.size());
    });
  });
  const std::string label = "kabuto store " + store_id;
  const ServiceReply reply = TRY(converse(store_id, clock_, [&](Conversation& talk) { talk.put(label, text); }));
  if (reply.kind != kServiceDone) return std::unexpected(error_of(reply));
  return {};
}

base::Result<void> DesktopSecretService::remove(const std::string& store_id) {
  const ServiceReply reply = TRY(converse(store_id, clock_, [](Conversation& talk) { talk.remove(); }));
  if (reply.kind != kServiceDone) return std::unexpected(error_of(reply));
  return {};
}

}  // namespace secret
