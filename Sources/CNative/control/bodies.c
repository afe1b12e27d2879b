#include "bodies.h"

#include <string.h>

// Loops and branches over prepared kernels. Nothing is allocated: tables of addresses lie in the working memory that the
// plan has set aside, so that several runs of one plan at the same time do not meet.

static void **table_of(const dn_body *body, char *memory) { return (void **)(memory + body->table_offset); }

/// Fills in the addresses that no step changes.
static void prepare(const dn_body *body, char *memory) {
  void **table = table_of(body, memory);
  for (int64_t i = 0; i < body->constant_count; i++) table[body->constants[i].slot] = body->constants[i].memory;
  for (int64_t i = 0; i < body->arena_count; i++) table[body->arena[i].slot] = memory + body->arena[i].offset;
}

static void place(void **table, const dn_place *places, int64_t count, void *const *tensors) {
  for (int64_t i = 0; i < count; i++) table[places[i].slot] = (char *)tensors[places[i].number] + places[i].offset;
}

static int32_t call(const dn_body *body, void **table, char *error) {
  for (int64_t i = 0; i < body->call_count; i++) {
    const dn_call *call = &body->calls[i];
    int32_t status = call->function(call->parameters, table + call->first_address, error);
    if (status != 0) return status;
  }
  return 0;
}

static int32_t run(
    const dn_body *body, char *memory, void *const *arguments, void *const *results, char *error) {
  void **table = table_of(body, memory);
  place(table, body->inputs, body->input_count, arguments);
  place(table, body->outputs, body->output_count, results);
  return call(body, table, error);
}

static void copy(void *target, const void *source, int64_t bytes) {
  if (bytes > 0 && target != source) memcpy(target, source, (size_t)bytes);
}

/// Lets carried values begin: those that steps write in place in a copy, unless they may be written over where they lie.
static void start(
    void **arguments, void **results, void *const *first, void *const *last, int64_t count, const int64_t *bytes,
    const int64_t *offsets) {
  for (int64_t i = 0; i < count; i++) {
    arguments[i] = first[i];
    if (offsets[i] >= 0) continue;
    copy(last[i], first[i], bytes[i]);
    arguments[i] = results[i] = last[i];
  }
}

int32_t dn_scan_run(const void *parameters, void *const *addresses, char *error) {
  const dn_scan *scan = parameters;
  const int64_t carries = scan->carry_count, sequences = scan->sequence_count, outputs = scan->output_count;
  void *const *first = addresses;
  void *const *walked = first + carries;
  void *const *constants = walked + sequences;
  void *const *last = constants + scan->constant_count;
  void *const *stacked = last + carries;
  char *memory = stacked[outputs];
  if (scan->length == 0) {
    for (int64_t i = 0; i < carries; i++) copy(last[i], first[i], scan->carry_bytes[i]);
    return 0;
  }
  prepare(&scan->body, memory);
  void **arguments = (void **)(memory + scan->pointer_offset);
  void **results = arguments + carries + sequences + scan->constant_count;
  start(arguments, results, first, last, carries, scan->carry_bytes, scan->carry_offsets);
  for (int64_t i = 0; i < sequences; i++) arguments[carries + i] = walked[i];
  for (int64_t i = 0; i < scan->constant_count; i++) arguments[carries + sequences + i] = constants[i];
  void **table = table_of(&scan->body, memory);
  place(table, scan->body.inputs, scan->body.input_count, arguments);
  for (int64_t step = 0; step < scan->length; step++) {
    const int64_t index = scan->reversed ? scan->length - 1 - step : step;
    // Carried values take turns between two places, such that the last step writes where they belong.
    const bool is_own = (scan->length - 1 - step) % 2 == 0;
    for (int64_t i = 0; i < sequences; i++) {
      arguments[carries + i] = (char *)walked[i] + index * scan->sequence_bytes[i];
    }
    for (int64_t i = 0; i < carries; i++) {
      if (scan->carry_offsets[i] >= 0) results[i] = is_own ? last[i] : memory + scan->carry_offsets[i];
    }
    for (int64_t i = 0; i < outputs; i++) {
      results[carries + i] = (char *)stacked[i] + index * scan->output_bytes[i];
    }
    place(table, scan->moving, scan->moving_count, arguments);
    place(table, scan->body.outputs, scan->body.output_count, results);
    int32_t status = call(&scan->body, table, error);
    if (status != 0) return status;
    for (int64_t i = 0; i < carries; i++) arguments[i] = results[i];
  }
  return 0;
}

int32_t dn_while_run(const void *parameters, void *const *addresses, char *error) {
  const dn_while *loop = parameters;
  const int64_t carries = loop->carry_count;
  void *const *constants = addresses + carries;
  void *const *last = constants + loop->constant_count;
  char *memory = last[carries];
  prepare(&loop->condition, memory);
  prepare(&loop->body, memory);
  void **arguments = (void **)(memory + loop->pointer_offset);
  void **results = arguments + carries + loop->constant_count;
  void *answer = memory + loop->answer_offset;
  start(arguments, results, addresses, last, carries, loop->carry_bytes, loop->carry_offsets);
  for (int64_t i = 0; i < loop->constant_count; i++) arguments[carries + i] = constants[i];
  for (int64_t step = 0;; step++) {
    int32_t status = run(&loop->condition, memory, arguments, &answer, error);
    if (status != 0) return status;
    if (*(const uint8_t *)answer == 0) break;
    for (int64_t i = 0; i < carries; i++) {
      if (loop->carry_offsets[i] >= 0) results[i] = step % 2 == 0 ? last[i] : memory + loop->carry_offsets[i];
    }
    status = run(&loop->body, memory, arguments, results, error);
    if (status != 0) return status;
    for (int64_t i = 0; i < carries; i++) arguments[i] = results[i];
  }
  for (int64_t i = 0; i < carries; i++) copy(last[i], arguments[i], loop->carry_bytes[i]);
  return 0;
}

int32_t dn_cond_run(const void *parameters, void *const *addresses, char *error) {
  const dn_cond *cond = parameters;
  int64_t index = *(const int32_t *)addresses[0];
  if (index < 0) index = 0;
  if (index >= cond->branch_count) index = cond->branch_count - 1;
  const dn_body *branch = &cond->branches[index];
  void *const *arguments = addresses + 1;
  void *const *results = arguments + cond->argument_count;
  char *memory = results[cond->result_count];
  prepare(branch, memory);
  return run(branch, memory, arguments, results, error);
}
