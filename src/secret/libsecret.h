// libsecret and what it needs of GLib, loaded in a child that may be killed: D-Bus calls may hang, and no thread of
// GLib's lives in us. This table is the whole of it that kabuto uses.
#pragma once

#include "secret/bounded_child.h"

#include <libsecret/secret.h>

#include <string>
#include <string_view>

namespace secret {

// One word per function, which is its name there and here.
// clang-format off
#define KABUTO_LIBSECRET_FUNCTIONS(X) \
  X(g_dbus_proxy_get_object_path) X(g_hash_table_insert) X(g_hash_table_new) X(g_str_equal) X(g_str_hash) \
  X(secret_collection_for_alias_sync) X(secret_collection_get_items) X(secret_collection_get_locked) \
  X(secret_collection_load_items_sync) X(secret_item_get_label) X(secret_item_get_locked) X(secret_item_get_secret) \
  X(secret_item_load_secret_sync) X(secret_password_clearv_sync) X(secret_password_storev_sync) \
  X(secret_service_get_collections) X(secret_service_get_sync) X(secret_service_search_sync) X(secret_value_get)
// clang-format on

struct Libsecret {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a member's name cannot stand in them
#define KABUTO_ENTRY(name) decltype(&::name) name = nullptr;
  KABUTO_LIBSECRET_FUNCTIONS(KABUTO_ENTRY)
#undef KABUTO_ENTRY
  std::string missing;  // what this machine lacks; empty: all is there

  static Libsecret load();
};

// The child's answer is one of these letters, and what belongs to it.
inline constexpr char kServiceFound = 'f';
inline constexpr char kServiceDone = 'n';     // done, or nothing found
inline constexpr char kServiceLocked = 'l';   // the collection is locked
inline constexpr char kServiceRefused = 'r';  // an error text follows

/// The child's half: what every conversation begins and ends with. Nothing is freed: the child ends with it.
class ServiceTalk {
 public:
  explicit ServiceTalk(const Send& send) : call_(Libsecret::load()), send_(send) {}

 protected:
  /// False where there is no service; that is answered then.
  bool connect(SecretServiceFlags flags);
  /// Whether the last call failed; that is answered then.
  bool refused();
  void answer(char kind, std::string_view text = {});

  Libsecret call_;
  const Send& send_;
  ::SecretService* service_ = nullptr;
  GError* error_ = nullptr;
};

struct ServiceReply {
  char kind = 0;
  Bytes text;
};

/// The parent's half: runs `work` in a child. unreachable: no answer in time, or the child died.
base::Result<ServiceReply> talk_to_service(const std::function<void(const Send&)>& work, std::size_t most_bytes,
                                           base::Clock& clock);

/// What a reply of kServiceLocked or kServiceRefused says: store_locked, unreachable.
base::Error error_of(const ServiceReply& reply);

}  // namespace secret
