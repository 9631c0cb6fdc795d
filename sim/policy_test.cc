#include "policy.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

constexpr std::string_view kRole = "arn:aws:iam::222222222222:role/admin";
const PrincipalNames kAlice{
    .account = "111111111111", .arn = "arn:aws:iam::111111111111:user/alice", .session_arn = {}};
const PrincipalNames kSession{.account = "111111111111",
                              .arn = "arn:aws:iam::111111111111:role/base",
                              .session_arn = "arn:aws:sts::111111111111:assumed-role/base/me"};

Verdict trust(const std::string& statements, const PrincipalNames& who, const Context& context = {},
              std::string_view action = "sts:AssumeRole") {
  const base::Result<Policy> policy = parse_policy_text("{\"Statement\":[" + statements + "]}");
  EXPECT_TRUE(policy) << (policy ? "" : policy.error().what);
  return policy ? evaluate(*policy, action, kRole, &who, context) : Verdict::deny;
}

std::string allow(const std::string& principal, const std::string& more = "") {
  return R"({"Effect":"Allow","Action":"sts:AssumeRole","Principal":)" + principal + more + "}";
}

std::string when(const std::string& condition) { return allow("\"*\"", R"(,"Condition":)" + condition); }

TEST(Trust, knows_the_caller_by_account_user_role_session_and_star) {
  struct Case {
    std::string principal;
    const PrincipalNames& who;
    Verdict wanted;
  };
  const std::vector<Case> cases{
      {R"({"AWS":"arn:aws:iam::111111111111:root"})", kAlice, Verdict::allow_account},
      {R"({"AWS":"111111111111"})", kAlice, Verdict::allow_account},
      {R"({"AWS":"arn:aws:iam::333333333333:root"})", kAlice, Verdict::silent},
      {R"({"AWS":"arn:aws:iam::111111111111:user/alice"})", kAlice, Verdict::allow_principal},
      {R"({"AWS":"arn:aws:iam::111111111111:user/bob"})", kAlice, Verdict::silent},
      {R"({"AWS":["arn:aws:iam::111111111111:user/bob","arn:aws:iam::111111111111:user/alice"]})", kAlice,
       Verdict::allow_principal},
      {R"({"AWS":"arn:aws:iam::111111111111:role/base"})", kSession, Verdict::allow_principal},
      {R"({"AWS":"arn:aws:sts::111111111111:assumed-role/base/me"})", kSession, Verdict::allow_principal},
      {R"({"AWS":"arn:aws:sts::111111111111:assumed-role/base/you"})", kSession, Verdict::silent},
      {R"({"AWS":"arn:aws:iam::111111111111:role/other"})", kSession, Verdict::silent},
      {R"("*")", kAlice, Verdict::allow_principal},
      {R"({"AWS":"*"})", kSession, Verdict::allow_principal},
      {R"({"Service":"ec2.amazonaws.com"})", kAlice, Verdict::silent},
  };
  for (const Case& one : cases) EXPECT_EQ(trust(allow(one.principal), one.who), one.wanted) << one.principal;
}

TEST(Trust, knows_identity_providers_and_services_by_their_own_kind_only) {
  const std::string arn = "arn:aws:iam::222222222222:oidc-provider/ci.example.com";
  const PrincipalNames provider{.account = {}, .arn = arn, .session_arn = {}, .kind = "Federated"};
  const PrincipalNames service{.account = {}, .arn = "ec2.amazonaws.com", .session_arn = {}, .kind = "Service"};
  EXPECT_EQ(trust(allow(R"({"Federated":")" + arn + "\"}"), provider), Verdict::allow_principal);
  EXPECT_EQ(trust(allow(R"({"AWS":")" + arn + "\"}"), provider), Verdict::silent);
  EXPECT_EQ(trust(allow(R"({"AWS":"*"})"), provider), Verdict::silent);
  EXPECT_EQ(trust(allow(R"({"Federated":"arn:aws:iam::222222222222:oidc-provider/other"})"), provider),
            Verdict::silent);
  EXPECT_EQ(trust(allow(R"({"AWS":["","arn:aws:iam:::root"]})"), provider), Verdict::silent);
  EXPECT_EQ(trust(allow(R"({"Service":["ecs-tasks.amazonaws.com","ec2.amazonaws.com"]})"), service),
            Verdict::allow_principal);
  EXPECT_EQ(trust(allow(R"({"Federated":"ec2.amazonaws.com"})"), service), Verdict::silent);
}

