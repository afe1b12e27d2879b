import CNative
import Foundation
import TestSupport
import Testing

@testable import DescentSearch

/// What can be wrong with a SQLite file.
@Suite(hasSQLite) struct SQLiteTests {
  private let description = StudyDescription(name: "s", objectives: [.minimizing("y")])

  /// What opening a study in a file throws.
  private func refusal(_ path: String, creates: Bool = true) -> String {
    fault { _ = try DatabaseStorage.sqlite(path, creates: creates, patience: 0.1).openStudy(description) }
  }

  @Test func filesThatAreNone() throws {
    try withTemporaryFolder { folder in
      #expect(refusal("") == "sqlite : the path is empty")
      #expect(refusal("a\0b") == "sqlite a\\0b: the path holds a zero byte")
      #expect(refusal(folder) == "sqlite \(folder): is a directory, not a file")
      #expect(refusal("/dev/null") == "sqlite /dev/null: is not a regular file")
      #expect(refusal("\(folder)/none.db", creates: false) == "sqlite \(folder)/none.db: no such file")
      #expect(try names(in: folder).isEmpty)
      try Data("not a database, but long enough to be looked at".utf8).write(to: URL(fileURLWithPath: folder + "/text"))
      #expect(
        refusal("\(folder)/text")
          == "sqlite \(folder)/text: is not a SQLite database (SQLite: file is not a database, code 26)")
      #expect(refusal("\(folder)/text/x.db").contains("its folder cannot be made: \(folder)/text: is a file"))
      #expect(try String(contentsOfFile: folder + "/text", encoding: .utf8).hasPrefix("not a database"))
    }
  }

  @Test func filesOfOthers() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/x.db"
      _ = try DatabaseStorage.sqlite(path).openStudy(description)
      let connection = try SQLiteEngine(path: path, isMade: false, patience: 1).connect()
      try connection.run("UPDATE version_info SET schema_version = 7")
      #expect(
        refusal(path)
          == "sqlite \(path): was written by a newer Descent: its tables are of version 7, and this one knows 1; "
          + "use that Descent, or another database")
      try connection.run("DROP TABLE version_info")
      #expect(refusal(path).hasSuffix("is there already, of another program; give studies a database of their own"))
      // That of Optuna.
      try connection.run("CREATE TABLE version_info (version_info_id INTEGER, schema_version INTEGER)")
      #expect(refusal(path).contains("the table version_info is there already, of another program"))
    }
  }

  @Test func aFileThatIsHeldByOthers() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/x.db"
      let study = try DatabaseStorage.sqlite(path).openStudy(description).id
      let other = try SQLiteEngine(path: path, isMade: false, patience: 1).connect()
      try other.run("BEGIN IMMEDIATE")
      let storage = DatabaseStorage.sqlite(path, patience: 0.1)
      #expect(try storage.trials(of: study, from: 0).isEmpty)
      #expect(
        fault { _ = try storage.claimTrial(of: study, below: 5, by: "a") }
          == "sqlite \(path): another process has locked it, and did not let go of it in 0.1 s "
          + "(SQLite: database is locked, code 5)")
      try other.run("ROLLBACK")
      #expect(try storage.claimTrial(of: study, below: 5, by: "a")?.number == 0)
    }
  }

  /// A file that may not grow stands for a disk that fills: what was told stays, and there is room again later.
  @Test func aFileThatCannotGrow() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/x.db"
      let study = try DatabaseStorage.sqlite(path).openStudy(description).id
      let storage = DatabaseStorage(SmallSQLite(path: path, pages: 34), patience: 1)
      var told = 0
      let text = fault {
        while told < 10_000 {
          guard let trial = try storage.claimTrial(of: study, below: .max, by: "a") else { return }
          try storage.note(String(repeating: "x", count: 1_000), as: "log", of: trial.number, in: study, by: "a")
          try storage.finish(trial.number, in: study, with: TrialOutcome(.complete, values: [1]), by: "a")
          told += 1
        }
      }
      #expect(text == "sqlite \(path): cannot grow: no space is left (SQLite: database or disk is full, code 13)")
      let trials = try DatabaseStorage.sqlite(path).trials(of: study, from: 0)
      #expect(told > 3 && trials.count(where: { $0.state == .complete }) == told)
      #expect(try DatabaseStorage.sqlite(path).claimTrial(of: study, below: .max, by: "b")?.number == trials.count)
    }
  }

  @Test func disksThatAreFullOrReadOnly() throws {
    guard let disk = SmallDisk(kilobytes: 300) else { return }
    let path = disk.path + "/x.db"
    let storage = DatabaseStorage.sqlite(path, patience: 1)
    let study = try storage.openStudy(description).id
    let full = fault {
      for number in 0..<2_000 {
        _ = try storage.claimTrial(of: study, below: .max, by: "a")
        try storage.note(String(repeating: "x", count: 900), as: "log", of: number, in: study, by: "a")
        try storage.finish(number, in: study, with: TrialOutcome(.complete, values: [1]), by: "a")
      }
    }
    #expect(full.hasPrefix("sqlite \(path): ") && full.contains("SQLite: "), "\(full)")
    #expect(try !storage.trials(of: study, from: 0).isEmpty)
    guard disk.makeReadOnly() else { return }
    #expect(fault { _ = try storage.claimTrial(of: study, below: .max, by: "a") }.hasPrefix("sqlite \(path): "))
    // What is on it can be looked at all the same.
    #expect(try storage.studies().count == 1)
  }

  /// Studies on a disk that cannot be written can be looked at.
  @Test func disksThatCanOnlyBeRead() throws {
    guard let disk = SmallDisk(kilobytes: 4_000) else { return }
    let path = disk.path + "/50%?#.db"
    let study = try DatabaseStorage.sqlite(path).openStudy(description).id
    _ = try DatabaseStorage.sqlite(path).claimTrial(of: study, below: .max, by: "a")
    guard disk.makeReadOnly() else { return print("skipped: the disk cannot be made read-only here") }
    let storage = DatabaseStorage.sqlite(path, patience: 0.1)
    #expect(try storage.openStudy(description).trialCount == 1)
    let text = fault { _ = try storage.claimTrial(of: study, below: .max, by: "a") }
    #expect(
      text.hasPrefix("sqlite \(path): cannot be written: the file, its folder or the disk is read-only"), "\(text)")
    #expect(refusal(disk.path + "/new.db").hasPrefix("sqlite \(disk.path)/new.db: cannot be opened"))
    #expect(refusal(disk.path + "/deep/new.db").contains("its folder cannot be made"))
  }

  /// A file of which parts were overwritten is told so, or read as it is; nothing else happens.
  @Test func damagedFiles() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/x.db"
      let study = try DatabaseStorage.sqlite(path).openStudy(description).id
      for number in 0..<20 {
        let storage = DatabaseStorage.sqlite(path)
        _ = try storage.claimTrial(of: study, below: .max, by: "a")
        try storage.finish(number, in: study, with: TrialOutcome(.complete, values: [1]), by: "a")
      }
      let whole = try bytes(of: path)
      var state: UInt64 = 1
      for _ in 0..<60 {
        var damaged = whole
        for _ in 0..<20 {
          state = state &* 6_364_136_223_846_793_005 &+ 1
          let place = Int(state >> 33) % damaged.count
          damaged[place] = UInt8(truncatingIfNeeded: state >> 20)
        }
        let copy = folder + "/damaged.db"
        try damaged.write(to: URL(fileURLWithPath: copy))
        let text = fault { _ = try DatabaseStorage.sqlite(copy, patience: 0).trials(of: study, from: 0) }
        #expect(text == "no error" || text.hasPrefix("sqlite \(copy): "), "\(text)")
        for name in ["damaged.db-wal", "damaged.db-shm"] {
          try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
      }
    }
  }

  /// Tables of an older version are brought up to date, and keep what they hold.
  @Test func olderTablesAreBroughtUpToDate() throws {
    try withTemporaryFolder { folder in
      let engine = SQLiteEngine(path: folder + "/x.db", isMade: true, patience: 1)
      _ = try DatabaseStorage(engine, patience: 1).openStudy(description)
      let further = DatabaseSchema.Step(version: 2) { _ in ["ALTER TABLE studies ADD COLUMN tags TEXT"] }
      let newer = DatabaseSchema(steps: DatabaseSchema.current.steps + [further])
      for _ in 0..<2 {
        #expect(try DatabaseStorage(engine, patience: 1, schema: newer).studies().map(\.description) == [description])
      }
      let columns = try engine.connect().run("SELECT tags, study_name FROM studies").rows
      #expect(try columns.map { try $0.text(1) } == ["s"])
      #expect(refusal(engine.path).contains("its tables are of version 2, and this one knows 1"))
    }
  }

  /// A process that is gone is known at once, without waiting for its silence.
  @Test func processesThatAreGone() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/x.db"
      let storage = DatabaseStorage.sqlite(path)
      let study = try storage.openStudy(description).id
      _ = try storage.claimTrial(of: study, below: 5, by: "a")
      #expect(try storage.releaseTrials(of: study, silentFor: 600, attempts: 3) == [])
      let gone = Process()
      gone.executableURL = URL(fileURLWithPath: "/bin/true")
      try gone.run()
      gone.waitUntilExit()
      let current = WorkerProcess.current
      #expect(WorkerProcess(text: current.text) == current && !current.isGone)
      let others = [
        (WorkerProcess(place: current.place, identifier: gone.processIdentifier, start: "1"), true),
        // The number has come again.
        (WorkerProcess(place: current.place, identifier: current.identifier, start: "1"), true),
        (WorkerProcess(place: "elsewhere", identifier: gone.processIdentifier, start: "1"), false),
      ]
      let connection = try SQLiteEngine(path: path, isMade: false, patience: 1).connect()
      for (process, isGone) in others {
        #expect(process.isGone == isGone)
        try connection.run("UPDATE trial_heartbeats SET process = $1", .text(process.text))
        #expect(try storage.releaseTrials(of: study, silentFor: 600, attempts: 30) == (isGone ? [0] : []))
        if isGone { _ = try storage.claimTrial(of: study, below: 1, by: "a") }
      }
    }
  }
}

