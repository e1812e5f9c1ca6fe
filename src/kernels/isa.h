/* isa.h - which instruction sets this process may use.
 *
 * Holds:    pv_isa, pv_isa_choose(), pv_isa_get(), pv_isa_name().
 * Threads:  safe; the answer is the same for the life of the process.
 */
#ifndef PV_ISA_H
#define PV_ISA_H

/* Each x86 set includes those before it. NEON is the only one of arm64 beside scalar. */
typedef enum pv_isa {
    PV_ISA_SCALAR,      /* portable C */
    PV_ISA_AVX2,        /* AVX2 and FMA */
    PV_ISA_AVX512,      /* AVX-512 F, BW, DQ, VL */
    PV_ISA_AVX512_VNNI, /* and VNNI: only the int8 kernels differ */
    PV_ISA_NEON
} pv_isa;

/* The best set that the processor and the operating system support and this build has tables for, lowered to the set of
 * the name `wanted` (scalar, avx2, avx512, avx512vnni, neon). A name that would raise it, or that is not known, changes
 * nothing; nor does NULL. Costs microseconds on a virtual machine. */
pv_isa pv_isa_choose(const char *wanted);
/* The choice by the environment variable PURVEY_ISA, made once. */
pv_isa pv_isa_get(void);
/* The name that PURVEY_ISA takes. */
const char *pv_isa_name(pv_isa isa);

#endif
