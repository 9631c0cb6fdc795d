// AWS's own files as a place where keys lie in clear: those of the person, and the sections that aws-mfa keeps there.
#pragma once

#include "aws/profile.h"
#include "peers/finding.h"

namespace peers {

/// The profile that aws-mfa means by a section of long-term keys ("dev-long-term"); empty where it is none.
std::string_view profile_of_aws_mfa(std::string_view section);
/// Whether the file holds a session that aws-mfa has written for that profile.
bool has_session_of_aws_mfa(const aws::ConfigFile& file, std::string_view profile);

/// Keys of both files that are worth sealing, and remarks on the rest. `files` must outlive the findings.
void find_in_aws_files(const aws::Profiles& files, Findings& out);

/// The profiles that granted has written its own keys into: an Identity Center role, or one that it answers for.
void find_granted_profiles(const aws::Profiles& files, Findings& out);

}  // namespace peers
