#ifndef DN_POSTGRES_H
#define DN_POSTGRES_H

#include <stddef.h>
#include <stdint.h>

/// A connection with a PostgreSQL server.
typedef struct dn_postgres dn_postgres;
/// What came of a command.
typedef struct dn_postgres_result dn_postgres_result;

/// Connects as a URI (`postgresql://user@host/database?option=value`) says. Returns 0; 1 where the server could not be
/// reached or refuses, with the reason in `error`; -1 where the library is not available.
int dn_postgres_connect(const char *uri, dn_postgres **connection, char *error, size_t error_capacity);
void dn_postgres_close(dn_postgres *connection);
/// Whether the connection still stands, as far as is known: 1 or 0.
int dn_postgres_stands(dn_postgres *connection);
/// The server's version: 150004 for 15.4.
int dn_postgres_version(dn_postgres *connection);

/// Runs a command whose values $1, $2 … are given as texts, NULL for null. Returns NULL where there is no memory or no
/// connection left.
dn_postgres_result *dn_postgres_run(dn_postgres *connection, const char *command, int count, const char *const *values);
/// Whether the command has ended well: 1 or 0.
int dn_postgres_succeeded(dn_postgres_result *result);
/// The five letters and digits of SQLSTATE, or "" where the server said none, as where it went away.
const char *dn_postgres_state(dn_postgres_result *result);
/// What went wrong last in the connection, in the library's and the server's words.
const char *dn_postgres_message(dn_postgres *connection);
int dn_postgres_row_count(dn_postgres_result *result);
int dn_postgres_column_count(dn_postgres_result *result);
/// The text of a field, valid as long as the result, or NULL for null.
const char *dn_postgres_field(dn_postgres_result *result, int row, int column, size_t *count);
/// How many rows the command has changed.
int64_t dn_postgres_changes(dn_postgres_result *result);
void dn_postgres_finish(dn_postgres_result *result);

#endif
