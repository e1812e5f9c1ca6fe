/* kernel_table.h - the table of one instruction set, made of the vectors that a kernels_<set>.c defines before it
 * includes this: those that training_kernels.h, exact_kernels.h and triangular_kernels.h name, and
 *   TABLE, ISA              name of the table, and what it says of itself
 */
#include "kernels/kernels.h"
#include "kernels/training_kernels.h"
#include "kernels/triangular_kernels.h"

#if defined(KERNEL) /* a template: nothing on its own */
const pv_kernels TABLE = {
    .isa = ISA,
    .dot = dot,
    .dot_wide = dot_wide,
    .project_wide = project_wide,
    .axpy = axpy,
    .multiply_symmetric = multiply_symmetric,
    .pack = pack,
    .project = project,
    .add_rows = add_rows,
    .multiply = multiply,
    .add_products = add_products,
    .add_block_product = add_block_product,
    .conjugate_gradients = conjugate_gradients,
    .add_squares = add_squares,
    .add_outer = add_outer,
    .cholesky_factor = cholesky_factor,
    .cholesky_solve = cholesky_solve,
    .forward_rows = forward_rows,
};
#endif
