#include "secret/fields.h"

#include <gtest/gtest.h>

namespace secret {
namespace {

TEST(FieldsText, what_is_encoded_decodes_to_the_same) {
  const Fields fields{{"", ""}, {"a=b", "c%d\n"}, {std::string("\0\x7f", 2), "ü"}, {"z", "%41"}};
  EXPECT_EQ(decode_fields(encode_fields(fields)), fields);
  EXPECT_EQ(decode_fields(""), Fields{});
}

TEST(FieldsText, every_other_spelling_is_refused) {
  for (const char* text :
       {"a", "a=b", "b=1\na=1\n", "a=1\na=1\n", "a=%4\n", "a=%\n", "a=%41\n", "a=%0a\n", "a=b=c\n", "\n"})
    EXPECT_FALSE(decode_fields(text)) << text;
}

}  // namespace
}  // namespace secret
