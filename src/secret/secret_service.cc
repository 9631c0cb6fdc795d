#include "secret/secret_service.h"

#include "base/text.h"
#include "secret/bounded_child.h"
#include "secret/cipher.h"

#include <dlfcn.h>
#include <libsecret/secret.h>
#include <sodium.h>

#include <functional>
#include <span>
#include <string_view>
#include <utility>

namespace secret {
namespace {

constexpr base::Duration kCallLimit{9'500};  // the whole command answers within 10 s
constexpr std::size_t kLargestAnswer = 4096;
constexpr const char* kApplication = "kabuto";

// The child's answer is one letter and a text.
constexpr char kFound = 'f';    // the key follows, in hex
constexpr char kNothing = 'n';  // done, or no such item
constexpr char kLocked = 'l';   // the collection is locked
constexpr char kRefused = 'r';  // an error text follows

/// The functions of libsecret and GLib that are used; loaded in the child only, so that no thread of GLib's lives in
/// us.
struct Library {
  decltype(&secret_service_get_sync) get = nullptr;
  decltype(&secret_service_search_sync) search = nullptr;
  decltype(&secret_item_get_locked) item_locked = nullptr;
  decltype(&secret_item_get_secret) item_secret = nullptr;
  decltype(&secret_value_get) value = nullptr;
  decltype(&secret_collection_for_alias_sync) collection = nullptr;
  decltype(&secret_collection_get_locked) collection_locked = nullptr;
  decltype(&secret_password_storev_sync) store = nullptr;
  decltype(&secret_password_clearv_sync) clear = nullptr;
  decltype(&g_hash_table_new) new_table = nullptr;
  decltype(&g_hash_table_insert) insert = nullptr;
  decltype(&g_str_hash) hash = nullptr;
  decltype(&g_str_equal) equal = nullptr;
  std::string missing;
};

template <class Function>
void load(Library& library, void* handle, const char* name, Function& into) {
  into = reinterpret_cast<Function>(dlsym(handle, name));
  if (into == nullptr && library.missing.empty()) library.missing = name;
}

Library load_library() {
  Library out;
  void* handle = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_GLOBAL);
  if (handle == nullptr) {
    out.missing = "libsecret-1.so.0";
    return out;
  }
  load(out, handle, "secret_service_get_sync", out.get);
  load(out, handle, "secret_service_search_sync", out.search);
  load(out, handle, "secret_item_get_locked", out.item_locked);
  load(out, handle, "secret_item_get_secret", out.item_secret);
  load(out, handle, "secret_value_get", out.value);
  load(out, handle, "secret_collection_for_alias_sync", out.collection);
  load(out, handle, "secret_collection_get_locked", out.collection_locked);
  load(out, handle, "secret_password_storev_sync", out.store);
  load(out, handle, "secret_password_clearv_sync", out.clear);
  load(out, handle, "g_hash_table_new", out.new_table);
  load(out, handle, "g_hash_table_insert", out.insert);
  load(out, handle, "g_str_hash", out.hash);
  load(out, handle, "g_str_equal", out.equal);
  return out;
}

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

/// One conversation with the service, in the child. Nothing is freed: the child ends with it.
class Conversation {
 public:
  Conversation(const std::string& store_id, const Send& send)
      : library_(load_library()), store_id_(store_id), send_(send) {}

  void find() {
    if (!connect() || collection_locked()) return;
    auto* items = library_.search(service_, schema(), attributes(),
                                  static_cast<SecretSearchFlags>(SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS),
                                  nullptr, &error_);
    if (refused()) return;
    if (items == nullptr) return answer(kNothing);
    auto* item = static_cast<SecretItem*>(items->data);
    if (library_.item_locked(item)) return answer(kLocked);
    auto* value = library_.item_secret(item);
    gsize size = 0;
    const char* text = value == nullptr ? nullptr : library_.value(value, &size);
    if (text == nullptr) return answer(kRefused, "it gave an item without its secret");
    answer(kFound, {text, size});
  }

