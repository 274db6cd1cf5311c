// Distributed under the Boost Software License, Version 1.0.
// The page that lists a folder, made part by part.

#ifndef EPOLLHOST_PLUGINS_FILES_LISTING_HPP
#define EPOLLHOST_PLUGINS_FILES_LISTING_HPP

#include "path.hpp"
#include "root.hpp"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace files {

/// Append a text in which HTML finds nothing of its own, and a terminal no control character.
inline void append_html(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&#39;"; break;
    default: out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
}

/// Makes the page of one folder, a part at a time, so that neither its memory nor its time grows with the folder.
/// Folders have a slash behind their names; hidden names are left out. A folder of up to `sorted_max` names is listed in
/// their order; a larger one in that of its file system, since sorting needs all names at once.
class listing {
public:
  static constexpr std::size_t sorted_max = 1000;

  /// Takes the descriptor and reads the first names. `folder` is the name of the folder below the root, without slashes
  /// at its ends. At most `most` names are listed.
  listing(descriptor fd, std::string_view folder, std::size_t most)
      : folder_{::fdopendir(fd.get()), ::closedir}, left_{most}, head_{head_of(folder)} {
    if (!folder_) {
      error_ = errno;
      return;
    }
    fd.release(); // it is the DIR's now
    read_names();
    if (!folder_) std::sort(names_.begin(), names_.end());
  }

  /// Why the folder can't be read, or 0.
  int error() const noexcept { return error_; }

  /// Say whether all of the page was made.
  bool done() const noexcept { return ended_; }

  /// Append the next part: up to the name at which `page` has `bytes` bytes or more.
  void append(std::string& page, std::size_t bytes) {
    page += head_;
    head_.clear();
    while (page.size() < bytes && !ended_) {
      if (at_ == names_.size()) read_names();
      if (at_ == names_.size())
        append_end(page);
      else
        append_name(page, names_[at_++]);
    }
  }

private:
  static std::string head_of(std::string_view folder) {
    const std::string title = folder.empty() ? "/" : "/" + std::string{folder} + "/";
    std::string head = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>";
    append_html(head, title);
    head += "</title></head>\n<body><h1>";
    append_html(head, title);
    head += "</h1>\n<ul>\n";
    if (!folder.empty()) head += "<li><a href=\"../\">../</a></li>\n";
    return head;
  }

  /// Read the next names; the folder is closed behind the last that is listed.
  void read_names() {
    names_.clear();
    at_ = 0;
    while (folder_ && names_.size() < sorted_max) {
      const dirent* const entry = ::readdir(folder_.get());
      if (!entry) {
        folder_.reset();
        break;
      }
      std::string name{static_cast<const char*>(entry->d_name)};
      if (is_hidden(name, false)) continue;
      if (left_ == 0) {
        more_ = true;
        folder_.reset();
        break;
      }
      --left_;
      if (entry->d_type == DT_DIR) name += '/';
      names_.push_back(std::move(name));
    }
  }

  static void append_name(std::string& page, std::string_view name) {
    page += "<li><a href=\"./"; // or a name with a colon would be a scheme
    append_encoded(page, name);
    page += "\">";
    append_html(page, name);
    page += "</a></li>\n";
  }

  void append_end(std::string& page) {
    page += "</ul>\n";
    if (more_) page += "<p>There are more.</p>\n";
    page += "</body></html>\n";
    ended_ = true;
  }

  std::unique_ptr<DIR, int (*)(DIR*)> folder_; ///< null when all that is listed was read
  std::size_t left_;                           ///< names that may still be listed
  std::string head_;
  std::vector<std::string> names_; ///< those that were read last
  std::size_t at_ = 0;             ///< the next of them
  int error_ = 0;
  bool more_ = false;
  bool ended_ = false;
};

} // namespace files

#endif
