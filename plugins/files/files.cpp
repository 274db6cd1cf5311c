// Distributed under the Boost Software License, Version 1.0.
// A folder over HTTP.
#include "conditions.hpp"
#include "entity.hpp"
#include "listing.hpp"
#include "media_types.hpp"
#include "path.hpp"
#include "range.hpp"
#include "root.hpp"

#include <epollhost/http/plugin.hpp>

#include <sys/stat.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

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
          eh::option("default-type", &options::default_type, "the media type of what has no known end"),
          eh::option("types", &options::types, "a table like /etc/mime.types, looked at before the usual types")),
      http::settings_schema<options>());

  using connection = http::session<files_server>;
  static constexpr bool takes_content = false;

  files_server(eh::host functions, const options& chosen)
      : service{functions, chosen}, root_{folder(chosen), chosen.symlinks}, types_{make_types(chosen)},
        index_{chosen.index}, cache_control_{chosen.cache_control}, listed_max_{chosen.listing ? chosen.listing_max
                                                                                               : 0} {
    if (index_.find('/') != index_.npos || files::is_hidden(index_, false))
      throw std::invalid_argument("index \"" + index_ + "\" is no plain name; give one like index.html");
    check_values(chosen);
  }

  void answer(const http::request& head, std::string_view, http::reply& out) {
    if (head.method() != http::method::get && head.method() != http::method::head)
      return out.send(refused(405).field("Allow", "GET, HEAD"));
    const files::asked asked = files::decode_path(head.path());
    if (asked.status != 0) return out.send(refused(asked.status));
    if (asked.folder)
      answer_folder(head, asked.name, out);
    else
      answer_name(head, asked.name, out);
  }

private:
  // ---- the start

  static std::string folder(const options& chosen) {
    if (chosen.root.text.empty()) throw std::invalid_argument("root is not given; name the folder to serve with it");
    return std::string{chosen.root.text};
  }

  static files::media_types make_types(const options& chosen) {
    files::media_types types{chosen.default_type, chosen.charset};
    if (!chosen.types.text.empty()) {
      std::ifstream own{std::string{chosen.types.text}};
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
    check("charset", chosen.charset);
    check("default-type", chosen.default_type);
  }

  // ---- an answer

  static http::response refused(unsigned status) {
    return http::text(std::to_string(status) + " " + std::string{http::reason_of(status)} + "\n", status);
  }

  /// Open a name below the root. If it can't be, the request is answered.
  files::descriptor open(const std::string& name, http::reply& out) {
    files::opened found = root_.open(name.empty() ? "." : name.c_str());
    if (!found.fd) out.send(refused(status_of(found.error, name)));
    return std::move(found.fd);
  }

  unsigned status_of(int error, const std::string& name) {
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ENXIO: // a socket
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
    files::descriptor fd = open(name, out);
    struct stat about;
    if (!fd || !look(fd, about, out)) return;
    if (S_ISDIR(about.st_mode)) return out.send(redirected(name, head));
    answer_file(head, name, about, std::move(fd), out);
  }

  void answer_folder(const http::request& head, const std::string& name, http::reply& out) {
    if (!index_.empty()) {
      const std::string index = name.empty() ? index_ : name + "/" + index_;
      files::opened found = root_.open(index.c_str());
      struct stat about;
      if (found.fd && !look(found.fd, about, out)) return;
      if (found.fd && S_ISREG(about.st_mode)) return answer_file(head, index, about, std::move(found.fd), out);
      if (found.error != ENOENT && !found.fd) return out.send(refused(status_of(found.error, index)));
    }
    if (listed_max_ == 0) return out.send(refused(404));
    files::descriptor fd = open(name, out);
    struct stat about;
    if (!fd || !look(fd, about, out)) return;
    if (!S_ISDIR(about.st_mode)) return out.send(refused(404));
    out.send(http::html(files::listing_page(name, files::read_folder(std::move(fd), listed_max_))));
  }

  bool look(const files::descriptor& fd, struct stat& about, http::reply& out) {
    if (::fstat(fd.get(), &about) == 0) return true;
    out.send(refused(status_of(errno, "a file")));
    return false;
  }

  /// The location is made of the decoded name, so it is always a path of this host: "//host" would be another one.
  static http::response redirected(const std::string& name, const http::request& head) {
    std::string location = "/";
    files::append_encoded(location, name);
    location += '/';
    if (const auto query = head.query()) location.append("?").append(*query);
    return http::text("301 Moved Permanently\n", 301).field("Location", location);
  }

  void answer_file(const http::request& head, const std::string& name, const struct stat& about, files::descriptor fd,
                   http::reply& out) {
    if (!S_ISREG(about.st_mode)) return out.send(refused(404));
    const files::entity entity{about};
    const files::conditions conditions{
        head.fields(), {entity.etag(), entity.modified_s()}, functions().wall_ns() / 1'000'000'000};
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
    out.send_file(answer, fd.release(), range.offset, part ? range.length : entity.bytes());
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
};

EPOLLHOST_PLUGIN(files_server)
