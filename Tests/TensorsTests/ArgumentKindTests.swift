import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Every transform on every kind of argument: a tensor, a model, and arrays, dictionaries and optionals of them.
@Suite("kinds of arguments")
struct ArgumentKindTests {
  private struct Model: Codable, Sendable {
    var weight = Parameter(Tensor([0.0], .float64))
    var count = Tensor(integers: [3])
    var name = "model"
    var inner: [Inner?] = [nil, Inner()]

    struct Inner: Codable, Sendable { var scale = Tensor(2.0, .float64) }
  }

  private let x = Tensor([0.4, -0.7, 1.2], .float64)
  private let direction = Tensor([1, -2, 0.5], .float64)

  private func near(_ a: Tensor, _ b: Tensor) throws -> Bool {
    guard a.shape == b.shape, a.error == nil else { return false }
    return zip(try a.scalars(), try b.scalars()).allSatisfy { abs($0 - $1) <= 1e-12 * (1 + abs($1)) }
  }

  @Test func tensors() throws { try check({ $0 }, { $0 }) }
  @Test func arrays() throws { try check({ [$0] }, { $0[0] }) }
  @Test func dictionaries() throws { try check({ ["x": $0] }, { $0["x"] ?? Tensor(0.0) }) }
  @Test func optionals() throws { try check({ Tensor?.some($0) }, { $0 ?? Tensor(0.0) }) }
  @Test func models() throws { try check(model, weight) }
  @Test func nestedKinds() throws {
    try check({ ["a": [nil, model($0)], "b": []] }, { $0["a"]?.last?.map(weight) ?? Tensor(0.0) })
  }

  @Sendable private func model(_ x: Tensor) -> Model { Model(weight: Parameter(x)) }
  @Sendable private func weight(_ model: Model) -> Tensor { model.weight.tensor ?? Tensor(0.0) }

  /// Each transform of a function of something that holds a tensor gives what it gives of a function of the tensor.
  private func check<Kind: Codable & Sendable>(
    _ wrap: @escaping @Sendable (Tensor) -> Kind, _ unwrap: @escaping @Sendable (Kind) -> Tensor
  ) throws {
    @Sendable func wave(_ x: Tensor) -> Tensor { sin(x) * x + x.sum() }
    @Sendable func wrapped(_ kind: Kind) -> Kind { wrap(wave(unwrap(kind))) }
    @Sendable func energy(_ kind: Kind) -> Tensor { square(wave(unwrap(kind))).sum() }
    func plain(_ x: Tensor) -> Tensor { square(wave(x)).sum() }
    func same(_ kind: Kind, _ wanted: Tensor, line: Int = #line) throws {
      #expect(try near(unwrap(kind), wanted), "line \(line): \(kind)")
    }
    let (kind, along) = (wrap(x), wrap(direction))

    let slope = try gradient(at: x, of: plain)
    try same(gradient(at: kind, of: energy), slope)
    try same(valueAndGradient(at: kind, of: energy).gradient, slope)
    let (value, found, auxiliary) = try valueAndGradientWithAuxiliary(at: kind) { (energy($0), wrapped($0)) }
    #expect(try near(value, plain(x)))
    try same(found, slope)
    try same(auxiliary, wave(x))

    let back = try vectorJacobianProduct(at: x, cotangent: direction, of: wave)
    let (there, cotangent) = try vectorJacobianProduct(at: kind, cotangent: along, of: wrapped)
    try same(there, back.value)
    try same(cotangent, back.cotangents)
    let (_, pulled) = try pullback(at: kind, of: wrapped)
    try same(pulled(along), back.cotangents)
    let ahead = try jacobianVectorProduct(at: x, along: direction, of: wave)
    try same(jacobianVectorProduct(at: kind, along: along, of: wrapped).tangent, ahead.tangent)
    let (_, differential) = try linearize(at: kind, of: wrapped)
    try same(differential(along), ahead.tangent)

    try same(jacobian(at: kind) { wave(unwrap($0)) }, jacobian(at: x, of: wave))
    let blocks = try hessianBlocks(at: kind, of: energy)
    let path = try #require(blocks.paths.first)
    #expect(try near(blocks[path, path], hessian(at: x, of: plain)))
    try same(
      hessianVectorProduct(at: kind, along: along, of: energy),
      hessianVectorProduct(at: x, along: direction, of: plain))

    // Models hold tensors without the examples' axis as well, which only closures may bring in.
    let rows: (Tensor) throws -> Kind = vectorized(over: 0) { wrapped(wrap($0)) }
    try same(rows(stacked([x, direction])), stacked([wave(x), wave(direction)]))
    let block = checkpointed { (kind: Kind) in wrapped(kind) }
    try same(block(kind), wave(x))
    try same(gradient(at: kind) { square(unwrap(try block($0))).sum() }, slope)
    let plan = compiled { (kind: Kind) in wrapped(kind) }
    try same(plan(kind), wave(x))
    let update = compiledUpdate { (state: inout Kind, step: Kind) in
      state = wrap(unwrap(state) + unwrap(step))
      return step
    }
    var state = wrap(x + 0.0)
    try same(update(&state, along), direction)
    try same(state, x + direction)

    let loop = try scan(length: 2, from: kind) { state, _ in (wrap(cos(unwrap(state))), state) }
    try same(loop.state, cos(cos(x)))
    try same(loop.outputs, stacked([x, cos(x)]))
    let sum = try scan(over: stacked([x, direction]), from: kind) { state, slice in
      (wrap(unwrap(state) * slice), [state])
    }
    try same(sum.state, x * x * direction)
    try same(sum.outputs[0], stacked([x, x * x]))
    try same(
      try whileLoop(from: kind, while: { unwrap($0).sum() .< 20.0 }, do: { wrap(unwrap($0) * 2.0) }), x * 32.0)
    for isLarger in [true, false] {
      let chosen = try cond(Tensor(isLarger ? 1.0 : -1.0) .> 0.0, then: { wrapped(kind) }, else: { along })
      try same(chosen, isLarger ? wave(x) : direction)
    }
  }