  void put(const std::string& label, const Bytes& hex_with_nul) {
    if (!connect() || collection_locked()) return;
    hex_with_nul.reveal([&](std::span<const std::byte> text) {
      library_.store(schema(), attributes(), SECRET_COLLECTION_DEFAULT, label.c_str(),
                     reinterpret_cast<const char*>(text.data()), nullptr, &error_);
    });
    if (!refused()) answer(kNothing);
  }

  void remove() {
    if (!connect() || collection_locked()) return;
    library_.clear(schema(), attributes(), nullptr, &error_);
    if (!refused()) answer(kNothing);
  }

 private:
  bool connect() {
    if (!library_.missing.empty()) {
      answer(kRefused, "this machine lacks " + library_.missing + " (Debian: libsecret-1-0)");
      return false;
    }
    service_ = library_.get(SECRET_SERVICE_OPEN_SESSION, nullptr, &error_);
    return !refused();
  }

  /// A locked collection would open a prompt that may never be seen.
  bool collection_locked() {
    auto* collection =
        library_.collection(service_, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, nullptr, &error_);
    if (refused()) return true;
    if (collection == nullptr) {
      answer(kRefused, "it has no default collection");
      return true;
    }
    if (!library_.collection_locked(collection)) return false;
    answer(kLocked);
    return true;
  }

  bool refused() {
    if (error_ == nullptr) return false;
    answer(kRefused, error_->message);
    return true;
  }

  GHashTable* attributes() {
    auto* table = library_.new_table(library_.hash, library_.equal);
    for (const auto& [name, value] : {std::pair{"application", kApplication}, std::pair{"store", store_id_.c_str()}})
      library_.insert(table, const_cast<char*>(name), const_cast<char*>(value));
    return table;
  }

  void answer(char kind, std::string_view text = {}) {
    send_(std::as_bytes(std::span(&kind, 1)));
    send_(std::as_bytes(std::span(text)));
  }

  Library library_;
  const std::string& store_id_;
  const Send& send_;
  ::SecretService* service_ = nullptr;  // libsecret's
  GError* error_ = nullptr;
};

struct Reply {
  char kind = 0;
  Bytes text;
};

base::Result<Reply> converse(const std::string& store_id, base::Clock& clock,
                             const std::function<void(Conversation&)>& talk) {
  const auto work = [&](const Send& send) {
    Conversation conversation(store_id, send);
    talk(conversation);
  };
  const Bytes answer = TRY(run_bounded(work, kCallLimit, kLargestAnswer, "the Secret Service", clock));
  if (answer.empty()) return base::fail(base::ErrorKind::unreachable, "the Secret Service: it crashed");
  return answer.reveal([](std::span<const std::byte> bytes) {
    return Reply{std::to_integer<char>(bytes[0]), Bytes::copy_of(bytes.subspan(1))};
  });
}

base::Error error_of(const Reply& reply) {
  if (reply.kind == kLocked)
    return {base::ErrorKind::store_locked, "the Secret Service's collection is locked",
            "unlock the keyring of your desktop, then try again"};
  const std::string why = reply.text.reveal_text([](std::string_view text) { return base::printable(text); });
  return {base::ErrorKind::unreachable, "the Secret Service: " + why,
          "start and unlock the desktop's keyring, then run the command again"};
}

}  // namespace

base::Result<std::optional<Bytes>> DesktopSecretService::find(const std::string& store_id) {
  const Reply reply = TRY(converse(store_id, clock_, [](Conversation& talk) { talk.find(); }));
  if (reply.kind == kNothing) return std::nullopt;
  if (reply.kind != kFound) return std::unexpected(error_of(reply));
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
  const Reply reply = TRY(converse(store_id, clock_, [&](Conversation& talk) { talk.put(label, text); }));
  if (reply.kind != kNothing) return std::unexpected(error_of(reply));
  return {};
}

base::Result<void> DesktopSecretService::remove(const std::string& store_id) {
  const Reply reply = TRY(converse(store_id, clock_, [](Conversation& talk) { talk.remove(); }));
  if (reply.kind != kNothing) return std::unexpected(error_of(reply));
  return {};
}

}  // namespace secret
