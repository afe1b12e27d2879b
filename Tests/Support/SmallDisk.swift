import Foundation

/// A small disk that fills: a file system in memory, mounted where this process may do that.
public final class SmallDisk {
  /// The folder in which it is mounted.
  public let path: String

  /// Mounts a disk; `nil`, and a printed line, where this process has not the right to.
  public init?(kilobytes: Int) {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-disk-\(UUID().uuidString)").path
    guard (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)) != nil,
      Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path)
    else {
      try? FileManager.default.removeItem(atPath: path)
      print("skipped: mounting a small file system takes rights that this process does not have")
      return nil
    }
  }

  /// Lets nothing be written any more.
  public func makeReadOnly() -> Bool { Self.run("mount", "-o", "remount,ro", path) }

  deinit {
    _ = Self.run("umount", path)
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func run(_ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
