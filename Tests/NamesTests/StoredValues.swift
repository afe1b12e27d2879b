import Foundation

/// What PyTorch made of the operands, as scripts/names-values.py wrote it.
struct StoredValues {
  /// One result.
  struct Result {
    let sizes: [Int]
    let numbers: [Double]
  }

  /// The results of each name.
  private(set) var results: [String: [Result]] = [:]

  init() throws {
    let file = NamesPage.repository.appendingPathComponent("Tests/NamesTests/values.txt")
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      let sizes = parts[1].split(separator: ",").compactMap { Int($0) }
      let numbers = parts[2].split(separator: " ").compactMap { Double($0) }
      results[String(parts[0]), default: []].append(Result(sizes: sizes, numbers: numbers))
    }
  }
}
