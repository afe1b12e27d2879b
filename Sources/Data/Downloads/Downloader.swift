import DescentFiles
import Foundation

/// The progress of a download.
public struct DownloadProgress: Sendable, Hashable {
  /// The file's name.
  public var file: String

  /// The bytes that are on the disk, those of an earlier, interrupted download included.
  public var received: Int

  /// The bytes the file will have, where that is known beforehand.
  public var total: Int?

  /// A state of a download.
  public init(file: String, received: Int, total: Int?) {
    self.file = file
    self.received = received
    self.total = total
  }
}

/// Downloads files so that a file is under its name only when it is whole and its checksum right.
///
/// Until then the bytes lie next to it in `NAME.part`, which stays when a download fails or the process is killed, and
/// from which the next one goes on. The system's `curl` program does the transfer.
public struct Downloader: Sendable {
  /// The `curl` program's name or path.
  public var curl = "curl"

  /// How often a broken transfer is taken up again at one address before the next is tried.
  public var attempts = 4

  /// The wait in seconds before the first new attempt; it doubles with each further one.
  public var pause = 1.0

  /// After how many seconds without a byte a transfer counts as broken off.
  public var stallSeconds = 30

  /// A downloader with the settings above.
  public init() {}

  /// Downloads a file from the first of some addresses that has it; does nothing where it is there already.
  ///
  /// Blocks until the file is there or given up.
  ///
  /// - Parameters:
  ///   - addresses: Where the same file lies: `http`, `https`, `ftp` or `file` addresses, tried in order.
  ///   - path: The file to make; missing directories above it are made.
  ///   - byteCount: Its size, where known.
  ///   - sha256: Its digest as 64 hexadecimal digits, where known; without one an existing file is fetched anew.
  ///   - progress: Called about once for each 64 KiB, and once a second while nothing comes.
  /// - Throws: `FileError` where no address gives a file of that size and digest, `curl` is missing, the disk is
  ///   full, or another process is downloading the same file.
  public func download(
    from addresses: [String], to path: String, byteCount: Int? = nil, sha256: String? = nil,
    progress: (DownloadProgress) -> Void = { _ in }
  ) throws {
    let name = String(path.split(separator: "/").last ?? "")
    func report(_ received: Int) {
      progress(DownloadProgress(file: name, received: received, total: byteCount))
    }
    guard !name.isEmpty, !path.hasSuffix("/") else { throw fault(path, "is not the name of a file") }
    if case .directory = FileSystem.kind(at: path) { throw fault(path, "is a directory, not a file") }
    if let sha256, case .regular(let size) = FileSystem.kind(at: path), size == byteCount ?? size,
      try SHA256.hexadecimal(ofFile: path) == sha256.lowercased()
    {
      return report(size)
    }
    guard !addresses.isEmpty else { throw fault(path, "no address to download from") }
    try FileSystem.makeDirectory(FileSystem.parent(of: path))

    let partPath = path + ".part"
    let part = try OpenFile.appending(partPath)
    guard part.lock() else { throw fault(path, "another process is downloading this file") }
    var faults: [String] = []
    for address in addresses {
      do {
        try fetch(address, to: part, byteCount: byteCount, sha256: sha256?.lowercased(), report: report)
        try part.synchronize()
        return try FileSystem.move(partPath, to: path)
      } catch let failure as AddressFailure {
        faults.append("\(address): \(failure.reason)")
      }
    }
    let kept = try part.byteCount()
    if kept > 0 {
      faults.append("\(kept.grouped) bytes are kept in \(name).part, the next download goes on from there")
    } else {
      FileSystem.remove(partPath)
    }
    throw fault(path, "download failed: " + faults.joined(separator: "; "))
  }

  /// Completes the partial file from one address and checks it; what cannot be used is cut off.
  private func fetch(
    _ address: String, to part: OpenFile, byteCount: Int?, sha256: String?, report: (Int) -> Void
  ) throws {
    let transfer = CurlTransfer(curl: curl, stallSeconds: stallSeconds)
    var failures = 0
    var furthest = 0
    while true {
      var offset = try part.byteCount()
      if let byteCount, offset > byteCount {
        try part.clear()
        offset = 0
      }
      if offset != byteCount {
        switch try transfer.run(address, from: offset, limit: byteCount, to: part, received: report) {
        case .complete: break
        case .refused(let reason): throw AddressFailure(reason: reason)
        case .cannotResume:
          guard offset > 0 else { throw AddressFailure(reason: "the server refuses a transfer from the start") }
          try part.clear()
          continue
        case .tooLong:
          try part.clear()
          if offset > 0 { continue }
          throw AddressFailure(reason: "sends more than the \(byteCount?.grouped ?? "") bytes expected")
        case .interrupted(let reason):
          // An attempt that brought the file a good step further is none in vain; measured from the furthest point
          // ever reached, or a server that always breaks off at the same place would be asked for ever.
          let reached = try part.byteCount()
          failures = reached >= furthest + 1 << 16 && furthest > 0 ? 1 : failures + 1
          furthest = max(furthest, reached)
          if failures >= attempts { throw AddressFailure(reason: reason) }
          Thread.sleep(forTimeInterval: pause * Double(1 << min(failures - 1, 6)))
          continue
        }
      }
      guard let wrong = try mismatch(part, byteCount: byteCount, sha256: sha256) else { return }
      try part.clear()
      // The first bytes may be from an earlier state of the file, or from another server: once more from the start.
      if offset == 0 { throw AddressFailure(reason: wrong) }
    }
  }

  /// What is wrong with a file that the server calls whole.
  private func mismatch(_ part: OpenFile, byteCount: Int?, sha256: String?) throws -> String? {
    let size = try part.byteCount()
    if let byteCount, size != byteCount {
      return "sends \(size.grouped) bytes, expected \(byteCount.grouped)"
    }
    guard let sha256 else { return nil }
    let digest = try SHA256.hexadecimal(ofFile: part.path)
    return digest == sha256 ? nil : "sends a file of SHA-256 \(digest), expected \(sha256)"
  }

  private func fault(_ path: String, _ text: String) -> FileError { FileError(path, text) }
}

/// Why one address does not give the file; another may.
private struct AddressFailure: Error {
  var reason: String
}
