#include "secret/json_writer.h"

#include "secret/json_reader.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>

#include <array>

namespace secret {
namespace {

TEST(JsonWriter, writes_one_flat_object) {
  JsonWriter json(1000);
  const std::array<std::string, 2> scopes{"sso:a", "sso:b"};
  json.text("clientId", "abc").secret("clientSecret", Bytes::copy_of("s3cr3t")).texts("scope", scopes);
  json.texts("none", {});
  EXPECT_EQ(text_of(std::move(json).take()),
            R"({"clientId":"abc","clientSecret":"s3cr3t","scope":["sso:a","sso:b"],"none":[]})");
  EXPECT_EQ(text_of(JsonWriter(10).take()), "{}");
}

TEST(JsonWriter, the_reader_reads_every_byte_back) {
  std::string hard = "\xc3\xa4\xf0\x9f\x94\x91 \"\\/";
  for (char c = 1; c < 0x20; ++c) hard += c;
  JsonWriter json(1000);
  json.text(hard, hard);
  auto written = std::move(json).take();
  written.edit([&](std::span<std::byte> text) {
    JsonReader reader(text);
    const auto read = reader.object([&](std::string_view name) -> base::Result<void> {
      EXPECT_EQ(name, hard);
      const std::string_view value = TRY(reader.text());
      EXPECT_EQ(value, hard);
      return {};
    });
    EXPECT_TRUE(read.has_value());
  });
}

}  // namespace
}  // namespace secret
