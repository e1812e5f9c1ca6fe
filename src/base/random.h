/* random.h - repeatable random numbers, addressed by position: value k of stream s under a seed depends on nothing
 * else, so threads can draw in any order. */
#ifndef PV_RANDOM_H
#define PV_RANDOM_H

#include <stdint.h>

/* 64 uniform bits (splitmix64 finalizer over seed, stream and index; Steele, Lea, Flood 2014). */
uint64_t pv_random_bits(uint64_t seed, uint64_t stream, uint64_t index);
/* Uniform in [0, 1). */
double pv_random_uniform(uint64_t seed, uint64_t stream, uint64_t index);
/* Close to standard normal: four uniform 16-bit numbers summed, brought to mean 0 and variance 1, never beyond 3.47. No
 * logarithm and no cosine, whose last bits differ between C libraries. */
double pv_random_normal(uint64_t seed, uint64_t stream, uint64_t index);

#endif
