#include "onednn.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "libraries.h"
#include "memory/workspace.h"

typedef struct dnnl_memory *dnnl_memory_t;
typedef struct dnnl_primitive *dnnl_primitive_t;
typedef struct dnnl_stream *dnnl_stream_t;

/// A primitive's argument at execution, as oneDNN declares it.
typedef struct exec_argument {
  int argument;
  dnnl_memory_t memory;
} exec_argument;

enum { QUERY_IMPLEMENTATION = 8, QUERY_SCRATCHPAD = 136, QUERY_ARGUMENT = 255 };

static const dn_onednn_dialect *dialect;
static dnnl_engine_t engine;
static dnnl_primitive_attr_t attributes;

static int (*engine_create)(dnnl_engine_t *, int, size_t);
static int (*stream_create)(dnnl_stream_t *, dnnl_engine_t, unsigned);
static int (*stream_wait)(dnnl_stream_t);
static int (*stream_destroy)(dnnl_stream_t);
static int (*memory_create)(dnnl_memory_t *, const void *, dnnl_engine_t, void *);
static int (*memory_set_data_handle)(dnnl_memory_t, void *);
static int (*memory_destroy)(dnnl_memory_t);
static int (*memory_desc_equal)(const void *, const void *);
static size_t (*memory_desc_get_size)(const void *);
static int (*attr_create)(dnnl_primitive_attr_t *);
static int (*attr_set_scratchpad_mode)(dnnl_primitive_attr_t, int);
static int (*primitive_desc_query)(dnnl_primitive_desc_t, int, int, void *);
static const void *(*primitive_desc_query_md)(dnnl_primitive_desc_t, int, int);
static int (*primitive_desc_destroy)(dnnl_primitive_desc_t);
static int (*reorder_create)(dnnl_primitive_desc_t *, const void *, dnnl_engine_t, const void *, dnnl_engine_t,
                             dnnl_primitive_attr_t);
static int (*primitive_create)(dnnl_primitive_t *, dnnl_primitive_desc_t);
static int (*primitive_execute)(dnnl_primitive_t, dnnl_stream_t, int, const exec_argument *);
static int (*primitive_destroy)(dnnl_primitive_t);

static void load(void) {
  const dn_symbol functions[] = {
    {&engine_create, "dnnl_engine_create"},
    {&stream_create, "dnnl_stream_create"},
    {&stream_wait, "dnnl_stream_wait"},
    {&stream_destroy, "dnnl_stream_destroy"},
    {&memory_create, "dnnl_memory_create"},
    {&memory_set_data_handle, "dnnl_memory_set_data_handle"},
    {&memory_destroy, "dnnl_memory_destroy"},
    {&memory_desc_equal, "dnnl_memory_desc_equal"},
    {&memory_desc_get_size, "dnnl_memory_desc_get_size"},
    {&attr_create, "dnnl_primitive_attr_create"},
    {&attr_set_scratchpad_mode, "dnnl_primitive_attr_set_scratchpad_mode"},
    {&primitive_desc_query, "dnnl_primitive_desc_query"},
    {&primitive_desc_query_md, "dnnl_primitive_desc_query_md"},
    {&primitive_desc_destroy, "dnnl_primitive_desc_destroy"},
    {&reorder_create, "dnnl_reorder_primitive_desc_create"},
    {&primitive_create, "dnnl_primitive_create"},
    {&primitive_execute, "dnnl_primitive_execute"},
    {&primitive_destroy, "dnnl_primitive_destroy"},
  };
  if (!dn_library_symbols(DN_LIB_ONEDNN, functions, sizeof functions / sizeof *functions)) return;
  const dn_onednn_dialect *candidate = dn_library_version(DN_LIB_ONEDNN)[0] == '2' ? &dn_onednn2 : &dn_onednn3;
  enum { SCRATCHPAD_OF_USER = 1 };
  if (!candidate->load() || engine_create(&engine, DN_DNNL_CPU, 0) || attr_create(&attributes) ||
      attr_set_scratchpad_mode(attributes, SCRATCHPAD_OF_USER)) {
    return;
  }
  dialect = candidate;
}