/// A file that may only have so many pages.
private struct SmallSQLite: DatabaseEngine {
  let path: String
  let pages: Int

  private var engine: SQLiteEngine { SQLiteEngine(path: path, isMade: false, patience: 1) }
  func connect() throws(DatabaseFault) -> any DatabaseConnection {
    let connection = try engine.connect()
    try connection.run("PRAGMA max_page_count = \(pages)")
    return connection
  }

  var name: String { engine.name }
  var primaryKey: String { engine.primaryKey }
  var beginWriting: String { engine.beginWriting }
  var beginReading: String { engine.beginReading }
  var locking: String { engine.locking }
  var lockingShared: String { engine.lockingShared }
  var claiming: String { engine.claiming }
  var clock: String { engine.clock }
  var schemaLock: String? { engine.schemaLock }
  var tableNames: String { engine.tableNames }
}

/// Where a library is missing, the error says what to install.
@Suite struct MissingDatabaseTests {
  private let description = StudyDescription(name: "s", objectives: [.minimizing("y")])

  @Test(.enabled(if: !dn_library_available(DN_LIB_SQLITE), "needs a machine without SQLite, or DESCENT_NATIVE=off"))
  func sqlite() throws {
    try withTemporaryFolder { folder in
      let text = fault { _ = try DatabaseStorage.sqlite(folder + "/x.db").openStudy(description) }
      #expect(text.hasPrefix("sqlite \(folder)/x.db: SQLite files need libsqlite3, which is not available"))
      #expect(text.hasSuffix("install libsqlite3-0"))
    }
  }

  @Test(.enabled(if: !dn_library_available(DN_LIB_POSTGRES), "needs a machine without libpq, or DESCENT_NATIVE=off"))
  func postgresql() throws {
    let text = fault { _ = try DatabaseStorage.postgresql("postgresql://a:b@c/d").openStudy(description) }
    #expect(text.hasPrefix("postgresql://a@c/d: PostgreSQL needs libpq, which is not available"))
    #expect(text.hasSuffix("install libpq5"))
  }
}
