// Distributed under the Boost Software License, Version 1.0.
// The four forms of a request target and the bytes they may hold (RFC 9112 section 3.2).

#include "head_case.hpp"

namespace http_test {
namespace {

std::string get(const std::string& target, const std::string& method = "GET") {
  return method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

} // namespace

std::vector<head_case> target_cases() {
  const auto strict = +[](limits& l) { l.strict = true; };
  return {
      good("reads_a_path", get("/a/b"), "GET /a/b 1.1 origin host=a path=/a/b keep [Host|a]"),
      good("reads_a_query", get("/a?b=c&d"), "GET /a?b=c&d 1.1 origin host=a path=/a query=b=c&d keep [Host|a]"),
      good("reads_an_empty_query", get("/?"), "GET /? 1.1 origin host=a path=/ query= keep [Host|a]"),
      good("reads_a_query_with_a_second_mark", get("/a?b?c"),
           "GET /a?b?c 1.1 origin host=a path=/a query=b?c keep [Host|a]"),
      good("reads_two_leading_slashes", get("//a/b"), "GET //a/b 1.1 origin host=a path=//a/b keep [Host|a]"),
      good("leaves_percent_codes", get("/%41%zz%"), "GET /%41%zz% 1.1 origin host=a path=/%41%zz% keep [Host|a]"),
      good("leaves_dot_segments", get("/../etc"), "GET /../etc 1.1 origin host=a path=/../etc keep [Host|a]"),
      good("leaves_marks_that_browsers_send", get("/a|b{c}\"[d]^`\\<>"), {}),
      good("reads_a_target_longer_than_a_vector", get("/" + std::string(100, 'x'))),
      good("reads_a_percent_code_in_strict_mode", get("/%41"), {}, strict),
      bad("refuses_a_broken_percent_code_in_strict_mode", get("/%4"), error::target_syntax, strict),
      bad("refuses_a_bad_percent_code_in_strict_mode", get("/%4g"), error::target_syntax, strict),
      bad("refuses_a_pipe_in_strict_mode", get("/a|b"), error::target_syntax, strict),
      bad("refuses_a_quote_in_strict_mode", get("/\""), error::target_syntax, strict),
      bad("refuses_a_backslash_in_strict_mode", get("/a\\b"), error::target_syntax, strict),
      bad("refuses_a_fragment", get("/a#b"), error::target_syntax),
      bad("refuses_a_zero_byte_in_the_target", raw("GET /\0 HTTP/1.1\r\n"), error::target_syntax),
      bad("refuses_a_control_character_in_the_target", get("/\x01"), error::target_syntax),
      bad("refuses_del_in_the_target", get("/\x7f"), error::target_syntax),
      bad("refuses_a_high_byte_in_the_target", get("/\xc3\xa4"), error::target_syntax),
      bad("refuses_a_high_byte_behind_a_vector", get("/" + std::string(40, 'x') + "\x80"), error::target_syntax),
      bad("refuses_a_space_in_the_target", get("/a b"), error::version_syntax),
      bad("refuses_an_empty_target", get(""), error::target_syntax),
      bad("refuses_a_relative_path", get("index.html"), error::target_form),
      bad("refuses_a_query_alone", get("?a"), error::target_syntax),

      good("reads_an_absolute_form", get("http://b/c?d"),
           "GET http://b/c?d 1.1 absolute host=b path=/c query=d keep [Host|a]"),
      good("reads_an_absolute_form_with_port", get("http://b:80/c"),
           "GET http://b:80/c 1.1 absolute host=b:80 path=/c keep [Host|a]"),
      good("reads_an_absolute_form_without_path", get("http://b"),
           "GET http://b 1.1 absolute host=b path=/ keep [Host|a]"),
      good("reads_an_absolute_form_with_a_query_only", get("http://b?c"),
           "GET http://b?c 1.1 absolute host=b path=/ query=c keep [Host|a]"),
      good("reads_an_absolute_form_of_https", get("https://b/"),
           "GET https://b/ 1.1 absolute host=b path=/ keep [Host|a]"),
      good("reads_a_scheme_in_any_case", get("HtTp://b/"), "GET HtTp://b/ 1.1 absolute host=b path=/ keep [Host|a]"),
      good("reads_an_absolute_form_with_ipv6", get("http://[::1]:8080/"),
           "GET http://[::1]:8080/ 1.1 absolute host=[::1]:8080 path=/ keep [Host|a]"),
      good("reads_an_absolute_form_in_http_1_0", "GET http://b/ HTTP/1.0\r\n\r\n",
           "GET http://b/ 1.0 absolute host=b path=/ close"),
      bad("needs_host_beside_an_absolute_form", "GET http://b/ HTTP/1.1\r\n\r\n", error::host_missing),
      bad("refuses_an_absolute_form_without_host", get("http:///c"), error::target_syntax),
      bad("refuses_an_absolute_form_with_userinfo", get("http://u@b/"), error::target_syntax),
      bad("refuses_an_absolute_form_with_a_bad_port", get("http://b:x/"), error::target_syntax),
      bad("refuses_an_absolute_form_with_a_large_port", get("http://b:65536/"), error::target_syntax),
      bad("refuses_an_absolute_form_with_a_backslash", get("http://b\\c/"), error::target_syntax),
      bad("refuses_an_absolute_form_of_another_scheme", get("ftp://b/"), error::target_syntax),
      bad("refuses_an_absolute_form_with_one_slash", get("http:/b"), error::target_syntax),

      good("reads_options_asterisk", get("*", "OPTIONS"), "OPTIONS * 1.1 asterisk host=a path=* keep [Host|a]"),
      good("reads_options_of_a_path", get("/a", "OPTIONS")),
      good("reads_options_of_a_host", get("http://b", "OPTIONS")),
      bad("refuses_get_asterisk", get("*"), error::target_form),
      bad("refuses_post_asterisk", get("*", "POST"), error::target_form),
      bad("refuses_more_than_an_asterisk", get("*/", "OPTIONS"), error::target_syntax),

      good("reads_connect", get("b:443", "CONNECT"), "CONNECT b:443 1.1 authority host=b:443 path= keep [Host|a]"),
      good("reads_connect_of_ipv6", get("[::1]:443", "CONNECT")),
      bad("refuses_connect_without_port", get("b", "CONNECT"), error::target_syntax),
      bad("refuses_connect_with_an_empty_port", get("b:", "CONNECT"), error::target_syntax),
      bad("refuses_connect_of_a_path", get("/a", "CONNECT"), error::target_form),
      bad("refuses_connect_of_an_asterisk", get("*", "CONNECT"), error::target_form),
      bad("refuses_connect_of_a_uri", get("http://b:80/", "CONNECT"), error::target_syntax),
      bad("refuses_connect_with_userinfo", get("u@b:80", "CONNECT"), error::target_syntax),
      bad("refuses_an_authority_form_of_get", get("b:80"), error::target_form),
      bad("refuses_an_authority_form_of_options", get("b:80", "OPTIONS"), error::target_form),
  };
}

} // namespace http_test
