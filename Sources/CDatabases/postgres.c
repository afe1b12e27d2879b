#include "postgres.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "failure.h"
#include "libraries.h"

enum { CONNECTION_OK = 0, COMMAND_OK = 1, TUPLES_OK = 2, FIELD_SQLSTATE = 'C' };

/// The functions of the library, as its header declares them.
static struct {
  dn_postgres *(*connect)(const char *const *, const char *const *, int);
  void (*close)(dn_postgres *);
  int (*status)(const dn_postgres *);
  int (*version)(const dn_postgres *);
  char *(*message)(const dn_postgres *);
  void *(*on_notice)(dn_postgres *, void (*)(void *, const char *), void *);
  dn_postgres_result *(*run)(dn_postgres *, const char *, int, const unsigned *, const char *const *, const int *,
                             const int *, int);
  int (*result_status)(const dn_postgres_result *);
  char *(*result_field)(const dn_postgres_result *, int);
  int (*row_count)(const dn_postgres_result *);
  int (*column_count)(const dn_postgres_result *);
  char *(*field)(const dn_postgres_result *, int, int);
  int (*field_length)(const dn_postgres_result *, int, int);
  int (*is_null)(const dn_postgres_result *, int, int);
  char *(*changes)(dn_postgres_result *);
  void (*finish)(dn_postgres_result *);
} postgres;
static bool complete;

static void load(void) {
  const dn_symbol functions[] = {
    {&postgres.connect, "PQconnectdbParams"},
    {&postgres.close, "PQfinish"},
    {&postgres.status, "PQstatus"},
    {&postgres.version, "PQserverVersion"},
    {&postgres.message, "PQerrorMessage"},
    {&postgres.on_notice, "PQsetNoticeProcessor"},
    {&postgres.run, "PQexecParams"},
    {&postgres.result_status, "PQresultStatus"},
    {&postgres.result_field, "PQresultErrorField"},
    {&postgres.row_count, "PQntuples"},
    {&postgres.column_count, "PQnfields"},
    {&postgres.field, "PQgetvalue"},
    {&postgres.field_length, "PQgetlength"},
    {&postgres.is_null, "PQgetisnull"},
    {&postgres.changes, "PQcmdTuples"},
    {&postgres.finish, "PQclear"},
  };
  complete = dn_library_symbols(DN_LIB_POSTGRES, functions, sizeof functions / sizeof *functions);
}

// The library prints notices, such as that a table is there already, to standard error unless somebody takes them.
static void ignore(void *context, const char *notice) {
  (void)context;
  (void)notice;
}

int dn_postgres_connect(const char *uri, dn_postgres **connection, char *error, size_t error_capacity) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  *connection = NULL;
  if (!complete) {
    dn_fail(error, error_capacity, "PostgreSQL needs libpq, which is not available (%s): install %s",
            dn_library_problem(DN_LIB_POSTGRES), dn_library_package(DN_LIB_POSTGRES));
    return -1;
  }
  // What stands before the URI is the default of what it does not say. A peer that has gone without a word is noticed
  // within a minute.
  const char *const keywords[] = {"connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count",
                                  "application_name", "client_encoding", "dbname", NULL};
  const char *const values[] = {"10", "30", "10", "3", "descent", "UTF8", uri, NULL};
  *connection = postgres.connect(keywords, values, 1);
  if (*connection != NULL && postgres.status(*connection) == CONNECTION_OK) {
    postgres.on_notice(*connection, ignore, NULL);
    return 0;
  }
  dn_fail(error, error_capacity, "%s", *connection != NULL ? postgres.message(*connection) : "no memory left");
  if (*connection != NULL) postgres.close(*connection);
  *connection = NULL;
  return 1;
}

void dn_postgres_close(dn_postgres *connection) { postgres.close(connection); }
int dn_postgres_stands(dn_postgres *connection) { return postgres.status(connection) == CONNECTION_OK; }
int dn_postgres_version(dn_postgres *connection) { return postgres.version(connection); }

dn_postgres_result *dn_postgres_run(dn_postgres *connection, const char *command, int count,
                                    const char *const *values) {
  return postgres.run(connection, command, count, NULL, values, NULL, NULL, 0);
}

int dn_postgres_succeeded(dn_postgres_result *result) {
  int status = postgres.result_status(result);
  return status == COMMAND_OK || status == TUPLES_OK;
}

const char *dn_postgres_state(dn_postgres_result *result) {
  const char *state = postgres.result_field(result, FIELD_SQLSTATE);
  return state != NULL ? state : "";
}

const char *dn_postgres_message(dn_postgres *connection) { return postgres.message(connection); }
int dn_postgres_row_count(dn_postgres_result *result) { return postgres.row_count(result); }
int dn_postgres_column_count(dn_postgres_result *result) { return postgres.column_count(result); }

const char *dn_postgres_field(dn_postgres_result *result, int row, int column, size_t *count) {
  *count = 0;
  if (postgres.is_null(result, row, column)) return NULL;
  *count = (size_t)postgres.field_length(result, row, column);
  return postgres.field(result, row, column);
}

int64_t dn_postgres_changes(dn_postgres_result *result) { return strtoll(postgres.changes(result), NULL, 10); }
void dn_postgres_finish(dn_postgres_result *result) { postgres.finish(result); }
