import CDatabases
import DescentFiles
import Foundation

/// A SQLite file.
struct SQLiteEngine: DatabaseEngine {
  let path: String
  /// Whether a file that does not exist is made.
  let isMade: Bool
  /// For how many seconds other processes may hold the file.
  let patience: Double

  var name: String { "sqlite \(path)" }
  var primaryKey: String { "INTEGER PRIMARY KEY" }
  // A transaction that reads first and writes later would fail where another one wrote in between.
  var beginWriting: String { "BEGIN IMMEDIATE" }
  var beginReading: String { "BEGIN" }
  var locking: String { "" }
  var lockingShared: String { "" }
  var claiming: String { "" }
  var clock: String { "((julianday('now') - 2440587.5) * 86400.0)" }
  var schemaLock: String? { nil }
  var tableNames: String { "SELECT name FROM sqlite_master WHERE type = 'table'" }

  func connect() throws(DatabaseFault) -> any DatabaseConnection {
    guard !path.isEmpty else { throw DatabaseFault(.unreachable, "the path is empty") }
    guard !path.utf8.contains(0) else { throw DatabaseFault(.unreachable, "the path holds a zero byte") }
    switch FileSystem.kind(at: path) {
    case .directory: throw DatabaseFault(.unreachable, "is a directory, not a file")
    case .other: throw DatabaseFault(.unreachable, "is not a regular file")
    case nil where !isMade: throw DatabaseFault(.unreachable, "no such file")
    case nil:
      do throws(FileError) { try FileSystem.makeDirectory(FileSystem.parent(of: path)) } catch {
        throw DatabaseFault(.unreachable, "its folder cannot be made: \(error)")
      }
    case .regular:
      // SQLite keeps an index of its log in a file beside it, which cannot be made here; where there is no log, nobody
      // writes, and none is needed.
      if !isWritable, FileSystem.kind(at: path + "-wal") == nil {
        return try SQLiteConnection(uri, DN_SQLITE_UNCHANGING, patience: patience)
      }
    }
    return try SQLiteConnection(path, isMade ? DN_SQLITE_CREATED : DN_SQLITE_EXISTING, patience: patience)
  }

  private var isWritable: Bool { access(path, W_OK) == 0 && access(FileSystem.parent(of: path), W_OK) == 0 }

  /// The path with what means something in a URI spelled out.
  private var uri: String {
    let spelled = path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    // An empty host, since two slashes at the beginning of a path would be one.
    return "file:\(spelled.hasPrefix("/") ? "//" : "")\(spelled)?immutable=1"
  }
}

/// An open SQLite file.
///
/// Unchecked, because it is given to one thread at a time, by the lock of the storage.
final class SQLiteConnection: DatabaseConnection, @unchecked Sendable {
  private let database: OpaquePointer
  private let patience: Double
  /// Statements that were prepared, by their texts.
  private var statements: [String: OpaquePointer] = [:]

  fileprivate init(_ path: String, _ purpose: dn_sqlite_purpose, patience: Double) throws(DatabaseFault) {
    var opened: OpaquePointer?
    var reason = [CChar](repeating: 0, count: 1024)
    let code = dn_sqlite_open(path, purpose, &opened, &reason, reason.count)
    guard code == 0, let opened else {
      let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw code == -1 ? DatabaseFault(.library, text) : Self.fault(code, text, patience)
    }
    database = opened
    self.patience = patience
    dn_sqlite_wait(database, CInt(min(max(patience, 0), 86_400) * 1000))
    // A write-ahead log lets others read while one writes, and survives a kill at any moment. What cannot have one,
    // such as a file that can only be read, keeps the form that it has.
    do {
      try run("PRAGMA journal_mode = WAL")
    } catch  where error.kind == .readOnly {}
    // A commit is on the disk before it counts.
    try run("PRAGMA synchronous = FULL")
    try run("PRAGMA foreign_keys = ON")
  }

  deinit {
    for statement in statements.values { dn_sqlite_finish(statement) }
    dn_sqlite_close(database)
  }

