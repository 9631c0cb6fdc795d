// Bodies on their way through the two-key door: verified as the tool signed them, signed anew where signatures stand
// inside them. What does not verify is never completed towards AWS.
#pragma once

#include "aws/chunk_signatures.h"
#include "http/exchange.h"
#include "http/stream_client.h"
#include "secret/digest.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace deliver {

/// A body that says afterwards why it gave up.
class DoorBody : public http::BodySource {
 public:
  enum class Fault {
    none,
    cut,  // the tool went away or was too slow
    other_hash,
    mismatch,  // a signature inside it
    malformed,
    too_large,  // a chunk that would have to be held is
  };
  Fault fault() const { return fault_; }

 protected:
  std::nullopt_t give_up(Fault fault) {
    fault_ = fault;
    return std::nullopt;
  }

 private:
  Fault fault_ = Fault::none;
};

/// As it comes.
class PlainBody final : public DoorBody {
 public:
  explicit PlainBody(http::Exchange& exchange) : exchange_(exchange) {}
  std::optional<std::size_t> read(std::span<std::byte> room) override;

 private:
  http::Exchange& exchange_;
};

/// One that was read to its end before.
class HeldBody final : public DoorBody {
 public:
  explicit HeldBody(std::span<const std::byte> bytes) : left_(bytes) {}
  std::optional<std::size_t> read(std::span<std::byte> room) override;

 private:
  std::span<const std::byte> left_;
};

/// Holds its last byte back until the whole is known to have the hash that was signed.
class HashedBody final : public DoorBody {
 public:
  HashedBody(http::Exchange& exchange, std::string hash) : exchange_(exchange), hash_(std::move(hash)) {}
  std::optional<std::size_t> read(std::span<std::byte> room) override;

 private:
  http::Exchange& exchange_;
  std::string hash_;
  secret::Sha256 seen_;
  std::optional<std::byte> held_;
  bool over_ = false;
};

/// aws-chunked without signatures: as it comes, but only a whole one.
class UnsignedChunks final : public DoorBody {
 public:
  explicit UnsignedChunks(http::Exchange& exchange) : exchange_(exchange) {}
  std::optional<std::size_t> read(std::span<std::byte> room) override;

 private:
  http::Exchange& exchange_;
  http::ChunkScanner scanner_;
  bool done_ = false;
};

/// aws-chunked whose chunks are signed: each is held, verified, and signed anew. Its length stays what it was.
class SignedChunks final : public DoorBody {
 public:
  enum class Trailer { none, is_signed };
  SignedChunks(http::Exchange& exchange, aws::ChunkSignatures theirs, aws::ChunkSignatures ours, Trailer trailer)
      : exchange_(exchange), theirs_(std::move(theirs)), ours_(std::move(ours)), trailer_(trailer) {}
  std::optional<std::size_t> read(std::span<std::byte> room) override;

 private:
  bool fill();
  bool begin_chunk();
  bool end_chunk();
  bool take_trailer_line();
  bool end_body();

  http::Exchange& exchange_;
  aws::ChunkSignatures theirs_, ours_;
  Trailer trailer_;
  http::ChunkScanner scanner_;
  std::vector<std::byte> input_;
  std::span<const std::byte> unread_;  // of input_
  std::vector<std::byte> out_;         // verified and signed anew, to be given
  std::size_t given_ = 0;
  std::vector<std::byte> chunk_;
  std::string size_, signature_;  // of the chunk under way, as sent
  secret::Sha256 hash_;
  std::vector<std::string> trailer_lines_;
  bool trailer_verified_ = false, over_ = false;
};

}  // namespace deliver