const dn_onednn_dialect *dn_onednn_loaded(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return dialect;
}

dnnl_engine_t dn_onednn_engine(void) { return engine; }
dnnl_primitive_attr_t dn_onednn_attributes(void) { return attributes; }

void dn_onednn_forget_primitive_desc(dnnl_primitive_desc_t descriptor) {
  if (descriptor != NULL) primitive_desc_destroy(descriptor);
}

// MARK: Plans

/// An operand as the caller has it and, where that differs, as the primitive wants it.
typedef struct operand {
  bool result;
  dnnl_memory_t given, wanted;
  dnnl_primitive_t reorder;
  size_t wanted_offset;
} operand;

struct dn_onednn_plan {
  dnnl_primitive_t primitive;
  dnnl_stream_t stream;
  operand operands[DN_ONEDNN_MAX_OPERANDS];
  exec_argument arguments[DN_ONEDNN_MAX_OPERANDS + 1];
  int count;
  dnnl_memory_t scratchpad;
  size_t scratchpad_offset, scratch_bytes;
  char implementation[64];
};

/// Takes room for a piece of working memory and returns where it begins. Pieces do not share cache lines or pages.
static size_t reserve(dn_onednn_plan *plan, size_t bytes) {
  size_t offset = plan->scratch_bytes;
  plan->scratch_bytes += (bytes + 4095) / 4096 * 4096;
  return offset;
}

static int make_reorder(dnnl_primitive_t *reorder, const void *from, const void *to) {
  dnnl_primitive_desc_t descriptor = NULL;
  int failed = reorder_create(&descriptor, from, engine, to, engine, attributes);
  if (failed) return failed;
  // A reorder that wants a scratchpad of its own is rare and slow.
  const void *scratchpad = primitive_desc_query_md(descriptor, QUERY_SCRATCHPAD, 0);
  failed = scratchpad != NULL && memory_desc_get_size(scratchpad) > 0;
  if (!failed) failed = primitive_create(reorder, descriptor);
  primitive_desc_destroy(descriptor);
  return failed;
}

static int add_operand(dn_onednn_plan *plan, dnnl_primitive_desc_t descriptor, const dn_onednn_operand *from, int i) {
  operand *operand = &plan->operands[i];
  const void *wanted = primitive_desc_query_md(descriptor, QUERY_ARGUMENT, from->argument);
  if (wanted == NULL) return 1;
  operand->result = from->result;
  int failed = memory_create(&operand->given, from->layout, engine, NULL);
  dnnl_memory_t memory = operand->given;
  if (!failed && !memory_desc_equal(wanted, from->layout)) {
    operand->wanted_offset = reserve(plan, memory_desc_get_size(wanted));
    failed = memory_create(&operand->wanted, wanted, engine, NULL);
    if (!failed && from->result) failed = make_reorder(&operand->reorder, wanted, from->layout);
    if (!failed && !from->result) failed = make_reorder(&operand->reorder, from->layout, wanted);
    memory = operand->wanted;
  }
  plan->arguments[i] = (exec_argument){from->argument, memory};
  return failed;
}