TEST(Trust, a_deny_wins_wherever_it_stands) {
  const std::string deny =
      R"({"Effect":"Deny","Action":"sts:*","Principal":{"AWS":"arn:aws:iam::111111111111:user/alice"}})";
  EXPECT_EQ(trust(allow("\"*\"") + "," + deny, kAlice), Verdict::deny);
  EXPECT_EQ(trust(deny + "," + allow("\"*\""), kAlice), Verdict::deny);
  EXPECT_EQ(trust(deny + "," + allow("\"*\""), kSession), Verdict::allow_principal);
}

TEST(Trust, an_action_must_be_named_or_matched) {
  EXPECT_EQ(trust(allow("\"*\""), kAlice, {}, "sts:TagSession"), Verdict::silent);
  EXPECT_EQ(trust(R"({"Effect":"Allow","Action":"sts:*","Principal":"*"})", kAlice, {}, "sts:TagSession"),
            Verdict::allow_principal);
  EXPECT_EQ(trust(R"({"Effect":"Allow","Action":["STS:assumerole"],"Principal":"*"})", kAlice),
            Verdict::allow_principal);
  EXPECT_EQ(trust(R"({"Effect":"Allow","NotAction":"sts:AssumeRole","Principal":"*"})", kAlice), Verdict::silent);
}

Context with(const std::string& key, const std::string& value) {
  Context context;
  context.set(key, value);
  return context;
}

TEST(Conditions, hold_or_not_by_operator_and_value) {
  struct Case {
    std::string condition;
    Context context;
    bool holds;
  };
  const std::string id = "sts:ExternalId";
  const std::vector<Case> cases{
      {R"({"StringEquals":{"sts:ExternalId":"x"}})", with(id, "x"), true},
      {R"({"StringEquals":{"sts:ExternalId":"x"}})", with(id, "X"), false},
      {R"({"StringEquals":{"STS:externalid":["y","x"]}})", with(id, "x"), true},
      {R"({"StringEquals":{"sts:ExternalId":"x"}})", {}, false},
      {R"({"StringEqualsIfExists":{"sts:ExternalId":"x"}})", {}, true},
      {R"({"StringEqualsIfExists":{"sts:ExternalId":"x"}})", with(id, "y"), false},
      {R"({"StringNotEquals":{"sts:ExternalId":["x","y"]}})", with(id, "y"), false},
      {R"({"StringNotEquals":{"sts:ExternalId":["x","y"]}})", with(id, "z"), true},
      {R"({"StringNotEquals":{"sts:ExternalId":"x"}})", {}, true},
      {R"({"StringEqualsIgnoreCase":{"sts:ExternalId":"x"}})", with(id, "X"), true},
      {R"({"StringLike":{"sts:RoleSessionName":"ali*"}})", with("sts:RoleSessionName", "alice"), true},
      {R"({"StringLike":{"sts:RoleSessionName":"ali?"}})", with("sts:RoleSessionName", "alice"), false},
      {R"({"StringLike":{"sts:RoleSessionName":"${aws:username}"}})", with("sts:RoleSessionName", "alice"), false},
      {R"({"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}})", with("aws:PrincipalArn", kAlice.arn), true},
      {R"({"ArnLike":{"aws:PrincipalArn":"arn:*:user/alice"}})", with("aws:PrincipalArn", kAlice.arn), false},
      {R"({"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:user/alice"}})",
       with("aws:PrincipalArn", kAlice.arn), true},
      {R"({"Bool":{"aws:MultiFactorAuthPresent":"true"}})", with("aws:MultiFactorAuthPresent", "true"), true},
      {R"({"Bool":{"aws:MultiFactorAuthPresent":true}})", with("aws:MultiFactorAuthPresent", "false"), false},
      {R"({"Bool":{"aws:MultiFactorAuthPresent":"true"}})", {}, false},
      {R"({"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}})", {}, true},
      {R"({"Bool":{"aws:MultiFactorAuthPresent":"false"}})", {}, false},
      {R"({"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}})", with("aws:MultiFactorAuthAge", "3599"), true},
      {R"({"NumericLessThan":{"aws:MultiFactorAuthAge":3600}})", with("aws:MultiFactorAuthAge", "3600"), false},
      {R"({"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}})", {}, false},
      {R"({"NumericLessThanIfExists":{"aws:MultiFactorAuthAge":"3600"}})", {}, true},
      {R"({"Null":{"sts:SourceIdentity":"true"}})", {}, true},
      {R"({"Null":{"sts:SourceIdentity":"false"}})", with("sts:SourceIdentity", "a"), true},
      {R"({"Null":{"sts:SourceIdentity":"true"}})", with("sts:SourceIdentity", "a"), false},
      {R"({"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}})",
       with("aws:CurrentTime", "2029-12-31T00:00:00Z"), true},
      {R"({"StringEquals":{"aws:RequestTag/team":"blue"}})", with("aws:RequestTag/team", "blue"), true},
      {R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}})", {}, true},
      {R"({"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}})", {}, false},
  };
  for (const Case& one : cases)
    EXPECT_EQ(trust(when(one.condition), kAlice, one.context) == Verdict::allow_principal, one.holds) << one.condition;
}

