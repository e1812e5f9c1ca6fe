/* emulated_isa.c - stands for isa.c in the emulated tests: a processor that has everything. */
#include "kernels/isa.h"

pv_isa pv_isa_get(void)
{
    return PV_ISA_AVX512_VNNI;
}

const char *pv_isa_name(pv_isa isa)
{
    return isa == PV_ISA_AVX512_VNNI ? "avx512vnni" : "another";
}
