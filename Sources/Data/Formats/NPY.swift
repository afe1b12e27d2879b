import CFormats
import DescentFiles
import DescentGraph
import DescentTensors

/// Arrays in the NPY format of NumPy: a magic text, a header in Python's notation that gives element type, order and shape,
/// and the elements.
///
/// Numbers and booleans of every type that Descent has are read, in either byte order and in Fortran's order too; texts,
/// structures, complex numbers and Python objects are not, the last because reading them runs code.
///
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
public enum NPY {
  /// The most bytes that a header may have.
  static let headerLimit = 1 << 16
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads an array.
  ///
  /// Nothing in the file is believed before it has been checked against the file's length, so that a damaged or a hostile
  /// file costs no more memory than its size.
  ///
  /// - Parameter path: A regular file.
  /// - Throws: `FileError` where the file is missing, is not an NPY file, is cut short, goes on after the last element, or holds
  ///   elements of another type.
  /// - Complexity: O(bytes).
  public static func read(_ path: String) throws -> Tensor {
    let (file, byteCount) = try OpenFile.reading(path)
    return try array(byteCount: byteCount, path: path) { try file.fill($0) }
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - path: The name that errors give it.
  /// - Throws: `FileError`.
  public static func read(file: [UInt8], path: String) throws -> Tensor { try read(file[...], path: path) }

  static func read(_ file: ArraySlice<UInt8>, path: String) throws -> Tensor {
    var place = file.startIndex
    return try array(byteCount: file.count, path: path) { memory in
      file.withUnsafeBytes { bytes in
        let start = place - file.startIndex
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + memory.count]))
      }
      place += memory.count
    }
  }

  /// Writes a tensor, in one step.
  ///
  /// The element type `bfloat16` has no name in the format.
  ///
  /// - Throws: `TensorError` that the tensor carries, or where its elements are bfloat16; `FileError` where the file cannot
  ///   be written, an earlier one being left as it was.
  public static func write(_ tensor: Tensor, to path: String) throws {
    let (header, literal) = try encoded(tensor)
    try AtomicFile.write(to: path) { file in
      try header.withUnsafeBytes { try file.append($0) }
      try literal.withHostBytes { try file.append($0) }
    }
  }

  /// The header of a tensor's file, and the elements that follow it.
  static func encoded(_ tensor: Tensor) throws -> (header: [UInt8], elements: Literal) {
    let literal = try tensor.literal()
    let type = literal.type.elementType
    guard let name = NPYType.name(of: type) else {
      throw TensorError("NPY", "files of NumPy have no type for \(type): convert the tensor to float32")
    }
    let sizes = literal.type.shape.map { "\($0)," }.joined(separator: " ")
    let shape = sizes.hasSuffix(",") && literal.type.shape.rank > 1 ? String(sizes.dropLast()) : sizes
    let text = "{'descr': '\(name)', 'fortran_order': False, 'shape': (\(shape)), }"
    // Magic, version, length and header fill a multiple of 64 bytes, and the header ends its line.
    let spaces = 64 - (10 + text.utf8.count + 1) % 64
    let header = Array(text.utf8) + Array(repeating: 0x20, count: spaces % 64) + [0x0A]
    let length = [UInt8(truncatingIfNeeded: header.count), UInt8(truncatingIfNeeded: header.count >> 8)]
    return (magic + [1, 0] + length + header, literal)
  }

  // MARK: Reading

  private static func array(
    byteCount: Int, path: String, reading fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Tensor {
    try tensor(header(byteCount: byteCount, path: path, reading: fill).header, path, fill)
  }

  /// Reads a header and checks it against the number of bytes; with it, where the elements begin.
  static func header(
    byteCount: Int, path: String, reading fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> (header: NPYHeader, start: Int) {
    func fault(_ text: String) -> FileError { FileError(path, text) }
    func bytes(_ count: Int) throws -> [UInt8] {
      try [UInt8](unsafeUninitializedCapacity: count) { memory, initialized in
        try fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[..<count]))
        initialized = count
      }
    }
    guard byteCount > 0 else { throw fault("is empty") }
    guard byteCount >= 10 else {
      throw fault("is cut short: \(byteCount) bytes, the beginning of an NPY file takes 10")
    }
    let start = try bytes(8)
    guard start.starts(with: magic) else {
      let found = start.prefix(6).map(\.hexadecimal).joined(separator: " ")
      throw fault("is not an NPY file: it begins with \(found), not with 93 and NUMPY")
    }
    guard (1...3).contains(start[6]) else {
      throw fault("has version \(start[6]).\(start[7]) of the NPY format, versions 1 to 3 are read")
    }
    let lengthCount = start[6] == 1 ? 2 : 4
    guard byteCount >= 8 + lengthCount else { throw fault("is cut short in the length of its header") }
    let headerCount = try bytes(lengthCount).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard headerCount <= headerLimit else {
      throw fault("says that its header has \(headerCount.grouped) bytes, the limit is \(headerLimit.grouped)")
    }
    let left = byteCount - 8 - lengthCount - headerCount
    guard left >= 0 else {
      throw fault("says that its header has \(headerCount) bytes, but only \(left + headerCount) follow")
    }
    let header: NPYHeader
    let text = try bytes(headerCount)
    do throws(NPYHeader.Fault) {
      header = try NPYHeader(parsing: text)
    } catch { throw fault(error.text) }
    guard let expected = header.type.shape.checkedCount.map({ $0 * header.type.elementType.byteCount }) else {
      throw fault("claims the shape \(header.type.shape), which is larger than any memory")
    }
    guard expected == left else {
      let what = left > expected ? "\((left - expected).grouped) bytes follow the last element" : "is cut short"
      throw fault("\(what): the header's \(header.type) is \(expected.grouped) bytes, found \(left.grouped)")
    }
    return (header, byteCount - left)
  }

  private static func tensor(
    _ header: NPYHeader, _ path: String, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Tensor {
    let literal: HostLiteral
    do throws(OperationError) {
      literal = try HostLiteral(uninitialized: header.type)
    } catch { throw FileError(path, error.message) }
    try literal.fill { memory in
      try fill(memory)
      try settle(memory, header.type.elementType, isBigEndian: header.isBigEndian, path)
    }
    guard header.isFortran, header.type.shape.rank > 1 else { return Tensor(literal) }
    let turned = Tensor(literal).transposed(Array((0..<header.type.shape.rank).reversed()))
    try evaluate(turned)
    return turned
  }

  /// Brings elements that were read to the machine's order, and checks those that are booleans.
  static func settle(
    _ memory: UnsafeMutableRawBufferPointer, _ type: ElementType, isBigEndian: Bool, _ path: String
  ) throws(FileError) {
    guard let elements = memory.baseAddress, memory.count > 0 else { return }
    let (count, width) = (memory.count, type.byteCount)
    if isBigEndian, width > 1 { dn_copy_big_endian(elements, elements, count / width, width) }
    guard type == .bool else { return }
    // Any other byte than 0 and 1 would mean different things to different kernels.
    guard dn_first_byte_above(elements.assumingMemoryBound(to: UInt8.self), count, 1) == count else {
      throw FileError(path, "holds booleans other than 0 and 1")
    }
  }
}
