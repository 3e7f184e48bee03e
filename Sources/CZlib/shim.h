// zlib (Debian: zlib1g-dev) for gzip files, and glibc's iconv for their encodings.
#include <errno.h>
#include <iconv.h>
#include <zlib.h>
