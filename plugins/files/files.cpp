// Distributed under the Boost Software License, Version 1.0.
// A folder over HTTP.
#include "conditions.hpp"
#include "entity.hpp"
#include "listing.hpp"
#include "made_up.hpp"
#include "media_types.hpp"
#include "path.hpp"
#include "range.hpp"
#include "root.hpp"

#include <epollhost/http/plugin.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace eh = epollhost;
namespace http = epollhost::http;

class files_server : public http::service {
public:
  struct options : http::settings {
    eh::file root;
    std::string_view index = "index.html";
    bool listing = false;
    std::uint64_t listing_max = 1000;
    bool symlinks = true;
    std::string_view cache_control;
    std::string_view charset = "utf-8";
    bool nosniff = false;
    std::string_view default_type = "application/octet-stream";
    eh::file types;
  };

  static constexpr auto about = eh::about{"files", EPOLLHOST_VERSION, "serves the files of a folder", ":8080"};
  static constexpr auto schema = std::tuple_cat(
      eh::schema<options>(
          eh::option("root", &options::root, "the folder to serve; it has to be given"),
          eh::option("index", &options::index, "the file that answers for a folder; empty for none"),
          eh::option("listing", &options::listing, "list a folder that has no index"),
          eh::option("listing-max", &options::listing_max, "names that are listed of a folder").range(1, 100'000),
          eh::option("symlinks", &options::symlinks, "follow symbolic links that stay within the root"),
          eh::option("cache-control", &options::cache_control,
                     "the field Cache-Control of every file: \"max-age=3600\""),
          eh::option("charset", &options::charset, "of types of text; empty to name none"),
          eh::option("nosniff", &options::nosniff, "X-Content-Type-Options: nosniff, for a browser to trust the types"),
          eh::option("default-type", &options::default_type, "the media type of what has no known end"),
          eh::option("types", &options::types, "a table like /etc/mime.types, looked at before the usual types")),
      http::settings_schema<options>());

  using connection = http::session<files_server>;
  static constexpr bool takes_content = false;
  static constexpr std::string_view methods = "GET, HEAD"; // of Allow

  files_server(eh::host functions, const options& chosen)
      : service{functions, chosen}, root_{folder(chosen), chosen.symlinks}, types_{make_types(chosen)},
        index_{chosen.index}, cache_control_{chosen.cache_control},
        listed_max_{chosen.listing ? chosen.listing_max : 0}, nosniff_{chosen.nosniff} {
    if (index_.find('/') != index_.npos || files::is_hidden(index_, false))
      throw std::invalid_argument("index \"" + index_ + "\" is no plain name; give one like index.html");
    check_values(chosen);
  }

  void answer(const http::request& head, std::string_view, http::reply& out) {
    if (head.method() != http::method::get && head.method() != http::method::head)
      return out.send(refused(405).field("Allow", methods));
    const files::asked asked = files::decode_path(head.path());
    if (asked.status != 0) return out.send(refused(asked.status));
    if (asked.folder)
      answer_folder(head, asked.name, out);
    else
      answer_name(head, asked.name, out);
  }

  /// A listing goes on: there is room again, or another turn of the loop.
  void resume(const http::request&, http::occasion, std::uint64_t, http::reply& out) {
    const auto found = listings_.find(out.connection());
    if (found == listings_.end()) return;
    write_listing(*found->second, out);
    if (out.sent()) listings_.erase(found);
  }

  void dropped(eh_conn_id connection) { listings_.erase(connection); }

private:
  // ---- the start

  static std::string folder(const options& chosen) {
    if (chosen.root.text.empty()) throw std::invalid_argument("root is not given; name the folder to serve with it");
    return std::string{chosen.root.text};
  }

  static files::media_types make_types(const options& chosen) {
    files::media_types types{chosen.default_type, chosen.charset};
    if (!chosen.types.text.empty()) {
      const std::string name{chosen.types.text};
      std::error_code error; // what cannot be looked at cannot be read either
      if (std::filesystem::is_fifo(name, error) || std::filesystem::is_socket(name, error))
        throw std::runtime_error("types \"" + name + "\" is a pipe or a socket; expected a regular file");
      std::ifstream own{name};
      if (!own) throw std::runtime_error("types \"" + std::string{chosen.types.text} + "\" can't be read");
      types.read(own);
    }
    types.read(files::usual_types);
    std::ifstream system{"/etc/mime.types"}; // there or not
    types.read(system);
    return types;
  }

  /// What can't stand in a field is said now, and not with each request.
  static void check_values(const options& chosen) {
    const auto check = [](const char* option, std::string_view value) {
      if (files::is_field_text(value)) return;
      throw std::invalid_argument(std::string{option} + " \"" + std::string{value} +
                                  "\" holds a control character; give it without");
    };
    check("cache-control", chosen.cache_control);
    check("default-type", chosen.default_type);
    for (const char c : chosen.charset)
      if (!http::detail::is(c, http::detail::char_token))
        throw std::invalid_argument("charset \"" + std::string{chosen.charset} +
                                    "\" is no name of a charset; give one like utf-8, or nothing");
  }

  // ---- an answer

  http::response refused(unsigned status) const {
    http::response answer = http::text(std::to_string(status) + " " + std::string{http::reason_of(status)} + "\n", status);
    if (nosniff_) add_nosniff(answer);
    return answer;
  }

  static void add_nosniff(http::response& answer) { answer.field("X-Content-Type-Options", "nosniff"); }

  unsigned status_of(int error, const std::string& name) {
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ENXIO: // a device that is not there
    case ELOOP: // or a link, where none is followed
    case EXDEV: // a link that leads out of the root
      return 404;
    case EACCES: return 403;
    default: break;
    }
    functions().error("\"" + name + "\" can't be opened: " + std::generic_category().message(error));
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN ? 503 : 500;
  }

