#include "fft.h"

#include <stdatomic.h>
#include <string.h>

#include "failure.h"
#include "fft_internal.h"
#include "memory/workspace.h"
#include "parallel.h"

/// One run of a plan. The inverse transform is the forward one with real and imaginary parts exchanged.
typedef struct fft_run {
  const dn_fft *plan;
  dn_fft_pair from, to;
  atomic_bool failed;
} fft_run;

static dn_fft_pair at(const dn_fft *plan, dn_fft_pair pair, int64_t index) {
  const size_t bytes = (size_t)index * dn_type_size(plan->type);
  return (dn_fft_pair){(char *)pair.real + bytes, (char *)pair.imaginary + bytes};
}

static dn_fft_pair exchanged(dn_fft_pair pair) { return (dn_fft_pair){pair.imaginary, pair.real}; }

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// The bytes of an array of `length` vectors, and of four of them: two pairs.
static size_t vectors(int64_t length) { return ((size_t)length + 1) * DN_FFT_VECTOR_BYTES; }

static dn_fft_pair part(void *space, size_t bytes, int index) {
  return (dn_fft_pair){(char *)space + 2 * (size_t)index * bytes, (char *)space + (2 * (size_t)index + 1) * bytes};
}

/// Ranges shorter than this many blocks of lanes are not worth a thread.
static int64_t grain(const dn_fft *plan, int64_t length) { return 8192 / (length * dn_fft_lanes(plan->type)) + 1; }

// MARK: Side by side

static bool lanes_lie_outside(const dn_fft *plan) {
  return plan->inner == 1 || (plan->inner < dn_fft_lanes(plan->type) && plan->outer > plan->inner);
}

static void run_block(const dn_fft *plan, dn_fft_place from, dn_fft_place to, int64_t lanes, void *space) {
  const dn_fft_kernels *kernels = plan->kernels;
  const size_t bytes = vectors(plan->length);
  dn_fft_pair x = part(space, bytes, 0), y = part(space, bytes, 1);
  kernels->load(from, lanes, plan->count, x);
  if (plan->way == DN_FFT_LANES) {
    kernels->store(kernels->transform(&plan->passes, x, y), lanes, plan->count, to);
    return;
  }
  kernels->multiply(x, plan->count, plan->length, plan->chirp);
  dn_fft_pair product = kernels->transform(&plan->passes, x, y);
  if (product.real == y.real) y = x;
  kernels->multiply(product, plan->length, plan->length, plan->spectrum);
  product = exchanged(kernels->transform(&plan->passes, exchanged(product), y));
  kernels->multiply(product, plan->count, plan->count, plan->chirp);
  kernels->store(product, lanes, plan->count, to);
}

static void run_blocks(void *context, int64_t begin, int64_t end) {
  fft_run *run = context;
  const dn_fft *plan = run->plan;
  const int64_t lanes = dn_fft_lanes(plan->type), row = plan->count * plan->inner;
  void *space = dn_workspace_acquire(4 * vectors(plan->length));
  if (space == NULL) {
    atomic_store(&run->failed, true);
    return;
  }
  const bool outside = lanes_lie_outside(plan);
  const int64_t width = outside ? plan->outer : plan->inner, blocks = (width + lanes - 1) / lanes;
  for (int64_t i = begin; i < end; i++) {
    const int64_t first = i % blocks * lanes, other = i / blocks;
    const int64_t start = outside ? first * row + other : other * row + first, lane = outside ? row : 1;
    const dn_fft_place from = {at(plan, run->from, start), lane, plan->inner};
    const dn_fft_place to = {at(plan, run->to, start), lane, plan->inner};
    run_block(plan, from, to, smaller(lanes, width - first), space);
  }
  dn_workspace_release(space);
}

static void run_lanes(fft_run *run) {
  const dn_fft *plan = run->plan;
  const int64_t lanes = dn_fft_lanes(plan->type);
  const bool outside = lanes_lie_outside(plan);
  const int64_t width = outside ? plan->outer : plan->inner, others = outside ? plan->inner : plan->outer;
  dn_parallel((width + lanes - 1) / lanes * others, grain(plan, plan->length), run_blocks, run);
}

