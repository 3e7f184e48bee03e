// libzmq's C API, from Debian's libzmq3-dev. No pkg-config: its flags for Debian 12 are refused by SwiftPM.
#ifndef GRIDLINE_CZEROMQ_H
#define GRIDLINE_CZEROMQ_H
#include <sys/eventfd.h>
#include <zmq.h>

// EFD_* are enum constants that Swift sees under names that differ by libc version.
static inline int gridline_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
#endif
