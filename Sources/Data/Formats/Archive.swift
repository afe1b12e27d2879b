import CFormats
import CNative
import DescentFiles

/// The files in an archive of the ZIP format, as far as archives of data need it: stored or deflated, not encrypted.
///
/// Source: APPNOTE.TXT of PKWARE, version 6.3.10.
struct Archive {
  /// A file in the archive.
  struct Member {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    /// Its bytes once they are decompressed, as the archive claims.
    let size: Int
    /// Where its stored bytes are.
    let stored: Range<Int>
  }

  private let file: [UInt8]
  private let path: String
  /// The files, in the order of the archive's list.
  let members: [Member]

  /// Reads the list of an archive's files.
  ///
  /// - Throws: `FileError` where the list is cut short or contradicts the file, and where two files share bytes, by which a
  ///   small archive could hold more than any memory.
  init(file: [UInt8], path: String) throws {
    let reader = ArchiveReader(file: file, path: path)
    self.file = file
    self.path = path
    members = try reader.members()
    var end = 0
    for member in members.sorted(by: { $0.stored.lowerBound < $1.stored.lowerBound }) {
      guard member.stored.lowerBound >= end else {
        throw FileError(path, "the file \(member.name) shares bytes with another")
      }
      end = member.stored.upperBound
    }
  }

  /// The bytes of a file.
  ///
  /// - Throws: `FileError` where they are damaged, or are not as many as the archive claims.
  func contents(of member: Member) throws -> ArraySlice<UInt8> {
    func fault(_ text: String) -> FileError { FileError(path, "the file \(member.name) \(text)") }
    var bytes = file[member.stored]
    if member.isDeflated {
      bytes = try file.withUnsafeBytes { file in
        let stored = UnsafeRawBufferPointer(rebasing: file[member.stored])
        return try nativeBytes(path: "\(path), file \(member.name)") { output, count, error, capacity in
          dn_inflate_bare(stored.baseAddress, stored.count, member.size, output, count, error, capacity)
        }
      }[...]
    }
    guard bytes.count == member.size else {
      throw fault("has \(bytes.count.grouped) bytes, the list claims \(member.size.grouped)")
    }
    let found = bytes.withUnsafeBytes { dn_crc32(0, $0.baseAddress, $0.count) }
    guard found == member.checksum else { throw fault("is damaged: its checksum does not fit") }
    return bytes
  }
}

/// Reads the list at the end of an archive.
private struct ArchiveReader {
  let file: [UInt8]
  let path: String

  private func fault(_ text: String) -> FileError { FileError(path, text) }

  /// The number of some bytes at a place, the lowest byte first. The place was checked.
  private func number(_ place: Int, _ count: Int) -> Int {
    (0..<count).reversed().reduce(0) { $0 << 8 | Int(file[place + $1]) }
  }

  /// A number of eight bytes, which has to fit an `Int`.
  private func large(_ place: Int) throws -> Int {
    guard file[place + 7] < 0x80 else { throw fault("the archive claims a size at byte \(place) beyond 63 bits") }
    return number(place, 8)
  }

  func members() throws -> [Archive.Member] {
    guard file.count >= 22, let end = endOfList() else {
      throw fault("is not an archive, or is cut short: the end of its list is missing")
    }
    var (count, size, start) = (number(end + 10, 2), number(end + 12, 4), number(end + 16, 4))
    guard number(end + 4, 2) == 0, number(end + 6, 2) == 0 else { throw fault("is one of several parts of an archive") }
    if end >= 20, number(end - 20, 4) == 0x0706_4B50 {
      // The list of a large archive has a second end.
      let place = try large(end - 12)
      guard place <= end - 20 - 56, number(place, 4) == 0x0606_4B50 else {
        throw fault("the end of its list is damaged")
      }
      (count, size, start) = (try large(place + 32), try large(place + 40), try large(place + 48))
    }
    guard start <= end, size <= end - start, count <= size / 46 else {
      throw fault("its list of \(count.grouped) files at byte \(start.grouped) does not fit the file")
    }
    var place = start
    return try (0..<count).map { _ in try member(&place, listEnd: start + size) }
  }

  /// Where the record lies that ends the list: the last one that a comment may follow.
  private func endOfList() -> Int? {
    (max(0, file.count - 22 - 0xFFFF)...file.count - 22).reversed().first {
      file[$0] == 0x50 && number($0, 4) == 0x0605_4B50 && number($0 + 20, 2) == file.count - $0 - 22
    }
  }

