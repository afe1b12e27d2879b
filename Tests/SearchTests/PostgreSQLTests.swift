import CNative
import Foundation
import TestSupport
import Testing

@testable import DescentSearch

/// Servers that refuse, go away and come back.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PostgreSQLTests {
  private let description = StudyDescription(name: "s", objectives: [.minimizing("y")])

  private func refusal(_ uri: String) -> String {
    fault { _ = try DatabaseStorage.postgresql(uri, patience: 0.1).openStudy(description) }
  }

  @Test func passwordsAreNotShown() {
    let shown = [
      ("postgresql://ada:secret@host:5432/db?sslmode=require", "postgresql://ada@host:5432/db?sslmode=require"),
      ("postgres://ada:s@cret@host/db", "postgres://ada@host/db"),
      ("postgresql:///db?user=ada&password=secret&host=/tmp", "postgresql:///db?user=ada&password=…&host=/tmp"),
      ("postgresql://host/db?x=a:b@c", "postgresql://host/db?x=a:b@c"), ("nonsense", "nonsense"),
    ]
    for (uri, name) in shown { #expect(PostgreSQLEngine(uri: uri).name == name) }
  }

  @Test func serversThatRefuse() throws {
    try withPostgreSQL { uri in
      let name = PostgreSQLEngine(uri: uri).name
      let wrong = refusal(uri.replacing("right", with: "wrong"))
      #expect(wrong.hasPrefix("\(name): ") && !wrong.contains("wrong"), "\(wrong)")
      #expect(wrong.contains("password authentication failed for user \"descent\""), "\(wrong)")
      let nowhere = refusal("postgresql://ada:secret@localhost:1/db")
      #expect(nowhere.hasPrefix("postgresql://ada@localhost:1/db: ") && nowhere.contains("Connection refused"))
      #expect(!nowhere.contains("secret") && !nowhere.contains("\n"), "\(nowhere)")
      #expect(refusal(uri.replacing("/postgres?", with: "/none?")).contains("database \"none\" does not exist"))
      #expect(refusal("localhost") == "localhost: a PostgreSQL database is named as postgresql://user@host/database")
      #expect(refusal("postgresql://host/db\0x").contains("the address holds a zero byte"))
      #expect(refusal("postgresql://host:port:port/").hasPrefix("postgresql://host:port:port/: "))
    }
  }

  @Test func databasesOfOthers() throws {
    try withPostgreSQL { uri in
      let connection = try PostgreSQLEngine(uri: uri).connect()
      try connection.run("CREATE TABLE trials (x INTEGER)")
      #expect(
        refusal(uri).hasSuffix(
          "the table trials is there already, of another program; give studies a database of their own"))
      try connection.run("DROP TABLE trials")
      _ = try DatabaseStorage.postgresql(uri).openStudy(description)
      try connection.run("UPDATE version_info SET schema_version = 7")
      #expect(refusal(uri).contains("was written by a newer Descent: its tables are of version 7"))
      try connection.run("UPDATE version_info SET schema_version = 1")
      // A user who may only read.
      let reading = DatabaseStorage.postgresql(uri + "%20-cdefault_transaction_read_only%3Don", patience: 0.1)
      let study = try reading.openStudy(description)
      #expect(try reading.trials(of: study.id, from: 0).isEmpty)
      let text = fault { _ = try reading.claimTrial(of: study.id, below: 5, by: "a") }
      #expect(text.contains("cannot be written: ") && text.hasSuffix("SQLSTATE 25006"), "\(text)")
    }
  }

  /// Texts that PostgreSQL cannot hold, or that would be commands.
  @Test func textsOfAllKinds() throws {
    try withPostgreSQL { uri in
      let storage = DatabaseStorage.postgresql(uri)
      #expect(
        fault { _ = try storage.openStudy(StudyDescription(name: "a\0b", objectives: [])) }.contains("zero character"))
      let study = try storage.openStudy(description).id
      _ = try storage.claimTrial(of: study, below: 5, by: "a'; DROP TABLE trials; --")
      let message = "out\0put 'quoted' \\ \u{1F600} $1"
      try storage.finish(
        0, in: study, with: TrialOutcome(.failed, message: message), by: "a'; DROP TABLE trials; --")
      #expect(try storage.trials(of: study, from: 0).map(\.message) == [message.replacing("\0", with: "\u{FFFD}")])
    }
  }

  /// Eight workers go on while the server dies and comes back, and every trial is run once.
  @Test func aServerThatGoesAway() throws {
    guard dn_library_available(DN_LIB_POSTGRES), let server = PostgreSQLServer() else {
      return print("skipped: PostgreSQL or its client library is not available")
    }
    defer { server.end() }
    let count = 2_000
    let study = try DatabaseStorage.postgresql(server.uri()).openStudy(description).id
    let claimed = Collected()
    let uri = server.uri()
    let workers = (0..<8).map { worker in
      Thread {
        let storage = DatabaseStorage.postgresql(uri, patience: 60)
        do {
          while let trial = try storage.claimTrial(of: study, below: count, by: "\(worker)") {
            claimed.add(trial.number)
            try storage.set(
              [.init("x", .real(0...1))], to: ["x": .real(0.5)], of: trial.number, in: study, by: "\(worker)")
            let value = Double(trial.number)
            try storage.finish(trial.number, in: study, with: TrialOutcome(.complete, values: [value]), by: "\(worker)")
          }
        } catch { Issue.record(error) }
        claimed.add(-1)
      }
    }
    for worker in workers { worker.start() }
    while claimed.numbers.count < count / 3 { usleep(5_000) }
    server.crash()
    usleep(300_000)
    #expect(server.start())
    while claimed.numbers.count(where: { $0 == -1 }) < 8 { usleep(5_000) }
    #expect(claimed.numbers.filter { $0 >= 0 }.sorted() == Array(0..<count))
    let trials = try DatabaseStorage.postgresql(uri).trials(of: study, from: 0)
    #expect(trials.map(\.values) == (0..<count).map { [Double($0)] })
    #expect(trials.allSatisfy { $0.attempts == 1 && $0.settings == ["x": .real(0.5)] })
    // One that does not come back is told, and what it was told before is kept.
    let storage = DatabaseStorage.postgresql(uri, patience: 0.2)
    #expect(try storage.studies().count == 1)
    server.crash()
    let text = fault { _ = try storage.studies() }
    #expect(text.contains("the connection was lost, and could not be restored in 0.2 s: "), "\(text)")
    #expect(!text.contains("right"))
    #expect(fault { _ = try storage.studies() } == text)
    #expect(server.start())
    #expect(try storage.trials(of: study, from: 0).count == count)
  }
}
