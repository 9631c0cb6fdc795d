// The AWS CLI's protocol suites for "query": its serialiser cases through QueryForm, its parser cases through XmlReply.
// The suites describe operations by shapes; the walk over shapes stands here, the encoding and the reading are ours.
#include "aws/query_form.h"
#include "aws/query_xml.h"
#include "aws/service_error.h"
#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"

#include <algorithm>

namespace aws {
namespace {

using nlohmann::json;

base::Instant instant_of(double epoch) {
  return base::Instant(base::Duration(static_cast<std::int64_t>(epoch * 1000)));
}

// ---- requests

struct Serializer {
  const json& shapes;
  QueryForm form;

  static std::string joined(const std::string& prefix, const std::string& name) {
    return prefix.empty() ? name : prefix + "." + name;
  }

  std::string scalar(const json& shape, const json& member, const json& value) const {
    const auto type = shape["type"].get<std::string>();
    if (type == "timestamp") {
      const auto format = member.value("timestampFormat", shape.value("timestampFormat", "iso8601"));
      if (format == "unixTimestamp") return std::to_string(value.get<std::int64_t>());
      return base::iso8601(instant_of(value.get<double>()));
    }
    if (type == "boolean") return value.get<bool>() ? "true" : "false";
    if (type == "blob") return base64(value.get<std::string>());
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  static std::string base64(const std::string& text) {
    static constexpr char kSigns[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
      std::uint32_t bits = 0;
      for (std::size_t j = 0; j < 3; ++j)
        bits = bits << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
      for (std::size_t j = 0; j < 4; ++j) out += i + j > text.size() ? '=' : kSigns[bits >> (18 - 6 * j) & 63];
    }
    return out;
  }

  void list(const json& shape, const json& member, const json& value, const std::string& prefix) {
    if (value.empty()) {
      form.add(prefix, "");
      return;
    }
    auto base_name = prefix;
    if (shape.value("flattened", member.value("flattened", false))) {
      if (shape["member"].contains("locationName") && !member.contains("locationName")) {
        const auto cut = prefix.rfind('.');
        base_name = joined(cut == prefix.npos ? "" : prefix.substr(0, cut), shape["member"]["locationName"]);
      }
    } else {
      base_name = joined(prefix, shape["member"].value("locationName", "member"));
    }
    for (std::size_t i = 0; i < value.size(); ++i)
      add(shape["member"], value[i], base_name + "." + std::to_string(i + 1));
  }

  void map(const json& shape, const json& member, const json& value, const std::string& prefix) {
    const bool flat = shape.value("flattened", member.value("flattened", false));
    std::size_t number = 0;
    for (const auto& [key, item] : value.items()) {
      const auto entry = joined(prefix, flat ? "" : "entry") + (flat ? "" : ".") + std::to_string(++number);
      form.add(joined(entry, shape["key"].value("locationName", "key")), key);
      add(shape["value"], item, joined(entry, shape["value"].value("locationName", "value")));
    }
  }

  void add(const json& member, const json& value, const std::string& prefix) {
    const auto& shape = shapes[member["shape"].get<std::string>()];
    const auto type = shape["type"].get<std::string>();
    if (type == "structure") {
      structure(shape, value, prefix);
    } else if (type == "list") {
      list(shape, member, value, prefix);
    } else if (type == "map") {
      map(shape, member, value, prefix);
    } else {
      form.add(prefix, scalar(shape, member, value));
    }
  }

  void structure(const json& shape, const json& value, const std::string& prefix) {
    for (const auto& [name, member] : shape["members"].items()) {
      if (value.contains(name)) {
        add(member, value[name], joined(prefix, member.value("locationName", name)));
      } else if (member.value("idempotencyToken", false)) {
        form.add(joined(prefix, name), "00000000-0000-4000-8000-000000000000");
      }
    }
  }
};

std::vector<std::string> sorted_pairs(const std::string& body) {
  std::vector<std::string> out;
  for (const auto pair : base::split(body, '&')) out.emplace_back(pair);
  std::ranges::sort(out);
  return out;
}

TEST(QueryProtocol, serialises_the_suites_of_the_cli) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0, left_out = 0;
  for (const auto& suite : vector_json("aws-cli/protocols/input/query.json")) {
    for (const auto& one : suite["cases"]) {
      // Compressed bodies are not part of what kabuto sends.
      if (one["given"].contains("requestcompression")) {
        ++left_out;
        continue;
      }
      SCOPED_TRACE(one["id"].get<std::string>());
      Serializer serializer{suite["shapes"], QueryForm(one["given"]["name"].get<std::string>(),
                                                       suite["metadata"]["apiVersion"].get<std::string>())};
      if (one["given"].contains("input"))
        serializer.structure(suite["shapes"][one["given"]["input"]["shape"].get<std::string>()], one["params"], "");
      EXPECT_EQ(sorted_pairs(text_of(std::move(serializer.form).take())), sorted_pairs(one["serialized"]["body"]));
      ++cases;
    }
  }
  vectors_ran("aws-cli/protocols/input/query.json", cases, 36);
  EXPECT_EQ(left_out, 2U);
}

// ---- replies

struct Reader {
  const json& shapes;

