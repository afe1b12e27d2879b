import DescentBackends
import DescentDifferentiation
import DescentGraph
import DescentTensors
import Testing

@testable import DescentExplaining

@Suite("what the compiler's passes did")
struct CompilationStoryTests {
  private func graph(_ names: [String], _ shapes: [Shape], _ function: ([Tensor]) -> Tensor) throws -> Graph {
    let holders = zip(names, shapes).map {
      Tensor.placeholder(TensorType($1, .float32), name: $0, isParameter: $0.contains("."))
    }
    return try Trace(arguments: holders, outputs: [function(holders)]).graph
  }

  /// A backend that evaluates graphs as they are has passed through no pass.
  @Test func noPlanNoStory() throws {
    let graph = try graph(["x"], [[3]]) { exp($0[0]).sum() }
    let error = #expect(throws: TensorError.self) {
      try withBackend(.reference) { try CompilationStory("small", graph) }
    }
    #expect(error?.message == "the backend reference makes no plan whose passes could be told")
  }

  /// A small graph is listed whole, before and after.
  @Test func tenNodes() throws {
    let graph = try graph(["x", "w"], [[3], [3]]) {
      ($0[0] * $0[1] + 0.0 * $0[1]).reshaped([3, 1]).reshaped([3]).sum()
    }
    let story = try CompilationStory("small", graph)
    #expect(story.listings.count == 2 && story.listings[0].contains("multiply x, w"))
    #expect(story.passes.first?.name == "dead code" && story.passes.last?.name == "fusion")
    let removed = story.passes.reduce(0) { $0 + ($1.removed["reshape"] ?? 0) }
    #expect(removed > 0, "\(story)")
    for (pass, next) in zip(story.passes, story.passes.dropFirst()) { #expect(pass.nodesAfter == next.nodesBefore) }
    for pass in story.passes where pass.name != "fusion" {
      let change = pass.added.values.reduce(0, +) - pass.removed.values.reduce(0, +)
      #expect(pass.nodesBefore + change == pass.nodesAfter, "\(pass.name)")
    }
    #expect(story.description.contains("recorded:\ngraph(x: float32[3], w: float32[3], "))
  }

  @Test func functions() throws {
    let story = try explainPasses(Tensor([1, 2]), Tensor([3, 4])) { x, y in
      try gradient(at: x) { (tanh($0) * y).sum() }
    }
    #expect(story.description.hasPrefix("function: ") && story.kernels > 0)
    #expect(throws: TensorError.self) { try explainPasses(Tensor([1, 2])) { $0 + Tensor([1, 2, 3]) } }
  }

  /// Ten thousand nodes become a line for each layer and direction, in the order in which they run.
  @Test func tenThousandNodes() throws {
    let layers = 40
    var names = ["input"]
    for layer in 0..<layers { names += ["block\(layer).weight", "block\(layer).bias"] }
    var shapes: [Shape] = [[2, 4]]
    for _ in 0..<layers { shapes += [[4, 4], [4]] }
    let forward = try graph(names, shapes) { values in
      var x = values[0]
      for layer in 0..<layers {
        x = matmul(x, values[1 + 2 * layer]) + values[2 + 2 * layer]
        for _ in 0..<40 { x = tanh(x) * sigmoid(x) }
      }
      return x.sum()
    }
    let whole = try forward.gradient(parameters: Array(1...2 * layers))
    #expect(whole.nodes.count > 10_000)
    let story = try CompilationStory("deep", whole)
    let lines = story.description.split(separator: "\n")
    #expect(lines.count < 2 * layers + 30, "\(lines.count)")
    let forwards = story.layers.filter { $0.phase == "forward" }.map(\.name)
    #expect(forwards == (0..<layers).map { "block\($0) forward" })
    let backwards = story.layers.filter { $0.phase == "backward" }.map(\.name)
    #expect(backwards == (0..<layers).reversed().map { "block\($0) backward" })
    let recorded = story.layers.reduce(0) { $0 + $1.nodesBefore }
    let leaves = whole.nodes.count { $0.operation is Input || $0.operation is Constant }
    #expect(recorded == whole.nodes.count - leaves, "every node is in one layer")
    #expect(story.layers.allSatisfy { $0.before["tanh"] == nil || $0.before["tanh"] == 40 })
    #expect(story.layers.reduce(0) { $0 + $1.kernels } <= story.kernels)
    if Graphviz.version != nil { #expect(try story.svg().contains("block39 backward")) }
  }
}
