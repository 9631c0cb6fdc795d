#include "peers/find.h"

#include "peers/aws_files.h"

#include <algorithm>

namespace peers {

Findings find_all(const Machine&, const aws::Profiles& files, const std::set<Source>& sources) {
  const auto wanted = [&](Source source) { return sources.empty() || sources.contains(source); };
  Findings out;
  if (wanted(Source::aws) || wanted(Source::aws_mfa)) find_in_aws_files(files, out);
  if (wanted(Source::granted)) find_granted_profiles(files, out);
  const auto unwanted = [&](const auto& found) { return !wanted(found.source); };
  std::erase_if(out.keys, unwanted);
  std::erase_if(out.remarks, unwanted);
  std::ranges::stable_sort(out.keys, {}, &FoundKey::source);
  return out;
}

}  // namespace peers