  private func member(_ place: inout Int, listEnd: Int) throws -> Archive.Member {
    guard listEnd - place >= 46, number(place, 4) == 0x0201_4B50 else {
      throw fault("its list is damaged at byte \(place.grouped)")
    }
    let flags = number(place + 8, 2)
    let method = number(place + 10, 2)
    let checksum = UInt32(number(place + 16, 4))
    var sizes = [number(place + 24, 4), number(place + 20, 4), number(place + 42, 4)]
    let (nameCount, extraCount) = (number(place + 28, 2), number(place + 30, 2))
    let nextPlace = place + 46 + nameCount + extraCount + number(place + 32, 2)
    guard nextPlace <= listEnd else { throw fault("its list is cut short at byte \(place.grouped)") }
    let nameBytes = file[place + 46..<place + 46 + nameCount]
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw fault("a file's name at byte \(place + 46) is not valid UTF-8")
    }
    try takeLargeSizes(&sizes, in: place + 46 + nameCount..<place + 46 + nameCount + extraCount)
    func wrong(_ text: String) -> FileError { fault("the file \(name) \(text)") }
    guard flags & 1 == 0 else { throw wrong("is encrypted") }
    guard method == 0 || method == 8 else {
      throw wrong("is compressed by the method \(method), stored and deflated are read")
    }
    let (size, storedCount, header) = (sizes[0], sizes[1], sizes[2])
    guard header <= file.count - 30, number(header, 4) == 0x0403_4B50 else { throw wrong("is not where the list says") }
    let start = header + 30 + number(header + 26, 2) + number(header + 28, 2)
    guard start <= file.count, storedCount <= file.count - start else { throw wrong("is cut short") }
    guard method == 8 || size == storedCount else {
      throw wrong("is stored in \(storedCount) bytes, and claims \(size)")
    }
    // Deflate makes of a byte 1,032 at most.
    guard size / 1032 <= storedCount else {
      throw wrong("claims \(size.grouped) bytes, more than \(storedCount.grouped) bytes can hold")
    }
    place = nextPlace
    return Archive.Member(
      name: name, isDeflated: method == 8, checksum: checksum, size: size, stored: start..<start + storedCount)
  }

  /// Takes from the extra field, in this order, the size, the stored size and the place that do not fit 32 bits.
  private func takeLargeSizes(_ sizes: inout [Int], in extra: Range<Int>) throws {
    var place = extra.lowerBound
    while extra.upperBound - place >= 4 {
      let (kind, count) = (number(place, 2), number(place + 2, 2))
      guard count <= extra.upperBound - place - 4 else { throw fault("its list is damaged at byte \(place.grouped)") }
      if kind == 1 {
        var next = place + 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          guard place + 4 + count - next >= 8 else { throw fault("its list is damaged at byte \(place.grouped)") }
          sizes[index] = try large(next)
          next += 8
        }
      }
      place += 4 + count
    }
  }
}

/// Writes an archive file by file.
struct ArchiveWriter {
  private let file: OpenFile
  private let path: String
  private var list: [UInt8] = []
  private var count = 0
  private var place = 0

  init(file: OpenFile, path: String) {
    self.file = file
    self.path = path
  }

  /// Writes a file from pieces of memory.
  ///
  /// - Throws: `FileError` where the archive would grow to 4 GiB, has too many files, or cannot be written.
  mutating func append(_ name: String, _ pieces: [UnsafeRawBufferPointer], compressed: Bool) throws {
    let nameBytes = Array(name.utf8)
    guard !nameBytes.isEmpty, nameBytes.count <= 0xFFFF, count < 0xFFFF else {
      throw FileError(path, "an archive holds 65,535 files at most, with names of 1 to 65,535 bytes")
    }
    let size = pieces.reduce(0) { $0 + $1.count }
    guard size < 0xFFFF_FFFF - place - nameBytes.count - 30 else {
      throw FileError(path, "would have 4 GiB or more, which is not written: safetensors files may be as large")
    }
    let checksum = pieces.reduce(0 as UInt32) { dn_crc32($0, $1.baseAddress, $1.count) }
    let packed = compressed ? try Self.deflated(pieces, path: path) : nil
    let storedCount = packed?.count ?? size
    // Version 2.0, the flag of names in UTF-8, the method, the first day that the format has, checksum and sizes.
    var fields = bytes(20, 2) + bytes(0x0800, 2) + bytes(packed == nil ? 0 : 8, 2) + bytes(0, 2) + bytes(0x21, 2)
    fields += bytes(Int(checksum), 4) + bytes(storedCount, 4) + bytes(size, 4) + bytes(nameBytes.count, 2) + bytes(0, 2)
    let header = bytes(0x0403_4B50, 4) + fields + nameBytes
    try header.withUnsafeBytes { try file.append($0) }
    if let packed {
      try packed.withUnsafeBytes { try file.append($0) }
    } else {
      for piece in pieces { try file.append(piece) }
    }
    list += bytes(0x0201_4B50, 4) + bytes(20, 2) + fields + bytes(0, 10) + bytes(place, 4) + nameBytes
    place += header.count + storedCount
    count += 1
  }

  /// Writes the list of files.
  ///
  /// - Throws: `FileError`.
  mutating func finish() throws {
    guard place + list.count < 0xFFFF_FFFF else {
      throw FileError(path, "would have 4 GiB or more, which is not written")
    }
    let end = bytes(0x0605_4B50, 4) + bytes(0, 4) + bytes(count, 2) + bytes(count, 2) + bytes(list.count, 4)
    try (list + end + bytes(place, 4) + bytes(0, 2)).withUnsafeBytes { try file.append($0) }
  }

  private func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
  }

  private static func deflated(_ pieces: [UnsafeRawBufferPointer], path: String) throws -> [UInt8] {
    let whole = pieces.reduce(into: [UInt8]()) { $0 += $1 }
    let stream = try nativeBytes(path: path) { output, size, error, capacity in
      dn_deflate(whole, whole.count, output, size, error, capacity)
    }
    // What lies between zlib's header and its checksum is deflate's own data.
    return Array(stream.dropFirst(2).dropLast(4))
  }
}
