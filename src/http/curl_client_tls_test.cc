// TLS and proxies: whom the client believes, and what it tells a proxy.
#include "http/client.h"
#include "http/memory_for_test.h"
#include "http/tls_for_test.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace http {
namespace {

using base::ErrorKind;

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that a client has given up
    std::filesystem::create_directories(folder_);
    write_pem(authority_, bundle());
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  std::string bundle() const { return (folder_ / "ca.pem").string(); }

  /// The reply of a server that shows `identity`, asked by a client that trusts `ca_bundle`.
  base::Result<Response> ask(const Identity& identity, const std::string& ca_bundle,
                             int newest_version = TLS1_3_VERSION, const base::Environment& environment = {}) {
    const auto context = make_context(identity, newest_version);
    LoopbackServer server([&](int fd) { server.keep(serve_tls(fd, context.get(), reply_text("hello"))); });
    Request request;
    request.url = server.url("https");
    request.secret_headers.push_back({"X-Secret", secret::Bytes::copy_of("s3cret")});
    auto reply = make_client(environment, {ca_bundle})->send(request, {});
    if (!reply) {
      for (const auto& seen : server.requests()) EXPECT_EQ(seen.find("s3cret"), std::string::npos);
    }
    return reply;
  }

  void expect_not_trusted(const base::Result<Response>& reply) {
    ASSERT_FALSE(reply.has_value());
    EXPECT_EQ(reply.error().kind, ErrorKind::unreachable);
    EXPECT_NE(reply.error().what.find("not trusted"), std::string::npos) << reply.error().what;
    EXPECT_NE(reply.error().hint.find("AWS_CA_BUNDLE"), std::string::npos);
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("kabuto-tls-" + std::to_string(getpid()));
  Identity authority_ = make_identity("kabuto test authority", Role::authority, nullptr);
};

TEST_F(TlsTest, a_server_that_the_bundle_vouches_for_is_believed) {
  const auto identity = make_identity("IP:127.0.0.1", Role::server, &authority_);
  const auto reply = ask(identity, bundle());
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  EXPECT_EQ(reply->status, 200);
}

TEST_F(TlsTest, ssl_cert_file_counts_where_no_bundle_is_set) {
  const auto identity = make_identity("IP:127.0.0.1", Role::server, &authority_);
  const auto variable = "SSL_CERT_FILE=" + bundle();
  EXPECT_TRUE(ask(identity, "", TLS1_3_VERSION, {variable}).has_value());
}

TEST_F(TlsTest, a_server_of_an_unknown_authority_is_not) {
  const auto identity = make_identity("IP:127.0.0.1", Role::server, &authority_);
  expect_not_trusted(ask(identity, ""));
  const auto stranger = make_identity("another authority", Role::authority, nullptr);
  expect_not_trusted(ask(make_identity("IP:127.0.0.1", Role::server, &stranger), bundle()));
}

TEST_F(TlsTest, a_self_signed_server_is_not) {
  expect_not_trusted(ask(make_identity("IP:127.0.0.1", Role::server, nullptr), bundle()));
}

TEST_F(TlsTest, an_expired_certificate_is_not) {
  expect_not_trusted(ask(make_identity("IP:127.0.0.1", Role::server, &authority_, -1), bundle()));
}

TEST_F(TlsTest, a_certificate_of_another_host_is_not) {
  expect_not_trusted(ask(make_identity("DNS:sts.amazonaws.com", Role::server, &authority_), bundle()));
}

TEST_F(TlsTest, tls_1_1_is_refused) {
  const auto identity = make_identity("IP:127.0.0.1", Role::server, &authority_);
  EXPECT_TRUE(ask(identity, bundle(), TLS1_2_VERSION).has_value());
  EXPECT_FALSE(ask(identity, bundle(), TLS1_1_VERSION).has_value());
}

TEST_F(TlsTest, a_bundle_that_cannot_be_read_is_an_error_and_no_fallback) {
  const auto identity = make_identity("IP:127.0.0.1", Role::server, &authority_);
  const auto reply = ask(identity, (folder_ / "missing.pem").string());
  ASSERT_FALSE(reply.has_value());
  EXPECT_NE(reply.error().what.find("missing.pem"), std::string::npos) << reply.error().what;
}

TEST_F(TlsTest, an_own_bundle_replaces_the_systems_authorities) {
  // SSL_CERT_DIR is not read, and neither is the system's folder once a bundle is given.
  std::ofstream(folder_ / "empty.pem") << "";
  const auto identity = make_identity("IP:127.0.0.1", Role::server, &authority_);
  const auto variable = "SSL_CERT_DIR=" + folder_.string();
  EXPECT_FALSE(ask(identity, (folder_ / "empty.pem").string(), TLS1_3_VERSION, {variable}).has_value());
}

constexpr const char* kSts = "https://sts.eu-west-1.amazonaws.com/";

TEST_F(TlsTest, a_proxy_carries_the_call_and_sees_none_of_it) {
  const auto identity = make_identity("DNS:sts.eu-west-1.amazonaws.com", Role::server, &authority_);
  const auto context = make_context(identity);
  std::string inside;
  LoopbackServer proxy([&](int fd) {
    std::string connect;  // byte by byte: what follows belongs to TLS
    for (char c = 0; !connect.ends_with("\r\n\r\n") && read(fd, &c, 1) == 1;) connect += c;
    proxy.keep(connect);
    send_text(fd, "HTTP/1.1 200 Connection established\r\nX-From-Proxy: yes\r\n\r\n");
    inside = serve_tls(fd, context.get(), reply_text("through"));
  });
  const auto variable = "HTTPS_PROXY=http://us%40er:p%3Ass@127.0.0.1:" + std::to_string(proxy.port());
  Request request;
  request.url = kSts;
  request.headers.push_back({"Authorization", "AWS4-HMAC-SHA256 x"});
  request.secret_headers.push_back({"X-Secret", secret::Bytes::copy_of("s3cret")});
  const auto reply = make_client({variable}, {bundle()})->send(request, {});
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  EXPECT_FALSE(reply->header("X-From-Proxy").has_value());
  const auto connect = proxy.requests().at(0);
  EXPECT_TRUE(connect.starts_with("CONNECT sts.eu-west-1.amazonaws.com:443 HTTP/1.1\r\n")) << connect;
  EXPECT_NE(connect.find("Proxy-Authorization: Basic dXNAZXI6cDpzcw==\r\n"), std::string::npos) << connect;
  EXPECT_EQ(connect.find("s3cret"), std::string::npos);
  EXPECT_EQ(connect.find("AWS4"), std::string::npos);
  EXPECT_NE(inside.find("X-Secret: s3cret"), std::string::npos);
  EXPECT_EQ(inside.find("Proxy-Authorization"), std::string::npos);
}

TEST_F(TlsTest, a_proxy_that_refuses_or_is_dead_is_named_without_its_password) {
  LoopbackServer refusing(reply_text("", "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x"));
  for (const int port : {refusing.port(), 1}) {
    const auto variable = "https_proxy=http://user:pa55word@127.0.0.1:" + std::to_string(port);
    Request request;
    request.url = kSts;
    const auto reply = make_client({variable}, {})->send(request, {});
    ASSERT_FALSE(reply.has_value());
    EXPECT_EQ(reply.error().kind, ErrorKind::unreachable) << reply.error().what;
    EXPECT_NE(reply.error().what.find("http://127.0.0.1:" + std::to_string(port) + " of https_proxy"),
              std::string::npos)
        << reply.error().what;
    EXPECT_EQ((reply.error().what + reply.error().hint).find("pa55word"), std::string::npos);
  }
}

TEST_F(TlsTest, no_secret_of_request_or_reply_stays_in_memory) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer keeps freed memory and its own copies";
#endif
  const auto identity = make_identity("IP:127.0.0.1", Role::server, &authority_);
  int ports[2];
  ASSERT_EQ(pipe(ports), 0);
  // The server echoes the secret from another process, so that its copies do not count.
  const pid_t child = fork();
  if (child == 0) {
    const auto context = make_context(identity);
    std::atomic<bool> served = false;
    LoopbackServer server([&](int fd) {
      SSL* const tls = SSL_new(context.get());
      SSL_set_fd(tls, fd);
      if (SSL_accept(tls) == 1) {
        const auto request =
            read_request([&](char* to, std::size_t size) { return SSL_read(tls, to, static_cast<int>(size)); });
        const auto reply = reply_text(request.substr(request.find("X-Secret: ") + 10, make_canary().size()));
        SSL_write(tls, reply.data(), static_cast<int>(reply.size()));
        SSL_shutdown(tls);
      }
      SSL_free(tls);
      served = true;
    });
    const int port = server.port();
    if (write(ports[1], &port, sizeof port) != sizeof port) _exit(1);
    while (!served) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    _exit(0);
  }
  int port = 0;
  ASSERT_EQ(read(ports[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));
  const auto client = make_client({}, {bundle()});
  bool echoed = false;
  {
    Request request;
    request.url = "https://127.0.0.1:" + std::to_string(port) + "/";
    request.secret_headers.push_back({"X-Secret", make_canary()});
    request.body = make_canary();
    EXPECT_GT(canaries_in_memory(), 0) << "the search itself finds nothing";
    const auto reply = client->send(request, {});
    EXPECT_TRUE(reply.has_value()) << reply.error().what;
    echoed = reply && reply->body.equals(request.body);
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(ports[0]);
  close(ports[1]);
  EXPECT_TRUE(echoed);
  EXPECT_EQ(canaries_in_memory(), 0);
}

}  // namespace
}  // namespace http
