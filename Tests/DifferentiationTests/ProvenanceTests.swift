import DescentGraph
import Testing

@testable import DescentDifferentiation

/// Derivatives belong to the layers of the nodes that they are derivatives of.
@Suite("where derivatives come from")
struct DerivativeProvenanceTests {
  private let layers = (Provenance(scope: .init("first"), call: 3), Provenance(scope: .init("second"), call: 4))

  /// Σ sin(x · y) with the product in one layer and the rest in another.
  private func sample() throws -> Graph {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(TensorType([2], .float64)), builder.input(TensorType([2], .float64)))
    let product = builder.writing(layers.0) { x * y }
    return try builder.graph(outputs: [builder.writing(layers.1) { product.apply(Sin()).sum(axes: [0]) }])
  }

  private func found<Kind: Operation>(_ graph: Graph, _: Kind.Type) -> Set<Provenance> {
    Set(graph.nodes.filter { $0.operation is Kind }.map(\.provenance))
  }

  @Test func reverse() throws {
    let gradient = try sample().gradient(parameters: [0, 1])
    #expect(found(gradient, Sin.self) == [layers.1])
    #expect(found(gradient, Cos.self) == [layers.1.ofDerivative])
    // The product itself, its cotangents for x and y, and the cotangent of the sine.
    #expect(found(gradient, Multiply.self) == [layers.0, layers.0.ofDerivative, layers.1.ofDerivative])
    let written = gradient.nodes.filter { $0.kind != .input && $0.kind != .constant }
    #expect(written.allSatisfy { $0.provenance.scope != .unknown && $0.provenance.call != 0 })
  }

  /// A tangent is a value of the function that is asked for.
  @Test func forward() throws {
    let push = try sample().jacobianVectorProduct(parameters: [0])
    #expect(found(push, Cos.self) == [layers.1])
    #expect(push.nodes.allSatisfy { $0.provenance.phase == .forward })
    #expect(Set(push.nodes.map(\.provenance.scope)).count == 3)
  }

  @Test func batches() throws {
    let batched = try sample().batched(size: 3, isBatched: [true, false])
    #expect(found(batched, Multiply.self) == [layers.0] && found(batched, Sin.self) == [layers.1])
    let gradients = try sample().gradient(parameters: [0]).batched(size: 3, isBatched: [true, true])
    #expect(found(gradients, Cos.self) == [layers.1.ofDerivative])
  }

  @Test func parts() throws {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(TensorType([2], .float64)), builder.input(TensorType([2], .float64)))
    let early = builder.writing(layers.0) { x.apply(Exp()) }
    let late = builder.writing(layers.1) { early * y }
    let (first, rest) = try builder.graph(outputs: [late]).split(later: [1])
    #expect(found(first, Exp.self) == [layers.0] && found(rest, Multiply.self) == [layers.1])
  }

  /// A loop's derivative is a loop on the way back, whose step is as well, and both belong to the layers within.
  @Test func loops() throws {
    let layers = layers
    let number = TensorType([], .float64)
    let step = try Body.write([number, number]) { builder, x in
      [builder.writing(layers.1) { x[0].apply(Sin()) * x[1] }]
    }
    let builder = GraphBuilder()
    let (x, w) = (builder.input(number), builder.input(number))
    let loop = Scan(step, length: 4, carryCount: 1, sequenceCount: 0)
    let result = builder.writing(layers.0) { builder.emit(loop, [x, w]) }
    let gradient = try builder.graph(outputs: result).gradient(parameters: [1])
    let loops = gradient.nodes.filter { $0.kind == .scan }
    #expect(loops.map(\.provenance.phase) == [.forward, .backward])
    #expect(loops.allSatisfy { $0.provenance.scope == layers.0.scope })
    let back = try #require(loops.last?.holder?.bodies.first).graph.nodes.filter { $0.kind == .multiply }
    #expect(!back.isEmpty && back.allSatisfy { $0.provenance.scope == layers.1.scope })
    #expect(back.allSatisfy { $0.provenance.phase == .backward })
  }
}
