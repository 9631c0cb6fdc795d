// To whom a request may go without TLS: this machine itself, and the few fixed addresses of its own link at which AWS
// serves credentials to instances, tasks and pods. Never through a proxy, and never to a name that leads elsewhere.
#pragma once

#include <cstdint>
#include <string_view>

struct sockaddr;

namespace http {

enum class PlainHttp : std::uint8_t {
  loopback,
  metadata,  // and AWS's metadata addresses: a request that asks for credentials there
};

/// 169.254.169.254, 169.254.170.2, 169.254.170.23, fd00:ec2::23 and fd00:ec2::254, in any spelling that parse_url
/// takes.
bool is_metadata_host(std::string_view host);

/// By the host as parse_url leaves it.
bool may_go_plain(std::string_view host, PlainHttp to);
/// The same for the address that a host's name has led to.
bool may_go_plain(const sockaddr& address, PlainHttp to);

}  // namespace http
