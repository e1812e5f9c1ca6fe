/* scan_kernels.c - which table this process uses. */
#include "kernels/scan_kernels.h"
#include "kernels/isa.h"

const pv_scan_kernels *pv_scan_kernels_get(void)
{
    switch (pv_isa_get()) {
#if defined(__x86_64__)
    case PV_ISA_AVX2:
        return &pv_scan_avx2;
    case PV_ISA_AVX512:
        return &pv_scan_avx512;
    case PV_ISA_AVX512_VNNI:
        return &pv_scan_avx512_vnni;
#elif defined(__aarch64__)
    case PV_ISA_NEON:
        return &pv_scan_neon;
#endif
    default:
        return &pv_scan_scalar;
    }
}
