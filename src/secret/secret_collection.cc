#include "secret/secret_collection.h"

#include "base/hex_escapes.h"
#include "secret/digest.h"
#include "secret/libsecret.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>

namespace secret {
namespace {

constexpr std::string_view kPath = "/org/freedesktop/secrets/collection/";
constexpr std::size_t kLargestSecret = std::size_t{1024} * 1024;
constexpr std::size_t kLargestList = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kLongestLabel = 4096;

/// The name of a collection as its path has it: "_2d" stands for '-'.
std::string name_in(std::string_view path) {
  return path.starts_with(kPath) ? base::hex_unescaped(path.substr(kPath.size()), '_') : std::string();
}

class Reading final : private ServiceTalk {
 public:
  explicit Reading(const Send& send) : ServiceTalk(send) {}

  /// Answers with, for each item: the collection's place among `names`, whether it is locked, and the label.
  void list(std::span<const std::string> names) {
    if (!connect(SECRET_SERVICE_LOAD_COLLECTIONS)) return;
    answer(kServiceFound);
    for (std::size_t i = 0; i < names.size(); ++i) {
      auto* const collection = find(names[i]);
      if (collection == nullptr) continue;
      if (call_.secret_collection_get_locked(collection)) {
        entry(i, 1, {});
        continue;
      }
      for (auto* item = items_of(collection); item != nullptr; item = item->next)
        if (const char* label = call_.secret_item_get_label(static_cast<SecretItem*>(item->data))) entry(i, 0, label);
    }
  }

  void read(const std::string& name, const std::string& label) {
    if (!connect(static_cast<SecretServiceFlags>(SECRET_SERVICE_LOAD_COLLECTIONS | SECRET_SERVICE_OPEN_SESSION)))
      return;
    auto* const collection = find(name);
    if (collection == nullptr) return answer(kServiceDone);
    if (call_.secret_collection_get_locked(collection)) return answer(kServiceLocked);
    for (auto* one = items_of(collection); one != nullptr; one = one->next) {
      auto* const item = static_cast<SecretItem*>(one->data);
      const char* const found = call_.secret_item_get_label(item);
      if (found == nullptr || label != found) continue;
      call_.secret_item_load_secret_sync(item, nullptr, &error_);
      if (refused()) return;
      auto* const value = call_.secret_item_get_secret(item);
      gsize size = 0;
      const char* const text = value == nullptr ? nullptr : call_.secret_value_get(value, &size);
      if (text == nullptr) return answer(kServiceRefused, "it gave an item without its secret");
      return answer(kServiceFound, {text, size});
    }
    answer(kServiceDone);
  }

 private:
  SecretCollection* find(const std::string& name) {
    for (auto* one = call_.secret_service_get_collections(service_); one != nullptr; one = one->next)
      if (name_in(call_.g_dbus_proxy_get_object_path(static_cast<GDBusProxy*>(one->data))) == name)
        return static_cast<SecretCollection*>(one->data);
    return nullptr;
  }

  GList* items_of(SecretCollection* collection) {
    call_.secret_collection_load_items_sync(collection, nullptr, &error_);
    return error_ == nullptr ? call_.secret_collection_get_items(collection) : nullptr;
  }

  void entry(std::uint64_t collection, std::uint64_t locked, std::string_view label) {
    send_(bytes_of_number(collection));
    send_(bytes_of_number(locked));
    send_(bytes_of_number(label.size()));
    send_(std::as_bytes(std::span(label)));
  }
};

std::optional<std::uint64_t> take_number(std::span<const std::byte>& from) {
  constexpr std::size_t kSize = 8;
  if (from.size() < kSize) return std::nullopt;
  std::uint64_t out = 0;
  for (std::size_t i = kSize; i-- > 0;) out = (out << 8U) | std::to_integer<std::uint64_t>(from[i]);
  from = from.subspan(kSize);
  return out;
}

base::Result<std::vector<CollectionItem>> items_in(std::span<const std::byte> answer,
                                                   std::span<const std::string> names) {
  std::vector<CollectionItem> out;
  while (!answer.empty()) {
    const auto collection = take_number(answer);
    const auto locked = take_number(answer);
    const auto size = take_number(answer);
    if (!size || *collection >= names.size() || *size > answer.size())
      return base::fail(base::ErrorKind::unreachable, "the Secret Service: it broke off");
    const std::string_view label(reinterpret_cast<const char*>(answer.data()), *size);
    if (*size <= kLongestLabel) out.push_back({names[*collection], std::string(label), *locked != 0});
    answer = answer.subspan(*size);
  }
  return out;
}

}  // namespace

base::Result<std::vector<CollectionItem>> list_collections(std::span<const std::string> names, base::Clock& clock) {
  const auto work = [&](const Send& send) { Reading(send).list(names); };
  const ServiceReply reply = TRY(talk_to_service(work, kLargestList, clock));
  if (reply.kind != kServiceFound) return std::unexpected(error_of(reply));
  return reply.text.reveal([&](std::span<const std::byte> answer) { return items_in(answer, names); });
}

base::Result<Bytes> read_collection_item(const std::string& collection, const std::string& label, base::Clock& clock) {
  const auto work = [&](const Send& send) { Reading(send).read(collection, label); };
  ServiceReply reply = TRY(talk_to_service(work, kLargestSecret, clock));
  if (reply.kind == kServiceDone)
    return base::fail(base::ErrorKind::not_found, "the Secret Service has no such item any more");
  if (reply.kind != kServiceFound) return std::unexpected(error_of(reply));
  return std::move(reply.text);
}

}  // namespace secret