  /// A leading axis of everything that holds the examples, and sequences of every kind.
  @Test func examplesAndSequences() throws {
    let rows = stacked([x, direction])
    func expect(_ values: Tensor, line: Int = #line) throws {
      #expect(try near(values, square(rows)), "line \(line)")
    }
    let arrays: ([Tensor]) throws -> [Tensor] = vectorized(over: 0) { [square($0[0])] }
    try expect(arrays([rows])[0])
    let dictionaries: ([String: Tensor]) throws -> [String: Tensor] = vectorized(over: 0) { $0.mapValues(square) }
    let named = try dictionaries(["a": rows])
    try expect(#require(named["a"]))
    let optionals: (Tensor?, Tensor?) throws -> Tensor? = vectorized(over: 0) { a, b in b ?? a.map(square) }
    let maybe = try optionals(rows, nil)
    try expect(#require(maybe))
    let models: (Model.Inner) throws -> Model.Inner = vectorized(over: 0) { Model.Inner(scale: square($0.scale)) }
    try expect(models(Model.Inner(scale: rows)).scale)
    let total = Tensor(zeros: [3], .float64)
    func sum<Kind: Codable>(_ sequence: Kind, _ slice: (Kind) -> Tensor, line: Int = #line) throws {
      let (last, outputs) = try scan(over: sequence, from: total) { sum, given in
        let next = sum + slice(given)
        return (next, given)
      }
      #expect(try near(last, x + direction), "line \(line)")
      #expect(try near(slice(outputs), rows), "line \(line)")
    }
    try sum(rows) { $0 }
    try sum([rows]) { $0[0] }
    try sum(["a": rows]) { $0["a"] ?? total }
    try sum(Tensor?.some(rows)) { $0 ?? total }
    try sum(Model.Inner(scale: rows)) { $0.scale }
  }

  @Test func nothingInAnOptional() throws {
    let none = Tensor?.none
    func energy(_ x: Tensor, _ other: Tensor?) -> Tensor { square(x).sum() + (other.map { $0.sum() } ?? x.sum()) }
    let (slope, nothing) = try gradient(at: x, none, of: energy)
    #expect(try near(slope, 2.0 * x + 1.0) && nothing == nil)
    let (_, something) = try gradient(at: x, Tensor?.some(direction), of: energy)
    #expect(try something?.scalars() == [1, 1, 1])
    let (value, back) = try pullback(at: x, none) { x, other in [x, other] }
    #expect(try near(try #require(value[0]), x) && value[1] == nil)
    #expect(try back([direction, nil]).0.scalars() == direction.scalars())
    let plan = compiled { (x: Tensor, other: Tensor?) in other ?? x * 2.0 }
    #expect(try near(plan(x, nil), x * 2.0) && near(plan(x, direction), direction))
    #expect(plan.compilationCount == 2)
    let last = try scan(over: Tensor(zeros: [2, 3], .float64), from: x, none) { state, _ in (state, [state.1]) }
    #expect(try near(last.state.0, x) && last.state.1 == nil && last.outputs[0] == nil)
  }
}
