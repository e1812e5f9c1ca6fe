/* model_files.h - a shop case as the CSV files of a folder, a model case as an opened model file. */
#ifndef MODEL_FILES_H
#define MODEL_FILES_H

#include "model/model.h"
#include "support/model_case.h"
#include "support/scratch_folder.h"

/* user_purchases.csv, products.csv and users.csv of the case. */
void shop_files_write(const scratch_folder *folder, const shop_case *c);
/* Write the tensors of the case to `name` in the folder. */
void model_file_write(const scratch_folder *folder, const char *name, const model_case *m);
/* The same, opened; to be freed with pv_model_free(). */
pv_model *model_file_open(const scratch_folder *folder, const model_case *m);

#endif
