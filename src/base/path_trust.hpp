// Distributed under the Boost Software License, Version 1.0.
// Path trust: finds out whether other users could replace or rewrite the file at a path.
#ifndef EPOLLHOST_BASE_PATH_TRUST_HPP
#define EPOLLHOST_BASE_PATH_TRUST_HPP

#include <string>

namespace epollhost {

/// What is wrong, and what to do about it: "everybody may write to the folder /a (mode 0777). ..."; empty if nothing is
/// wrong, or if there is no such file. Every folder up to / counts, and every symbolic link on the way with the folders
/// of its own.
///
/// - Neither the file nor a folder may have the write bit for others.
/// - A sticky folder, such as /tmp, may: only the owner of an entry, or of the folder, can replace the entry there. So both
///   have to belong to root (or to the owner of /) or to the user of this process.
/// - Write bits of the owner and the group are taken: root has said who they are. (Debian gives each user a group of their
///   own, so all of a developer's files may have that bit.)
/// - A device has no content that somebody could have written.
std::string why_not_trusted(const std::string& path);

} // namespace epollhost

#endif
