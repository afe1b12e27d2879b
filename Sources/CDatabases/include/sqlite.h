#ifndef DN_SQLITE_H
#define DN_SQLITE_H

#include <stddef.h>
#include <stdint.h>

/// An open SQLite file.
typedef struct dn_sqlite dn_sqlite;
/// A prepared statement.
typedef struct dn_sqlite_statement dn_sqlite_statement;

/// What a step of a statement gives where nothing went wrong.
enum { DN_SQLITE_ROW = 100, DN_SQLITE_DONE = 101 };

/// The types of values, as SQLite numbers them.
enum { DN_SQLITE_INTEGER = 1, DN_SQLITE_REAL = 2, DN_SQLITE_TEXT = 3, DN_SQLITE_BLOB = 4, DN_SQLITE_NULL = 5 };

/// What an opened file is for: reading and writing; the same, and making it where it does not exist; or reading what
/// nobody changes, where `path` is a URI, `file:name?immutable=1`.
typedef enum { DN_SQLITE_EXISTING, DN_SQLITE_CREATED, DN_SQLITE_UNCHANGING } dn_sqlite_purpose;

/// Opens a file. Returns SQLite's extended error code, 0 where all is well, with the reason in `error`; -1 where the
/// library is not available.
int dn_sqlite_open(const char *path, dn_sqlite_purpose purpose, dn_sqlite **database, char *error,
                   size_t error_capacity);
/// Closes it; open statements keep the file open until they are finished.
void dn_sqlite_close(dn_sqlite *database);
/// For how long a statement waits for another process that holds the file.
void dn_sqlite_wait(dn_sqlite *database, int milliseconds);
/// What went wrong last: the extended code, and SQLite's words for it.
int dn_sqlite_code(dn_sqlite *database);
const char *dn_sqlite_message(dn_sqlite *database);
/// How many rows the last statement has changed.
int64_t dn_sqlite_changes(dn_sqlite *database);

/// Prepares the first statement of a text. Returns 0, or the extended error code.
int dn_sqlite_prepare(dn_sqlite *database, const char *text, dn_sqlite_statement **statement);
/// Binds the value of a place, counted from 1; a text is copied. Return 0, or the error code.
int dn_sqlite_bind_null(dn_sqlite_statement *statement, int place);
int dn_sqlite_bind_integer(dn_sqlite_statement *statement, int place, int64_t value);
int dn_sqlite_bind_real(dn_sqlite_statement *statement, int place, double value);
int dn_sqlite_bind_text(dn_sqlite_statement *statement, int place, const char *bytes, size_t count);
/// Goes on to the next row. Returns DN_SQLITE_ROW, DN_SQLITE_DONE, or the error code.
int dn_sqlite_step(dn_sqlite_statement *statement);
int dn_sqlite_column_count(dn_sqlite_statement *statement);
int dn_sqlite_column_type(dn_sqlite_statement *statement, int column);
int64_t dn_sqlite_column_integer(dn_sqlite_statement *statement, int column);
double dn_sqlite_column_real(dn_sqlite_statement *statement, int column);
/// The bytes of a text, valid until the next step.
const char *dn_sqlite_column_text(dn_sqlite_statement *statement, int column, size_t *count);
/// Makes the statement ready to run again, with no values bound.
void dn_sqlite_reset(dn_sqlite_statement *statement);
void dn_sqlite_finish(dn_sqlite_statement *statement);

#endif
