import Foundation

extension DatabaseStorage {
  /// The study of that name, or a new one.
  public func openStudy(_ description: StudyDescription) throws -> StudyRecord {
    guard !description.name.utf8.contains(0) else {
      throw SearchError(name, "the name of the study holds a zero character")
    }
    // Most of the time the study is there, and another process may only be able to read it.
    let known = try transaction(reading: true) { try Self.studies(on: $0, named: description.name).first }
    if let known { return known }
    return try transaction { connection in
      let space = try description.space.map { DatabaseValue.text(try StoredText.text($0)) } ?? .null
      let made = try connection.run(
        """
        INSERT INTO studies (study_name, method, space_json, datetime_start) VALUES ($1, $2, $3, $4)
        ON CONFLICT (study_name) DO NOTHING
        """, .text(description.name), .text(StoredText.clean(description.method)), space,
        .real(Date().timeIntervalSince1970))
      guard let study = try Self.studies(on: connection, named: description.name).first else {
        throw DatabaseFault(.conflict, "the study \"\(description.name)\" was deleted while it was made")
      }
      guard made.changes > 0 else { return study }
      for (place, objective) in description.objectives.enumerated() {
        try connection.run(
          "INSERT INTO study_directions (study_id, objective, name, direction) VALUES ($1, $2, $3, $4)",
          .integer(study.id), .integer(place), .text(StoredText.clean(objective.name)),
          .text(objective.isMinimized ? "MINIMIZE" : "MAXIMIZE"))
      }
      var record = study
      record.description.objectives = description.objectives
      return record
    }
  }

  /// All studies.
  public func studies() throws -> [StudyRecord] {
    try transaction(reading: true) { try Self.studies(on: $0, named: nil) }
  }

  private static func studies(on connection: any DatabaseConnection, named name: String?) throws -> [StudyRecord] {
    var objectives: [Int: [StudyObjective]] = [:]
    let only = name == nil ? "" : " WHERE study_name = $1"
    let values: [DatabaseValue] = name.map { [.text($0)] } ?? []
    let directions = try connection.run(
      """
      SELECT d.study_id, d.name, d.direction FROM study_directions d JOIN studies s ON s.study_id = d.study_id\(only)
      ORDER BY d.study_id, d.objective
      """, values)
    for row in directions.rows {
      let name = try row.text(1)
      objectives[try row.integer(0), default: []].append(
        try row.text(2) == "MINIMIZE" ? .minimizing(name) : .maximizing(name))
    }
    let studies = try connection.run(
      """
      SELECT study_id, study_name, method, space_json, datetime_start,
        (SELECT count(*) FROM trials t WHERE t.study_id = studies.study_id)
      FROM studies\(only) ORDER BY study_id
      """, values)
    return try studies.rows.map { row in
      let id = try row.integer(0)
      let space = try row.text(3)
      return StudyRecord(
        id: id,
        description: StudyDescription(
          name: try row.text(1), objectives: objectives[id] ?? [],
          space: space.isEmpty ? nil : try StoredText.value(space), method: try row.text(2)),
        start: Date(timeIntervalSince1970: try row.real(4) ?? 0), trialCount: try row.integer(5))
    }
  }

  /// Deletes a study with its trials.
  public func deleteStudy(_ id: Int) throws {
    try transaction { connection in
      _ = try connection.run("DELETE FROM studies WHERE study_id = $1", .integer(id))
    }
  }
}
