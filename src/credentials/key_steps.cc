// Keys as the first step: sealed in the store, in clear in the files, or of the environment.
#include "aws/written_profile.h"
#include "base/text.h"
#include "credentials/first_step.h"

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

base::Error half_pair(const Link& link, Pair pair) {
  const bool no_id = pair == Pair::no_id;
  const std::string_view there = no_id ? "aws_secret_access_key" : "aws_access_key_id";
  const std::string_view missing = no_id ? "aws_access_key_id" : "aws_secret_access_key";
  return {ErrorKind::failure,
          link.called() + " has " + std::string(there) + link.said_by(there) + " but no " + std::string(missing),
          "run kabuto add " + link.word()};
}

void name_key(Hop& hop, const std::string& of, const std::string& lies) {
  hop.gives = "the key " + hop.access_key_id + " of " + of;
  hop.title = hop.gives + ", " + lies;
}

}  // namespace

FirstStep sealed_key_step(const Link& link) {
  FirstStep step;
  step.lifetime = Lifetime::long_term;
  step.hop.kind = HopKind::sealed_keys;
  step.hop.profile = link.name;
  step.hop.where = "the store";
  step.hop.why = "the store holds a key of this profile";
  step.hop.access_key_id = link.sealed->access_key_id;
  name_key(step.hop, link.name, "sealed in the store");
  // A session ends, as aws-mfa's does, and what kabuto write has put there goes by itself.
  if (link.pair_in_files() == Pair::whole && !link.profile->secret("aws_session_token") &&
      !link.profile->get(aws::kWriterKey))
    step.warnings.push_back(link.called() + ": the key in the store is used; the one in clear" +
                            link.said_by("aws_access_key_id") + " is not, remove it");
  return step;
}

FoundStep file_keys_step(const Facts&, const Link& link) {
  const Pair pair = link.pair_in_files();
  if (pair == Pair::none) return std::nullopt;
  if (pair != Pair::whole) return std::unexpected(half_pair(link, pair));
  FirstStep step;
  step.hop.kind = HopKind::file_keys;
  step.hop.profile = link.name;
  step.hop.where = link.where("aws_access_key_id");
  step.hop.why = "the files hold a key of this profile in clear";
  step.hop.access_key_id = link.value("aws_access_key_id");
  name_key(step.hop, link.name, "in clear in the files");
  if (link.profile->secret("aws_session_token")) return step;
  step.lifetime = Lifetime::long_term;
  step.warnings.push_back(link.called() + ": its key lies in clear in " + link.where("aws_access_key_id") +
                          "; seal it with: kabuto add " + link.word());
  return step;
}

FoundStep environment_step(const base::Environment& environment) {
  const auto value = [&](std::string_view name) {
    const auto found = environment.get(name);
    return found ? base::trim_lines(*found) : std::string_view();
  };
  if (value("AWS_ACCESS_KEY_ID").empty()) return std::nullopt;
  if (value("AWS_SECRET_ACCESS_KEY").empty())
    return fail(ErrorKind::failure, "partial credentials found in the environment, missing: AWS_SECRET_ACCESS_KEY",
                "unset AWS_ACCESS_KEY_ID");
  FirstStep step;
  step.hop.kind = HopKind::environment;
  step.hop.where = "the environment";
  step.hop.why = "AWS_ACCESS_KEY_ID is set, and no profile was asked for";
  step.hop.access_key_id = std::string(value("AWS_ACCESS_KEY_ID"));
  step.hop.gives = "the environment's key " + step.hop.access_key_id;
  step.hop.title = step.hop.gives;
  const bool session = !value("AWS_SECURITY_TOKEN").empty() || !value("AWS_SESSION_TOKEN").empty();
  step.lifetime = session ? Lifetime::temporary : Lifetime::long_term;
  return step;
}

}  // namespace credentials
