import DescentFiles
import DescentGraph
import DescentTensors

/// What a file of experts holds, and where.
///
/// A header, two commit pages, a table of two entries for each expert, two copies of what all experts share, and two places for
/// each expert. Everything begins at a multiple of `pageBytes`.
struct ExpertFileLayout: Codable, Hashable, Sendable {
  /// A tensor by its name, such as `model.mixture.experts.hidden` or `optimizer.mixture.experts.hidden.first`.
  struct Part: Codable, Hashable, Sendable {
    let name: String
    /// The shape; of a part of an expert without the axis of experts.
    let shape: [Int]
    /// The element type, as its name.
    let type: String

    init(_ name: String, _ shape: Shape, _ elementType: ElementType) {
      (self.name, self.shape, type) = (name, shape.sizes, "\(elementType)")
    }

    /// The bytes of the tensor, `nil` where there is no such type or they are too many to count.
    var byteCount: Int? {
      guard let type = ElementType.allCases.first(where: { "\($0)" == type }), let count = Shape(shape).checkedCount
      else { return nil }
      return count * type.byteCount
    }
  }

  /// The path of the bank in its model.
  let bank: String
  /// The number of experts.
  let experts: Int
  /// What there is of each expert.
  let parts: [Part]
  /// What there is once.
  let shared: [Part]
  /// The optimizer that remembers, with its settings left out.
  let optimizer: String
  /// The seed of initial values and of the steps' random numbers.
  let seed: UInt64

  /// A page, which disks write as a whole.
  static let pageBytes = 4_096
  /// The bytes of an entry of the table.
  static let entryBytes = 16

  /// Where things lie.
  struct Places: Sendable {
    let commits: Int
    let table: Int
    let shared: Int
    let experts: Int
    let expertBytes: Int
    let sharedBytes: Int
    /// The bytes of an expert's place, up to the next page.
    let expertStride: Int
    let sharedStride: Int
    let fileBytes: Int
  }

  /// Where things lie after a header.
  ///
  /// - Throws: `FileError` where the file would be larger than files can be.
  func places(headerBytes: Int, _ path: String) throws(FileError) -> Places {
    var isTooLarge = false
    func sum(_ a: Int, _ b: Int) -> Int {
      let (sum, overflow) = a.addingReportingOverflow(b)
      isTooLarge = isTooLarge || overflow
      return overflow ? 0 : sum
    }
    func product(_ a: Int, _ b: Int) -> Int {
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      isTooLarge = isTooLarge || overflow
      return overflow ? 0 : product
    }
    func paged(_ bytes: Int) -> Int { product(sum(bytes, Self.pageBytes - 1) / Self.pageBytes, Self.pageBytes) }
    func bytes(_ parts: [Part]) -> Int {
      parts.reduce(0) { total, part in
        isTooLarge = isTooLarge || part.byteCount == nil
        return sum(total, part.byteCount ?? 0)
      }
    }
    let (expertBytes, sharedBytes) = (bytes(parts), bytes(shared))
    let (expertStride, sharedStride) = (paged(expertBytes), paged(sharedBytes))
    let commits = paged(headerBytes)
    let table = sum(commits, 2 * Self.pageBytes)
    let sharedPlace = sum(table, paged(product(experts, 2 * Self.entryBytes)))
    let first = sum(sharedPlace, product(2, sharedStride))
    let whole = sum(first, product(experts, product(2, expertStride)))
    guard !isTooLarge, experts > 0 else {
      throw FileError(path, "\(experts.grouped) experts do not fit into a file: it would be larger than files can be")
    }
    return Places(
      commits: commits, table: table, shared: sharedPlace, experts: first, expertBytes: expertBytes,
      sharedBytes: sharedBytes, expertStride: expertStride, sharedStride: sharedStride, fileBytes: whole)
  }

  /// In what another layout differs, in words; `nil` where it does not.
  func difference(from asked: ExpertFileLayout) -> String? {
    if experts != asked.experts { return "holds \(experts.grouped) experts, the model has \(asked.experts.grouped)" }
    if bank != asked.bank { return "holds the experts at \(bank), those of the model are at \(asked.bank)" }
    if seed != asked.seed { return "was begun with the seed \(seed), asked for is \(asked.seed)" }
    if optimizer != asked.optimizer { return "was written with \(optimizer), asked for is \(asked.optimizer)" }
    return Self.difference(parts, asked.parts, "of each expert ") ?? Self.difference(shared, asked.shared, "")
  }

  private static func difference(_ found: [Part], _ asked: [Part], _ what: String) -> String? {
    let known = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
    for part in asked {
      guard let other = known[part.name] else { return "holds \(what)no \(part.name)" }
      if other != part {
        return "holds \(what)\(part.name) as \(other.type)\(other.shape), the model has \(part.type)\(part.shape)"
      }
    }
    if found.count != asked.count {
      let names = Set(asked.map(\.name))
      return "holds \(what)\(found.first { !names.contains($0.name) }?.name ?? "more"), which the model does not have"
    }
    return found == asked ? nil : "holds \(what)the parts in another order"
  }
}
