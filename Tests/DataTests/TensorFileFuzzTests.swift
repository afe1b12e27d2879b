import DescentData
import DescentFiles
import DescentTensors
import Testing

/// Damaged files of tensors, and of what is saved beside them.
@Suite struct TensorFileFuzzTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func safetensors() throws {
    let path = directory.at("a.safetensors")
    try Safetensors.write(
      ["a": Tensor([1, 2, 3]), "flags": Tensor([true, false])], metadata: ["made": "here"], to: path)
    try fuzz("safetensors", FileContents.read(path), memoryFactor: 16) {
      try directory.file("damaged", $0)
      _ = try Safetensors.read(directory.at("damaged"))
    }
  }

  @Test func indices() throws {
    let path = directory.at("m.safetensors.index.json")
    try Safetensors.write(["a": Tensor([1, 2, 3]), "b": Tensor(1)], index: path, limit: 12)
    try fuzz("an index of safetensors", FileContents.read(path), memoryFactor: 64) {
      try directory.file("damaged.json", $0)
      _ = try Safetensors.read(index: directory.at("damaged.json"))
    }
  }

  @Test func encodings() throws {
    let table = try Table([Table.Column("a", numbers: [1, 2]), try Table.Column("b", categories: ["x", "y"])])
    let encoding = try TableEncoding(fitting: table, .imputed(), .standardized(), .oneHot())
    try encoding.write(to: directory.at("e.json"))
    try fuzz("an encoding of a table", FileContents.read(directory.at("e.json"))) {
      let path = try directory.file("damaged.json", $0)
      _ = try TableEncoding.read(path).tensor(of: table)
    }
  }
}