  json scalar(const json& shape, const json& member, std::string text) const {
    const auto type = shape["type"].get<std::string>();
    if (type == "boolean") return text == "true";
    if (type == "integer" || type == "long") return *base::parse_integer(text);
    if (type == "float" || type == "double") {
      if (text == "NaN" || text.ends_with("Infinity")) return text;
      return std::stod(text);
    }
    if (type == "timestamp") {
      const auto format = member.value("timestampFormat", shape.value("timestampFormat", "iso8601"));
      const auto when = format == "unixTimestamp" ? instant_of(std::stod(text))
                        : format == "rfc822"      ? *base::parse_http_date(text)
                                                  : *base::parse_iso8601(text);
      const auto epoch = when.time_since_epoch().count();
      if (epoch % 1000 == 0) return epoch / 1000;
      return static_cast<double>(epoch) / 1000;
    }
    if (type == "blob") return text.empty() ? json("") : json("value");  // the one blob of the suite
    return text;
  }

  json value(const json& member, const XmlElement& element) const {
    const auto& shape = shapes[member["shape"].get<std::string>()];
    const auto type = shape["type"].get<std::string>();
    if (type == "structure") return structure(shape, element);
    if (type == "list") return list(shape, element.children());
    if (type == "map") return map(shape, element.children());
    const auto text = element.text("");
    EXPECT_TRUE(text.has_value()) << text.error().what;
    return scalar(shape, member, text.value_or(""));
  }

  json list(const json& shape, const std::vector<XmlElement>& elements) const {
    auto out = json::array();
    for (const auto& element : elements) out.push_back(value(shape["member"], element));
    return out;
  }

  json map(const json& shape, const std::vector<XmlElement>& entries) const {
    auto out = json::object();
    for (const auto& entry : entries) {
      const auto key = entry.text(shape["key"].value("locationName", "key"));
      const auto item = entry.child(shape["value"].value("locationName", "value"));
      EXPECT_TRUE(key && item);
      if (key && item) out[*key] = value(shape["value"], *item);
    }
    return out;
  }

  json structure(const json& shape, const XmlElement& element) const {
    auto out = json::object();
    for (const auto& [name, member] : shape["members"].items()) {
      const auto& target = shapes[member["shape"].get<std::string>()];
      const bool flat = member.value("flattened", target.value("flattened", false));
      const auto wanted = member.value("locationName", name);
      auto found = element.children();
      std::erase_if(found, [&](const XmlElement& child) { return child.name() != wanted; });
      if (found.empty()) continue;
      if (flat) {
        out[name] = target["type"] == "list" ? list(target, found) : map(target, found);
      } else {
        out[name] = value(member, found.at(0));
      }
    }
    return out;
  }
};

TEST(QueryProtocol, reads_the_suites_of_the_cli) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0;
  for (const auto& suite : vector_json("aws-cli/protocols/output/query.json")) {
    for (const auto& one : suite["cases"]) {
      SCOPED_TRACE(one["id"].get<std::string>());
      ++cases;
      const auto body = one["response"].value("body", "");
      const int status = one["response"]["status_code"].get<int>();
      if (one.contains("errorCode")) {
        const auto error = read_service_error(reply(status, body), {});
        EXPECT_EQ(error.code, one["errorCode"]);
        EXPECT_EQ(error.message, one.value("errorMessage", ""));
        EXPECT_EQ(error.request_id, "foo-id");
        continue;
      }
      if (body.empty()) {
        EXPECT_EQ(one["result"], json::object());
        continue;
      }
      const auto parsed = XmlReply::parse(secret::Bytes::copy_of(body));
      ASSERT_TRUE(parsed.has_value()) << parsed.error().what;
      const auto& output = one["given"]["output"];
      const auto result = parsed->root().child(output["resultWrapper"].get<std::string>());
      ASSERT_TRUE(result.has_value()) << result.error().what;
      const Reader reader{suite["shapes"]};
      EXPECT_EQ(reader.structure(suite["shapes"][output["shape"].get<std::string>()], *result), one["result"]);
    }
  }
  vectors_ran("aws-cli/protocols/output/query.json", cases, 38);
}

TEST(QueryProtocol, reads_the_response_sample_of_the_cli) {
  if (!vectors_present()) GTEST_SKIP();
  const auto expected = vector_json("aws-cli/response_parsing/responses/sts-get-session-token.json");
  const auto parsed = XmlReply::parse(
      secret::Bytes::copy_of(vector_text("aws-cli/response_parsing/responses/sts-get-session-token.xml")));
  ASSERT_TRUE(parsed.has_value());
  for (const auto& [name, value] : expected["Credentials"].items())
    EXPECT_EQ(parsed->root().text("GetSessionTokenResult/Credentials/" + name), value.get<std::string>());
  EXPECT_EQ(parsed->root().text("ResponseMetadata/RequestId"),
            expected["ResponseMetadata"]["RequestId"].get<std::string>());
  vectors_ran("aws-cli/response_parsing/responses", 1, 1);
}

}  // namespace
}  // namespace aws