dn_onednn_plan *dn_onednn_plan_create(dnnl_primitive_desc_t descriptor, const dn_onednn_operand *operands, int count,
                                      char *error, size_t error_capacity) {
  const char *implementation = NULL;
  if (primitive_desc_query(descriptor, QUERY_IMPLEMENTATION, 0, &implementation) || implementation == NULL) {
    implementation = "unknown";
  }
  if (strncmp(implementation, "ref", 3) == 0 || strncmp(implementation, "simple", 6) == 0) {
    dn_fail(error, error_capacity, "oneDNN has no fast code for this shape");
    return NULL;
  }
  dn_onednn_plan *plan = calloc(1, sizeof *plan);
  if (plan == NULL) {
    dn_fail(error, error_capacity, "no memory left");
    return NULL;
  }
  strncpy(plan->implementation, implementation, sizeof plan->implementation - 1);
  plan->count = count;
  int failed = primitive_create(&plan->primitive, descriptor) || stream_create(&plan->stream, engine, 1);
  for (int i = 0; i < count && !failed; i++) failed = add_operand(plan, descriptor, &operands[i], i);
  const void *scratchpad = primitive_desc_query_md(descriptor, QUERY_SCRATCHPAD, 0);
  if (!failed && scratchpad != NULL && memory_desc_get_size(scratchpad) > 0) {
    plan->scratchpad_offset = reserve(plan, memory_desc_get_size(scratchpad));
    failed = memory_create(&plan->scratchpad, scratchpad, engine, NULL);
    plan->arguments[count] = (exec_argument){DN_DNNL_ARG_SCRATCHPAD, plan->scratchpad};
  }
  if (failed) {
    dn_fail(error, error_capacity, "oneDNN refused to set up %s", plan->implementation);
    dn_onednn_plan_destroy(plan);
    return NULL;
  }
  return plan;
}

static int run_reorder(const dn_onednn_plan *plan, const operand *operand) {
  exec_argument arguments[] = {
    {DN_DNNL_ARG_SRC, operand->result ? operand->wanted : operand->given},
    {DN_DNNL_ARG_DST, operand->result ? operand->given : operand->wanted},
  };
  return primitive_execute(operand->reorder, plan->stream, 2, arguments);
}

int dn_onednn_plan_run(dn_onednn_plan *plan, void *const *buffers, char *error, size_t error_capacity) {
  char *scratch = NULL;
  if (plan->scratch_bytes > 0) {
    scratch = dn_workspace_acquire(plan->scratch_bytes);
    if (scratch == NULL) {
      return dn_fail(error, error_capacity, "no memory left for %zu bytes of working space", plan->scratch_bytes);
    }
  }
  int failed = 0;
  for (int i = 0; i < plan->count && !failed; i++) {
    operand *operand = &plan->operands[i];
    failed = memory_set_data_handle(operand->given, buffers[i]);
    if (!failed && operand->wanted != NULL) {
      failed = memory_set_data_handle(operand->wanted, scratch + operand->wanted_offset);
    }
    if (!failed && operand->reorder != NULL && !operand->result) failed = run_reorder(plan, operand);
  }
  if (!failed && plan->scratchpad != NULL) {
    failed = memory_set_data_handle(plan->scratchpad, scratch + plan->scratchpad_offset);
  }
  int arguments = plan->count + (plan->scratchpad != NULL);
  if (!failed) failed = primitive_execute(plan->primitive, plan->stream, arguments, plan->arguments);
  for (int i = 0; i < plan->count && !failed; i++) {
    operand *operand = &plan->operands[i];
    if (operand->reorder != NULL && operand->result) failed = run_reorder(plan, operand);
  }
  if (!failed) failed = stream_wait(plan->stream);
  dn_workspace_release(scratch);
  return failed ? dn_fail(error, error_capacity, "oneDNN failed with status %d in %s", failed, plan->implementation)
                : 0;
}

size_t dn_onednn_plan_scratch_bytes(const dn_onednn_plan *plan) { return plan->scratch_bytes; }

void dn_onednn_plan_destroy(dn_onednn_plan *plan) {
  if (plan == NULL) return;
  for (int i = 0; i < plan->count; i++) {
    operand *operand = &plan->operands[i];
    if (operand->reorder != NULL) primitive_destroy(operand->reorder);
    if (operand->wanted != NULL) memory_destroy(operand->wanted);
    if (operand->given != NULL) memory_destroy(operand->given);
  }
  if (plan->scratchpad != NULL) memory_destroy(plan->scratchpad);
  if (plan->stream != NULL) stream_destroy(plan->stream);
  if (plan->primitive != NULL) primitive_destroy(plan->primitive);
  free(plan);
}
