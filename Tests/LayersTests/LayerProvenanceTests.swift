import DescentGraph
import DescentLayers
import DescentTensors
import Testing

/// What a layer computes is the layer's in plans, under its path in the model.
@Suite("whose operations they are")
struct LayerProvenanceTests {
  struct Outer: Layer {
    var inner = Everything()
    var last = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { last(exp(inner(x))) }
  }

  /// The operations of the model's forward pass, by layer.
  private func operations<Model: Layer>(
    _ model: Model, on input: Tensor
  ) throws -> [String: Set<String>] where Model.Input == Tensor, Model.Output == Tensor {
    let bound = try model.initialized(for: input)
    let tree = try ModelTree(bound)
    let holders = tree.leaves.compactMap { leaf in
      leaf.tensor.map { Tensor.placeholder($0.type, name: leaf.path, isParameter: leaf.isParameter) }
    }
    let holder = Tensor.placeholder(input.type, name: "input")
    let output = try tree.rebuilt(Model.self, with: holders)(holder)
    let graph = try Trace(arguments: [holder] + holders, outputs: [output]).graph
    var found: [String: Set<String>] = [:]
    for node in graph.nodes where node.kind != .input && node.kind != .constant {
      found[node.provenance.scope.path, default: []].insert(node.operation.name)
      #expect(node.provenance.phase == .forward)
    }
    return found
  }

  @Test func everyLayer() throws {
    let found = try operations(Outer(), on: Tensor(zeros: [2, 6, 6, 4]))
    let layers = ["conv", "batchNorm", "layerNorm", "hidden", "blocks.0", "blocks.1"].map { "inner." + $0 } + ["last"]
    #expect(Set(found.keys).subtracting([""]) == Set(layers), "\(found)")
    // Repeated numbers may be nobody's.
    #expect(found[""]?.isSubset(of: ["broadcast", "convert"]) != false, "\(found)")
    #expect(found["inner.conv"]?.contains("convolution") == true && found["last"]?.contains("dot") == true)
    // What stands between layers belongs to the one before.
    #expect(found["inner.hidden"]?.contains("tanh") == true && found["inner.blocks.1"]?.contains("exp") == true)
    #expect(found["inner.layerNorm"]?.contains("rsqrt") == true, "\(found["inner.layerNorm"] ?? [])")
  }

  /// A model that is itself a layer has no path; its type stands for it.
  @Test func oneLayer() throws {
    let found = try operations(Dense(units: 2), on: Tensor(zeros: [2, 3]))
    #expect(Set(found.keys).subtracting([""]) == ["Dense"])
  }

  /// A layer of one's own that holds parameters need not say anything.
  @Test func ownLayers() throws {
    struct Scaling: Layer {
      var factor = Parameter(Tensor([1, 2, 3]))
      func callAsFunction(_ x: Tensor) -> Tensor { x * factor.bound(to: [3], in: "Scaling") { _, _ in Tensor([1]) } }
    }
    struct Model: Layer {
      var first = Dense(units: 3)
      var scaling = Scaling()
      func callAsFunction(_ x: Tensor) -> Tensor { scaling(first(x)).sum() }
    }
    let found = try operations(Model(), on: Tensor(zeros: [2, 3]))
    #expect(
      found["scaling"] == ["broadcast", "multiply", "sum"] || found["scaling"] == ["multiply", "sum"], "\(found)")
  }
}
