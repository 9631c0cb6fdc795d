#include "deliver/two_key_door.h"

#include "aws/sigv4.h"
#include "base/text.h"
#include "deliver/door_reply.h"
#include "http/request_head.h"
#include "http/status.h"
#include "secret/cipher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <utility>

namespace deliver {
namespace {

using aws::ServiceRefusal;
using base::Duration;

constexpr std::size_t kSecretBytes = 20, kKeyIdBytes = 7;
constexpr std::size_t kMostHeld = std::size_t{16} << 20;
constexpr std::size_t kPiece = std::size_t{64} << 10;
constexpr Duration kSmallOffset{60'000};
// Replaced by ours, or set anew by whoever sends the request on.
constexpr std::array<std::string_view, 8> kReplaced{
    "authorization", "content-length",       "date",       "expect",
    "host",          "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"};

std::unexpected<ServiceRefusal> refuse_as(int status, std::string_view code, std::string message) {
  return std::unexpected(ServiceRefusal{status, std::string(code), std::move(message)});
}

bool is_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && !name.starts_with('.') && !name.ends_with('.') &&
         name.find("..") == name.npos && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

/// "https://host:443" is sent, and signed, as "https://host".
std::string without_default_port(const std::string& given) {
  std::string url = given;
  const std::string_view port = url.starts_with("https://") ? ":443" : ":80";
  const auto begin = url.find("://") + 3;
  const auto end = std::min(url.find('/', begin), url.size());
  if (std::string_view(url).substr(begin, end - begin).ends_with(port)) url.erase(end - port.size(), port.size());
  return url;
}

std::string with_hint(const base::Error& error) {
  return "kabuto: " + error.what + (error.hint.empty() ? "" : " (" + error.hint + ")");
}

ServiceRefusal refusal_of(DoorBody::Fault fault) {
  switch (fault) {
    case DoorBody::Fault::other_hash:
      return {http::kBadRequest, "XAmzContentSHA256Mismatch",
              "The provided 'x-amz-content-sha256' header does not match what was computed."};
    case DoorBody::Fault::mismatch:
      return {http::kForbidden, "SignatureDoesNotMatch",
              "A signature inside the body does not match. Nothing was stored."};
    case DoorBody::Fault::malformed:
      return {http::kBadRequest, "IncompleteBody", "The body is not of the form that was announced."};
    case DoorBody::Fault::too_large:
      return {http::kContentTooLarge, "EntityTooLarge",
              "kabuto: a signed chunk is larger than 8 MiB; use smaller chunks"};
    case DoorBody::Fault::cut:
    case DoorBody::Fault::none:
      break;
  }
  return {http::kBadRequest, "RequestTimeout", "The body did not come to its end in time."};
}

}  // namespace

aws::Credentials make_local_pair() {
  aws::Credentials pair;
  pair.access_key_id = "KABUTO" + secret::random_hex(kKeyIdBytes);
  std::ranges::transform(pair.access_key_id, pair.access_key_id.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  const auto random = secret::random_key();
  pair.secret_access_key = secret::Bytes(2 * kSecretBytes);
  random.reveal([&](std::span<const std::byte> bytes) {
    pair.secret_access_key.edit([&](std::span<std::byte> digits) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      for (std::size_t i = 0; i < kSecretBytes; ++i) {
        const auto value = std::to_integer<unsigned>(bytes[i]);
        digits[2 * i] = static_cast<std::byte>(kDigits[value >> 4U]);
        digits[2 * i + 1] = static_cast<std::byte>(kDigits[value & 15U]);
      }
    });
  });
  return pair;
}

TwoKeyDoor::TwoKeyDoor(DoorPlan plan, const aws::Credentials& pair, credentials::LiveSession& session,
                       base::Clock& clock, const base::Environment& environment,
                       std::function<void(std::string_view)> note)
    : plan_(std::move(plan)),
      pair_(pair),
      session_(session),
      clock_(clock),
      environment_(environment),
      note_(std::move(note)) {
  plan_.endpoint.url = without_default_port(plan_.endpoint.url);
}

TwoKeyDoor::~TwoKeyDoor() = default;

base::Instant TwoKeyDoor::aws_time() const { return clock_.now() + Duration(offset_.load()); }

std::unique_ptr<http::StreamClient> TwoKeyDoor::take_client() {
  const std::lock_guard lock(clients_mutex_);
  if (clients_.empty()) return http::make_stream_client(environment_, {plan_.ca_bundle});
  auto client = std::move(clients_.back());
  clients_.pop_back();
  return client;
}

void TwoKeyDoor::give_back(std::unique_ptr<http::StreamClient> client) {
  const std::lock_guard lock(clients_mutex_);
  clients_.push_back(std::move(client));
}

/// A page of another name that resolves to this machine must not be able to speak to us. S3's clients may put the
/// bucket before localhost, which no name server gives to others.
std::expected<void, ServiceRefusal> TwoKeyDoor::read_host(const std::string& host, Visitor& visitor) const {
  if (http::is_own_host(host, plan_.port)) return {};
  const auto local = fmt::format(".localhost:{}", plan_.port);
  if (plan_.endpoint.signing_name == "s3" && host.ends_with(local)) {
    visitor.bucket = host.substr(0, host.size() - local.size());
    if (is_bucket(visitor.bucket)) return {};
  }
  return refuse_as(http::kBadRequest, "InvalidRequest", "kabuto: the Host is not this proxy's");
}

std::expected<TwoKeyDoor::Visitor, ServiceRefusal> TwoKeyDoor::let_in(http::Exchange& exchange) {
  const auto& request = exchange.request();
  const auto& service = plan_.endpoint.signing_name;
  Visitor visitor;
  if (auto good = read_host(request.host, visitor); !good) return Refused(good.error());
  auto claim = aws::read_claim(request.target, request.headers);
  if (!claim) return Refused(claim.error());
  visitor.claim = std::move(*claim);
  auto body = read_body_claim(request, visitor.claim, service);
  if (!body) return Refused(body.error());
  visitor.body = std::move(*body);
  visitor.hash = visitor.body.word;
  if (visitor.hash.empty()) {
    secret::Sha256 hash;
    std::vector<std::byte> piece(kPiece);
    while (true) {
      const auto count = exchange.read_body(piece);
      if (!count) return Refused(refusal_of(DoorBody::Fault::cut));
      if (*count == 0) break;
      if (visitor.held.size() + *count > kMostHeld)
        return refuse_as(http::kContentTooLarge, "RequestEntityTooLarge",
                         "kabuto: a body without x-amz-content-sha256 may be 16 MiB long");
      visitor.held.insert(visitor.held.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
    }
    visitor.hash = base::hex(hash.add(visitor.held).take());
  }
  const DoorRule rule{service, pair_, {clock_.now(), aws_time()}};
  if (auto good = check_signature(request, visitor.claim, visitor.hash, rule); !good) return Refused(good.error());
  if (request.framing == http::BodyFraming::none && visitor.body.form == BodyForm::hashed &&
      visitor.hash != aws::kEmptyBodyHash)
    return Refused(refusal_of(DoorBody::Fault::other_hash));
  return visitor;
}

/// The request as it goes to AWS, without its signature: what the tool signed will be signed again, what it did not
/// sign follows unsigned.
http::Request TwoKeyDoor::outgoing(const http::StreamRequest& request, const Visitor& visitor,
                                   std::vector<http::Header>& unsigned_headers) const {
  http::Request out;
  out.method = request.method;
  const auto mark = std::min(request.target.find('?'), request.target.size());
  std::string path = request.target.substr(0, mark);
  if (plan_.endpoint.signing_name == "s3") path = aws::encoded_once(path);
  if (!visitor.bucket.empty()) path.insert(0, "/" + visitor.bucket);
  auto query = mark == request.target.size() ? std::string() : request.target.substr(mark + 1);
  if (visitor.claim.form == aws::SignatureForm::query) query = aws::without_signature(query);
  out.url = plan_.endpoint.url + path + (query.empty() ? "" : "?" + query);
  for (const auto& header : request.headers) {
    const auto name = base::lower_ascii(header.name);
    if (std::ranges::find(kReplaced, name) != kReplaced.end() || is_hop_by_hop(name, request.headers)) continue;
    (visitor.claim.signs(name) ? out.headers : unsigned_headers).push_back(header);
  }
  if (request.expects_continue && visitor.held.empty()) unsigned_headers.push_back({"Expect", "100-continue"});
  return out;
}

std::optional<ServiceRefusal> TwoKeyDoor::forward(http::Exchange& exchange, const Visitor& visitor) {
  const auto& request = exchange.request();
  const auto credentials = session_.current();
  if (!credentials)
    return ServiceRefusal{http::kServiceUnavailable, "ServiceUnavailable", with_hint(credentials.error())};

  std::vector<http::Header> unsigned_headers;
  auto out = outgoing(request, visitor, unsigned_headers);
  const bool is_s3 = plan_.endpoint.signing_name == "s3";
  aws::Signing signing{plan_.endpoint.signing_region, plan_.endpoint.signing_name, aws_time()};
  signing.path = is_s3 ? aws::UriPath::encoded_once : aws::UriPath::normalized;
  signing.known_body_hash = visitor.hash;
  if (is_s3 || visitor.body.in_header) signing.body_hash = aws::BodyHashHeader::sent;
  auto signature = aws::sign(out, **credentials, signing);
  if (!signature) return ServiceRefusal{http::kBadRequest, "InvalidRequest", with_hint(signature.error())};
  out.headers.insert(out.headers.end(), unsigned_headers.begin(), unsigned_headers.end());

  std::unique_ptr<DoorBody> body;
  std::optional<std::uint64_t> length;
  if (request.framing == http::BodyFraming::length) length = request.length;
  if (!visitor.held.empty()) {
    body = std::make_unique<HeldBody>(visitor.held);
    length = visitor.held.size();
  } else if (request.framing != http::BodyFraming::none && visitor.body.word.empty()) {
    length = 0;  // an empty body that was read to be hashed
  } else if (request.framing != http::BodyFraming::none) {
    const auto chunks = [&](SignedChunks::Trailer trailer) {
      const auto& claim = visitor.claim;
      return std::make_unique<SignedChunks>(
          exchange,
          aws::ChunkSignatures(aws::SigningKey(pair_.secret_access_key, claim.stamp, claim.region, claim.service),
                               claim.signature),
          aws::ChunkSignatures(aws::SigningKey((*credentials)->secret_access_key, base::basic_iso8601(signing.when),
                                               signing.region, signing.service),
                               signature->hex),
          trailer);
    };
    switch (visitor.body.form) {
      case BodyForm::hashed:
        body = std::make_unique<HashedBody>(exchange, visitor.hash);
        break;
      case BodyForm::not_hashed:
        body = std::make_unique<PlainBody>(exchange);
        break;
      case BodyForm::signed_chunks:
        body = chunks(SignedChunks::Trailer::none);
        break;
      case BodyForm::signed_chunks_trailer:
        body = chunks(SignedChunks::Trailer::is_signed);
        break;
      case BodyForm::unsigned_chunks_trailer:
        body = std::make_unique<UnsignedChunks>(exchange);
        break;
    }
  }

  PassedReply reply(exchange);
  auto client = take_client();
  const auto done = client->exchange(out, {body.get(), length}, reply, {}, *stopping_);
  give_back(std::move(client));
  if (const auto date = reply.date()) {
    const auto offset = *date - clock_.now();
    const bool small = offset < kSmallOffset && offset > -kSmallOffset;
    offset_ = small ? 0 : offset.count();
    session_.set_clock_offset(small ? Duration(0) : offset);
  }
  if (done) {
    exchange.end_reply();
  } else if (!exchange.reply_begun()) {
    if (body != nullptr && body->fault() != DoorBody::Fault::none) return refusal_of(body->fault());
    return ServiceRefusal{http::kBadGateway, "BadGateway", with_hint(done.error())};
  }
  return std::nullopt;
}

void TwoKeyDoor::serve(http::Exchange& exchange) {
  const auto visitor = let_in(exchange);
  const auto refusal = visitor ? forward(exchange, *visitor) : visitor.error();
  if (refusal) send_refusal(exchange, plan_.endpoint.signing_name, *refusal);
  const auto& target = exchange.request().target;
  note_(fmt::format("{} {} {}", base::printable(exchange.request().method, 20),
                    base::printable(std::string_view(target).substr(0, target.find('?')), 200),
                    refusal ? refusal->code + ": " + base::printable(refusal->message) : "passed on"));
}

void TwoKeyDoor::refuse(http::Exchange& exchange, const http::StreamRefusal& refusal) {
  const std::string_view code = refusal.status == http::kForbidden ? "AccessDenied" : "InvalidRequest";
  send_refusal(exchange, plan_.endpoint.signing_name, {refusal.status, std::string(code), "kabuto: " + refusal.why});
}

}  // namespace deliver
