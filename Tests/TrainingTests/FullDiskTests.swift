import DescentLayers
import Foundation
import Testing

@testable import DescentTraining

/// A small disk that fills: a file system in memory, mounted where this process may do that.
private final class SmallDisk {
  let path: String

  init?(kilobytes: Int) {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("descent-disk-\(UUID().uuidString)").path
    guard (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)) != nil,
      Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path)
    else {
      try? FileManager.default.removeItem(atPath: path)
      return nil
    }
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

@Suite struct FullDiskTests {
  @Test func aDiskThatFillsLeavesTheEarlierCheckpoint() throws {
    guard let disk = SmallDisk(kilobytes: 64) else {
      print("skipped: mounting a small file system takes rights that this process does not have")
      return
    }
    let (room, rest) = (disk.path + "/runs", disk.path + "/filling")
    func fit() throws {
      try smallTrainer().fit(
        points(26).batched(8), epochs: 2,
        callbacks: [
          .checkpoint(room, every: 0, resuming: true),
          .each { event in
            guard case .step(let progress) = event, progress.stepCount == 3 else { return true }
            // Less is left than a checkpoint takes.
            let filling = Data(count: 200 << 10)
            try? filling.write(to: URL(fileURLWithPath: rest), options: [])
            return true
          },
        ])
    }
    let text = fault { try fit() }
    #expect(text == "\(room)/checkpoint-000000003.safetensors: no space left on the disk", "\(text)")
    #expect(try names(in: room) == ["checkpoint-000000001.safetensors", "checkpoint-000000002.safetensors"])
    for name in try names(in: room) { _ = try Checkpoint(readingFrom: room + "/" + name) }
    try FileManager.default.removeItem(atPath: rest)
  }
}
