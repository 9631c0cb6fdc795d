// http::StreamClient over libcurl. Its callbacks wait for whoever is slower, so that nothing piles up in between.
#include "http/curl_handle.h"
#include "http/stream_client.h"

#include <string_view>
#include <utility>

namespace http {
namespace {

using base::ErrorKind;

// Large enough that the pieces of a large body cost little; libcurl gives no more than this.
constexpr long kReceiveBuffer = 512L * 1024;
constexpr long kSendBuffer = 512L * 1024;
constexpr long kContinueWait = 1'000;  // ms, as HTTP's clients do

struct Running {
  BodySource* source;
  ReplySink& sink;
  const CurlHandle& handle;
  const std::atomic<bool>& stop;
  std::size_t header_room;
  int status = 0;
  std::vector<Header> headers;
  bool head_given = false;
  bool gave_up = false, headers_too_large = false, headers_unclear = false;

  bool give_head() {
    if (head_given) return true;
    head_given = true;
    if (sink.head(status, headers)) return true;
    gave_up = true;
    return false;
  }
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* target) {
  auto& running = *static_cast<Running*>(target);
  const auto bytes = std::as_bytes(std::span(data, size * count));
  if (running.give_head() && running.sink.body(bytes)) return bytes.size();
  running.gave_up = true;
  return 0;
}

int status_of(std::string_view line) {
  const auto blank = line.find(' ');
  int status = 0;
  for (std::size_t i = blank + 1;
       blank != line.npos && i < line.size() && line[i] >= '0' && line[i] <= '9' && i <= blank + 3; ++i)
    status = status * 10 + (line[i] - '0');
  return status;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* target) {
  auto& running = *static_cast<Running*>(target);
  const std::string_view line(data, size * count);
  if (line.size() > running.header_room) {
    running.headers_too_large = true;
    return 0;
  }
  running.header_room -= line.size();
  if (running.head_given) return line.size();  // what stands behind a chunked body
  auto read = read_header_line(line);
  if (read.kind == HeaderLine::Kind::unclear) {
    running.headers_unclear = true;
    return 0;
  }
  if (read.kind == HeaderLine::Kind::status) {
    running.headers.clear();  // "100 Continue" is not the reply
    running.status = status_of(line);
  }
  if (read.kind == HeaderLine::Kind::field) running.headers.push_back(std::move(read.field));
  return line.size();
}

std::size_t give_body(char* room, std::size_t size, std::size_t count, void* from) {
  auto& running = *static_cast<Running*>(from);
  const auto got = running.source->read(std::as_writable_bytes(std::span(room, size * count)));
  if (got) return *got;
  running.gave_up = true;
  return CURL_READFUNC_ABORT;
}

int watch_stop(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Running*>(of)->stop.load() ? 1 : 0;
}

class CurlStreamClient final : public StreamClient {
 public:
  CurlStreamClient(const base::Environment& environment, ClientSettings settings)
      : handle_(environment, std::move(settings)) {}

  base::Result<void> exchange(const Request& request, const Upload& upload, ReplySink& reply,
                              const StreamLimits& limits, const std::atomic<bool>& stop) override;

 private:
  void set_upload(const Request& request, const Upload& upload, Running& running);

  CurlHandle handle_;
};

void CurlStreamClient::set_upload(const Request& request, const Upload& upload, Running& running) {
  if (upload.source != nullptr || request.method == "PUT" || request.method == "POST") {
    handle_.set(CURLOPT_UPLOAD, 1L);
    handle_.set(CURLOPT_UPLOAD_BUFFERSIZE, kSendBuffer);
    handle_.set(CURLOPT_READFUNCTION, give_body);
    handle_.set(CURLOPT_READDATA, static_cast<void*>(&running));
    const curl_off_t none = 0;
    handle_.set(CURLOPT_INFILESIZE_LARGE, upload.source == nullptr ? none
                                          : upload.length          ? static_cast<curl_off_t>(*upload.length)
                                                                   : curl_off_t{-1});
    handle_.set(CURLOPT_EXPECT_100_TIMEOUT_MS, kContinueWait);
  } else if (request.method == "HEAD") {
    handle_.set(CURLOPT_NOBODY, 1L);
  } else {
    handle_.set(CURLOPT_HTTPGET, 1L);
  }
  handle_.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

base::Result<void> CurlStreamClient::exchange(const Request& request, const Upload& upload, ReplySink& reply,
                                              const StreamLimits& limits, const std::atomic<bool>& stop) {
  const auto route = TRY(handle_.route(request));
  TRY(handle_.prepare(request, route, limits.connect));
  CurlHeaders headers(handle_.library());
  headers.add_all(request);
  handle_.set(CURLOPT_HTTPHEADER, headers.get());

  Running running{upload.source, reply, handle_, stop, limits.header_bytes, 0, {}};
  handle_.set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  handle_.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  handle_.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(std::chrono::ceil<std::chrono::seconds>(limits.stall).count()));
  handle_.set(CURLOPT_WRITEFUNCTION, take_body);
  handle_.set(CURLOPT_WRITEDATA, static_cast<void*>(&running));
  handle_.set(CURLOPT_HEADERFUNCTION, take_header);
  handle_.set(CURLOPT_HEADERDATA, static_cast<void*>(&running));
  handle_.set(CURLOPT_NOPROGRESS, 0L);
  handle_.set(CURLOPT_XFERINFOFUNCTION, watch_stop);
  handle_.set(CURLOPT_XFERINFODATA, static_cast<void*>(&running));
  set_upload(request, upload, running);

  const auto code = handle_.perform();
  if (running.gave_up) return base::fail(ErrorKind::failure, "one side of the transfer went away");
  if (running.headers_too_large)
    return base::fail(ErrorKind::refused, route.url.host + " sent more than " +
                                              std::to_string(limits.header_bytes / 1024) + " KiB of headers");
  if (running.headers_unclear) return base::fail(ErrorKind::refused, route.url.host + " sent a zero byte in a header");
  if (code == CURLE_ABORTED_BY_CALLBACK) return base::fail(ErrorKind::failure, "the transfer was stopped");
  if (code != CURLE_OK) return std::unexpected(handle_.explained(code, route));
  if (!running.give_head()) return base::fail(ErrorKind::failure, "one side of the transfer went away");
  return {};
}

}  // namespace

std::unique_ptr<StreamClient> make_stream_client(const base::Environment& environment, ClientSettings settings) {
  return std::make_unique<CurlStreamClient>(environment, std::move(settings));
}

}  // namespace http
