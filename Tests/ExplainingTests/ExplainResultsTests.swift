import DescentExplaining
import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Operations with several results, loops and branches: each result that is used is a node of its own.
@Suite("explaining several results")
struct ExplainResultsTests {
  private let matrix = Tensor([3, 1, 0.5, -1, 2, 0.25, 0.5, 1, 4], shape: [3, 3], .float64)
  private let weights = Tensor((0..<9).map { cos(Double($0)) }, shape: [3, 3], .float64)

  private func node(_ formula: String, _ explained: Explanation) throws -> Explanation.Node {
    try #require(explained.nodes.first { $0.formula == formula }, "\(explained)")
  }

  private func near(_ a: [Double]?, _ b: [Double]?, _ tolerance: Double = 1e-12) -> Bool {
    guard let a, let b, a.count == b.count else { return false }
    return zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
  }

  /// What comes back to the argument is its gradient, and to every node the sum of what its users send.
  private func explained(
    at x: Tensor, sourceLocation: SourceLocation = #_sourceLocation, _ function: (Tensor) throws -> Tensor
  ) throws -> Explanation {
    let explained = try explain(x) { try function($0) }
    let slope = try gradient(at: x) { try function($0) }.scalars()
    #expect(near(explained.derivatives.first?.value.elements, slope), "\(explained)", sourceLocation: sourceLocation)
    for (index, node) in explained.nodes.enumerated() where index != explained.result {
      let shares = explained.edges.filter { $0.from == index }.compactMap(\.contribution?.elements)
      guard let sum = node.derivative?.elements, !shares.isEmpty else { continue }
      let met = shares.dropFirst().reduce(shares[0]) { zip($0, $1).map(+) }
      #expect(near(met, sum), "\(node.name)", sourceLocation: sourceLocation)
    }
    return explained
  }

  @Test func decompositions() throws {
    let orthogonal = try explained(at: matrix) { x in
      let (q, r) = qr(x)
      return (q * weights).sum() + square(r).sum()
    }
    #expect(try near(node("qr(x).q", orthogonal).derivative?.elements, weights.scalars()))
    let r = try node("qr(x).r", orthogonal)
    #expect(near(r.derivative?.elements, r.value.elements?.map { 2 * $0 }))
    // Both results send a share back to the matrix.
    #expect(orthogonal.edges.count { $0.from == 0 && $0.contribution != nil } == 2)
    #expect(orthogonal.description.contains("+ norm ") && orthogonal.description.contains("  from z"))

    let spectrum = try explained(at: matrix + matrix.transposed()) {
      (eigh($0).values * Tensor([1, 2, 3], .float64)).sum()
    }
    #expect(try node("eigh(x).values", spectrum).derivative?.elements == [1, 2, 3])
    #expect(!spectrum.nodes.contains { $0.formula == "eigh(x).vectors" }, "nobody uses them")

    let singular = try explained(at: matrix) { x in
      let (u, s, vt) = svd(x)
      return (u * weights).sum() + s.sum() + square(vt[0]).sum()
    }
    #expect(try node("svd(x).s", singular).derivative?.elements == [1, 1, 1])
    #expect(try near(node("svd(x).u", singular).derivative?.elements, weights.scalars()))
    #expect(try node("svd(x).vt", singular).derivative?.shape == [3, 3])

    let eliminated = try explained(at: matrix) { x in
      let (order, lower, upper) = lu(x)
      return (lower * weights).sum() + (upper * weights).sum() + 0.0 * order.converted(to: .float64).sum()
    }
    // Below the diagonal stands what `lower` has, on it and above what `upper` has: each weight counts once.
    #expect(try near(node("lu(x).factors", eliminated).derivative?.elements, weights.scalars()))
    let order = try node("lu(x).order", eliminated)
    #expect(order.derivative == nil && order.value.elements == [0, 1, 2])
  }

  @Test func orders() throws {
    let x = Tensor([0.5, 3, -1, 2], .float64)
    let top = try explained(at: x) { x in
      let (values, indices) = x.topK(2)
      return (values * Tensor([1, 10], .float64)).sum() + 0.0 * indices.converted(to: .float64).sum()
    }
    let best = try node("topK(x).values", top)
    #expect(best.value.elements == [3, 2] && best.derivative?.elements == [1, 10])
    let places = try node("topK(x).indices", top)
    #expect(places.value.elements == [1, 3] && places.derivative == nil)
    #expect(top.derivatives[0].value.elements == [0, 1, 0, 10])

    let sorted = try explained(at: x) { ($0.sorted() * Tensor([1, 2, 3, 4], .float64)).sum() }
    #expect(try node("sort(x).values", sorted).derivative?.elements == [1, 2, 3, 4])
    #expect(sorted.derivatives[0].value.elements == [2, 4, 1, 3])
  }

