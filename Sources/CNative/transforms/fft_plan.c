#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocation.h"
#include "fft_internal.h"

enum {
  /// Side by side, longer sequences than this leave the cache; they are transformed in two rounds.
  LONGEST_LANE = 2048,
  /// A round of shorter sequences than this is not worth it.
  SHORTEST_ROUND = 8,
  TABLE_HEADER = 64
};

// MARK: Tables

/// Memory for `count` numbers that lives as long as the plan, with room after it for a vector that is read too far.
static void *table(dn_fft *plan, int64_t count) {
  char *memory = dn_allocate((size_t)count * dn_type_size(plan->type) + TABLE_HEADER + DN_FFT_VECTOR_BYTES);
  if (memory == NULL) {
    plan->failed = true;
    return NULL;
  }
  *(void **)memory = plan->tables;
  plan->tables = memory;
  return memory + TABLE_HEADER;
}

static void put(const dn_fft *plan, void *table, int64_t index, double value) {
  if (plan->type == DN_F32) ((float *)table)[index] = (float)value;
  else ((double *)table)[index] = value;
}

/// The angle of the factor e^(−2πi·step/count).
static double angle(int64_t step, int64_t count) { return -2 * M_PI * (double)(step % count) / (double)count; }

// MARK: Passes

/// The prime factors of a length, fours first; false where one is too large for a pass.
static bool factorize(int64_t length, int64_t *factors, int *count) {
  *count = 0;
  for (int64_t radix = 4; length > 1 && radix <= DN_FFT_LARGEST_PRIME;) {
    if (length % radix == 0) {
      factors[(*count)++] = radix;
      length /= radix;
    } else {
      radix = radix == 4 ? 2 : radix == 2 ? 3 : radix + 2;
    }
  }
  return length == 1;
}

static dn_fft_passes passes_for(dn_fft *plan, int64_t length) {
  dn_fft_passes passes = {.count = length};
  int64_t factors[DN_FFT_MOST_PASSES], rest = length, distance = 1;
  factorize(length, factors, &passes.pass_count);
  for (int i = 0; i < passes.pass_count; i++) {
    const int64_t radix = factors[i], groups = rest / radix;
    void *turns = table(plan, 2 * groups * (radix - 1)), *roots = table(plan, 2 * radix);
    if (turns == NULL || roots == NULL) return passes;
    for (int64_t p = 0, at = 0; p < groups; p++) {
      for (int64_t j = 1; j < radix; j++, at += 2) {
        put(plan, turns, at, cos(angle(j * p, rest)));
        put(plan, turns, at + 1, sin(angle(j * p, rest)));
      }
    }
    for (int64_t j = 0; j < radix; j++) {
      put(plan, roots, 2 * j, cos(angle(j, radix)));
      put(plan, roots, 2 * j + 1, sin(angle(j, radix)));
    }
    passes.pass[i] = (dn_fft_pass){radix, rest, distance, turns, roots};
    rest = groups;
    distance *= radix;
  }
  return passes;
}

// MARK: Rounds

/// The divisor of a length that is nearest to its square root from below.
static int64_t balanced_divisor(int64_t length) {
  int64_t divisor = (int64_t)sqrt((double)length);
  while (length % divisor != 0) divisor--;
  return divisor;
}

static dn_fft_rounds rounds_for(dn_fft *plan, int64_t length) {
  dn_fft_rounds rounds = {.rows = balanced_divisor(length)};
  rounds.columns = length / rounds.rows;
  rounds.along_columns = passes_for(plan, rounds.rows);
  rounds.along_rows = passes_for(plan, rounds.columns);
  rounds.factors = (dn_fft_pair){table(plan, length), table(plan, length)};
  if (plan->failed) return rounds;
  for (int64_t k = 0, at = 0; k < rounds.rows; k++) {
    for (int64_t j = 0; j < rounds.columns; j++, at++) {
      put(plan, rounds.factors.real, at, cos(angle(j * k, length)));
      put(plan, rounds.factors.imaginary, at, sin(angle(j * k, length)));
    }
  }
  return rounds;
}

// MARK: The chirp

