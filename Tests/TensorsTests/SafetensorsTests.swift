import DescentFiles
import DescentGraph
import DescentTensors
import Foundation
import Testing

/// A folder that disappears again.
private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

private func contents(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

private func fault(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch { return "\(error)" }
}

@Suite struct SafetensorsTests {
  /// A tensor of every element type.
  static let everyType: [String: Tensor] = {
    var tensors: [String: Tensor] = [:]
    for type in ElementType.allCases {
      let values: [Double] = type == .bool ? [0, 1, 1, 0, 1, 0] : [0, 1, 2, 3, 100, 127]
      tensors["of.\(type)"] = Tensor(values, shape: [2, 3], type)
    }
    tensors["scalar"] = Tensor(-0.0, .float64)
    tensors["empty"] = Tensor(zeros: [0, 4])
    tensors["extremes"] = Tensor(integers: [.min, .max, -1], .int64)
    tensors["special"] = Tensor([.infinity, -.infinity, .nan, 1e-45], .float32)
    tensors["ein \"Name\"\n\\ mit ü 🂡 \u{1}"] = Tensor([1.0])
    return tensors
  }()

  @Test func everyElementTypeComesBack() throws {
    try withFolder { folder in
      let path = folder + "/a.safetensors"
      let metadata = ["format": "pt", "line\nbreak": "\"quoted\" \\ \t ü"]
      try Safetensors.write(Self.everyType, metadata: metadata, to: path)
      let (tensors, texts) = try Safetensors.read(path)
      #expect(texts == metadata)
      #expect(Set(tensors.keys) == Set(Self.everyType.keys))
      for (name, tensor) in Self.everyType {
        let found = try #require(tensors[name])
        #expect(found.shape == tensor.shape && found.elementType == tensor.elementType, "\(name)")
        #expect(try found.scalars().map(\.bitPattern) == tensor.scalars().map(\.bitPattern), "\(name)")
        #expect(try found.integers() == tensor.integers(), "\(name)")
      }
    }
  }

  @Test func sameTensorsGiveTheSameBytes() throws {
    try withFolder { folder in
      let path = folder + "/a"
      try Safetensors.write(Self.everyType, metadata: ["b": "1", "a": "2"], to: path)
      let first = try contents(of: path)
      try Safetensors.write(Self.everyType, metadata: ["a": "2", "b": "1"], to: path)
      #expect(try contents(of: path) == first)
      let header = first[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      #expect(header % 8 == 0)
      let json = try JSONSerialization.jsonObject(with: Data(first[8..<8 + header])) as? [String: Any]
      #expect(json?.count == Self.everyType.count + 1)
    }
  }

  @Test func nothingAtAllIsAFileToo() throws {
    try withFolder { folder in
      try Safetensors.write([:], to: folder + "/empty")
      #expect(try Safetensors.read(folder + "/empty").tensors.isEmpty)
    }
  }

  @Test func aFileOfAnotherWriterIsRead() throws {
    try withFolder { folder in
      // Another order of fields, white space, an unknown field, escapes, and no padding.
      let header =
        #"{ "b" : {"shape":[2],"data_offsets":[4,8],"dtype":"I16","extra":{"x":[1.5e3,null,true]}},"#
        + #""\u0061\ud83c\udca1":{"dtype":"F32","data_offsets":[0,4],"shape":[]}}"#
      var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
      bytes += withUnsafeBytes(of: Float(2.5)) { Array($0) } + [1, 0, 0xff, 0xff]
      let path = folder + "/other"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let tensors = try Safetensors.read(path).tensors
      #expect(try tensors["a🂡"]?.item() == 2.5)
      #expect(try tensors["b"]?.integers() == [1, -1])
    }
  }

  @Test func writingChangesFilesInOneStep() throws {
    try withFolder { folder in
      let path = folder + "/a"
      try Safetensors.write(["w": Tensor([1.0])], to: path)
      let before = try contents(of: path)
      let broken = Tensor([1.0, 2.0]) + Tensor([1.0, 2.0, 3.0])
      #expect(throws: TensorError.self) { try Safetensors.write(["w": broken], to: path) }
      #expect(throws: FileError.self) { try Safetensors.write(["__metadata__": Tensor([1.0])], to: path) }
      #expect(try contents(of: path) == before)
      // What a killed process left is in nobody's way.
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path + ".partial"))
      try Safetensors.write(["w": Tensor([2.0])], to: path)
      #expect(try Safetensors.read(path).tensors["w"]?.item() == 2)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
    }
  }

  @Test func manyWritersLeaveOneWholeFile() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("descent-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path + "/a"
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<16 {
        group.addTask {
          try Safetensors.write(["w": Tensor(repeating: Double(writer), shape: [1000 + writer])], to: path)
        }
      }
      try await group.waitForAll()
    }
    let values = try #require(try Safetensors.read(path).tensors["w"]).scalars()
    #expect(values.count == 1000 + Int(values[0]) && Set(values).count == 1)
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    try withFolder { folder in
      let tensors = ["w": Tensor([1.0])]
      #expect(fault { try Safetensors.write(tensors, to: folder) } == "\(folder): is a directory, not a file")
      #expect(
        fault { try Safetensors.write(tensors, to: folder + "/no/a") } == "\(folder)/no/a: no such file or directory")
      #expect(fault { try Safetensors.write(tensors, to: "/dev/full") } == "/dev/full: is not a regular file")
      #expect(fault { try Safetensors.write(tensors, to: folder + "/a\0b") }.hasSuffix("the name holds a zero byte"))
      #expect(fault { try Safetensors.write(tensors, to: "") }.hasPrefix("(empty path): "))
    }
  }
}
