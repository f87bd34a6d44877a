/* The one place that says which version this is. */
#ifndef COMMON_BASE_VERSION_H
#define COMMON_BASE_VERSION_H

#define CONVERGD_VERSION "0.1.0"

/* The commit it was built from; the build may say. */
#ifndef CONVERGD_REVISION
#define CONVERGD_REVISION "unknown"
#endif

#endif
