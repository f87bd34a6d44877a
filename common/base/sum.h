/*
 * Checksums of bytes that come piece by piece: those that S3 knows, and MD5,
 * which it knew before. One thread for each.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
#ifndef COMMON_BASE_SUM_H
#define COMMON_BASE_SUM_H

#include <stddef.h>
#include <stdint.h>

enum sum_kind {
	SUM_CRC32,
	SUM_CRC32C,
	SUM_CRC64NVME,
	SUM_SHA1,
	SUM_SHA256,
	SUM_MD5
};
#define SUM_MAX 32 /* bytes of the longest */

struct sum;

struct sum *sum_new(enum sum_kind);
void sum_add(struct sum *, const void *, size_t);
/* Big endian; returns how many bytes. */
size_t sum_end(struct sum *take_s, uint8_t ret[static SUM_MAX]);

#endif
