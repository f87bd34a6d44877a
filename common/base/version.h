/* The one place that says which version this is. */
#ifndef COMMON_BASE_VERSION_H
#define COMMON_BASE_VERSION_H

#define CONVERGD_VERSION "0.1.0"

#endif
