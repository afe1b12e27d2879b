import DescentTensors
import Foundation
import TestSupport
import Testing

@Suite struct SafetensorsFullDiskTests {
  @Test func aFullDiskLeavesTheEarlierFile() throws {
    guard let disk = SmallDisk(kilobytes: 256) else { return }
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
