#ifndef DN_WINDOWS_INTERNAL_H
#define DN_WINDOWS_INTERNAL_H

#include "windows.h"

/// What the kernels of one element type and one set of instructions offer. Shapes have rank 3.
typedef struct dn_window_kernels {
  /// Reduces the windows of output lines `begin ..< end`, counted through batch and outer spatial axes. `scratch` has
  /// room for one line of the input and one of the output, each with a slack of DN_WINDOW_SLACK bytes.
  void (*reduce)(dn_window_operation operation, const dn_window_shape *shape, const void *input, void *output,
                 int64_t begin, int64_t end, void *scratch);
  /// The transpose of the sum for input lines `begin ..< end`; the same scratch.
  void (*spread)(const dn_window_shape *shape, const void *cotangent, void *result, int64_t begin, int64_t end,
                 void *scratch);
  /// For output lines `begin ..< end`, chooses each window's largest input and writes its tangent, or where `tangent`
  /// is NULL the number of its place in the window, an integer of the elements' width.
  void (*choose)(const dn_window_shape *shape, const void *input, const void *tangent, void *result, int64_t begin,
                 int64_t end);
  /// For input lines `begin ..< end`, sums the cotangents of the windows that chose each input. Reads DN_WINDOW_SLACK
  /// bytes beyond `places`; the same scratch.
  void (*collect)(const dn_window_shape *shape, const void *places, const void *cotangent, void *result,
                  int64_t begin, int64_t end, void *scratch);
  /// Writes cotangents to the inputs of output lines `begin ..< end` of windows that lie side by side without padding
  /// or dilation: to all of them where `input` is NULL, otherwise to the largest. Inputs in no window stay as they
  /// are.
  void (*tiles)(const dn_window_shape *shape, const void *input, const void *cotangent, void *result, int64_t begin,
                int64_t end);
} dn_window_kernels;

enum { DN_WINDOW_SLACK = 64 };

/// The kernels for a type; `channel_bytes` helps to choose how wide a vector pays.
const dn_window_kernels *dn_window_kernels_for(dn_type type, int64_t channel_bytes);

#endif