// MARK: One after the other

/// One round of a transform of one sequence.
typedef struct fft_round {
  const dn_fft *plan;
  dn_fft_pair from, to;
  int64_t from_step, to_step;
  atomic_bool *failed;
} fft_round;

static void run_columns(void *context, int64_t begin, int64_t end) {
  fft_round *round = context;
  const dn_fft *plan = round->plan;
  const dn_fft_rounds *rounds = &plan->rounds;
  const int64_t lanes = dn_fft_lanes(plan->type), rows = rounds->rows, columns = rounds->columns;
  const size_t bytes = vectors(rows);
  void *space = dn_workspace_acquire(4 * bytes);
  if (space == NULL) {
    atomic_store(round->failed, true);
    return;
  }
  for (int64_t i = begin * lanes; i < end * lanes && i < columns; i += lanes) {
    const int64_t width = smaller(lanes, columns - i);
    dn_fft_pair x = part(space, bytes, 0);
    plan->kernels->load((dn_fft_place){at(plan, round->from, i * round->from_step), round->from_step,
                                       columns * round->from_step},
                        width, rows, x);
    x = plan->kernels->transform(&rounds->along_columns, x, part(space, bytes, 1));
    plan->kernels->twist(x, rows, at(plan, rounds->factors, i), columns);
    plan->kernels->store(x, width, rows, (dn_fft_place){at(plan, round->to, i), 1, columns});
  }
  dn_workspace_release(space);
}

static void run_rows(void *context, int64_t begin, int64_t end) {
  fft_round *round = context;
  const dn_fft *plan = round->plan;
  const dn_fft_rounds *rounds = &plan->rounds;
  const int64_t lanes = dn_fft_lanes(plan->type), rows = rounds->rows, columns = rounds->columns;
  const size_t bytes = vectors(columns);
  void *space = dn_workspace_acquire(4 * bytes);
  if (space == NULL) {
    atomic_store(round->failed, true);
    return;
  }
  for (int64_t i = begin * lanes; i < end * lanes && i < rows; i += lanes) {
    const int64_t width = smaller(lanes, rows - i);
    dn_fft_pair x = part(space, bytes, 0);
    plan->kernels->load((dn_fft_place){at(plan, round->from, i * columns), columns, 1}, width, columns, x);
    x = plan->kernels->transform(&rounds->along_rows, x, part(space, bytes, 1));
    plan->kernels->store(
      x, width, columns,
      (dn_fft_place){at(plan, round->to, i * round->to_step), round->to_step, rows * round->to_step});
  }
  dn_workspace_release(space);
}

/// Transforms one sequence by way of `middle`.
static void run_rounds(fft_run *run, dn_fft_pair from, int64_t from_step, dn_fft_pair to, int64_t to_step,
                       dn_fft_pair middle) {
  const dn_fft *plan = run->plan;
  const int64_t lanes = dn_fft_lanes(plan->type);
  const dn_fft_rounds *rounds = &plan->rounds;
  fft_round first = {plan, from, middle, from_step, 1, &run->failed};
  dn_parallel((rounds->columns + lanes - 1) / lanes, grain(plan, rounds->rows), run_columns, &first);
  fft_round second = {plan, middle, to, 1, to_step, &run->failed};
  dn_parallel((rounds->rows + lanes - 1) / lanes, grain(plan, rounds->columns), run_rows, &second);
}

static void copy_numbers(const dn_fft *plan, dn_fft_pair from, int64_t from_step, dn_fft_pair to, int64_t to_step) {
  for (int64_t i = 0; i < plan->count; i++) {
    if (plan->type == DN_F32) {
      ((float *)to.real)[i * to_step] = ((const float *)from.real)[i * from_step];
      ((float *)to.imaginary)[i * to_step] = ((const float *)from.imaginary)[i * from_step];
    } else {
      ((double *)to.real)[i * to_step] = ((const double *)from.real)[i * from_step];
      ((double *)to.imaginary)[i * to_step] = ((const double *)from.imaginary)[i * from_step];
    }
  }
}