TEST(Conditions, look_at_every_value_of_a_list) {
  Context context;
  context.set("aws:TagKeys", std::vector<std::string>{"team", "cost"});
  const auto holds = [&](const std::string& condition) {
    return trust(when(condition), kAlice, context) == Verdict::allow_principal;
  };
  EXPECT_TRUE(holds(R"({"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost","x"]}})"));
  EXPECT_FALSE(holds(R"({"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}})"));
  EXPECT_TRUE(holds(R"({"ForAnyValue:StringEquals":{"aws:TagKeys":["team"]}})"));
  EXPECT_FALSE(holds(R"({"ForAnyValue:StringEquals":{"aws:TagKeys":["other"]}})"));
}

TEST(Identity, a_resource_may_hold_variables) {
  const base::Result<Policy> policy = parse_policy_text(
      R"({"Statement":{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"arn:aws:iam::*:user/${aws:username}"}})");
  ASSERT_TRUE(policy);
  const Context context = with("aws:username", "alice");
  EXPECT_EQ(evaluate(*policy, "iam:CreateAccessKey", "arn:aws:iam::1:user/alice", nullptr, context),
            Verdict::allow_principal);
  EXPECT_EQ(evaluate(*policy, "iam:CreateAccessKey", "arn:aws:iam::1:user/bob", nullptr, context), Verdict::silent);
  EXPECT_EQ(evaluate(*policy, "iam:GetUser", "arn:aws:iam::1:user/alice", nullptr, context), Verdict::silent);
}

TEST(PolicyDocument, what_is_not_understood_is_an_error) {
  for (const std::string text :
       {"", "[]", "{}", R"({"Statement":{}})", R"({"Statement":{"Effect":"Perhaps","Action":"*"}})",
        R"({"Statement":{"Effect":"Allow"}})", R"({"Statement":{"Effect":"Allow","Action":"*","Actions":"*"}})",
        R"({"Statement":{"Effect":"Allow","Action":"*","Condition":{"StringMatches":{"a":"b"}}}})",
        R"({"Statement":{"Effect":"Allow","Action":"*","Principal":"alice"}})"})
    EXPECT_FALSE(parse_policy_text(text)) << text;
}

}  // namespace
}  // namespace sim
