import ArgumentParser
import Descent

/// Where studies are kept that a command shows or changes.
struct StudyPlace: ParsableArguments {
  @Option(
    help: "Where studies are kept: a SQLite file, or postgresql://user@host/database.")
  var storage = "runs/trials.db"

  /// The storage, which has to be there.
  func opened() throws -> any TrialStorage { try Self.storage(storage, creates: false) }

  /// The storage of a text: an address of PostgreSQL, or a path.
  static func storage(_ text: String, creates: Bool) throws -> any TrialStorage {
    if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") { return .postgresql(text) }
    let path = text.hasPrefix("sqlite:") ? String(text.dropFirst("sqlite:".count)) : text
    // A path would hardly have that in it, and no file is to be made of another kind of address, password and all.
    if let scheme = path.range(of: "://") {
      throw ExplainError(
        "--storage: '\(path[..<scheme.lowerBound])' is not a kind of storage; say a path, or postgresql://user@host/database"
      )
    }
    return .sqlite(path, creates: creates)
  }

  /// A study with its trials.
  func study(_ name: String?) throws -> (StudyRecord, [TrialRecord]) {
    let storage = try opened()
    let record = try Self.record(name, in: storage)
    return (record, try storage.trials(of: record.id, from: 0))
  }

  /// The study of a name, or the only one.
  static func record(_ name: String?, in storage: any TrialStorage) throws -> StudyRecord {
    let studies = try storage.studies()
    guard !studies.isEmpty else { throw SearchError(storage.name, "holds no study") }
    let names = studies.map(\.description.name)
    guard let name else {
      guard studies.count == 1 else {
        throw SearchError(storage.name, "holds several studies, say which: \(names.joined(separator: ", "))")
      }
      return studies[0]
    }
    guard let found = studies.first(where: { $0.description.name == name }) else {
      let hint = nearestName(to: name, among: names).map { "did you mean '\($0)'?" }
      throw SearchError(
        storage.name, "holds no study '\(name)'; \(hint ?? "there are \(names.joined(separator: ", "))")")
    }
    return found
  }
}