/// The space for the sequences of one transform in rounds: the middle, and a chirp's convolution.
static size_t sequence_bytes(const dn_fft *plan) {
  return ((size_t)plan->length * dn_type_size(plan->type) + 2 * DN_FFT_VECTOR_BYTES) / DN_FFT_VECTOR_BYTES *
         DN_FFT_VECTOR_BYTES;
}

static int sequences(const dn_fft *plan) { return plan->way == DN_FFT_CHIRP_ROUNDS ? 3 : 1; }

static void run_sequence(fft_run *run, dn_fft_pair from, dn_fft_pair to, void *space) {
  const dn_fft *plan = run->plan;
  const size_t bytes = sequence_bytes(plan);
  dn_fft_pair middle = part(space, bytes, 0);
  if (plan->way == DN_FFT_ROUNDS) {
    run_rounds(run, from, plan->inner, to, plan->inner, middle);
    return;
  }
  // A contiguous sequence is one of full vectors: a number of a lane is one vector further.
  const int64_t lanes = dn_fft_lanes(plan->type), full = (plan->length + lanes - 1) / lanes;
  dn_fft_pair x = part(space, bytes, 1), y = part(space, bytes, 2);
  memset(x.real, 0, bytes);
  memset(x.imaginary, 0, bytes);
  copy_numbers(plan, from, plan->inner, x, 1);
  plan->kernels->twist(x, full, plan->chirp, lanes);
  run_rounds(run, x, 1, y, 1, middle);
  plan->kernels->twist(y, full, plan->spectrum, lanes);
  run_rounds(run, exchanged(y), 1, exchanged(x), 1, middle);
  plan->kernels->twist(x, full, plan->chirp, lanes);
  copy_numbers(plan, x, 1, to, plan->inner);
}

static void run_sequences(void *context, int64_t begin, int64_t end) {
  fft_run *run = context;
  const dn_fft *plan = run->plan;
  void *space = dn_workspace_acquire(2 * (size_t)sequences(plan) * sequence_bytes(plan));
  if (space == NULL) {
    atomic_store(&run->failed, true);
    return;
  }
  for (int64_t i = begin; i < end; i++) {
    const int64_t start = i / plan->inner * plan->count * plan->inner + i % plan->inner;
    run_sequence(run, at(plan, run->from, start), at(plan, run->to, start), space);
  }
  dn_workspace_release(space);
}

// MARK: Running

size_t dn_fft_scratch(const dn_fft *plan) {
  const size_t threads = (size_t)dn_thread_count();
  if (plan->way == DN_FFT_COPY) return 0;
  if (plan->way == DN_FFT_LANES || plan->way == DN_FFT_CHIRP_LANES) return threads * 4 * vectors(plan->length);
  const size_t sequence = 2 * (size_t)sequences(plan) * sequence_bytes(plan);
  return threads * (sequence + 4 * vectors(plan->rounds.columns));
}

int dn_fft_run(const dn_fft *plan, const void *real, const void *imaginary, void *real_result, void *imaginary_result,
               char *error, size_t error_capacity) {
  fft_run run = {.plan = plan, .from = {(void *)real, (void *)imaginary}, .to = {real_result, imaginary_result}};
  if (plan->inverse) {
    run.from = exchanged(run.from);
    run.to = exchanged(run.to);
  }
  const int64_t total = plan->outer * plan->inner;
  switch (plan->way) {
  case DN_FFT_COPY: {
    const size_t bytes = (size_t)(total * plan->count) * dn_type_size(plan->type);
    memcpy(run.to.real, run.from.real, bytes);
    memcpy(run.to.imaginary, run.from.imaginary, bytes);
    break;
  }
  case DN_FFT_LANES: case DN_FFT_CHIRP_LANES: run_lanes(&run); break;
  case DN_FFT_ROUNDS: case DN_FFT_CHIRP_ROUNDS:
    // Many sequences are shared out among the threads; each of few by all of them.
    if (total >= dn_thread_count()) dn_parallel(total, 1, run_sequences, &run);
    else run_sequences(&run, 0, total);
    break;
  }
  if (!atomic_load(&run.failed)) return 0;
  return dn_fail(error, error_capacity, "fft: no memory left for its working space");
}
