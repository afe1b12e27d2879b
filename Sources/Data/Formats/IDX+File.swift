import CFormats
import DescentFiles

extension IDX {
  /// Reads an IDX file, plain or gzip.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: The most bytes it may hold once decompressed.
  /// - Throws: `FileError` where the file cannot be read or is not an IDX file: a wrong magic number, a header or
  ///   elements cut short, bytes after the last element, or dimensions that the file cannot hold.
  public static func read(_ path: String, limit: Int = 1 << 30) throws -> IDX {
    try IDX(file: FileContents.read(path, limit: limit), path: path)
  }

  /// Reads the bytes of an (uncompressed) IDX file.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError`.
  public init(file: [UInt8], path: String) throws {
    func fault(_ text: String) -> FileError { FileError(path, text) }
    guard file.count >= 4 else { throw fault("ends inside the IDX header, after \(file.count) bytes") }
    guard file[0] == 0, file[1] == 0, let elementType = ElementType(rawValue: file[2]) else {
      let magic = file[..<4].map(\.hexadecimal).joined(separator: " ")
      throw fault("is not an IDX file: it begins with \(magic), not with 00 00 and a type byte 08, 09 or 0b ... 0e")
    }
    let rank = Int(file[3])
    guard rank <= Self.highestRank else {
      throw fault("claims \(rank) dimensions, at most \(Self.highestRank) are read")
    }
    let headerCount = 4 + 4 * rank
    guard file.count >= headerCount else {
      throw fault("ends inside the IDX header: \(rank) dimensions need \(headerCount) bytes, found \(file.count)")
    }
    let shape = (0..<rank).map { axis in
      file[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
    }

    let expected = try Self.byteCount(of: shape, elementType: elementType, fault: fault)
    let found = file.count - headerCount
    guard found == expected else {
      let what = found > expected ? "\((found - expected).grouped) bytes follow the last element" : "is cut short"
      let promised = "the header's shape \(shape) of \(elementType) is \(expected.grouped) bytes"
      throw fault("\(what): \(promised), found \(found.grouped)")
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: expected) { buffer, count in
      file.withUnsafeBytes { source in
        if let from = source.baseAddress, let to = buffer.baseAddress {
          let width = elementType.byteCount
          dn_copy_big_endian(to, from + headerCount, expected / width, width)
        }
      }
      count = expected
    }
    self.init(unchecked: elementType, shape: shape, bytes: bytes)
  }

  /// The bytes of the file that holds this array.
  public func encoded() -> [UInt8] {
    var header: [UInt8] = [0, 0, elementType.rawValue, UInt8(truncatingIfNeeded: shape.count)]
    for size in shape {
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: size).bigEndian) { header.append(contentsOf: $0) }
    }
    return [UInt8](unsafeUninitializedCapacity: header.count + bytes.count) { buffer, initialized in
      if let to = buffer.baseAddress {
        dn_copy_big_endian(to, header, header.count, 1)
        dn_copy_big_endian(to + header.count, bytes, count, elementType.byteCount)
      }
      initialized = header.count + bytes.count
    }
  }

  /// Writes the array as an IDX file, in one step.
  ///
  /// - Throws: `FileError` where the file cannot be written; what was there before is then untouched.
  public func write(to path: String) throws {
    try FileContents.write(encoded(), to: path)
  }
}

extension UInt8 {
  /// The byte as two hexadecimal digits.
  var hexadecimal: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}
