/* random.c - see random.h. */
#include "base/random.h"

#define GOLDEN_GAMMA UINT64_C(0x9e3779b97f4a7c15)

/* The finalizer of splitmix64 (variant 13 of Stafford's search). */
static uint64_t mix(uint64_t bits)
{
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

uint64_t pv_random_bits(uint64_t seed, uint64_t stream, uint64_t index)
{
    uint64_t start = mix(mix(seed + GOLDEN_GAMMA) ^ (stream + GOLDEN_GAMMA));
    return mix(start + (index + 1) * GOLDEN_GAMMA);
}

double pv_random_uniform(uint64_t seed, uint64_t stream, uint64_t index)
{
    return (double)(pv_random_bits(seed, stream, index) >> 11) * 0x1p-53;
}

double pv_random_normal(uint64_t seed, uint64_t stream, uint64_t index)
{
    uint64_t bits = pv_random_bits(seed, stream, index);
    uint64_t sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
    const double mean = 2.0 * 65535.0, deviation = 37837.22723720648; /* sqrt(4 (2^32 - 1) / 12) */
    return ((double)sum - mean) / deviation;
}