  /// A name without a slash behind it: a file, or a folder that is asked for in the wrong way.
  void answer_name(const http::request& head, const std::string& name, http::reply& out) {
    const files::found found = root_.look(name.empty() ? "." : name.c_str());
    if (found.error != 0) return out.send(refused(status_of(found.error, name)));
    if (found.is_folder()) return out.send(redirected(name, head));
    answer_file(head, name, found, out);
  }

  void answer_folder(const http::request& head, const std::string& name, http::reply& out) {
    if (!index_.empty()) {
      const std::string index = name.empty() ? index_ : name + "/" + index_;
      const files::found found = root_.look(index.c_str());
      if (found.is_file()) return answer_file(head, index, found, out);
      if (found.error != 0 && found.error != ENOENT) return out.send(refused(status_of(found.error, index)));
    }
    if (listed_max_ == 0) return out.send(refused(404));
    const char* const place = name.empty() ? "." : name.c_str();
    const files::found found = root_.look(place);
    if (found.error != 0) return out.send(refused(status_of(found.error, name)));
    if (!found.is_folder()) return out.send(refused(404));
    files::opened folder = root_.open(found, place);
    if (!folder.fd) return out.send(refused(status_of(folder.error, name)));
    list(head, name, std::move(folder.fd), out);
  }

  // ---- a listing

  /// A page in the making: what of it was made and not sent yet.
  struct pages {
    files::listing folder;
    std::string made = {};
    std::size_t sent = 0;
  };

  /// Up to here a page is sent as one; a larger one goes part by part.
  static constexpr std::size_t page_bytes_max = 64 * 1024;
  static constexpr std::size_t part_bytes = 16 * 1024;

  void list(const http::request& head, const std::string& name, files::descriptor fd, http::reply& out) {
    auto page = std::make_unique<pages>(pages{files::listing{std::move(fd), name, listed_max_}});
    if (page->folder.error() != 0) return out.send(refused(status_of(page->folder.error(), name)));
    page->folder.append(page->made, page_bytes_max);
    http::response answer = http::html("");
    if (nosniff_) add_nosniff(answer);
    if (page->folder.done()) return out.send(answer.content(std::move(page->made)));
    out.begin(answer);
    if (head.method() == http::method::head) return out.end(); // what it would have said is not worth the folder
    write_listing(*page, out);
    if (!out.sent()) listings_[out.connection()] = std::move(page);
  }

