import Foundation

extension DatabaseStorage {
  /// The next trial for a worker.
  public func claimTrial(of study: Int, below limit: Int, by worker: String) throws -> TrialRecord? {
    // Names this call, should the answer to its commit be lost.
    let claim = UUID().uuidString
    let begin = Date(timeIntervalSince1970: Date().timeIntervalSince1970)
    return try transaction { connection in
      let taken = try connection.run(
        "SELECT number, attempts, wishes_json FROM trials WHERE study_id = $1 AND state = 'running' AND claim = $2",
        .integer(study), .text(claim))
      if let row = taken.rows.first {
        return TrialRecord(
          number: try row.integer(0), wishes: try StoredText.value(try row.text(2)), worker: worker,
          attempts: try row.integer(1), start: begin)
      }
      let waiting = try connection.run(
        """
        SELECT trial_id, number, attempts, wishes_json FROM trials
        WHERE study_id = $1 AND state = 'waiting' AND number < $2 ORDER BY number LIMIT 1\(self.engine.claiming)
        """, .integer(study), .integer(limit))
      if let row = waiting.rows.first {
        let (id, attempts) = (try row.integer(0), try row.integer(2) + 1)
        try connection.run(
          """
          UPDATE trials SET state = 'running', worker = $1, attempts = $2, claim = $3, datetime_start = $4
          WHERE trial_id = $5
          """, .text(worker), .integer(attempts), .text(claim), .real(begin.timeIntervalSince1970), .integer(id))
        try self.beat(id, on: connection)
        return TrialRecord(
          number: try row.integer(1), wishes: try StoredText.value(try row.text(3)), worker: worker,
          attempts: attempts, start: begin)
      }
      let number = try self.nextNumber(of: study, on: connection)
      guard number < limit else { return nil }
      let id = try Self.insert(
        number, in: study, state: .running, worker: worker, attempts: 1, claim: claim, wishes: [:], begin: begin,
        on: connection)
      try self.beat(id, on: connection)
      return TrialRecord(number: number, worker: worker, attempts: 1, start: begin)
    }
  }

  /// Adds a waiting trial.
  public func enqueue(_ wishes: Settings, in study: Int) throws -> Int {
    let claim = UUID().uuidString
    return try transaction { connection in
      let made = try connection.run(
        "SELECT number FROM trials WHERE study_id = $1 AND claim = $2", .integer(study), .text(claim))
      if let row = made.rows.first { return try row.integer(0) }
      let number = try self.nextNumber(of: study, on: connection)
      _ = try Self.insert(
        number, in: study, state: .waiting, worker: "", attempts: 0, claim: claim, wishes: wishes, begin: nil,
        on: connection)
      return number
    }
  }

  /// The count of trials so far, which nobody else can take before the transaction ends.
  private func nextNumber(of study: Int, on connection: any DatabaseConnection) throws -> Int {
    try check(study, on: connection, engine.lockingShared)
    let last = try connection.run("SELECT max(number) FROM trials WHERE study_id = $1", .integer(study)).rows.first
    guard let last, try last.real(0) != nil else { return 0 }
    return try last.integer(0) + 1
  }

  private static func insert(
    _ number: Int, in study: Int, state: TrialRecord.State, worker: String, attempts: Int, claim: String,
    wishes: Settings, begin: Date?, on connection: any DatabaseConnection
  ) throws -> Int {
    try connection.run(
      """
      INSERT INTO trials (study_id, number, state, worker, attempts, claim, wishes_json, message, datetime_start)
      VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8)
      """, .integer(study), .integer(number), .text(state.rawValue), .text(worker), .integer(attempts), .text(claim),
      .text(try StoredText.text(wishes)), .optional(begin?.timeIntervalSince1970))
    let made = try connection.run(
      "SELECT trial_id FROM trials WHERE study_id = $1 AND number = $2", .integer(study), .integer(number))
    guard let row = made.rows.first else { throw DatabaseFault(.damaged, "a trial that was added is not there") }
    return try row.integer(0)
  }

