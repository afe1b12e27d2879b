import CNative
import DescentFiles
import Foundation

/// A file of experts, of which a step reads and writes those that it uses.
///
/// Each expert has two places, and so has what all share. A step writes to those places that do not hold the latest values, then
/// the table's entries for them, and last a commit page that says which step is complete. A process that is killed in between
/// leaves the step before as it was. An expert that was never written takes no space where the file system leaves gaps in files.
final class ExpertFile {
  /// The latest complete values of an expert.
  private struct Entry {
    /// The step that wrote them, counted from 1; 0 for none.
    var step: UInt64 = 0
    var checksum: UInt32 = 0
    /// Which of the two places they are at.
    var place = 0
  }

  let layout: ExpertFileLayout
  let places: ExpertFileLayout.Places
  private let file: OpenFile
  /// Whether commits wait until the disk holds what they are of.
  private let synchronizes: Bool
  private var entries: [Entry]
  /// The number of steps that are complete.
  private(set) var step: Int
  private var sharedChecksum: UInt32
  /// What all entries come to, by which a damaged table is told from an unfinished one.
  private var digest: UInt64

  /// What was read and written since somebody last asked.
  var traffic = PageTraffic()

  private static let magic: [UInt8] = Array("DSCXPRT1".utf8)
  private static let largestHeader = 1 << 26

  /// The first 8 bytes, the length of the header and its checksum come before it.
  private static let preface = 16

  // MARK: Making and opening

  /// Makes a file in which no expert has values yet.
  ///
  /// - Parameter shared: The values of what all share, in the layout's order.
  /// - Throws: `FileError` where there is a file of that name already, or it cannot be made.
  init(making path: String, _ layout: ExpertFileLayout, shared: [UInt8], synchronizes: Bool) throws {
    let header = [UInt8](try Self.encoder.encode(layout))
    let places = try layout.places(headerBytes: Self.preface + header.count, path)
    (self.layout, self.places, self.synchronizes) = (layout, places, synchronizes)
    entries = [Entry](repeating: Entry(), count: layout.experts)
    (step, sharedChecksum, digest) = (0, 0, 0)
    // Under another name until it is whole, so that a file of this name is one that can be opened.
    let temporary = path + AtomicFile.unfinished
    FileSystem.remove(temporary)
    file = try OpenFile.making(temporary, for: path)
    do {
      try file.resize(to: places.fileBytes)
      var preface = Self.magic
      preface.append(contentsOf: Self.bytes(UInt32(header.count)))
      preface.append(contentsOf: Self.bytes(Self.checksum(header)))
      try write(preface + header, at: 0)
      try shared.withUnsafeBytes { try writeShared([$0], at: 0) }
      try writeCommit()
      try file.synchronize()
      try FileSystem.move(temporary, to: path)
    } catch {
      FileSystem.remove(temporary)
      throw error
    }
    traffic = PageTraffic()
  }

  /// Opens a file, for this process alone.
  ///
  /// - Throws: `FileError` where it is in use, damaged, or of something else.
  init(opening path: String, synchronizes: Bool) throws {
    let (file, byteCount) = try OpenFile.updating(path)
    (self.file, self.synchronizes) = (file, synchronizes)
    guard byteCount >= Self.preface else {
      throw FileError(path, "is not a file of experts: it is \(byteCount) bytes long")
    }
    var preface = [UInt8](repeating: 0, count: Self.preface)
    try preface.withUnsafeMutableBytes { try file.fill($0, at: 0) }
    guard Array(preface[..<8]) == Self.magic else { throw FileError(path, "is not a file of experts") }
    let headerBytes = Int(Self.number(preface, at: 8, UInt32.self))
    guard headerBytes <= min(Self.largestHeader, byteCount - Self.preface) else {
      throw FileError(path, "is damaged: its header has \(headerBytes.grouped) bytes")
    }
    var header = [UInt8](repeating: 0, count: headerBytes)
    try header.withUnsafeMutableBytes { try file.fill($0, at: Self.preface) }
    guard Self.checksum(header) == Self.number(preface, at: 12, UInt32.self),
      let layout = try? JSONDecoder().decode(ExpertFileLayout.self, from: Data(header))
    else { throw FileError(path, "is damaged: its header is not what was written") }
    self.layout = layout
    places = try layout.places(headerBytes: Self.preface + headerBytes, path)
    guard byteCount == places.fileBytes else {
      throw FileError(path, "is damaged: it is \(byteCount.grouped) bytes long, not \(places.fileBytes.grouped)")
    }
    entries = []
    (step, sharedChecksum, digest) = try Self.latestCommit(file, places)
    entries = try readTable()
    let found = entries.indices.reduce(0 as UInt64) { $0 ^ Self.digest($1, entries[$1].step, entries[$1].checksum) }
    guard found == digest else { throw FileError(path, "is damaged: its table of experts is not what was written") }
    traffic = PageTraffic()
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return encoder
  }

