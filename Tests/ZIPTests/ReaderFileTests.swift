import Descent
import DescentZIP
import Foundation
import Testing

/// What is said of files that hold no reader that can read.
@Suite struct ReaderFileTests {
  /// Saves a small reader with a change made to its tensors and settings, and reads it back.
  private func fault(
    _ change: (_ tensors: inout [String: Tensor], _ metadata: inout [String: String]) throws -> Void
  ) throws -> String {
    let path = NSTemporaryDirectory() + "descent-reader-\(UUID().uuidString)"
    defer { unlink(path) }
    let example = Tensor(zeros: [1, LineImage.height, LineImage.width, 1])
    let network = try ReaderNetwork(branches: 2, filters: 2).initialized(for: example)
    try ZIPReader(network: network, rule: ReadingRule(threshold: 0.5), origin: "none").save(to: path)
    var (tensors, metadata) = try Safetensors.read(path)
    try change(&tensors, &metadata)
    try Safetensors.write(tensors, metadata: metadata, to: path)
    do {
      _ = try ZIPReader(readingFrom: path)
      return ""
    } catch { return "\(error)".replacingOccurrences(of: path, with: "reader") }
  }

  @Test func soundReader() throws {
    #expect(try fault { _, _ in } == "")
  }

  @Test func numbersThatAreNone() throws {
    for number in [Double.nan, .infinity] {
      let text = try fault { tensors, _ in
        tensors["branches.1.symbols.bias"] = Tensor([Double](repeating: number, count: 12)).converted(to: .float32)
      }
      #expect(text == "reader: the tensor branches.1.symbols.bias holds NaN or infinity")
    }
  }

  @Test func tensorsOfAnotherNetwork() throws {
    let wider = try fault { $1["filters"] = "4" }
    #expect(wider.hasPrefix("reader: its tensors do not fit together: branches.0.edges.convolution"), "\(wider)")
    let lacking = try fault { tensors, _ in tensors["branches.0.symbols.bias"] = nil }
    #expect(lacking == "reader: lacks the tensor branches.0.symbols.bias, which the model has")
    #expect(try fault { $1["branches"] = "3" }.contains("lacks"))
    #expect(try fault { $1["branches"] = "0" } == "reader: its settings cannot be read")
    #expect(try fault { $1["threshold"] = "nan" } == "reader: its settings cannot be read")
  }
}
