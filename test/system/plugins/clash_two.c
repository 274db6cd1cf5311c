/* Distributed under the Boost Software License, Version 1.0. */
/* The other plugin with the names that clash.c exports. */
#define WORD "two"
#define NAME "clash-two"
#include "clash.c"