  /// The commit page of the later step.
  private static func latestCommit(
    _ file: OpenFile, _ places: ExpertFileLayout.Places
  ) throws -> (step: Int, shared: UInt32, digest: UInt64) {
    var latest: (step: Int, shared: UInt32, digest: UInt64)?
    for place in 0..<2 {
      var page = [UInt8](repeating: 0, count: 24)
      try page.withUnsafeMutableBytes { try file.fill($0, at: places.commits + place * ExpertFileLayout.pageBytes) }
      guard number(page, at: 20, UInt32.self) == checksum(Array(page[..<20])) else { continue }
      guard let step = Int(exactly: number(page, at: 0, UInt64.self)), step > latest?.step ?? -1 else { continue }
      latest = (step, number(page, at: 16, UInt32.self), number(page, at: 8, UInt64.self))
    }
    guard let latest else { throw FileError(file.path, "is damaged: neither of its commit pages can be read") }
    return latest
  }

  /// The experts' latest complete values; what an unfinished step left is cleared, so that no later one takes it for its own.
  private func readTable() throws -> [Entry] {
    var bytes = [UInt8](repeating: 0, count: layout.experts * 2 * ExpertFileLayout.entryBytes)
    try bytes.withUnsafeMutableBytes { try file.fill($0, at: places.table) }
    var table = [Entry](repeating: Entry(), count: layout.experts)
    let empty = [UInt8](repeating: 0, count: ExpertFileLayout.entryBytes)
    var isCleared = false
    for expert in table.indices {
      for place in 0..<2 {
        let start = (2 * expert + place) * ExpertFileLayout.entryBytes
        let entry = Array(bytes[start..<start + ExpertFileLayout.entryBytes])
        if entry == empty { continue }
        let found = Self.number(entry, at: 0, UInt64.self)
        let isWhole = Self.number(entry, at: 12, UInt32.self) == Self.entryChecksum(expert, Array(entry[..<12]))
        guard isWhole, found <= UInt64(step) else {
          try write(empty, at: places.table + start)
          isCleared = true
          continue
        }
        if found > table[expert].step {
          table[expert] = Entry(step: found, checksum: Self.number(entry, at: 8, UInt32.self), place: place)
        }
      }
    }
    if isCleared, synchronizes { try file.synchronize() }
    return table
  }

  // MARK: Reading

  /// Whether an expert has values in the file.
  func holds(_ expert: Int) -> Bool { entries[expert].step > 0 }

  /// The number of experts that have values in the file.
  var heldCount: Int { entries.count { $0.step > 0 } }

  /// Reads the latest values of an expert into pieces of memory, one for each part.
  ///
  /// - Throws: `FileError` where they are not what was written.
  func read(_ expert: Int, into pieces: [UnsafeMutableRawBufferPointer]) throws {
    let entry = entries[expert]
    var place = places.experts + (2 * expert + entry.place) * places.expertStride
    var checksum: UInt32 = 0
    for piece in pieces {
      try file.fill(piece, at: place)
      checksum = dn_crc32(checksum, piece.baseAddress, piece.count)
      place += piece.count
      traffic.expertBytesRead += piece.count
    }
    guard checksum == entry.checksum else {
      throw FileError(
        file.path, "is damaged: expert \(expert) is not what step \(entry.step) wrote; go back to a copy of the file")
    }
  }

