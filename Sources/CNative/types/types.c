#include "types.h"

size_t dn_type_size(dn_type type) {
  switch (type) {
  case DN_I8: case DN_U8: case DN_BOOL: return 1;
  case DN_BF16: case DN_F16: case DN_I16: case DN_U16: return 2;
  case DN_F32: case DN_I32: case DN_U32: return 4;
  case DN_F64: case DN_I64: case DN_U64: return 8;
  }
  return 0;
}

const char *dn_type_name(dn_type type) {
  static const char *const names[] = {
    "float32", "float64", "bfloat16", "float16", "int8", "int16", "int32",
    "int64", "uint8", "uint16", "uint32", "uint64", "bool",
  };
  return (unsigned)type < sizeof names / sizeof *names ? names[type] : "unknown";
}
