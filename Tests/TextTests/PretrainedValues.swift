import DescentGraph
import DescentTensors
import Foundation
import Testing

/// A small model as Hugging Face's transformers writes it, and what it gives: a case of pretrained-values.txt, which
/// scripts/pretrained-values.py writes.
struct PretrainedCase {
  let title: String
  /// What `config.json` holds.
  var configuration = ""
  /// The names of the tensors in the file, with their shapes.
  var shapes: [(name: String, shape: Shape)] = []
  /// Further files of the folder, by their paths in it.
  private(set) var files: [String: String] = [:]
  private var outputs: [String: (shape: Shape, values: [Double])] = [:]

  private init(_ title: String) { self.title = title }

  static let all: [PretrainedCase] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "pretrained-values.txt")
    let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    var cases: [PretrainedCase] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let word = line.prefix { $0 != " " }
      let rest = line.dropFirst(word.count + 1)
      if word == "case" {
        cases.append(PretrainedCase(String(rest)))
      } else if !cases.isEmpty {
        cases[cases.count - 1].add(word, rest)
      }
    }
    return cases
  }()

  static func named(_ title: String) throws -> PretrainedCase { try #require(all.first { $0.title == title }) }

  private mutating func add(_ word: Substring, _ rest: Substring) {
    if word == "config" {
      configuration = String(rest)
      return
    }
    if word == "file" {
      let name = rest.prefix { $0 != " " }
      files[String(name)] = String(rest.dropFirst(name.count + 1))
      return
    }
    let parts = rest.split(separator: " ")
    let sizes = parts.dropFirst().prefix { $0 != ":" }.compactMap { Int($0) }
    let name = String(parts[0])
    if word == "tensor" {
      shapes.append((name, Shape(sizes)))
    } else {
      outputs[name] = (Shape(sizes), parts.dropFirst(sizes.count + 2).compactMap { Double($0) })
    }
  }

  /// What the library's model gives.
  func output(_ name: String) throws -> (shape: Shape, values: [Double]) { try #require(outputs[name]) }

  /// The tokens that the stored values are of, `[batch, length]`.
  static func tokens(_ vocabulary: Int, _ batch: Int, _ length: Int) -> Tensor {
    let numbers = (0..<batch).flatMap { row in (0..<length).map { (7 * row + 5 * $0 + $0 * $0) % vocabulary } }
    return Tensor(integers: numbers, shape: [batch, length])
  }

  /// The tensors of the checkpoint.
  var tensors: [String: Tensor] {
    Dictionary(uniqueKeysWithValues: shapes.map { ($0.name, Self.weights($0.name, $0.shape)) })
  }

  /// Numbers that look random: a hash of place and name. Scales of normalizations lie near 1.
  static func weights(_ name: String, _ shape: Shape) -> Tensor {
    var seed: UInt64 = 1_469_598_103_934_665_603
    for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 1_099_511_628_211 }
    let isScale = shape.rank == 1 && name.hasSuffix("weight")
    let values = (0..<shape.count).map { place -> Double in
      var x = (UInt64(place) &+ seed) &* 0x9E37_79B9_7F4A_7C15
      x ^= x >> 32
      x = x &* 0xD6E8_FEB8_6659_FD93
      x ^= x >> 32
      let unit = Double(x >> 40) / 16_777_216 - 0.5
      return isScale ? 1 + 0.2 * unit : shape.rank == 1 ? 0.2 * unit : 0.8 * unit
    }
    return Tensor(values, shape: shape)
  }

  /// Writes the folder of the model.
  ///
  /// - Parameters:
  ///   - folder: The folder, which exists.
  ///   - limit: The most bytes of a file of weights, of which there are several then; one file where it is `nil`.
  ///   - change: Changes the tensors.
  func write(
    to folder: String, limit: Int? = nil, configuration: String? = nil,
    changing change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws {
    try Data((configuration ?? self.configuration).utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
    for (name, text) in files {
      let place = URL(fileURLWithPath: folder + "/" + name)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: place)
    }
    var tensors = tensors
    change(&tensors)
    if let limit {
      try Safetensors.write(tensors, index: folder + "/model.safetensors.index.json", limit: limit)
    } else {
      try Safetensors.write(tensors, metadata: ["format": "pt"], to: folder + "/model.safetensors")
    }
  }
}

/// The largest difference between a tensor and stored values, in the same shape.
func distance(_ tensor: Tensor, _ stored: (shape: Shape, values: [Double])) throws -> Double {
  #expect(tensor.shape == stored.shape)
  return zip(try tensor.scalars(), stored.values).map { abs($0 - $1) }.max() ?? .infinity
}