  /// Reads what all share.
  ///
  /// - Throws: `FileError` where it is not what was written.
  func readShared(into pieces: [UnsafeMutableRawBufferPointer]) throws {
    var place = places.shared + (step % 2) * places.sharedStride
    var checksum: UInt32 = 0
    for piece in pieces {
      try file.fill(piece, at: place)
      checksum = dn_crc32(checksum, piece.baseAddress, piece.count)
      place += piece.count
      traffic.sharedBytesRead += piece.count
    }
    guard checksum == sharedChecksum else {
      throw FileError(
        file.path, "is damaged: what experts share is not what step \(step) wrote; go back to a copy of the file")
    }
  }

  // MARK: Writing

  /// Writes what a step changed, and says that the step is complete.
  ///
  /// - Parameters:
  ///   - experts: The experts.
  ///   - pieces: Gives the parts of the expert at a position.
  ///   - shared: What all share.
  /// - Throws: `FileError`; the step before is the latest one then, once the file has been opened anew.
  func commit(
    _ experts: [Int], pieces: (Int) throws -> [UnsafeRawBufferPointer], shared: [UnsafeRawBufferPointer]
  ) throws {
    let next = step + 1
    var changed: [Entry] = []
    for (position, expert) in experts.enumerated() {
      let old = entries[expert]
      let target = old.step == 0 ? 0 : 1 - old.place
      var (place, checksum) = (places.experts + (2 * expert + target) * places.expertStride, 0 as UInt32)
      for piece in try pieces(position) {
        try file.put(piece, at: place)
        checksum = dn_crc32(checksum, piece.baseAddress, piece.count)
        place += piece.count
        traffic.expertBytesWritten += piece.count
      }
      changed.append(Entry(step: UInt64(next), checksum: checksum, place: target))
    }
    var digest = digest
    for (expert, entry) in zip(experts, changed) {
      let fields = Self.bytes(entry.step) + Self.bytes(entry.checksum)
      let start = (2 * expert + entry.place) * ExpertFileLayout.entryBytes
      try write(fields + Self.bytes(Self.entryChecksum(expert, fields)), at: places.table + start)
      digest ^= Self.digest(expert, entries[expert].step, entries[expert].checksum)
      digest ^= Self.digest(expert, entry.step, entry.checksum)
    }
    try writeShared(shared, at: next % 2)
    if synchronizes { try file.synchronize() }
    (step, self.digest) = (next, digest)
    try writeCommit()
    if synchronizes { try file.synchronize() }
    for (expert, entry) in zip(experts, changed) { entries[expert] = entry }
  }

  private func writeShared(_ pieces: [UnsafeRawBufferPointer], at place: Int) throws {
    var (position, checksum) = (places.shared + place * places.sharedStride, 0 as UInt32)
    for piece in pieces {
      try file.put(piece, at: position)
      checksum = dn_crc32(checksum, piece.baseAddress, piece.count)
      position += piece.count
      traffic.sharedBytesWritten += piece.count
    }
    sharedChecksum = checksum
  }

  private func writeCommit() throws {
    let fields = Self.bytes(UInt64(step)) + Self.bytes(digest) + Self.bytes(sharedChecksum)
    try write(
      fields + Self.bytes(Self.checksum(fields)), at: places.commits + (step % 2) * ExpertFileLayout.pageBytes)
  }

  private func write(_ bytes: [UInt8], at place: Int) throws {
    try bytes.withUnsafeBytes { try file.put($0, at: place) }
    traffic.tableBytesWritten += bytes.count
  }

  // MARK: Numbers as bytes

  private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], at place: Int, _: Number.Type) -> Number {
    let parts = bytes[place..<place + MemoryLayout<Number>.size]
    return parts.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 { dn_crc32(0, bytes, bytes.count) }

  private static func entryChecksum(_ expert: Int, _ fields: [UInt8]) -> UInt32 {
    checksum(fields + bytes(UInt64(expert)))
  }

  /// What an entry adds to the digest of all; 0 for none.
  private static func digest(_ expert: Int, _ step: UInt64, _ checksum: UInt32) -> UInt64 {
    guard step > 0 else { return 0 }
    // The finalizer of MurmurHash3, twice.
    func mixed(_ x: UInt64) -> UInt64 {
      let once = (x ^ x >> 33) &* 0xff51_afd7_ed55_8ccd
      let twice = (once ^ once >> 33) &* 0xc4ce_b9fe_1a85_ec53
      return twice ^ twice >> 33
    }
    return mixed(mixed(UInt64(expert) &+ 1) ^ step &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(checksum))
  }
}
