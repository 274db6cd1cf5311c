// Distributed under the Boost Software License, Version 1.0.
// Which characters act on a terminal in place of being shown.
#ifndef EPOLLHOST_BASE_CONTROL_CHARACTER_HPP
#define EPOLLHOST_BASE_CONTROL_CHARACTER_HPP

namespace epollhost {

/// Whether it is a control character of ASCII. Those that UTF-8 has beside them take two bytes.
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

} // namespace epollhost

#endif