  /// Of a loop over numbers each result has its own local derivatives, and paths through it are products like others.
  @Test func loops() throws {
    let explained = try explain(["x": 2, "w": 0.5]) { k in
      let w = k["w"]
      let (state, outputs) = try scan(length: 3, from: k["x"]) { state, _ in (state * w, square(state)) }
      return 3.0 * state + outputs.sum()
    }
    let state = try #require(explained.nodes.firstIndex { $0.formula.hasSuffix(", w).state") }, "\(explained)")
    let outputs = try #require(explained.nodes.firstIndex { $0.formula.hasSuffix(", w).outputs") })
    #expect(explained.nodes[state].value.number == 0.25 && explained.nodes[state].derivative?.number == 3)
    #expect(explained.nodes[outputs].value.elements == [4, 1, 0.25])
    #expect(explained.nodes[outputs].derivative?.elements == [1, 1, 1])
    let local = explained.edges.filter { $0.to == state }.compactMap { $0.local?.number }
    #expect(local == [0.125, 1.5])
    // dΣ/dx = 2x(1 + w² + w⁴), dΣ/dw = x²(2w + 4w³).
    let back = explained.edges.filter { $0.to == outputs }.compactMap { $0.contribution?.number }
    #expect(back == [5.25, 6])
    #expect(explained.derivatives.map(\.value.number) == [5.625, 10.5])
    let only = try explain(["x": 2, "w": 0.5]) { k in
      try scan(length: 3, from: k["x"]) { state, _ in (state * k["w"], square(state)) }.state
    }
    #expect(!only.nodes.contains { $0.formula.hasSuffix("outputs") }, "nobody uses them")
    #expect(only.derivatives[0].paths.first?.factors == [0.125] && only.derivatives[1].value.number == 1.5)
  }

  @Test func loopsAndBranchesInEachOther() throws {
    let x = Tensor([0.5, -0.25], .float64)
    let factors = Tensor([1, -2, 3], .float64)
    let chosen = try explained(at: x) { x in
      let (state, outputs) = try scan(over: factors, from: x) { state, factor in
        let next = try cond(factor .> 0.0, then: { tanh(state * factor) }, else: { state * state + x })
        return (next, next.sum())
      }
      return (state * x).sum() + (outputs * factors).sum()
    }
    #expect(chosen.nodes.contains { $0.formula.hasSuffix(".state") && $0.operation == "scan" })
    #expect(chosen.nodes.contains { $0.formula.hasSuffix(".outputs") && $0.derivative?.elements == [1, -2, 3] })
    for threshold in [0.0, 1.0] {
      let looped = try explained(at: x) { x in
        try cond(
          x.sum() .> threshold,
          then: { try scan(over: factors, from: x) { (sin($0 * $1), $0) }.state },
          else: { try scan(over: factors, from: x) { ($0 + $1 * x, $0) }.outputs.sum(axes: [0]) }
        ).sum()
      }
      #expect(looped.nodes.contains { $0.operation == "cond" })
    }
    let both = try explained(at: x) { x in
      let parts = try cond(x.sum() .> 0.0, then: { [exp(x), x.sum()] }, else: { [-x, square(x).sum()] })
      return (parts[0] * x).sum() * parts[1]
    }
    let parts = both.nodes.filter { $0.operation == "cond" }
    #expect(parts.count == 2 && parts.allSatisfy { $0.derivative != nil })
    #expect(parts.map { String($0.formula.suffix(2)) } == [".0", ".1"])
    let factored = try explained(at: matrix) { x in
      try scan(over: Tensor([1, 2], .float64), from: x) { state, factor in
        let (q, r) = qr(state)
        return (matmul(q, x) + factor * r, r.sum())
      }.outputs.sum()
    }
    #expect(factored.nodes.contains { $0.formula.contains(".outputs") })
    if Graphviz.version != nil { #expect(try both.svg().contains(".1")) }
  }
}
