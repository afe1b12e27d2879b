import DescentLayers
import Foundation
import TestSupport
import Testing

@testable import DescentTraining

@Suite struct FullDiskTests {
  @Test func aDiskThatFillsLeavesTheEarlierCheckpoint() throws {
    guard let disk = SmallDisk(kilobytes: 64) else { return }
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
