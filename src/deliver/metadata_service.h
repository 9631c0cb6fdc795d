// EC2's instance metadata service for one profile, version 2 only: nothing is told without a token that was fetched by
// PUT, which no redirected or forwarded request can do. For tools that know no other way.
#pragma once

#include "base/clock.h"
#include "deliver/endpoint_service.h"
#include "http/server.h"
#include "secret/bytes.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

class MetadataService final : public http::Service {
 public:
  /// As EndpointService, for one profile.
  MetadataService(Served& served, const base::Clock& clock, std::function<bool(Served&)> renew);

  const secret::Bytes* answer(const http::RequestHead& head, http::Patience patience) override;

 private:
  struct Token {
    secret::Bytes text;
    base::Duration ends;
  };
  const secret::Bytes* say(int status, std::string_view content_type, std::string_view more, const secret::Bytes& body);
  const secret::Bytes* say_text(int status, std::string_view text);
  const secret::Bytes* make_token(const http::RequestHead& head);
  const Token* live_token(std::string_view text) const;
  const secret::Bytes* read(std::string_view path, std::string_view ttl_field, http::Patience patience);
  secret::Bytes credentials_document() const;

  Served& served_;
  const base::Clock& clock_;
  std::function<bool(Served&)> renew_;
  std::string role_;
  std::vector<Token> tokens_;
  secret::Bytes reply_;
};

}  // namespace deliver
