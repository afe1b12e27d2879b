import DescentFiles
import DescentTensors
import Foundation
import Testing

/// Tensors in several files that an index names.
@Suite struct SafetensorsShardTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString)").path
  let tensors = ["a": Tensor([1, 2, 3]), "b": Tensor([4, 5, 6]), "c": Tensor(integers: [7], .int64)]

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  private func fault(of index: String) throws -> String {
    let path = folder + "/m.safetensors.index.json"
    try Data(index.utf8).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: FileError.self) { try Safetensors.read(index: path) }
    return error?.description.replacingOccurrences(of: folder, with: "") ?? ""
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/m.safetensors.index.json"
    try Safetensors.write(tensors, index: path, limit: 20)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors", "m.safetensors.index.json"])
    let found = try Safetensors.read(index: path)
    #expect(found.metadata == ["total_size": "32"])
    #expect(found.tensors.keys.sorted() == ["a", "b", "c"])
    for (name, tensor) in tensors { #expect(try found.tensors[name]?.scalars() == tensor.scalars()) }
    #expect(found.tensors["c"]?.elementType == .int64)
  }

  @Test func damagedIndices() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Safetensors.write(["a": Tensor(1)], to: folder + "/s.safetensors")
    #expect(try fault(of: "{").contains("the index is not valid JSON: "))
    #expect(try fault(of: "[]").contains("the index is not a JSON object"))
    #expect(try fault(of: "{}").contains("has no object weight_map"))
    #expect(try fault(of: #"{"weight_map":{"a":1}}"#).contains("the file of the tensor a is no text"))
    for name in ["../s.safetensors", "/etc/passwd", "..", ""] {
      #expect(try fault(of: #"{"weight_map":{"a":"\#(name)"}}"#).contains("is not beside the index"))
    }
    #expect(try fault(of: #"{"weight_map":{"a":"t.safetensors"}}"#).contains("/t.safetensors: no such file"))
    #expect(try fault(of: #"{"weight_map":{"b":"s.safetensors"}}"#).contains("holds the tensor a, which"))
    #expect(
      try fault(of: #"{"weight_map":{"a":"s.safetensors","b":"s.safetensors"}}"#).contains("does not hold the tensor b")
    )
    #expect(throws: FileError.self) { try Safetensors.write(tensors, index: folder + "/model.json") }
    #expect(throws: TensorError.self) {
      try Safetensors.write(tensors, index: folder + "/m.safetensors.index.json", limit: 0)
    }
  }
}
