// HTTP messages as the simulator sees them: the bytes of the wire, headers in order, nothing decoded. And the
// parameters of AWS's query protocol, decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim {

struct Request {
  std::string method;
  std::string target;  // path and query as sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The first header of that name (any case); nullopt where there is none.
  std::optional<std::string_view> header(std::string_view name) const;
  std::string_view path() const;
  std::string_view query() const;
};

struct Reply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// Name and value, both decoded; order kept.
using Pairs = std::vector<std::pair<std::string, std::string>>;

enum class PlusSign { is_space, is_itself };
/// %XX decoded; a broken escape stays as it is.
std::string percent_decode(std::string_view text, PlusSign plus);
/// `a=b&c`; empty parts are dropped.
Pairs parse_query(std::string_view text, PlusSign plus);

/// The parameters of one call of the query protocol.
class Parameters {
 public:
  Parameters() = default;
  explicit Parameters(Pairs pairs) : pairs_(std::move(pairs)) {}
  /// The first value of that name; an empty value is a value.
  std::optional<std::string> get(std::string_view name) const;
  std::string get_or(std::string_view name, std::string_view fallback) const;
  /// Values of `PREFIX.member.N` (and `.FIELD` where given), N from 1 without a gap.
  std::vector<std::string> list(std::string_view prefix, std::string_view field = {}) const;
  const Pairs& pairs() const { return pairs_; }

 private:
  Pairs pairs_;
};

/// The parameters of a request: those of the query string, then those of a form body.
Parameters parameters_of(const Request& request);

}  // namespace sim
