import DescentTypes
import Foundation

extension DatabaseStorage {
  /// The trials from a number on.
  public func trials(of study: Int, from first: Int) throws -> [TrialRecord] {
    try transaction(reading: true) { connection in
      try self.check(study, on: connection)
      return try Self.trials(of: study, from: first, on: connection)
    }
  }

  func check(_ study: Int, on connection: any DatabaseConnection, _ locking: String = "") throws {
    let found = try connection.run(
      "SELECT study_id FROM studies WHERE study_id = $1\(locking)", .integer(study))
    guard !found.rows.isEmpty else { throw SearchError(name, "there is no study \(study) any more") }
  }

  private static func trials(
    of study: Int, from first: Int, on connection: any DatabaseConnection
  ) throws -> [TrialRecord] {
    let place: [DatabaseValue] = [.integer(study), .integer(first)]
    var trials: [Int: TrialRecord] = [:]
    var order: [Int] = []
    let found = try connection.run(
      """
      SELECT trial_id, number, state, worker, attempts, message, wishes_json, datetime_start, datetime_complete
      FROM trials WHERE study_id = $1 AND number >= $2 ORDER BY number
      """, place)
    for row in found.rows {
      let id = try row.integer(0)
      order.append(id)
      trials[id] = try record(row)
    }
    guard !order.isEmpty else { return [] }
    func each(
      _ columns: String, _ table: String, _ order: String, _ body: (DatabaseRow, inout TrialRecord) throws -> Void
    )
      throws
    {
      let answer = try connection.run(
        """
        SELECT p.trial_id, \(columns) FROM \(table) p JOIN trials t ON t.trial_id = p.trial_id
        WHERE t.study_id = $1 AND t.number >= $2 ORDER BY p.trial_id, \(order)
        """, place)
      for row in answer.rows {
        let id = try row.integer(0)
        guard var trial = trials.removeValue(forKey: id) else { continue }
        try body(row, &trial)
        trials[id] = trial
      }
    }
    // Most parameters have the same few domains.
    var domains: [String: Domain] = [:]
    try each("param_name, setting_json, distribution_json", "trial_params", "param_name") { row, trial in
      let name = try row.text(1)
      let text = try row.text(3)
      let domain: Domain = try domains[text] ?? StoredText.value(text)
      domains[text] = domain
      trial.domains[name] = domain
      trial.settings[name] = try StoredText.value(try row.text(2), Setting.self)
    }
    try each("value, value_type", "trial_values", "objective") { row, trial in
      trial.values.append(try NumberType.number(row, at: 1))
    }
    try each("value, value_type", "trial_constraints", "position") { row, trial in
      trial.violations.append(try NumberType.number(row, at: 1))
    }
    try each("step, value, value_type", "trial_intermediate_values", "step") { row, trial in
      trial.reports[try row.integer(1)] = try NumberType.number(row, at: 2)
    }
    try each("key, p.value", "trial_user_attributes", "key") { row, trial in
      trial.notes[try row.text(1)] = try row.text(2)
    }
    return order.compactMap { trials[$0] }
  }

  private static func record(_ row: DatabaseRow) throws -> TrialRecord {
    guard let state = TrialRecord.State(rawValue: try row.text(2)) else {
      throw DatabaseFault(.damaged, "a trial's state is not known: \(try row.text(2))")
    }
    return TrialRecord(
      number: try row.integer(1), state: state, wishes: try StoredText.value(try row.text(6)),
      message: try row.text(5), worker: try row.text(3), attempts: try row.integer(4),
      start: try row.real(7).map { Date(timeIntervalSince1970: $0) },
      end: try row.real(8).map { Date(timeIntervalSince1970: $0) })
  }

  // MARK: What a worker tells of a running trial

  /// Writes parameters down; what a parameter has been set to stays.
  public func set(
    _ parameters: [Space.Parameter], to settings: Settings, of trial: Int, in study: Int, by worker: String
  ) throws {
    let rows = try parameters.compactMap { parameter -> [DatabaseValue]? in
      guard let setting = settings[parameter.name] else { return nil }
      return [
        .text(parameter.name), .text(try StoredText.text(setting)), .text(try StoredText.text(parameter.domain)),
      ]
    }
    try change(trial, in: study, by: worker) { connection, id in
      try Self.insert(
        rows.map { [.integer(id)] + $0 }, "trial_params", "trial_id, param_name, setting_json, distribution_json",
        on: connection)
    }
  }

