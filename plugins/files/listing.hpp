// Distributed under the Boost Software License, Version 1.0.
// The page that lists a folder.

#ifndef EPOLLHOST_PLUGINS_FILES_LISTING_HPP
#define EPOLLHOST_PLUGINS_FILES_LISTING_HPP

#include "path.hpp"
#include "root.hpp"

#include <dirent.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace files {

/// Append a text in which HTML finds nothing of its own.
inline void append_html(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&#39;"; break;
    default: out += c;
    }
  }
}

/// What a folder has, folders with a slash behind them. `more`: there are others, above the bound.
struct folder_names {
  std::vector<std::string> names;
  bool more = false;
};

/// Read at most `most` names; the hidden ones are left out.
inline folder_names read_folder(descriptor fd, std::size_t most) {
  folder_names out;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder{::fdopendir(fd.get()), ::closedir};
  if (!folder) return out;
  fd.release(); // it is the DIR's now
  while (const dirent* const entry = ::readdir(folder.get())) {
    std::string name{static_cast<const char*>(entry->d_name)};
    if (is_hidden(name, false)) continue;
    if (out.names.size() == most) {
      out.more = true;
      break;
    }
    if (entry->d_type == DT_DIR) name += '/';
    out.names.push_back(std::move(name));
  }
  std::sort(out.names.begin(), out.names.end());
  return out;
}

/// Write the page. `folder` is the name of the folder below the root, without slashes at its ends.
inline std::string listing_page(std::string_view folder, const folder_names& found) {
  std::string title = folder.empty() ? "/" : "/" + std::string{folder} + "/";
  std::string page = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>";
  append_html(page, title);
  page += "</title></head>\n<body><h1>";
  append_html(page, title);
  page += "</h1>\n<ul>\n";
  if (!folder.empty()) page += "<li><a href=\"../\">../</a></li>\n";
  for (const std::string& name : found.names) {
    page += "<li><a href=\"./"; // or a name with a colon would be a scheme
    append_encoded(page, name);
    page += "\">";
    append_html(page, name);
    page += "</a></li>\n";
  }
  page += "</ul>\n";
  if (found.more) page += "<p>There are more.</p>\n";
  return page += "</body></html>\n";
}

} // namespace files

#endif
