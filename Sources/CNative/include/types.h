#ifndef DN_TYPES_H
#define DN_TYPES_H

#include <stddef.h>
#include <stdint.h>

/// The element type of a buffer. The order is part of the contract with the Swift floors.
typedef enum dn_type {
  DN_F32,
  DN_F64,
  DN_BF16,
  DN_F16,
  DN_I8,
  DN_I16,
  DN_I32,
  DN_I64,
  DN_U8,
  DN_U16,
  DN_U32,
  DN_U64,
  DN_BOOL
} dn_type;

/// The size of one element in bytes; 0 for a value outside the enumeration.
size_t dn_type_size(dn_type type);

/// The name of an element type, such as "float32".
const char *dn_type_name(dn_type type);

#endif
