/// The tables of a database, which mirror Optuna's, and how older ones become those of today.
///
/// - Source: Optuna 4, `optuna/storages/_rdb/models.py`.
struct DatabaseSchema: Sendable {
  /// What makes the tables of one version from those of the version before.
  struct Step: Sendable {
    let version: Int
    let commands: @Sendable (any DatabaseEngine) -> [String]
  }

  let steps: [Step]

  var version: Int { steps.last?.version ?? 0 }

  static let current = DatabaseSchema(steps: [Step(version: 1, commands: first)])

  /// Makes what is missing; does not write where everything is as it should be.
  ///
  /// - Throws: `DatabaseFault` of a database that another program or a newer Descent has made.
  func prepare(_ connection: any DatabaseConnection, _ engine: any DatabaseEngine) throws {
    try connection.run(engine.beginReading)
    let found: Int
    do {
      found = try foundVersion(connection, engine)
      try connection.run("COMMIT")
    } catch {
      _ = try? connection.run("ROLLBACK")
      throw error
    }
    guard found < version else { return }
    try connection.run(engine.beginWriting)
    do {
      if let lock = engine.schemaLock { try connection.run(lock) }
      // Another process may have been faster.
      let found = try foundVersion(connection, engine)
      for step in steps where step.version > found {
        for command in step.commands(engine) { try connection.run(command) }
        try connection.run("DELETE FROM version_info")
        try connection.run(
          "INSERT INTO version_info (version_info_id, schema_version, library) VALUES (1, $1, 'descent')",
          .integer(step.version))
      }
      try connection.run("COMMIT")
    } catch {
      _ = try? connection.run("ROLLBACK")
      throw error
    }
  }

  /// The version of the tables that are there, 0 where there are none.
  private func foundVersion(_ connection: any DatabaseConnection, _ engine: any DatabaseEngine) throws -> Int {
    let tables = Set(try connection.run(engine.tableNames).rows.map { try $0.text(0) })
    guard let odd = Self.tables.first(where: tables.contains) else { return 0 }
    func isForeign(_ table: String) -> DatabaseFault {
      DatabaseFault(
        .other, "the table \(table) is there already, of another program; give studies a database of their own")
    }
    guard tables.contains("version_info") else { throw isForeign(odd) }
    let row: DatabaseRow?
    do throws(DatabaseFault) {
      row = try connection.run("SELECT schema_version, library FROM version_info").rows.first
    } catch {
      // A table of that name without these columns.
      throw error.kind == .other ? isForeign("version_info") : error
    }
    guard let row, try row.text(1) == "descent" else { throw isForeign("version_info") }
    let found = try row.integer(0)
    guard found <= version else {
      throw DatabaseFault(
        .other,
        "was written by a newer Descent: its tables are of version \(found), and this one knows \(version); "
          + "use that Descent, or another database")
    }
    return found
  }

  static let tables = [
    "version_info", "studies", "study_directions", "trials", "trial_params", "trial_values", "trial_constraints",
    "trial_intermediate_values", "trial_heartbeats", "trial_user_attributes",
  ]

  /// Numbers that need not be finite are stored as a value and its type, since not every database knows NaN.
  private static let first: @Sendable (any DatabaseEngine) -> [String] = { engine in
    let number = "value DOUBLE PRECISION, value_type TEXT NOT NULL CHECK (value_type IN (\(NumberType.list)))"
    let trial = "trial_id BIGINT NOT NULL REFERENCES trials (trial_id) ON DELETE CASCADE"
    return [
      """
      CREATE TABLE version_info (
        version_info_id BIGINT PRIMARY KEY CHECK (version_info_id = 1),
        schema_version BIGINT NOT NULL, library TEXT NOT NULL)
      """,
      """
      CREATE TABLE studies (
        study_id \(engine.primaryKey), study_name TEXT NOT NULL UNIQUE, method TEXT NOT NULL, space_json TEXT,
        datetime_start DOUBLE PRECISION NOT NULL)
      """,
      """
      CREATE TABLE study_directions (
        study_id BIGINT NOT NULL REFERENCES studies (study_id) ON DELETE CASCADE, objective BIGINT NOT NULL,
        name TEXT NOT NULL, direction TEXT NOT NULL CHECK (direction IN ('MINIMIZE', 'MAXIMIZE')),
        UNIQUE (study_id, objective))
      """,
      """
      CREATE TABLE trials (
        trial_id \(engine.primaryKey), study_id BIGINT NOT NULL REFERENCES studies (study_id) ON DELETE CASCADE,
        number BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'complete', 'pruned', 'failed')),
        worker TEXT NOT NULL, attempts BIGINT NOT NULL, claim TEXT NOT NULL, wishes_json TEXT NOT NULL,
        message TEXT NOT NULL, datetime_start DOUBLE PRECISION, datetime_complete DOUBLE PRECISION,
        UNIQUE (study_id, number))
      """,
      "CREATE INDEX trials_by_state ON trials (study_id, state, number)",
      """
      CREATE TABLE trial_params (
        \(trial), param_name TEXT NOT NULL, setting_json TEXT NOT NULL, distribution_json TEXT NOT NULL,
        UNIQUE (trial_id, param_name))
      """,
      "CREATE TABLE trial_values (\(trial), objective BIGINT NOT NULL, \(number), UNIQUE (trial_id, objective))",
      "CREATE TABLE trial_constraints (\(trial), position BIGINT NOT NULL, \(number), UNIQUE (trial_id, position))",
      "CREATE TABLE trial_intermediate_values (\(trial), step BIGINT NOT NULL, \(number), UNIQUE (trial_id, step))",
      "CREATE TABLE trial_heartbeats (\(trial) UNIQUE, heartbeat DOUBLE PRECISION NOT NULL, process TEXT NOT NULL)",
      "CREATE TABLE trial_user_attributes (\(trial), key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (trial_id, key))",
    ]
  }
}

/// What kind of number a value is.
enum NumberType: String, CaseIterable {
  case finite = "FINITE"
  case positiveInfinity = "INF_POS"
  case negativeInfinity = "INF_NEG"
  case nan = "NAN"

  static var list: String { allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ") }

  /// The two fields of a number.
  static func fields(_ number: Double) -> [DatabaseValue] {
    let type: NumberType =
      number.isNaN ? .nan : number.isFinite ? .finite : number > 0 ? .positiveInfinity : .negativeInfinity
    return [type == .finite ? .real(number) : .null, .text(type.rawValue)]
  }

  /// The number of two fields.
  static func number(_ row: DatabaseRow, at column: Int) throws -> Double {
    switch NumberType(rawValue: try row.text(column + 1)) {
    case .finite:
      guard let number = try row.real(column) else { throw DatabaseFault(.damaged, "a number is missing") }
      return number
    case .positiveInfinity: return .infinity
    case .negativeInfinity: return -.infinity
    case .nan: return .nan
    case nil: throw DatabaseFault(.damaged, "a number's type is not known: \(try row.text(column + 1))")
    }
  }
}
