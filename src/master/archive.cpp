// Distributed under the Boost Software License, Version 1.0.
// Values as bytes, between processes of one host.
#include "master/archive.hpp"

namespace epollhost::master {
namespace {

void put(archive_writer& to, const option_value& v) { to.put(v.integer).put(v.real).put(v.text); }

option_value get_value(archive_reader& from) {
  option_value v;
  v.integer = from.get<std::int64_t>();
  v.real = from.get<double>();
  v.text = from.text();
  return v;
}

void put(archive_writer& to, const option_description& o) {
  to.put(o.name).put(o.help).put(o.type).put(o.flags).put(static_cast<std::uint64_t>(o.choices.size()));
  for (const auto& c : o.choices) to.put(c);
  for (const auto* v : {&o.fallback, &o.min, &o.max}) put(to, *v);
}

option_description get_option(archive_reader& from) {
  option_description o;
  o.name = from.text();
  o.help = from.text();
  o.type = from.get<std::uint32_t>();
  o.flags = from.get<std::uint32_t>();
  for (auto n = from.get<std::uint64_t>(); n > 0; --n) o.choices.push_back(from.text());
  o.fallback = get_value(from);
  o.min = get_value(from);
  o.max = get_value(from);
  return o;
}

} // namespace

void put(archive_writer& to, const plugin_description& d) {
  to.put(d.file).put(d.name).put(d.version).put(d.summary).put(d.listen);
  to.put(d.abi_major).put(d.abi_minor).put(d.single_worker).put(d.nodelay).put(d.cork).put(d.write_policy);
  to.put(static_cast<std::uint64_t>(d.options.size()));
  for (const auto& o : d.options) put(to, o);
}

plugin_description get_description(archive_reader& from) {
  plugin_description d;
  for (std::string* text : {&d.file, &d.name, &d.version, &d.summary, &d.listen}) *text = from.text();
  d.abi_major = from.get<std::uint16_t>();
  d.abi_minor = from.get<std::uint16_t>();
  d.single_worker = from.get<bool>();
  d.nodelay = from.get<std::int32_t>();
  d.cork = from.get<std::int32_t>();
  d.write_policy = from.get<std::int32_t>();
  for (auto n = from.get<std::uint64_t>(); n > 0; --n) d.options.push_back(get_option(from));
  return d;
}

} // namespace epollhost::master
