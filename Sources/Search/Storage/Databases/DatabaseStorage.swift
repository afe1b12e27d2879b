import DescentGraph
import Foundation

/// Trials in a database: a SQLite file, or PostgreSQL.
///
/// ```swift
/// let study = try Study("digits", storage: .sqlite("runs/trials.db"), minimizing: "error", by: .bayesian(seed: 1))
/// ```
///
/// Nothing happens before the first use. Then the file or the tables are made where they are missing, and those of an older
/// version are brought up to date. Each call is one transaction. A PostgreSQL server that goes away is looked for again
/// until patience ends, and the call that was under way is made again; a file that another process holds is waited for as
/// long.
public final class DatabaseStorage: TrialStorage {
  let engine: any DatabaseEngine
  private let schema: DatabaseSchema
  /// For how many seconds a lost server is looked for.
  private let patience: Double
  private let kept = Guarded(Kept())

  private struct Kept {
    var connection: (any DatabaseConnection)?
    /// Whether the database was reached before: what cannot be reached at the first attempt is a mistake more often than
    /// an accident.
    var wasReached = false
    /// Whether patience has ended since then, so that further calls need not wait as long once more.
    var hasGivenUp = false
  }

  init(_ engine: any DatabaseEngine, patience: Double, schema: DatabaseSchema = .current) {
    self.engine = engine
    self.patience = patience
    self.schema = schema
  }

  /// Where it is, without a password.
  public var name: String { engine.name }
  /// Other processes may write to it.
  public var isShared: Bool { true }

  /// Runs a function in a transaction, again where others were in the way or the connection broke: so what it does has to
  /// come to the same when it is done twice.
  func transaction<Result: Sendable>(
    reading: Bool = false, _ body: (any DatabaseConnection) throws -> Result
  ) throws -> Result {
    try kept.withLock { kept in
      var deadline: ContinuousClock.Instant?
      var pause = 0.05
      while true {
        do {
          let connection = try kept.connection ?? opened()
          (kept.connection, kept.wasReached, kept.hasGivenUp) = (connection, true, false)
          return try Self.transaction(on: connection, reading ? engine.beginReading : engine.beginWriting, body)
        } catch let fault as DatabaseFault {
          if fault.kind == .lost { kept.connection = nil }
          let isLost = kept.wasReached && (fault.kind == .lost || fault.kind == .unreachable)
          let end = deadline ?? .now + .seconds(patience)
          deadline = end
          guard isLost && !kept.hasGivenUp || fault.kind == .conflict, .now < end else {
            kept.hasGivenUp = isLost
            throw error(fault, isLost: isLost)
          }
        }
        Thread.sleep(forTimeInterval: pause * Double.random(in: 0.5...1))
        pause = min(2 * pause, 2)
      }
    }
  }

  private static func transaction<Result>(
    on connection: any DatabaseConnection, _ begin: String, _ body: (any DatabaseConnection) throws -> Result
  ) throws -> Result {
    try connection.run(begin)
    do {
      let result = try body(connection)
      try connection.run("COMMIT")
      return result
    } catch {
      _ = try? connection.run("ROLLBACK")
      throw error
    }
  }

  private func opened() throws -> any DatabaseConnection {
    let connection = try engine.connect()
    try schema.prepare(connection, engine)
    return connection
  }

  private func error(_ fault: DatabaseFault, isLost: Bool) -> SearchError {
    var text = fault.text
    if isLost {
      text =
        "the connection was lost, and could not be restored in \(String(format: "%g", patience)) s: \(text); "
        + "what it was told before is kept, and the study goes on from there"
    }
    return SearchError(name, text)
  }
}

extension TrialStorage where Self == DatabaseStorage {
  /// A SQLite file, for workers on one machine.
  ///
  /// It needs the library libsqlite3. Trials that were told survive a kill of the process and a failure of the power.
  /// - Parameters:
  ///   - path: The file; it is made with its folder where it does not exist.
  ///   - creates: Whether a file that does not exist is made.
  ///   - patience: For how many seconds a file is waited for that another process has locked.
  public static func sqlite(_ path: String, creates: Bool = true, patience: Double = 30) -> DatabaseStorage {
    DatabaseStorage(SQLiteEngine(path: path, isMade: creates, patience: patience), patience: patience)
  }

  /// A PostgreSQL database of version 10 or newer, for workers on many machines.
  ///
  /// It needs the library libpq. The tables are made in the schema that is first in the user's search path.
  /// - Parameters:
  ///   - uri: The database, as `postgresql://user:password@host:5432/database?sslmode=require`; see libpq's documentation
  ///     of connection URIs. A password may come from `PGPASSWORD` or `~/.pgpass` instead.
  ///   - patience: For how many seconds a server is looked for that went away.
  public static func postgresql(_ uri: String, patience: Double = 60) -> DatabaseStorage {
    DatabaseStorage(PostgreSQLEngine(uri: uri), patience: patience)
  }
}
