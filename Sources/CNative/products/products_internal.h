#ifndef DN_PRODUCTS_INTERNAL_H
#define DN_PRODUCTS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "products.h"

/// One product, as `dn_gemm` takes it, its arguments checked.
typedef struct dn_product {
  dn_type type;
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  double alpha, beta;
  const void *a, *b;
  void *c;
  int64_t lda, ldb, ldc;
} dn_product;

extern const char *const dn_way_names[DN_WAY_COUNT];

/// The way of a product by fixed rules.
dn_way dn_product_usual_way(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k);

/// The way of checked products, by a trial where there is a choice that matters.
dn_way dn_products_choose_way(const dn_products *products);

/// Whether a library that can be used has products of a type.
bool dn_way_available(dn_way way, dn_type type);

/// Runs a product in a way that can be used for it. Returns nonzero where memory cannot be had.
int dn_product_run(dn_way way, const dn_product *product);

/// Writes that memory cannot be had to `error` and returns 1.
int dn_product_no_memory(char *error, size_t capacity);

/// Descent's own matrix product: correct for every shape, parallel over blocks of the result, which do not depend on
/// the number of threads. Returns nonzero where memory for its panels cannot be had.
int dn_product_blocked(const dn_product *product);

/// True where a product is one of a matrix and a vector that `dn_product_vector` handles.
bool dn_product_is_vector(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k);

/// A product of a matrix and a vector, at the speed of memory. Returns nonzero where memory cannot be had.
int dn_product_vector(const dn_product *product);

#endif