/// The spectrum of the chirp's conjugate, in float64 whatever the plan's type.
static void make_spectrum(dn_fft *plan, const double *cosines, const double *sines) {
  const int64_t length = plan->length;
  const size_t bytes = (size_t)length * sizeof(double);
  dn_fft *transform = dn_fft_create(DN_F64, 1, length, 1, false);
  double *memory = dn_allocate(4 * bytes);
  plan->spectrum = (dn_fft_pair){table(plan, length), table(plan, length)};
  plan->failed = plan->failed || transform == NULL || memory == NULL;
  if (!plan->failed) {
    double *real = memory, *imaginary = memory + length, *x = memory + 2 * length, *y = memory + 3 * length;
    memset(real, 0, 2 * bytes);
    for (int64_t j = 0; j < plan->count; j++) {
      const int64_t mirrored = j == 0 ? 0 : length - j;
      real[j] = real[mirrored] = cosines[j];
      imaginary[j] = imaginary[mirrored] = -sines[j];
    }
    plan->failed = dn_fft_run(transform, real, imaginary, x, y, NULL, 0) != 0;
    for (int64_t j = 0; j < length; j++) {
      put(plan, plan->spectrum.real, j, x[j] / (double)length);
      put(plan, plan->spectrum.imaginary, j, y[j] / (double)length);
    }
  }
  dn_free(memory);
  dn_fft_destroy(transform);
}

static void make_chirp(dn_fft *plan) {
  const int64_t count = plan->count;
  double *memory = dn_allocate((size_t)count * 2 * sizeof(double));
  plan->chirp = (dn_fft_pair){table(plan, plan->length), table(plan, plan->length)};
  plan->failed = plan->failed || memory == NULL;
  if (!plan->failed) {
    double *cosines = memory, *sines = memory + count;
    // j² modulo 2·count, step by step, since j² itself loses digits.
    for (int64_t j = 0, square = 0; j < count; j++) {
      const double turn = -M_PI * (double)square / (double)count;
      cosines[j] = cos(turn);
      sines[j] = sin(turn);
      square = (square + 2 * j + 1) % (2 * count);
    }
    for (int64_t j = 0; j < plan->length; j++) {
      put(plan, plan->chirp.real, j, j < count ? cosines[j] : 0);
      put(plan, plan->chirp.imaginary, j, j < count ? sines[j] : 0);
    }
    make_spectrum(plan, cosines, sines);
  }
  dn_free(memory);
}

// MARK: The plan

static void choose(dn_fft *plan) {
  int64_t factors[DN_FFT_MOST_PASSES];
  int factor_count;
  if (plan->count <= 1 || plan->outer == 0 || plan->inner == 0) {
    plan->way = DN_FFT_COPY;
    return;
  }
  const bool chirp = !factorize(plan->count, factors, &factor_count);
  plan->length = plan->count;
  if (chirp) {
    plan->length = 1;
    while (plan->length < 2 * plan->count - 1) plan->length *= 2;
  }
  // Few sequences leave most lanes empty.
  const bool many = plan->outer * plan->inner >= dn_fft_lanes(plan->type) / 2;
  const bool side_by_side = many && plan->length <= LONGEST_LANE;
  if (!side_by_side && balanced_divisor(plan->length) >= SHORTEST_ROUND) {
    plan->way = chirp ? DN_FFT_CHIRP_ROUNDS : DN_FFT_ROUNDS;
    plan->rounds = rounds_for(plan, plan->length);
  } else {
    plan->way = chirp ? DN_FFT_CHIRP_LANES : DN_FFT_LANES;
    plan->passes = passes_for(plan, plan->length);
  }
  if (chirp && !plan->failed) make_chirp(plan);
}

dn_fft *dn_fft_create(dn_type type, int64_t outer, int64_t count, int64_t inner, bool inverse) {
  if ((type != DN_F32 && type != DN_F64) || outer < 0 || count < 0 || inner < 0 || count > INT64_C(1) << 40) return NULL;
  dn_fft *plan = calloc(1, sizeof *plan);
  if (plan == NULL) return NULL;
  plan->type = type;
  plan->outer = outer;
  plan->count = count;
  plan->inner = inner;
  plan->inverse = inverse;
  plan->kernels = dn_fft_kernels_of(type);
  choose(plan);
  if (!plan->failed) return plan;
  dn_fft_destroy(plan);
  return NULL;
}

void dn_fft_destroy(dn_fft *plan) {
  if (plan == NULL) return;
  while (plan->tables != NULL) {
    void *next = *(void **)plan->tables;
    dn_free(plan->tables);
    plan->tables = next;
  }
  free(plan);
}
