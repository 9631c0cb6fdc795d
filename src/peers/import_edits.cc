#include "peers/import_edits.h"

#include "base/text.h"
#include "peers/aws_files.h"
#include "peers/plain_keys.h"

namespace peers {
namespace {

aws::Edit set(const aws::SectionName& section, std::string_view key, std::string_view value) {
  return {.action = aws::Edit::Action::set, .section = section, .key = std::string(key), .value = std::string(value)};
}

aws::Edit unset(const aws::SectionName& section, std::string_view key) {
  return {.action = aws::Edit::Action::unset, .section = section, .key = std::string(key)};
}

/// Whether all that the profile's sections say in this file is about its key.
bool has_key_alone(const aws::ConfigFile& file, std::string_view profile) {
  for (const auto* section : file.sections(aws::SectionKind::profile, profile))
    for (const auto& property : file.properties(*section))
      if (!base::equals_ignoring_case(property.key, "aws_access_key_id") &&
          !base::equals_ignoring_case(property.key, "aws_secret_access_key"))
        return false;
  return true;
}

void take_out(const aws::ConfigFile& file, const FoundKey& key, std::vector<aws::Edit>& edits) {
  const auto section = aws::SectionName::of_profile(key.section, file.kind());
  const auto removal = [&](const aws::SectionName& of) {
    return aws::Edit{.action = aws::Edit::Action::remove_section, .section = of};
  };
  if (key.source == Source::aws_mfa) {
    edits.push_back(removal(section));
    // aws-mfa's session would stand before the sealed key for other tools.
    const std::string profile(profile_of_aws_mfa(key.section));
    if (has_session_of_aws_mfa(file, profile))
      edits.push_back(removal(aws::SectionName::of_profile(profile, file.kind())));
    return;
  }
  if (file.kind() == aws::FileKind::credentials && has_key_alone(file, key.section)) {
    edits.push_back(removal(section));
    return;
  }
  for (const auto* name : {"aws_access_key_id", "aws_secret_access_key"}) edits.push_back(unset(section, name));
}

void configure_key(const Step& step, const FoundKey& key, const Surroundings& around, std::vector<aws::Edit>& edits) {
  const auto in_config = [](std::string_view name) {
    return aws::SectionName::of_profile(name, aws::FileKind::config);
  };
  const auto said = [&](std::string_view name, std::string_view setting) {
    const auto profile = around.files.find(name);
    return profile && *profile && !(*profile)->value(setting).empty();
  };
  if (!key.role_arn.empty()) {
    const std::string profile(profile_of_aws_mfa(key.section));
    if (!said(profile, "role_arn")) {
      edits.push_back(set(in_config(profile), "role_arn", key.role_arn));
      edits.push_back(set(in_config(profile), "source_profile", step.name));
      if (!key.mfa_serial.empty() && !said(profile, "mfa_serial"))
        edits.push_back(set(in_config(profile), "mfa_serial", key.mfa_serial));
    }
  }
  if (!key.mfa_serial.empty() && !said(step.name, "mfa_serial"))
    edits.push_back(set(in_config(step.name), "mfa_serial", key.mfa_serial));
  if (step.gives != ForOtherTools::nothing)
    edits.push_back(set(in_config(step.name), "credential_process", *process_line(step.name, step.gives)));
}

void add_session(std::string_view name, std::string_view start_url, std::string_view region,
                 std::vector<aws::Edit>& edits) {
  const aws::SectionName section{"sso-session", std::string(name)};
  edits.push_back(set(section, "sso_start_url", start_url));
  edits.push_back(set(section, "sso_region", region));
  edits.push_back(set(section, "sso_registration_scopes", "sso:account:access"));
}

void set_profile(const FoundSsoProfile& profile, const ImportPlan& plan, const Surroundings& around,
                 std::vector<aws::Edit>& edits) {
  const auto section = aws::SectionName::of_profile(profile.profile, aws::FileKind::config);
  edits.push_back(set(section, "sso_session", session_of(profile.start_url, plan, around.files)));
  edits.push_back(set(section, "sso_account_id", profile.account_id));
  edits.push_back(set(section, "sso_role_name", profile.role_name));
  const auto found = around.files.find(profile.profile);
  if (found && *found && (*found)->value("credential_process").starts_with("granted "))
    edits.push_back(unset(section, "credential_process"));
}

}  // namespace

std::vector<aws::Edit> edits_for(const aws::ConfigFile& file, const ImportPlan& plan, const Findings& findings,
                                 const Surroundings& around) {
  std::vector<aws::Edit> edits;
  const bool in_config = file.kind() == aws::FileKind::config;
  if (in_config)
    for (const auto& [start_url, session] : plan.new_sessions)
      add_session(session.name, start_url, session.region, edits);
  for (const Step& step : plan.steps) {
    if (step.action == Action::seal || step.action == Action::same) {
      const FoundKey& key = findings.keys[step.finding];
      if (key.in_clear && key.file == file.kind()) take_out(file, key, edits);
      if (in_config) configure_key(step, key, around, edits);
    } else if (step.action == Action::set_profile && in_config) {
      set_profile(findings.sso_profiles[step.finding], plan, around, edits);
    }
  }
  return edits;
}

}  // namespace peers
