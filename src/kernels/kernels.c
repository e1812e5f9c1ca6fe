/* kernels.c - which table this process uses. */
#include "kernels/kernels.h"
#include "kernels/isa.h"
#include <stdatomic.h>
#include <stddef.h>

static const pv_kernels *choose(void)
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

const pv_kernels *pv_kernels_get(void)
{
    /* Asking the processor costs microseconds on a virtual machine. Threads that race here store the same pointer. */
    static const pv_kernels *_Atomic chosen;
    const pv_kernels *kernels = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (kernels) return kernels;
    kernels = choose();
    atomic_store_explicit(&chosen, kernels, memory_order_relaxed);
    return kernels;
}
