// Distributed under the Boost Software License, Version 1.0.
// The article's web server: one answer to every well-formed request, as fast as it goes.
#include <epollhost/http/plugin.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace eh = epollhost;
namespace http = epollhost::http;

namespace {

/// Append "Name: value" lines to an answer; in the option they are parted by "\n", written so or as a line feed.
void add_lines(http::response& answer, std::string lines) {
  for (std::size_t at; (at = lines.find("\\n")) != lines.npos;) lines.replace(at, 2, "\n");
  for (std::string_view rest = lines; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon == line.npos) throw std::invalid_argument("header \"" + std::string{line} + "\" is not \"Name: value\"");
    answer.field(line.substr(0, colon), http::detail::trim(line.substr(colon + 1)));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
}

constexpr std::string_view default_body = "Hello, world!";

/// A page that is sent from memory has a bound, since a slow reader's rest of it is kept for each connection.
constexpr std::uintmax_t body_file_bytes_max = 1024 * 1024;

/// Read the file whose content every answer has. Throws std::runtime_error with the reason.
std::string read_body(const std::filesystem::path& path) {
  const auto refuse = [&path](const std::string& why) {
    throw std::runtime_error("body-file \"" + path.string() + "\": " + why);
  };
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (!std::filesystem::exists(status)) refuse(failed ? failed.message() : "No such file");
  if (!std::filesystem::is_regular_file(status)) refuse("it is no regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse("it can't be opened for reading");
  std::string content(body_file_bytes_max + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) refuse("it can't be read");
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > body_file_bytes_max)
    refuse("it is larger than " + std::to_string(body_file_bytes_max) + " bytes, the most that is served from memory");
  return content;
}

} // namespace

class http_server : public http::service {
public:
  struct options : http::settings {
    std::string_view body = default_body;
    eh::file body_file;
    std::string_view content_type = "text/plain";
    std::string_view header;
    bool print = false;
  };

  static constexpr auto about =
      eh::about{"http", EPOLLHOST_VERSION, "answers every request with the same page", ":8080"};
  static constexpr auto schema = std::tuple_cat(
      eh::schema<options>(eh::option("body", &options::body, "the content of every answer"),
                          eh::option("body-file", &options::body_file, "read it from this file, once, at the start"),
                          eh::option("content-type", &options::content_type, "its media type"),
                          eh::option("header", &options::header, "more fields, \"Name: value\", parted by \\n"),
                          eh::option("print", &options::print, "print every request to standard output")),
      http::settings_schema<options>());

  using connection = http::session<http_server>;
  static constexpr bool takes_content = false;

  http_server(eh::host functions, const options& chosen)
      : service{functions, chosen}, page_{page(chosen)}, print_{chosen.print} {}

  void answer(const http::request& head, std::string_view, http::reply& out) {
    if (print_) [[unlikely]]
      print(head);
    out.send(page_);
  }

private:
  static http::prepared page(const options& chosen) {
    const std::string type{chosen.content_type}; // ends in the zero that a const char* needs
    http::response answer;
    answer.content_type(type.c_str());
    if (chosen.body_file.text.empty())
      answer.content_view(chosen.body);
    else if (chosen.body != default_body)
      throw std::invalid_argument("body and body-file are both given; give one of them");
    else
      answer.content(read_body(std::filesystem::path{chosen.body_file.text}));
    add_lines(answer, std::string{chosen.header});
    return http::prepared{answer};
  }

  /// The head as it came, in which a terminal finds no command: the parser lets in no control character of ASCII but
  /// line ends and tabs, and all that is no ASCII is written as \xHH.
  static void print(const http::request& head) {
    std::string text;
    for (const char c : head.bytes()) {
      if (static_cast<unsigned char>(c) < 0x7f) {
        text += c;
      } else {
        constexpr std::string_view digits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        text.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
      }
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout); // a pipe would hold it back until it is of no interest any more
  }

  http::prepared page_;
  bool print_;
};

EPOLLHOST_PLUGIN(http_server)
