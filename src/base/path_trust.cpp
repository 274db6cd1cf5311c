// Distributed under the Boost Software License, Version 1.0.
// Path trust: finds out whether other users could replace or rewrite the file at a path.
#include "base/path_trust.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <iterator>
#include <optional>

namespace epollhost {
namespace fs = std::filesystem;

namespace {

constexpr unsigned links_max = 40; // the kernel's own bound; the open that follows says ELOOP

std::optional<struct stat> look_at(const fs::path& path) {
  struct stat s {};
  if (::lstat(path.c_str(), &s) != 0) return std::nullopt;
  return s;
}

class walk {
public:
  explicit walk(const fs::path& path) : left_(path.begin(), path.end()) {
    const auto root = look_at("/");
    system_ = root ? root->st_uid : 0;
  }

  std::string fault() {
    while (!left_.empty()) {
      const fs::path name = std::move(left_.front());
      left_.pop_front();
      if (name.empty() || name == ".") continue;
      if (name == "/" || name == "..") {
        at_ = name == "/" ? name : at_.parent_path();
        continue;
      }
      const auto entry = look_at(at_ / name), folder = look_at(at_);
      if (!entry || !folder) return {};
      if (std::string found = fault_of_folder(*folder, *entry, at_ / name); !found.empty()) return found;
      if (!S_ISLNK(entry->st_mode))
        at_ /= name;
      else if (!follow(at_ / name))
        return {};
    }
    return fault_of_target();
  }

private:
  bool follow(const fs::path& link) {
    std::error_code error; // the open that follows says why
    const fs::path target = fs::read_symlink(link, error);
    if (error || ++links_ > links_max) return false;
    left_.insert(left_.begin(), target.begin(), target.end());
    return true;
  }

  bool trusted(uid_t owner) const { return owner == 0 || owner == system_ || owner == ::geteuid(); }

  std::string fault_of_folder(const struct stat& folder, const struct stat& entry, const fs::path& path) const {
    if (!(folder.st_mode & S_IWOTH)) return {};
    if (!(folder.st_mode & S_ISVTX)) return open_to_all("folder", at_, folder);
    if (trusted(folder.st_uid) && trusted(entry.st_uid)) return {};
    const bool of_folder = !trusted(folder.st_uid);
    return fmt::format("everybody may create files in the folder {}, and {} belongs to user {}, expected root or user {}. "
                       "Move it to a folder that only you can write to",
                       at_.native(), of_folder ? "that folder" : path.native(),
                       of_folder ? folder.st_uid : entry.st_uid, ::geteuid());
  }

  std::string fault_of_target() const {
    const auto target = look_at(at_);
    if (!target || !(target->st_mode & S_IWOTH) || S_ISCHR(target->st_mode) || S_ISBLK(target->st_mode)) return {};
    return S_ISDIR(target->st_mode) ? std::string() : open_to_all("file", at_, *target);
  }

  // A folder that all programs share has to stay open to all.
  static std::string open_to_all(const char* what, const fs::path& path, const struct stat& s) {
    bool shared = false;
    for (const char* place : {"/", "/tmp", "/var/tmp", "/dev/shm", "/run/shm"}) shared = shared || path == place;
    return fmt::format("everybody may write to the {} {} (mode {:04o}), expected no write permission for others. {}", what,
                       path.native(), static_cast<unsigned>(s.st_mode & 07777),
                       shared ? std::string("Move the file to a folder that only you can write to")
                              : fmt::format("Run chmod o-w {}, or move the file", path.native()));
  }

  std::deque<fs::path> left_;
  fs::path at_ = "/";
  uid_t system_ = 0;
  unsigned links_ = 0;
};

} // namespace

std::string why_not_trusted(const std::string& path) {
  std::error_code error; // without a current folder nothing can be opened either
  const fs::path whole = fs::absolute(path, error);
  return error ? std::string() : walk(whole).fault();
}

} // namespace epollhost
