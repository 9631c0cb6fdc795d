// The container-credentials endpoint (ECS, EKS): one path and one token for each profile, and no way from one profile
// to another's. Answers come from memory and are made before anybody asks.
#pragma once

#include "deliver/handover.h"
#include "deliver/served_credentials.h"
#include "http/server.h"
#include "secret/bytes.h"

#include <deque>
#include <functional>
#include <string>

namespace deliver {

/// A profile as an endpoint's process has it.
struct Served {
  Served(ServedProfile given, const base::Clock& clock);
  ServedProfile profile;  // its lease has been moved to `credentials`
  ServedCredentials credentials;
};

/// Why there is nothing to serve, for the reply and for people: which source, why, what to run.
base::Error no_credentials(const Served& served);

/// The path under which a profile is served, and that of the same in the form of a credential_process.
std::string path_of(std::string_view profile);
inline constexpr std::string_view kProcessForm = "/credential-process";

class EndpointService final : public http::Service {
 public:
  /// `renew` is called for a profile that a request has found without live credentials; true where waiting may help.
  EndpointService(std::deque<Served>& profiles, std::function<bool(Served&)> renew);

  const secret::Bytes* answer(const http::RequestHead& head, http::Patience patience) override;

 private:
  struct Route {
    Served* served;
    std::string process_path;
    unsigned generation = 0;
    secret::Bytes credentials, process_form, failure;
  };
  const secret::Bytes* answer_for(Route& route, const secret::Bytes& live, http::Patience patience);

  std::deque<Route> routes_;
  std::function<bool(Served&)> renew_;
  secret::Bytes not_found_, wrong_method_, wrong_token_;
};

}  // namespace deliver
