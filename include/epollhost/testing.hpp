// Distributed under the Boost Software License, Version 1.0.
// Drive a plugin in memory, without a host, a socket or a second of waiting. Plugins may include this (their tests).
//
//     namespace eh = epollhost;
//     eh::testing::plugin p("./echo.so", {{"limit", "10"}});       // or eh::testing::plugin_of<echo> p
//     eh::testing::peer c = p.connect();
//     c.send("hello");
//     assert(c.received() == "hello");
//     c.send("world");
//     assert(c.ended());
//     eh::testing::same_however_cut(p, "hello");
//
// It needs no test framework: what goes wrong is an exception, epollhost::testing::failure, whose what() shows the
// conversation. Linux only; link with -pthread, and with -ldl where the C library is older than 2.34.
#ifndef EPOLLHOST_TESTING_HPP
#define EPOLLHOST_TESTING_HPP

#include <epollhost/testing/cuts.hpp>
#include <epollhost/testing/failure.hpp>
#include <epollhost/testing/peer.hpp>
#include <epollhost/testing/plugin.hpp>
#include <epollhost/testing/plugin_of.hpp>
#include <epollhost/testing/settings.hpp>
#include <epollhost/testing/text.hpp>

#endif
