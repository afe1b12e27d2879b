/// A value in a field of a database.
enum DatabaseValue: Hashable, Sendable {
  case null
  case integer(Int)
  case real(Double)
  case text(String)

  static func optional(_ number: Double?) -> DatabaseValue { number.map { .real($0) } ?? .null }
}

/// A row of what a database answers.
struct DatabaseRow: Sendable {
  let values: [DatabaseValue]

  /// A field of whole numbers.
  func integer(_ column: Int) throws -> Int {
    switch value(column) {
    case .integer(let number): return number
    case .text(let text):
      if let number = Int(text) { return number }
    default: break
    }
    throw unexpected(column, "a whole number")
  }

  /// A field of numbers that may be empty.
  func real(_ column: Int) throws -> Double? {
    switch value(column) {
    case .null: return nil
    case .real(let number): return number
    case .integer(let number): return Double(number)
    case .text(let text):
      if let number = Double(text) { return number }
    }
    throw unexpected(column, "a number")
  }

  /// A field of text; an empty one is an empty text.
  func text(_ column: Int) throws -> String {
    switch value(column) {
    case .null: return ""
    case .text(let text): return text
    case .integer, .real: throw unexpected(column, "a text")
    }
  }

  private func value(_ column: Int) -> DatabaseValue { values.indices.contains(column) ? values[column] : .null }

  private func unexpected(_ column: Int, _ wanted: String) -> DatabaseFault {
    DatabaseFault(.damaged, "field \(column + 1) of a row is not \(wanted): \(value(column))")
  }
}

/// What a command gives.
struct DatabaseAnswer: Sendable {
  var rows: [DatabaseRow] = []
  /// How many rows it has changed.
  var changes = 0
}

/// What went wrong in a database.
struct DatabaseFault: Error {
  enum Kind: Sendable {
    /// The client library is missing.
    case library
    /// Cannot be opened or reached, or refuses.
    case unreachable
    /// The connection broke: whether the last command counts is not known.
    case lost
    /// Others are in the way, and it may be tried again.
    case conflict
    /// Others hold it for too long.
    case locked
    case readOnly
    case full
    case damaged
    case other
  }

  let kind: Kind
  /// In words, with the code of SQLite or SQLSTATE where there is one.
  let text: String

  init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// A connection with a database, for one thread at a time.
protocol DatabaseConnection: AnyObject, Sendable {
  /// Runs one command, whose values are called $1, $2 and so on.
  func run(_ command: String, _ values: [DatabaseValue]) throws(DatabaseFault) -> DatabaseAnswer
}

extension DatabaseConnection {
  @discardableResult
  func run(_ command: String, _ values: DatabaseValue...) throws(DatabaseFault) -> DatabaseAnswer {
    try run(command, values)
  }
}

/// A kind of database: how it is reached, and in what its language differs.
protocol DatabaseEngine: Sendable {
  /// Where the database is, without passwords.
  var name: String { get }
  /// Connects.
  func connect() throws(DatabaseFault) -> any DatabaseConnection
  /// The type of a column that numbers its rows.
  var primaryKey: String { get }
  /// Begins a transaction that writes.
  var beginWriting: String { get }
  /// Begins a transaction that reads from one state.
  var beginReading: String { get }
  /// What keeps others from changing a row that was read, until the transaction ends.
  var locking: String { get }
  /// The same for a row that others may refer to meanwhile.
  var lockingShared: String { get }
  /// The same, passing over rows that others hold.
  var claiming: String { get }
  /// The seconds since 1970, by the clock that all workers share.
  var clock: String { get }
  /// Keeps others from making tables at the same time, `nil` where transactions do that.
  var schemaLock: String? { get }
  /// The names of the tables.
  var tableNames: String { get }
}
