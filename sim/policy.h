// IAM policy documents: parsing, and the question whether one allows a call. Covers what trust policies and the
// identity policies behind sts:AssumeRole use; an operator it does not know is an error, never a silent no.
#pragma once

#include "base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// The request context: keys in lower case, each with its values.
class Context {
 public:
  void set(std::string_view key, std::string value);
  void set(std::string_view key, std::vector<std::string> values);
  /// nullptr where the key is absent from the request.
  const std::vector<std::string>* find(std::string_view key) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

struct Condition {
  std::string base_operator;  // StringEquals, NumericLessThan …
  enum class Quantifier { single, for_all, for_any } quantifier = Quantifier::single;
  enum class Absent { normal, if_exists } absent = Absent::normal;
  std::string key;
  std::vector<std::string> values;
};

enum class Effect { allow, deny };

struct Statement {
  Effect effect = Effect::allow;
  std::vector<std::string> actions, not_actions;
  std::vector<std::string> resources, not_resources;                            // both empty: a trust policy
  std::vector<std::pair<std::string, std::string>> principals, not_principals;  // kind (AWS, Service …) and value
  std::vector<Condition> conditions;
};

struct Policy {
  std::vector<Statement> statements;
};

base::Result<Policy> parse_policy(const nlohmann::json& document);
/// The same from its text, as the Policy parameter of AssumeRole has it.
base::Result<Policy> parse_policy_text(std::string_view text);

/// The caller as trust policies name it.
struct PrincipalNames {
  std::string account;            // 12 digits; empty for who is not of AWS
  std::string arn;                // user ARN or role ARN; of other kinds the provider's ARN or the service's name
  std::string session_arn;        // of an assumed role; else empty
  std::string_view kind = "AWS";  // AWS, Federated or Service
};

/// What a policy says: nothing, yes by name, yes by naming the caller's account (which then decides itself), or no.
enum class Verdict { silent, allow_account, allow_principal, deny };

/// `principal` null: an identity policy. Deny wins, then allow_principal, then allow_account.
Verdict evaluate(const Policy& policy, std::string_view action, std::string_view resource,
                 const PrincipalNames* principal, const Context& context);

/// AWS's ArnLike: wildcards inside each of the six parts only.
bool arn_like(std::string_view pattern, std::string_view arn);

}  // namespace sim
