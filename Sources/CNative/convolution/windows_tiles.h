// A template, included by windows_kernel.h: windows that lie side by side without padding or dilation, the common case
// of pooling, backward. No input is in two windows, so that each result is written just once.

/// Finds the place of the largest input of one window.
TARGET static inline __attribute__((always_inline)) void NAME(tile_choice)(const dn_window_shape *s, const REAL *from,
                                                                           int64_t plane, int64_t line, int64_t rest,
                                                                           NAME(mask) *place) {
  NAME(vector) best, value;
  NAME(load)(&best, from, rest);
  *place = (NAME(mask)){0};
  INTEGER tap = 0;
  for (int64_t i = 0; i < s->window[0]; i++) {
    for (int64_t j = 0; j < s->window[1]; j++) {
      int64_t at = i * plane + j * line, end = at + s->window[2] * s->channels;
      for (; at < end; at += s->channels, tap++) {
        NAME(load)(&value, from + at, rest - at);
        NAME(mask) better = BETTER(value, best);
        best = CHOOSE(better, value, best);
        *place = (better & tap) | (~better & *place);
      }
    }
  }
}

/// Writes the cotangent to one window's inputs: to all where `place` is NULL, otherwise to the one chosen and 0 to the
/// others. `room` says how many elements may be written at each.
TARGET static inline __attribute__((always_inline)) void NAME(tile_write)(const dn_window_shape *s, REAL *to,
                                                                          int64_t plane, int64_t line, int64_t room,
                                                                          const NAME(vector) *gradient,
                                                                          const NAME(mask) *place) {
  INTEGER tap = 0;
  for (int64_t i = 0; i < s->window[0]; i++) {
    for (int64_t j = 0; j < s->window[1]; j++) {
      int64_t at = i * plane + j * line, end = at + s->window[2] * s->channels;
      int64_t left = room;
      for (; at < end; at += s->channels, tap++) {
        NAME(vector) value = *gradient;
        if (place != NULL) value = (NAME(vector))((NAME(mask))value & (*place == tap));
        NAME(store)(to + at, &value, left);
        if (s->channels < LANES) left -= s->channels;
      }
    }
  }
}

TARGET static void NAME(tiles)(const dn_window_shape *s, const void *input, const void *cotangent, void *result,
                               int64_t begin, int64_t end) {
  int64_t channels = s->channels, line = s->input[2] * channels, plane = s->input[1] * line;
  int64_t elements = s->batch * s->input[0] * plane, windows = s->batch * s->output[0] * s->output[1] * s->output[2];
  int64_t step = s->window[2] * channels;
  for (int64_t index = begin; index < end; index++) {
    int64_t y = index % s->output[1], rest = index / s->output[1], z = rest % s->output[0], image = rest / s->output[0];
    int64_t at = ((image * s->input[0] + z * s->window[0]) * s->input[1] + y * s->window[1]) * line;
    int64_t window = index * s->output[2] * channels, left = s->output[2] * step;
    for (int64_t x = 0; x < s->output[2]; x++, at += step, window += channels, left -= step) {
      for (int64_t c = 0; c < channels; c += LANES) {
        NAME(vector) value;
        NAME(mask) place;
        REAL *back = (REAL *)result + at + c;
        // Surplus lanes may spill into the next pixel only where its own store comes later.
        int64_t room = channels > LANES ? channels - c : left;
        NAME(load)(&value, (const REAL *)cotangent + window + c, windows * channels - window - c);
        if (input == NULL) {
          NAME(tile_write)(s, back, plane, line, room, &value, NULL);
        } else {
          NAME(tile_choice)(s, (const REAL *)input + at + c, plane, line, elements - at - c, &place);
          NAME(tile_write)(s, back, plane, line, room, &value, &place);
        }
      }
    }
  }
}