  func run(_ command: String, _ values: [DatabaseValue]) throws(DatabaseFault) -> DatabaseAnswer {
    let statement = try statement(command)
    defer { dn_sqlite_reset(statement) }
    for (index, value) in values.enumerated() { try check(bind(value, at: CInt(index + 1), of: statement)) }
    let columns = dn_sqlite_column_count(statement)
    var answer = DatabaseAnswer()
    while true {
      switch dn_sqlite_step(statement) {
      case CInt(DN_SQLITE_ROW):
        answer.rows.append(DatabaseRow(values: (0..<columns).map { value(at: $0, of: statement) }))
      case CInt(DN_SQLITE_DONE):
        answer.changes = Int(dn_sqlite_changes(database))
        return answer
      default: throw fault()
      }
    }
  }

  /// A prepared statement; SQLite numbers its values with question marks.
  private func statement(_ command: String) throws(DatabaseFault) -> OpaquePointer {
    if let known = statements[command] { return known }
    var made: OpaquePointer?
    try check(dn_sqlite_prepare(database, command.replacingOccurrences(of: "$", with: "?"), &made))
    guard let made else { throw DatabaseFault(.other, "an empty command") }
    // Commands whose values vary in number would fill the memory.
    if statements.count > 200 {
      for statement in statements.values { dn_sqlite_finish(statement) }
      statements = [:]
    }
    statements[command] = made
    return made
  }

  private func bind(_ value: DatabaseValue, at place: CInt, of statement: OpaquePointer) -> CInt {
    switch value {
    case .null: return dn_sqlite_bind_null(statement, place)
    case .integer(let number): return dn_sqlite_bind_integer(statement, place, Int64(number))
    case .real(let number): return dn_sqlite_bind_real(statement, place, number)
    case .text(var text):
      return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { bytes in
          // A null pointer would bind no text at all.
          guard let base = bytes.baseAddress else { return dn_sqlite_bind_text(statement, place, "", 0) }
          return dn_sqlite_bind_text(statement, place, base, bytes.count)
        }
      }
    }
  }

  private func value(at column: CInt, of statement: OpaquePointer) -> DatabaseValue {
    switch dn_sqlite_column_type(statement, column) {
    case CInt(DN_SQLITE_INTEGER): return .integer(Int(dn_sqlite_column_integer(statement, column)))
    case CInt(DN_SQLITE_REAL): return .real(dn_sqlite_column_real(statement, column))
    case CInt(DN_SQLITE_NULL): return .null
    default:
      var count = 0
      guard let text = dn_sqlite_column_text(statement, column, &count) else { return .text("") }
      return .text(String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self))
    }
  }

  private func check(_ code: CInt) throws(DatabaseFault) { if code != 0 { throw fault() } }

  private func fault() -> DatabaseFault {
    let text = dn_sqlite_message(database).map { String(cString: $0) } ?? ""
    return Self.fault(dn_sqlite_code(database), text, patience)
  }

  /// What a code of SQLite means for the file: https://sqlite.org/rescode.html.
  private static func fault(_ code: CInt, _ text: String, _ patience: Double) -> DatabaseFault {
    let said = "SQLite: \(text), code \(code)"
    switch code & 0xFF {
    case 5, 6:
      let seconds = String(format: "%g", patience)
      return DatabaseFault(.locked, "another process has locked it, and did not let go of it in \(seconds) s (\(said))")
    case 8:
      return DatabaseFault(.readOnly, "cannot be written: the file, its folder or the disk is read-only (\(said))")
    case 11: return DatabaseFault(.damaged, "is damaged (\(said))")
    case 13: return DatabaseFault(.full, "cannot grow: no space is left (\(said))")
    case 14: return DatabaseFault(.unreachable, "cannot be opened (\(said))")
    case 26: return DatabaseFault(.damaged, "is not a SQLite database (\(said))")
    default: return DatabaseFault(.other, said)
    }
  }
}