  /// Send some parts, and the rest in later turns of the loop: a large folder must not delay others.
  void write_listing(pages& page, http::reply& out) {
    for (std::size_t written = 0; written < page_bytes_max;) {
      const std::size_t taken = out.write(std::string_view{page.made}.substr(page.sent));
      page.sent += taken;
      written += taken;
      if (page.sent != page.made.size()) return; // `resume` comes when there is room
      if (page.folder.done()) return out.end();
      page.made.clear();
      page.sent = 0;
      page.folder.append(page.made, part_bytes);
    }
    const std::int64_t queued = out.host().queued(out.connection());
    if (queued > 0 && static_cast<std::uint64_t>(queued) > output_high()) return; // there, too
    if (out.host().wake(out.connection(), out.token()) != EH_OK) throw std::runtime_error("a listing can't go on");
  }

  // ---- a file

  /// The location is made of the decoded name, so it is always a path of this host: "//host" would be another one.
  http::response redirected(const std::string& name, const http::request& head) {
    std::string location = "/";
    files::append_encoded(location, name);
    location += '/';
    if (const auto query = head.query()) location.append("?").append(*query);
    return refused(301).field("Location", location);
  }

  void answer_file(const http::request& head, const std::string& name, const files::found& found, http::reply& out) {
    if (!found.is_file()) return out.send(refused(404)); // and not opened: a pipe's writer would go on
    files::opened file = root_.open(found, name.c_str());
    if (!file.fd) return out.send(refused(status_of(file.error, name)));
    if (found.about.st_blocks == 0 && files::lies(file.fd.get(), found.about.st_size))
      return answer_made_up(name, file.fd.get(), out);
    const files::entity entity{found.about, clock().seconds()};
    const files::conditions conditions{head.fields(), {entity.etag(), entity.modified_s()}, clock().seconds()};
    if (const unsigned status = conditions.refusal()) return out.send(unmet(status, entity));
    const files::range range = head.method() == http::method::get && conditions.range_counts()
                                   ? files::read_range(range_of(head), entity.bytes())
                                   : files::range{};
    if (range.what == files::range::kind::none) return out.send(unsatisfiable(entity));
    const bool part = range.what == files::range::kind::part;
    http::response answer = about_file(http::response{part ? 206u : 200u}, types_.of(name));
    add_validators(answer, entity);
    answer.field("Accept-Ranges", "bytes");
    if (part) answer.field("Content-Range", content_range(range, entity.bytes()));
    out.send_file(answer, file.fd.release(), range.offset, part ? range.length : entity.bytes());
  }

  /// A file that the kernel makes up while it is read: it is read whole, since its size is not known before, and has no
  /// version that a later request could name.
  void answer_made_up(const std::string& name, int fd, http::reply& out) {
    std::string content;
    if (const int error = files::read_whole(fd, content)) return out.send(refused(status_of(error, name)));
    out.send(about_file(http::response{200}, types_.of(name)).content(std::move(content)));
  }

  /// The field counts if there is one of it; else the whole is asked for.
  static std::string_view range_of(const http::request& head) {
    const auto field = head.find("range");
    return field && head.fields().count("range") == 1 ? *field : std::string_view{};
  }

  static std::string content_range(const files::range& part, std::uint64_t bytes) {
    return "bytes " + std::to_string(part.offset) + "-" + std::to_string(part.offset + part.length - 1) + "/" +
           std::to_string(bytes);
  }

  http::response unsatisfiable(const files::entity& entity) {
    return refused(416).field("Content-Range", "bytes */" + std::to_string(entity.bytes()));
  }

  /// 304 says what 200 would have said of the version (RFC 9110 section 15.4.5).
  http::response unmet(unsigned status, const files::entity& entity) {
    if (status == 412) return refused(412);
    http::response answer = about_file(http::response{status}, "");
    add_validators(answer, entity);
    return answer;
  }

  http::response about_file(http::response answer, const char* type) {
    if (*type) answer.content_type(type);
    if (!cache_control_.empty()) answer.field("Cache-Control", cache_control_);
    if (nosniff_) add_nosniff(answer);
    return answer;
  }

  static void add_validators(http::response& answer, const files::entity& entity) {
    answer.field("Last-Modified", entity.modified());
    answer.field("ETag", entity.etag());
  }

  files::root root_;
  files::media_types types_;
  std::string index_;
  std::string cache_control_;
  std::size_t listed_max_; // 0: no folder is listed
  bool nosniff_;
  std::unordered_map<eh_conn_id, std::unique_ptr<pages>> listings_; // that take more than one turn
};

EPOLLHOST_PLUGIN(files_server)
