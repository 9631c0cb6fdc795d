#include "credentials/stored_sign_ins.h"

#include "base/text.h"
#include "secret/packed.h"

#include <array>

namespace credentials {
namespace {

using base::ErrorKind;

// Fields of the clear side. Times of AWS as text, those of this machine in milliseconds.
constexpr auto kName = "name";
constexpr auto kStartUrl = "start-url";
constexpr auto kRegion = "region";
constexpr auto kObtained = "obtained";
constexpr auto kRenewed = "renewed";
constexpr auto kExpires = "expires";
constexpr auto kEnded = "ended";
constexpr auto kRenewable = "renewable";
constexpr auto kShared = "shared";
constexpr auto kTrusted = "trusted-endpoints";
constexpr auto kOffset = "clock-offset-ms";
constexpr auto kBoot = "boot-ms";
constexpr auto kClientId = "client-id";
constexpr auto kRegistrationExpires = "registration-expires";
constexpr auto kFlow = "flow";
constexpr auto kScopes = "scopes";
constexpr std::string_view kYes = "yes";
constexpr std::string_view kDevice = "device-code";
constexpr std::string_view kCode = "authorization-code";
constexpr std::size_t kSecrets = 3;  // access token, refresh token, client secret

std::optional<base::Instant> instant(const secret::Fields& fields, const char* name) {
  return base::parse_iso8601(secret::field(fields, name));
}

base::Error damaged(const std::string& id) {
  return {ErrorKind::store_damaged, "the record of the sign-in " + base::printable(id, 100) + " is damaged",
          "run kabuto store check"};
}

secret::Record record_of(const SignInStatus& status, const SignInStore::Secrets& secrets) {
  secret::Record record;
  record.kind = secret::kind::kSignIn;
  record.name = status.id;
  auto& fields = record.fields;
  fields[kName] = status.name;
  fields[kStartUrl] = status.start_url;
  fields[kRegion] = status.region;
  fields[kObtained] = base::iso8601(status.obtained);
  fields[kRenewed] = base::iso8601(status.renewed);
  fields[kExpires] = base::iso8601(status.expires);
  if (status.ended) fields[kEnded] = base::iso8601(*status.ended);
  if (!secrets.refresh_token.empty()) fields[kRenewable] = kYes;
  if (status.shared) fields[kShared] = kYes;
  if (!status.trusted_endpoints.empty()) fields[kTrusted] = status.trusted_endpoints;
  fields[kOffset] = std::to_string(status.clock_offset.count());
  fields[kBoot] = std::to_string(status.boot.time_since_epoch().count());
  fields[kClientId] = secrets.client_id;
  fields[kRegistrationExpires] = base::iso8601(secrets.registration_expires);
  fields[kFlow] = secrets.flow == aws::SsoFlow::device_code ? kDevice : kCode;
  fields[kScopes] = base::join(secrets.scopes, " ");
  return record;
}

}  // namespace

std::optional<SignInStatus> sign_in_status_of(const secret::Record& record) {
  const auto& fields = record.fields;
  const auto obtained = instant(fields, kObtained);
  const auto renewed = instant(fields, kRenewed);
  const auto expires = instant(fields, kExpires);
  const auto registered = instant(fields, kRegistrationExpires);
  const auto offset = base::parse_integer(secret::field(fields, kOffset));
  const auto boot = base::parse_integer(secret::field(fields, kBoot));
  if (!obtained || !renewed || !expires || !registered || !offset || !boot) return std::nullopt;
  SignInStatus status;
  status.id = record.name;
  status.name = secret::field(fields, kName);
  status.start_url = secret::field(fields, kStartUrl);
  status.region = secret::field(fields, kRegion);
  status.obtained = *obtained;
  status.renewed = *renewed;
  status.expires = *expires;
  status.ended = instant(fields, kEnded);
  status.renewable = secret::field(fields, kRenewable) == kYes && !status.ended;
  status.registration_expires = *registered;
  status.shared = secret::field(fields, kShared) == kYes;
  status.trusted_endpoints = secret::field(fields, kTrusted);
  status.clock_offset = base::Duration(*offset);
  status.boot = base::Instant(base::Duration(*boot));
  return status;
}

base::Result<std::optional<secret::Store>> StoredSignIns::open_store() const {
  auto store = secret::Store::open(places_);
  if (store) return std::optional(std::move(*store));
  if (store.error().kind == ErrorKind::not_found) return std::nullopt;
  return std::unexpected(std::move(store).error());
}

base::Result<const secret::DataKey*> StoredSignIns::data_key(const secret::Store& store) {
  if (!data_key_) {
    secret::Unlocker* unlocker = TRY(unlocker_());
    data_key_ = TRY(store.unlock(*unlocker));
  }
  return &*data_key_;
}

base::Result<void> StoredSignIns::prepare() {
  auto store = TRY(open_store());
  if (!store) {
    TRY(make_store_());
    store = TRY(secret::Store::open(places_));
  }
  if (is_elsewhere()) return {};
  auto key = data_key(*store);
  if (!key && !is_elsewhere()) return std::unexpected(std::move(key).error());
  return {};
}

base::Result<secret::Bytes> StoredSignIns::body_of(const secret::Store& store, const std::string& id) {
  if (is_elsewhere())
    if (auto body = elsewhere_->open(id)) return body;
  const auto key = data_key(store);
  if (key) return store.secret_of(**key, secret::kind::kSignIn, id);
  // That process may have got the key while this one waited for its turn to ask.
  if (is_elsewhere()) return elsewhere_->open(id);
  return std::unexpected(key.error());
}

base::Result<std::vector<SignInStatus>> StoredSignIns::list() {
  std::vector<SignInStatus> all;
  const auto store = TRY(open_store());
  if (!store) return all;
  for (const auto& record : store->records(secret::kind::kSignIn)) {
    auto status = sign_in_status_of(record);
    if (!status) return std::unexpected(damaged(record.name));
    all.push_back(std::move(*status));
  }
  return all;
}

base::Result<std::optional<SignInStore::Secrets>> StoredSignIns::open(const std::string& id) {
  const auto store = TRY(open_store());
  const auto record = store ? store->record(secret::kind::kSignIn, id) : std::nullopt;
  if (!record) return std::nullopt;
  const secret::Bytes body = TRY(body_of(*store, id));
  auto parts = secret::unpack(body, kSecrets);
  const auto registration = instant(record->fields, kRegistrationExpires);
  if (!parts || !registration) return std::unexpected(damaged(id));
  Secrets secrets;
  secrets.access_token = std::move((*parts)[0]);
  secrets.refresh_token = std::move((*parts)[1]);
  secrets.client_secret = std::move((*parts)[2]);
  secrets.client_id = secret::field(record->fields, kClientId);
  secrets.registration_expires = *registration;
  secrets.flow =
      secret::field(record->fields, kFlow) == kDevice ? aws::SsoFlow::device_code : aws::SsoFlow::authorization_code;
  const std::string scopes = secret::field(record->fields, kScopes);
  for (const auto scope : base::split(scopes, ' '))
    if (!scope.empty()) secrets.scopes.emplace_back(scope);
  return secrets;
}

base::Result<void> StoredSignIns::put(const SignInStatus& status, const Secrets& secrets) {
  TRY(prepare());
  const std::array<const secret::Bytes*, kSecrets> parts{&secrets.access_token, &secrets.refresh_token,
                                                         &secrets.client_secret};
  secret::Record record = record_of(status, secrets);
  const secret::Bytes body = secret::pack(parts);
  if (is_elsewhere() && elsewhere_->put(record, body)) return {};
  auto store = TRY(secret::Store::open(places_));
  const secret::DataKey* key = TRY(data_key(store));
  secret::Changes changes;
  changes.put(std::move(record), body);
  return store.apply(changes, key);
}

base::Result<void> StoredSignIns::remove(const std::string& id) {
  auto store = TRY(open_store());
  if (!store) return {};
  secret::Changes changes;
  changes.remove(secret::kind::kSignIn, id);
  return store->apply(changes, nullptr);
}

}  // namespace credentials
