import CFormats
import DescentFiles
import DescentGraph
import DescentTensors
import Foundation

extension Dataset where Element == String {
  /// The lines of a text file, each read from the disk when it is asked for: the file may be larger than memory.
  ///
  /// The file is read once to find its lines, of which it takes eight bytes each, and must not change afterward.
  ///
  /// - Parameter path: The file, in UTF-8, not compressed.
  /// - Throws: `FileError` where the file cannot be read, is empty or compressed.
  /// - Complexity: O(bytes), without the file in memory.
  public init(lines path: String) throws {
    let index = try LineIndex(path)
    self.init(count: index.count) { place, _ in try index.line(place).text(path) }
  }
}

extension Dataset where Element: Decodable {
  /// The values of a file of JSON lines, each read from the disk when it is asked for: the file may be larger than memory.
  ///
  /// The file is read once to find its lines, of which it takes eight bytes each, and must not change afterward. A blank line
  /// is a fault here, since elements are counted before they are read.
  ///
  /// - Parameters:
  ///   - path: The file, in UTF-8, not compressed.
  ///   - type: What a line is read as.
  /// - Throws: `FileError` where the file cannot be read, is empty or compressed.
  /// - Complexity: O(bytes), without the file in memory.
  public init(jsonLines path: String, as type: Element.Type = Element.self) throws {
    let index = try LineIndex(path)
    self.init(count: index.count) { place, _ in
      let line = try index.line(place)
      return try JSONLines.value(of: line, as: type, path)
    }
  }
}

extension Dataset where Element == Tensor {
  /// The rows of an array in an NPY file, each read from the disk when it is asked for: the file may be larger than memory.
  ///
  /// A batch is read row by row into its place. The file must not change afterward.
  ///
  /// - Parameter path: A file as ``NPY`` reads it, in C's order, of at least one axis.
  /// - Throws: `FileError` where the file cannot be read, or is not such a file.
  public init(npy path: String) throws {
    let rows = try NPYRows(path)
    let gather: @Sendable ([Int], Int) throws -> Tensor = { places, _ in try rows.gathered(places) }
    self.init(count: rows.count, gather: gather) { index, _ in
      try rows.gathered([index]).reshaped(Shape(Array(rows.type.shape.dropFirst())))
    }
  }
}

/// Where the lines of a file begin, so that any of them can be read without the others.
private final class LineIndex: Sendable {
  private let file: OpenFile
  private let path: String
  /// Where each line begins, and last the length of the file.
  private let starts: [Int]

  /// The number of lines.
  var count: Int { starts.count - 1 }

  init(_ path: String) throws {
    let (file, byteCount) = try OpenFile.reading(path)
    guard byteCount > 0 else { throw FileError(path, "is empty") }
    var starts = [0]
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var place = 0
    while place < byteCount {
      let count = try piece.withUnsafeMutableBytes { try file.read(into: $0) }
      guard count > 0 else { throw FileError(path, "became shorter while it was read") }
      if place == 0 {
        guard !Gzip.isCompressed(Array(piece[..<min(2, count)])) else {
          throw FileError(path, "is compressed by gzip: lines are read from their places in plain files only")
        }
        if piece[..<count].starts(with: [0xEF, 0xBB, 0xBF]) { starts = [3] }
      }
      var next = 0
      while next < count {
        let feed = dn_text_line_end(piece, count, next)
        if feed < count { starts.append(place + feed + 1) }
        next = feed + 1
      }
      place += count
    }
    if starts.last != place { starts.append(place) }
    (self.file, self.path, self.starts) = (file, path, starts)
  }

  /// A line, whose number was checked.
  func line(_ index: Int) throws -> ByteLines.Line {
    let length = starts[index + 1] - starts[index]
    var bytes = try [UInt8](unsafeUninitializedCapacity: length) { memory, count in
      try file.fill(
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[..<length]), at: starts[index])
      count = length
    }
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.last == 0x0D { bytes.removeLast() }
    return ByteLines.Line(number: index + 1, bytes: bytes[...])
  }
}

/// The rows of an array in a file.
private final class NPYRows: Sendable {
  let type: TensorType
  private let file: OpenFile
  private let start: Int
  private let isBigEndian: Bool
  private let path: String

  var count: Int { type.shape[0] }

  init(_ path: String) throws {
    let (file, byteCount) = try OpenFile.reading(path)
    let (header, start) = try NPY.header(byteCount: byteCount, path: path) { try file.fill($0) }
    guard header.type.shape.rank >= 1 else { throw FileError(path, "holds a single number, no rows") }
    guard !header.isFortran || header.type.shape.rank == 1 else {
      throw FileError(path, "is in Fortran's order, whose rows do not lie together")
    }
    (type, self.file, self.start, isBigEndian, self.path) = (header.type, file, start, header.isBigEndian, path)
  }

  /// Rows, whose places were checked.
  func gathered(_ places: [Int]) throws -> Tensor {
    var shape = Array(type.shape)
    let rowBytes = shape[0] == 0 ? 0 : type.byteCount / shape[0]
    shape[0] = places.count
    let literal: HostLiteral
    do throws(OperationError) { literal = try HostLiteral(uninitialized: type.with(shape: Shape(shape))) } catch {
      throw FileError(path, error.message)
    }
    try literal.fill { memory in
      for (row, place) in places.enumerated() where rowBytes > 0 {
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[row * rowBytes..<(row + 1) * rowBytes])
        try file.fill(target, at: start + place * rowBytes)
      }
      try NPY.settle(memory, type.elementType, isBigEndian: isBigEndian, path)
    }
    return Tensor(literal)
  }
}
