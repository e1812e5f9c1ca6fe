/* kernels.c - which table this process uses. */
#include "kernels/kernels.h"

const pv_kernels *pv_kernels_get(void)
{
    return &pv_kernels_scalar;
}
