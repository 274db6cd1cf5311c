// Distributed under the Boost Software License, Version 1.0.
// The next version of the web service, in a file of its own.
#define WEB_VERSION "2"
#include "web.cpp"