  // MARK: Workers that live, and that have died

  private func beat(_ id: Int, on connection: any DatabaseConnection) throws {
    try connection.run(
      """
      INSERT INTO trial_heartbeats (trial_id, heartbeat, process) VALUES ($1, \(engine.clock), $2)
      ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat, process = excluded.process
      """, .integer(id), .text(WorkerProcess.current.text))
  }

  /// Makes a trial wait again.
  public func release(_ trial: Int, in study: Int, by worker: String) throws {
    try change(trial, in: study, by: worker) { try Self.release($1, on: $0) }
  }

  private static func release(_ id: Int, on connection: any DatabaseConnection) throws {
    let kept = ["trial_params", "trial_intermediate_values", "trial_user_attributes", "trial_heartbeats"]
    for table in kept { try connection.run("DELETE FROM \(table) WHERE trial_id = $1", .integer(id)) }
    try connection.run(
      "UPDATE trials SET state = 'waiting', worker = '', datetime_start = NULL WHERE trial_id = $1", .integer(id))
  }

  /// Says that trials are still run.
  public func heartbeat(of trials: [Int], in study: Int, by worker: String) throws {
    guard !trials.isEmpty else { return }
    try transaction { connection in
      for trial in trials {
        _ = try connection.run(
          """
          UPDATE trial_heartbeats SET heartbeat = \(self.engine.clock) WHERE trial_id IN
            (SELECT trial_id FROM trials WHERE study_id = $1 AND number = $2 AND worker = $3 AND state = 'running')
          """, .integer(study), .integer(trial), .text(worker))
      }
    }
  }

  /// Makes silent trials, and those of processes that are gone, wait again.
  public func releaseTrials(of study: Int, silentFor seconds: Double, attempts: Int) throws -> [Int] {
    // Most of the time there is nothing to do, and a transaction that writes would hold up others.
    let suspects = try transaction(reading: true) { try self.dead(study, seconds, on: $0) }
    guard !suspects.isEmpty else { return [] }
    return try transaction { connection in
      var released: [Int] = []
      for suspect in suspects {
        let locked = try connection.run(
          "SELECT claim, state, attempts, worker, number FROM trials WHERE trial_id = $1\(self.engine.locking)",
          .integer(suspect.id))
        // Somebody may have been faster, or the worker has told its result after all.
        guard let row = locked.rows.first, try row.text(0) == suspect.claim, try row.text(1) == "running",
          try self.dead(study, seconds, on: connection).contains(where: { $0.id == suspect.id })
        else { continue }
        let (count, number) = (try row.integer(2), try row.integer(4))
        if count >= attempts {
          try connection.run("DELETE FROM trial_heartbeats WHERE trial_id = $1", .integer(suspect.id))
          let text = "its worker \(try row.text(3)) fell silent, in attempt \(count)"
          try connection.run(
            "UPDATE trials SET state = 'failed', message = $1, datetime_complete = $2 WHERE trial_id = $3",
            .text(text), .real(Date().timeIntervalSince1970), .integer(suspect.id))
        } else {
          try Self.release(suspect.id, on: connection)
          released.append(number)
        }
      }
      return released
    }
  }

  /// The running trials of a study whose workers have been silent for some time, or are known to be gone.
  private func dead(
    _ study: Int, _ seconds: Double, on connection: any DatabaseConnection
  ) throws -> [(id: Int, claim: String)] {
    let running = try connection.run(
      """
      SELECT t.trial_id, t.claim, h.process, \(engine.clock) - h.heartbeat
      FROM trials t LEFT JOIN trial_heartbeats h ON h.trial_id = t.trial_id
      WHERE t.study_id = $1 AND t.state = 'running' ORDER BY t.number
      """, .integer(study))
    return try running.rows.compactMap { row in
      let silence = try row.real(3) ?? .infinity
      let process = WorkerProcess(text: try row.text(2))
      guard silence >= seconds || process?.isGone == true else { return nil }
      return (try row.integer(0), try row.text(1))
    }
  }
}
