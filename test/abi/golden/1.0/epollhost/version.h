/* Distributed under the Boost Software License, Version 1.0. */
/* The only place where versions are written. Plugins may include this. Source: Semantic Versioning 2.0.0. */
#ifndef EPOLLHOST_VERSION_H
#define EPOLLHOST_VERSION_H

/** Version of the program and of the installed headers. */
#define EPOLLHOST_VERSION "0.1.0"

/** The plugin boundary. A host loads a plugin if the majors are equal and its own minor is at least the one that
 *  the plugin needs (eh_plugin::host_minor_needed). */
#define EH_ABI_MAJOR 1
#define EH_ABI_MINOR 0

#endif