  /// Writes an intermediate value down.
  public func report(_ value: Double, at step: Int, of trial: Int, in study: Int, by worker: String) throws {
    try change(trial, in: study, by: worker) { connection, id in
      try Self.insert(
        [[.integer(id), .integer(step)] + NumberType.fields(value)], "trial_intermediate_values",
        "trial_id, step, value, value_type", on: connection)
    }
  }

  /// Writes a note down.
  public func note(_ text: String, as name: String, of trial: Int, in study: Int, by worker: String) throws {
    try change(trial, in: study, by: worker) { connection, id in
      try connection.run(
        """
        INSERT INTO trial_user_attributes (trial_id, key, value) VALUES ($1, $2, $3)
        ON CONFLICT (trial_id, key) DO UPDATE SET value = excluded.value
        """, .integer(id), .text(StoredText.clean(name)), .text(StoredText.clean(text)))
    }
  }

  /// Ends a trial.
  public func finish(_ trial: Int, in study: Int, with outcome: TrialOutcome, by worker: String) throws {
    let attempt = UUID().uuidString
    try transaction { connection in
      let found = try self.running(trial, in: study, by: worker, ended: attempt, on: connection)
      // A commit may count although its answer was lost.
      guard let id = found else { return }
      try connection.run(
        "UPDATE trials SET state = $1, message = $2, datetime_complete = $3, claim = $4 WHERE trial_id = $5",
        .text(outcome.state.rawValue), .text(StoredText.clean(outcome.message)), .real(Date().timeIntervalSince1970),
        .text(attempt), .integer(id))
      for (table, column, numbers) in [
        ("trial_values", "objective", outcome.values), ("trial_constraints", "position", outcome.violations),
      ] {
        let rows = numbers.enumerated().map { [.integer(id), .integer($0.offset)] + NumberType.fields($0.element) }
        try Self.insert(rows, table, "trial_id, \(column), value, value_type", on: connection)
      }
      try connection.run("DELETE FROM trial_heartbeats WHERE trial_id = $1", .integer(id))
    }
  }

  func change(
    _ trial: Int, in study: Int, by worker: String, _ body: (any DatabaseConnection, Int) throws -> Void
  ) throws {
    try transaction { connection in
      if let id = try self.running(trial, in: study, by: worker, on: connection) { try body(connection, id) }
    }
  }

  /// What the database calls a trial that a worker runs; `nil` where it was ended by the attempt that is named.
  ///
  /// - Throws: `SearchError` where it is not this worker's, or has ended.
  private func running(
    _ number: Int, in study: Int, by worker: String, ended attempt: String? = nil, on connection: any DatabaseConnection
  ) throws -> Int? {
    let found = try connection.run(
      """
      SELECT trial_id, state, worker, claim FROM trials WHERE study_id = $1 AND number = $2\(engine.locking)
      """, .integer(study), .integer(number))
    guard let row = found.rows.first else {
      try check(study, on: connection)
      throw SearchError("trial \(number)", "\(name) holds no such trial of study \(study)")
    }
    if let attempt, try row.text(3) == attempt { return nil }
    let (state, owner) = (try row.text(1), try row.text(2))
    guard state == TrialRecord.State.running.rawValue, owner == worker else {
      let which = state == TrialRecord.State.running.rawValue ? "running by \(owner)" : state
      throw SearchError("trial \(number)", "it is \(which), and \(worker) cannot change it")
    }
    return try row.integer(0)
  }

  /// Inserts rows, and leaves those alone that are there already.
  private static func insert(
    _ rows: [[DatabaseValue]], _ table: String, _ columns: String, on connection: any DatabaseConnection
  ) throws {
    // No more than 999 values are bound in a command of older SQLite.
    for part in rows.chunks(of: 100) {
      var place = 0
      let tuples = part.map { row in
        let places = row.map { _ in
          place += 1
          return "$\(place)"
        }
        return "(\(places.joined(separator: ", ")))"
      }
      _ = try connection.run(
        "INSERT INTO \(table) (\(columns)) VALUES \(tuples.joined(separator: ", ")) ON CONFLICT DO NOTHING",
        part.flatMap { $0 })
    }
  }
}
