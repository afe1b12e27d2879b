import DescentTensors
import Foundation
import Testing

/// A small disk that fills: a file system in memory, mounted where this process may do that.
private final class SmallDisk {
  let path: String

  init?(kilobytes: Int) {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-disk-\(UUID().uuidString)").path
    guard (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)) != nil,
      Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path)
    else { return nil }
  }

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

@Suite struct SafetensorsFullDiskTests {
  @Test func aFullDiskLeavesTheEarlierFile() throws {
    guard let disk = SmallDisk(kilobytes: 256) else {
      print("skipped: mounting a small file system takes rights that this process does not have")
      return
    }
    let path = disk.path + "/model.safetensors"
    try Safetensors.write(["w": Tensor(repeating: 1, shape: [1000])], to: path)
    do {
      try Safetensors.write(["w": Tensor(repeating: 2, shape: [1_000_000])], to: path)
      Issue.record("a megabyte fitted on the small disk")
    } catch { #expect("\(error)" == "\(path): no space left on the disk") }
    #expect(try Safetensors.read(path).tensors["w"]?.scalars() == [Double](repeating: 1, count: 1000))
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["model.safetensors"])
  }
}
