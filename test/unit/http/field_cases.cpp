// Distributed under the Boost Software License, Version 1.0.
// Field lines: names, white space, values and line ends (RFC 9112 section 5, RFC 9110 section 5).

#include "head_case.hpp"

namespace http_test {
namespace {

/// A request with this line before Host.
std::string with(const std::string& line) { return "GET / HTTP/1.1\r\n" + line + "\r\nHost: a\r\n\r\n"; }

head_case takes(const char* name, const std::string& line, const std::string& seen) {
  return good(name, with(line), "GET / 1.1 origin host=a path=/ keep " + seen + " [Host|a]");
}

head_case refuses(const char* name, const std::string& line, error why) { return bad(name, with(line), why); }

} // namespace

std::vector<head_case> field_cases() {
  return {
      takes("reads_a_field", "Accept: text/html", "[Accept|text/html]"),
      takes("reads_a_field_of_one_letter", "a: b", "[a|b]"),
      takes("reads_a_field_without_space", "a:b", "[a|b]"),
      takes("drops_spaces_around_a_value", "a:   b   ", "[a|b]"),
      takes("drops_tabs_around_a_value", "a:\t\tb\t", "[a|b]"),
      takes("drops_mixed_white_space_around_a_value", "a: \t b \t ", "[a|b]"),
      takes("keeps_white_space_inside_a_value", "a: b \t c", "[a|b \t c]"),
      takes("reads_an_empty_value", "a:", "[a|]"),
      takes("reads_a_blank_value", "a:  \t ", "[a|]"),
      takes("reads_a_value_of_colons", "a:::", "[a|::]"),
      takes("reads_a_value_with_high_bytes", "a: \xc3\xa4\xff", "[a|\xc3\xa4\xff]"),
      takes("reads_all_marks_in_a_name", "!#$%&'*+-.^_`|~09azAZ: b", "[!#$%&'*+-.^_`|~09azAZ|b]"),
      takes("reads_a_name_of_15_bytes", std::string(15, 'n') + ": b", "[" + std::string(15, 'n') + "|b]"),
      takes("reads_a_name_of_16_bytes", std::string(16, 'n') + ": b", "[" + std::string(16, 'n') + "|b]"),
      takes("reads_a_name_of_17_bytes", std::string(17, 'n') + ": b", "[" + std::string(17, 'n') + "|b]"),
      takes("reads_a_name_of_100_bytes", std::string(100, 'n') + ": b", "[" + std::string(100, 'n') + "|b]"),
      takes("reads_a_value_of_31_bytes", "a: " + std::string(31, 'v'), "[a|" + std::string(31, 'v') + "]"),
      takes("reads_a_value_of_32_bytes", "a: " + std::string(32, 'v'), "[a|" + std::string(32, 'v') + "]"),
      takes("reads_a_value_of_33_bytes", "a: " + std::string(33, 'v'), "[a|" + std::string(33, 'v') + "]"),
      takes("reads_a_value_of_500_bytes", "a: " + std::string(500, 'v'), "[a|" + std::string(500, 'v') + "]"),
      takes("keeps_repeated_fields_in_order", "a: 1\r\nb: 2\r\na: 3", "[a|1] [b|2] [a|3]"),
      takes("reads_fields_that_end_in_a_line_feed", "a: 1\nb: 2", "[a|1] [b|2]"),
      takes("drops_white_space_before_a_bare_line_feed", "a: 1 \nb: 2", "[a|1] [b|2]"),
      takes("ignores_upgrade", "Upgrade: h2c", "[Upgrade|h2c]"),
      takes("reads_a_quoted_value", "a: \"b, \\\"c\"", "[a|\"b, \\\"c\"]"),

      refuses("refuses_a_space_before_the_colon", "a : b", error::field_name),
      refuses("refuses_a_tab_before_the_colon", "a\t: b", error::field_name),
      refuses("refuses_a_space_before_the_colon_of_host", "Host : b", error::field_name),
      refuses("refuses_a_line_without_colon", "abc", error::field_name),
      refuses("refuses_a_line_of_two_words", "abc def", error::field_name),
      refuses("refuses_an_empty_name", ": b", error::field_name),
      refuses("refuses_a_colon_alone", ":", error::field_name),
      refuses("refuses_a_space_in_a_name", "a b: c", error::field_name),
      refuses("refuses_a_parenthesis_in_a_name", "a(b): c", error::field_name),
      refuses("refuses_an_at_in_a_name", "a@b: c", error::field_name),
      refuses("refuses_a_bracket_in_a_name", "a[0]: c", error::field_name),
      refuses("refuses_a_brace_in_a_name", "{a}: c", error::field_name),
      refuses("refuses_a_slash_in_a_name", "a/b: c", error::field_name),
      refuses("refuses_a_backslash_in_a_name", "a\\b: c", error::field_name),
      refuses("refuses_a_quote_in_a_name", "\"a\": c", error::field_name),
      refuses("refuses_a_comma_in_a_name", "a,b: c", error::field_name),
      refuses("refuses_a_semicolon_in_a_name", "a;b: c", error::field_name),
      refuses("refuses_an_equals_sign_in_a_name", "a=b: c", error::field_name),
      refuses("refuses_a_question_mark_in_a_name", "a?: c", error::field_name),
      refuses("refuses_angle_brackets_in_a_name", "<a>: c", error::field_name),
      refuses("refuses_a_high_byte_in_a_name", "a\xc3\xa4: b", error::field_name),
      refuses("refuses_a_zero_byte_in_a_name", raw("a\0: b"), error::field_name),
      refuses("refuses_a_control_character_in_a_name", "a\x0b: b", error::field_name),
      refuses("refuses_del_in_a_name", "a\x7f: b", error::field_name),
      refuses("refuses_a_carriage_return_in_a_name", "a\rb: c", error::field_name),
      refuses("refuses_a_bad_byte_behind_a_vector_of_name", std::string(16, 'n') + "@: b", error::field_name),

      refuses("refuses_a_folded_line", "a: b\r\n c", error::field_fold),
      refuses("refuses_a_line_folded_with_a_tab", "a: b\r\n\tc", error::field_fold),
      refuses("refuses_a_line_folded_behind_a_line_feed", "a: b\n c", error::field_fold),
      refuses("refuses_a_blank_line", "a: b\r\n ", error::field_fold),
      refuses("refuses_white_space_before_the_first_field", " a: b", error::field_fold),
      refuses("refuses_a_tab_before_the_first_field", "\ta: b", error::field_fold),

      refuses("refuses_a_zero_byte_in_a_value", raw("a: b\0c"), error::field_value),
      refuses("refuses_a_zero_byte_as_a_value", raw("a: \0"), error::field_value),
      refuses("refuses_a_control_character_in_a_value", "a: b\x01", error::field_value),
      refuses("refuses_a_vertical_tab_in_a_value",
              "a: b\x0b"
              "c",
              error::field_value),
      refuses("refuses_a_form_feed_in_a_value", "a: b\x0c", error::field_value),
      refuses("refuses_an_escape_in_a_value", "a: \x1b[0m", error::field_value),
      refuses("refuses_del_in_a_value", "a: b\x7f", error::field_value),
      refuses("refuses_a_control_character_behind_a_vector", "a: " + std::string(40, 'v') + "\x02", error::field_value),
      refuses("refuses_a_bare_carriage_return_in_a_value", "a: b\rc", error::line_end),
      refuses("refuses_a_bare_carriage_return_before_a_value", "a:\rb", error::line_end),
      refuses("refuses_two_carriage_returns_behind_a_value", "a: b\r\r\nc: d", error::line_end),
      refuses("refuses_a_carriage_return_that_hides_a_field", "a: b\rTransfer-Encoding: chunked", error::line_end),
      bad("refuses_a_bare_carriage_return_for_the_empty_line", "GET / HTTP/1.1\r\nHost: a\r\n\rx", error::line_end),
      bad("refuses_a_zero_byte_for_the_empty_line", raw("GET / HTTP/1.1\r\nHost: a\r\n\0"), error::field_name),
  };
}

} // namespace http_test
