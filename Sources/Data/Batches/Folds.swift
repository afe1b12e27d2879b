import DescentTensors

/// Parts of a data set of about equal size, each of which is held out once: for cross-validation.
///
/// ```swift
/// for fold in try Folds(labels: labels, count: 5, seed: 1) { train(on: fold.training, judge: fold.held) }
/// ```
public struct Folds: Sendable, Hashable {
  /// One part held out.
  public struct Fold: Sendable, Hashable {
    /// The indices to train on, in order.
    public let training: [Int]
    /// The indices that are held out, in order.
    public let held: [Int]
  }

  private let folds: [Fold]

  /// Parts of `0..<size` at random; the same arguments give the same parts on every machine.
  ///
  /// - Parameters:
  ///   - size: The number of examples.
  ///   - count: The number of parts, at least 2.
  ///   - seed: The seed of the parts.
  /// - Throws: `TensorError` where there are fewer examples than parts.
  public init(of size: Int, count: Int = 5, seed: UInt64 = 0) throws {
    try self.init(groups: [Array(0..<Swift.max(0, size))], count, seed)
  }

  /// Parts in which each class has about the same share as in the whole; the same arguments give the same parts on every
  /// machine.
  ///
  /// - Parameters:
  ///   - labels: The class of each example.
  ///   - count: The number of parts, at least 2.
  ///   - seed: The seed of the parts.
  /// - Throws: `TensorError` where there are fewer examples than parts, or a class has fewer.
  public init(labels: [Int], count: Int = 5, seed: UInt64 = 0) throws {
    let classes = Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }
    if let small = classes.first(where: { $0.value.count < count }), count >= 2 {
      throw TensorError(
        "Folds",
        "class \(small.key) has \(small.value.count) of \(labels.count) examples, fewer than the \(count) parts")
    }
    try self.init(groups: classes.map(\.value), count, seed)
  }

  private init(groups: [[Int]], _ count: Int, _ seed: UInt64) throws {
    guard count >= 2 else {
      throw TensorError("Folds", "a set is to be cut into \(count) parts; there must be at least 2")
    }
    let size = groups.reduce(0) { $0 + $1.count }
    guard size >= count else { throw TensorError("Folds", "\(size) examples cannot be cut into \(count) parts") }
    var part = [Int](repeating: 0, count: size)
    // Dealt out one after the other, across classes, so that parts differ by no more than one example.
    var next = 0
    for (number, group) in groups.enumerated() {
      for place in shuffledIndices(count: group.count, seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15) {
        part[group[place]] = next % count
        next += 1
      }
    }
    folds = (0..<count).map { held in
      Fold(training: part.indices.filter { part[$0] != held }, held: part.indices.filter { part[$0] == held })
    }
  }
}

extension Folds: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { folds.count }
  public subscript(index: Int) -> Fold { folds[index] }
}

extension Examples {
  /// The examples at the given places, as a data set of their own.
  ///
  /// - Throws: `TensorError` where a place does not exist or memory runs out.
  public func selecting(_ places: [Int]) throws -> Examples {
    try Examples(inputs: rows(of: storedInputs, places), targets: rows(of: targets, places), scale: scale)
  }
}
