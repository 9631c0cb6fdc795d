// Decoding of query strings, forms and AWS's list parameters.
#include "message.h"

#include "base/text.h"

namespace sim {

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (base::equals_ignoring_case(key, name)) return value;
  return std::nullopt;
}

std::string_view Request::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view Request::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::string percent_decode(std::string_view text, PlusSign plus) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == PlusSign::is_space) {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size()) {
      const auto byte = base::from_hex(text.substr(i + 1, 2));
      if (!byte) {
        out += text[i];
        continue;
      }
      out += static_cast<char>(byte->front());
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Pairs parse_query(std::string_view text, PlusSign plus) {
  Pairs pairs;
  for (const std::string_view part : base::split(text, '&')) {
    if (part.empty()) continue;
    const std::size_t mark = part.find('=');
    const std::string_view value = mark == std::string_view::npos ? std::string_view() : part.substr(mark + 1);
    pairs.emplace_back(percent_decode(part.substr(0, mark), plus), percent_decode(value, plus));
  }
  return pairs;
}

std::optional<std::string> Parameters::get(std::string_view name) const {
  for (const auto& [key, value] : pairs_)
    if (key == name) return value;
  return std::nullopt;
}

std::string Parameters::get_or(std::string_view name, std::string_view fallback) const {
  return get(name).value_or(std::string(fallback));
}

std::vector<std::string> Parameters::list(std::string_view prefix, std::string_view field) const {
  std::vector<std::string> values;
  while (true) {
    std::string name = std::string(prefix) + ".member." + std::to_string(values.size() + 1);
    if (!field.empty()) name += "." + std::string(field);
    std::optional<std::string> value = get(name);
    if (!value) return values;
    values.push_back(std::move(*value));
  }
}

Parameters parameters_of(const Request& request) {
  Pairs pairs = parse_query(request.query(), PlusSign::is_space);
  const std::string_view type = request.header("content-type").value_or("");
  if (request.method == "POST" && type.starts_with("application/x-www-form-urlencoded"))
    for (auto& pair : parse_query(request.body, PlusSign::is_space)) pairs.push_back(std::move(pair));
  return Parameters(std::move(pairs));
}

}  // namespace sim
