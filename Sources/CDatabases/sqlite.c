#include "sqlite.h"

#include <pthread.h>
#include <stdbool.h>

#include "failure.h"
#include "libraries.h"

enum { READ_ONLY = 1, READ_WRITE = 2, CREATE = 4, URI = 0x40, FULL_MUTEX = 0x10000 };

/// The functions of the library, as its header declares them.
static struct {
  int (*open)(const char *, dn_sqlite **, int, const char *);
  int (*close)(dn_sqlite *);
  int (*extended_codes)(dn_sqlite *, int);
  int (*wait)(dn_sqlite *, int);
  int (*code)(dn_sqlite *);
  const char *(*message)(dn_sqlite *);
  int (*changes)(dn_sqlite *);
  int (*prepare)(dn_sqlite *, const char *, int, dn_sqlite_statement **, const char **);
  int (*bind_null)(dn_sqlite_statement *, int);
  int (*bind_integer)(dn_sqlite_statement *, int, int64_t);
  int (*bind_real)(dn_sqlite_statement *, int, double);
  int (*bind_text)(dn_sqlite_statement *, int, const char *, uint64_t, void (*)(void *), unsigned char);
  int (*step)(dn_sqlite_statement *);
  int (*column_count)(dn_sqlite_statement *);
  int (*column_type)(dn_sqlite_statement *, int);
  int64_t (*column_integer)(dn_sqlite_statement *, int);
  double (*column_real)(dn_sqlite_statement *, int);
  const unsigned char *(*column_text)(dn_sqlite_statement *, int);
  int (*column_bytes)(dn_sqlite_statement *, int);
  int (*reset)(dn_sqlite_statement *);
  int (*clear)(dn_sqlite_statement *);
  int (*finish)(dn_sqlite_statement *);
} sqlite;
static bool complete;

static void load(void) {
  const dn_symbol functions[] = {
    {&sqlite.open, "sqlite3_open_v2"},
    {&sqlite.close, "sqlite3_close_v2"},
    {&sqlite.extended_codes, "sqlite3_extended_result_codes"},
    {&sqlite.wait, "sqlite3_busy_timeout"},
    {&sqlite.code, "sqlite3_extended_errcode"},
    {&sqlite.message, "sqlite3_errmsg"},
    {&sqlite.changes, "sqlite3_changes"},
    {&sqlite.prepare, "sqlite3_prepare_v2"},
    {&sqlite.bind_null, "sqlite3_bind_null"},
    {&sqlite.bind_integer, "sqlite3_bind_int64"},
    {&sqlite.bind_real, "sqlite3_bind_double"},
    {&sqlite.bind_text, "sqlite3_bind_text64"},
    {&sqlite.step, "sqlite3_step"},
    {&sqlite.column_count, "sqlite3_column_count"},
    {&sqlite.column_type, "sqlite3_column_type"},
    {&sqlite.column_integer, "sqlite3_column_int64"},
    {&sqlite.column_real, "sqlite3_column_double"},
    {&sqlite.column_text, "sqlite3_column_text"},
    {&sqlite.column_bytes, "sqlite3_column_bytes"},
    {&sqlite.reset, "sqlite3_reset"},
    {&sqlite.clear, "sqlite3_clear_bindings"},
    {&sqlite.finish, "sqlite3_finalize"},
  };
  complete = dn_library_symbols(DN_LIB_SQLITE, functions, sizeof functions / sizeof *functions);
}

int dn_sqlite_open(const char *path, dn_sqlite_purpose purpose, dn_sqlite **database, char *error,
                   size_t error_capacity) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  *database = NULL;
  if (!complete) {
    dn_fail(error, error_capacity, "SQLite files need libsqlite3, which is not available (%s): install %s",
            dn_library_problem(DN_LIB_SQLITE), dn_library_package(DN_LIB_SQLITE));
    return -1;
  }
  static const int flags[] = {
    [DN_SQLITE_EXISTING] = READ_WRITE, [DN_SQLITE_CREATED] = READ_WRITE | CREATE, [DN_SQLITE_UNCHANGING] = READ_ONLY | URI};
  int code = sqlite.open(path, database, flags[purpose] | FULL_MUTEX, NULL);
  if (code == 0) {
    sqlite.extended_codes(*database, 1);
    return 0;
  }
  // A file that cannot be opened still has a handle, which knows why.
  if (*database != NULL) code = sqlite.code(*database);
  dn_fail(error, error_capacity, "%s", *database != NULL ? sqlite.message(*database) : "no memory left");
  if (*database != NULL) sqlite.close(*database);
  *database = NULL;
  return code;
}

void dn_sqlite_close(dn_sqlite *database) { sqlite.close(database); }
void dn_sqlite_wait(dn_sqlite *database, int milliseconds) { sqlite.wait(database, milliseconds); }
int dn_sqlite_code(dn_sqlite *database) { return sqlite.code(database); }
const char *dn_sqlite_message(dn_sqlite *database) { return sqlite.message(database); }
int64_t dn_sqlite_changes(dn_sqlite *database) { return sqlite.changes(database); }

int dn_sqlite_prepare(dn_sqlite *database, const char *text, dn_sqlite_statement **statement) {
  return sqlite.prepare(database, text, -1, statement, NULL);
}

int dn_sqlite_bind_null(dn_sqlite_statement *statement, int place) { return sqlite.bind_null(statement, place); }

int dn_sqlite_bind_integer(dn_sqlite_statement *statement, int place, int64_t value) {
  return sqlite.bind_integer(statement, place, value);
}

int dn_sqlite_bind_real(dn_sqlite_statement *statement, int place, double value) {
  return sqlite.bind_real(statement, place, value);
}

int dn_sqlite_bind_text(dn_sqlite_statement *statement, int place, const char *bytes, size_t count) {
  enum { UTF_8 = 1 };
  void (*const copied)(void *) = (void (*)(void *))-1;
  return sqlite.bind_text(statement, place, bytes, count, copied, UTF_8);
}

int dn_sqlite_step(dn_sqlite_statement *statement) { return sqlite.step(statement); }
int dn_sqlite_column_count(dn_sqlite_statement *statement) { return sqlite.column_count(statement); }

int dn_sqlite_column_type(dn_sqlite_statement *statement, int column) {
  return sqlite.column_type(statement, column);
}

int64_t dn_sqlite_column_integer(dn_sqlite_statement *statement, int column) {
  return sqlite.column_integer(statement, column);
}

double dn_sqlite_column_real(dn_sqlite_statement *statement, int column) {
  return sqlite.column_real(statement, column);
}

const char *dn_sqlite_column_text(dn_sqlite_statement *statement, int column, size_t *count) {
  const char *text = (const char *)sqlite.column_text(statement, column);
  *count = text != NULL ? (size_t)sqlite.column_bytes(statement, column) : 0;
  return text;
}

void dn_sqlite_reset(dn_sqlite_statement *statement) {
  sqlite.reset(statement);
  sqlite.clear(statement);
}

void dn_sqlite_finish(dn_sqlite_statement *statement) { sqlite.finish(statement); }
