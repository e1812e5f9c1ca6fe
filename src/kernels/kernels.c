/* kernels.c - which table this process uses. */
#include "kernels/kernels.h"
#include "kernels/isa.h"

const pv_kernels *pv_kernels_get(void)
{
    switch (pv_isa_get()) {
#if defined(__x86_64__)
    case PV_ISA_AVX2:
        return &pv_kernels_avx2;
    case PV_ISA_AVX512:
    case PV_ISA_AVX512_VNNI:
        return &pv_kernels_avx512;
#elif defined(__aarch64__)
    case PV_ISA_NEON:
        return &pv_kernels_neon;
#endif
    default:
        return &pv_kernels_scalar;
    }
}
