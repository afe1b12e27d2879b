import DescentGraph
import Foundation
import Testing

/// Derivatives where the formula of the textbook gives NaN, loses its digits, or has to choose.
@Suite("hard points")
struct HardPointTests {
  private let tiny: [Double] = [0, 1e-300, 1e-17, -1e-17, 1e-9, -1e-9, 1e-3]

  @Test func power() throws {
    func pow(_ x: [Symbol]) -> Symbol { x[0].apply(Power(), x[1]) }
    let (x, y) = ([0.0, 0, 0, 0, 2, -2, 2, 3], [0.0, 1, 2, 0.5, 0, 3, -1, 2])
    #expect(agree(try derivative([0], at: [x, y], of: pow), [0, 1, 0, .infinity, 0, 12, -0.25, 6]))
    let inExponent = try derivative([1], at: [[0, 0, 2, 2, 3], [0, 2, 0, -1, 2]], of: pow)
    #expect(agree(inExponent, [0, 0, log(2), log(2) / 2, 9 * log(3)]))
    // ∂²xʸ/∂x∂y = xʸ⁻¹ (1 + y log x), which is 1/x at y = 0.
    let mixed = [0.5, 2 + 4 * log(2), 0.25 * (1 - log(2)), 1.0 / 3]
    #expect(agree(try derivative([0, 1], at: [[2, 2, 2, 3], [0, 2, -1, 0]], of: pow), mixed))
    #expect(agree(try derivative([1, 0], at: [[2, 2, 2, 3], [0, 2, -1, 0]], of: pow), mixed))
    #expect(
      agree(
        try derivative([0, 0], at: [[-2, 0, 0, 3, 2], [3, 2, 1, 0, 0.5]], of: pow),
        [-12, 2, 0, 0, -0.25 * Foundation.pow(2, -1.5)]))
    #expect(agree(try derivative([0, 0, 0], at: [[2, -1], [3, 3]], of: pow), [6, 6]))
    #expect(
      try derivative([1], at: [[-2], [3]], of: pow)[0].isNaN, "negative bases have no derivative in the exponent")
  }

  @Test func tiesAreSplitInHalves() throws {
    let points = [[1.0, 2, 3, -0.0], [1.0, 3, 2, 0.0]]
    for operation in [0, 1] {
      func extreme(_ x: [Symbol]) -> Symbol {
        operation == 0 ? x[0].apply(Maximum(), x[1]) : x[0].apply(Minimum(), x[1])
      }
      let wins: [Double] = operation == 0 ? [0.5, 0, 1, 0.5] : [0.5, 1, 0, 0.5]
      #expect(try derivative([0], at: points, of: extreme) == wins)
      #expect(try derivative([1], at: points, of: extreme) == wins.map { 1 - $0 })
      #expect(try derivative([0, 0], at: points, of: extreme) == [0, 0, 0, 0])
    }
    // A maximum over an axis shares evenly among all that tie.
    let graph = try function(of: [2, 3]) { $0[0].apply(Reduce(.maximum, axes: [1])) }.slope()
    #expect(
      try graph.evaluate([numbers([1, 4, 4, 2, 2, 2], [2, 3])])[0].reals == [0, 0.5, 0.5, 1 / 3.0, 1 / 3.0, 1 / 3.0])
    // The maximum with itself is the identity.
    #expect(try derivative(at: [1, -2]) { $0.apply(Maximum(), $0) } == [1, 1])
  }

  @Test func absoluteValue() throws {
    #expect(try derivative(at: [0, -0.0, 2, -2]) { $0.apply(Abs()) } == [0, 0, 1, -1])
    #expect(try derivative(order: 2, at: [0, 2]) { $0.apply(Abs()) } == [0, 0])
  }

  @Test func roots() throws {
    #expect(agree(try derivative(at: [0, 4]) { $0.apply(Sqrt()) }, [.infinity, 0.25]))
    #expect(agree(try derivative(order: 2, at: [4]) { $0.apply(Sqrt()) }, [-1 / 32.0]))
    #expect(agree(try derivative(order: 2, at: [4]) { $0.apply(Rsqrt()) }, [0.75 / 32]))
    #expect(try derivative(order: 2, at: [0, 3]) { $0.apply(Square()) } == [2, 2])
  }

  @Test func logarithmsAndExponentialsNearZero() throws {
    #expect(agree(try derivative(at: tiny) { $0.apply(Log1p()) }, tiny.map { 1 / (1 + $0) }))
    #expect(agree(try derivative(order: 2, at: tiny) { $0.apply(Log1p()) }, tiny.map { -1 / (1 + $0) / (1 + $0) }))
    for order in 1...3 {
      #expect(agree(try derivative(order: order, at: tiny) { $0.apply(Expm1()) }, tiny.map { exp($0) }))
    }
    #expect(agree(try derivative(order: 3, at: [1e-3, 2]) { $0.apply(Log()) }, [2e9, 0.25]))
  }

  @Test func saturatingFunctionsKeepTheirDigits() throws {
    let points: [Double] = [0, 0.5, -3, 5, -5]
    let slope = points.map { 1 / (cosh($0) * cosh($0)) }
    #expect(agree(try derivative(at: points) { $0.apply(Tanh()) }, slope, to: 1e-11))
    #expect(
      agree(
        try derivative(order: 2, at: points) { $0.apply(Tanh()) }, zip(points, slope).map { -2 * tanh($0) * $1 },
        to: 1e-11))
    #expect(try derivative(at: [1000, -1000, .infinity]) { $0.apply(Tanh()) } == [0, 0, 0])
    let cold: [Double] = [0, -30, -300, -700]
    let logistic = cold.map { exp($0) / ((1 + exp($0)) * (1 + exp($0))) }
    #expect(agree(try derivative(at: cold) { $0.apply(Logistic()) }, logistic, to: 1e-12))
    #expect(try derivative(at: [1e4, -1e4]) { $0.apply(Logistic()) } == [0, 0])
    #expect(
      agree(try derivative(order: 2, at: [0.3]) { $0.apply(Erf()) }, [-4 * 0.3 / Double.pi.squareRoot() * exp(-0.09)]))
  }

  @Test func remainder() throws {
    // In the last pairs the quotient rounds up to the next whole number, but the remainder knows better.
    let (x, y) = ([7.3, -7.3, 7.3, 25.2, 75.89999999999999], [2, 2, -2, 0.45, 2.3])
    func rest(_ x: [Symbol]) -> Symbol { x[0].apply(Remainder(), x[1]) }
    #expect(25.2 / 0.45 == 56 && 75.89999999999999 / 2.3 == 33)
    #expect(try derivative([0], at: [x, y], of: rest) == [1, 1, 1, 1, 1])
    #expect(try derivative([1], at: [x, y], of: rest) == [-3, 3, 3, -55, -32])
    #expect(try derivative([1, 1], at: [x, y], of: rest) == [0, 0, 0, 0, 0])
  }

  @Test func division() throws {
    func quotient(_ x: [Symbol]) -> Symbol { x[0] / x[1] }
    let points = [[3.0, -1, 1e-200], [2.0, 4, 1e-100]]
    #expect(agree(try derivative([0], at: points, of: quotient), [0.5, 0.25, 1e100]))
    #expect(agree(try derivative([1], at: points, of: quotient), [-0.75, 0.0625, -1]))
    #expect(agree(try derivative([1, 1], at: points, of: quotient), [0.75, -2 / 64.0, 2e100]))
    #expect(agree(try derivative([0, 1], at: points, of: quotient), [-0.25, -0.0625, -1e200]))
  }

  @Test func aChoiceHidesTheOtherBranch() throws {
    // Masking inside as well as outside keeps the logarithm's 1/0 from meeting the choice's 0.
    func safeLog(_ x: Symbol) -> Symbol {
      let isPositive = x.apply(Compare(.greater), x.zeros)
      let inside = x.selected(where: isPositive, otherwise: x.constant(1))
      return inside.apply(Log()).selected(where: isPositive, otherwise: x.zeros)
    }
    #expect(try derivative(at: [0, -1, 2], of: safeLog) == [0, 0, 0.5])
    #expect(try derivative(order: 2, at: [0, -1, 2], of: safeLog) == [0, 0, -0.25])
  }

  @Test func piecewiseConstantFunctionsHaveZeroAndNeverNaN() throws {
    let points: [Double] = [0, 0.5, 1, -2.5, .infinity, .nan]
    for operation in [Floor(), Ceil(), Round(), Sign(), StopGradient()] as [any DescentGraph.Operation] {
      let slope = try derivative(at: points) { x in x.builder.emit(operation, [x])[0] }
      #expect(slope == [0, 0, 0, 0, 0, 0], "\(operation.name)")
    }
  }

  /// log Σ eˣ with its shift, as the Tensors floor composes it.
  private func logSumExp(_ x: Symbol) -> Symbol {
    let largest = x.apply(Reduce(.maximum, axes: [1]))
    let shift = largest.selected(where: largest.apply(IsFinite()), otherwise: largest.zeros).apply(StopGradient())
    let powers = (x - shift.broadcastBack(x.shape, over: [1])).apply(Exp())
    return powers.sum(axes: [1]).apply(Log()) + shift
  }

  @Test func logSumExpFarOut() throws {
    let rows: [Double] = [1e4, 1e4, -1e4, 0, -.infinity, log(3), -1e4, -1e4, -1e4]
    let graph = try function(of: [3, 3]) { logSumExp($0[0]) }
    let x = numbers(rows, [3, 3])
    #expect(agree(try graph.evaluate([x])[0].reals, [1e4 + log(2), log(4), -1e4 + log(3)]))
    let shares = [0.5, 0.5, 0, 0.25, 0, 0.75, 1 / 3.0, 1 / 3.0, 1 / 3.0]
    #expect(agree(try graph.slope().evaluate([x])[0].reals, shares, to: 1e-12))
    // The Hessian of log Σ eˣ is diag(p) − p pᵀ: its first column, row by row.
    let builder = GraphBuilder()
    let input = builder.input(x.type)
    let firsts = builder.inline(try graph.slope(), [input])[0].apply(Slice(starts: [0, 0], limits: [3, 1])).total
    let column = try builder.graph(outputs: [firsts]).slope().evaluate([x])[0].reals
    let expected = [0.25, -0.25, 0, 0.1875, 0, -0.1875, 2 / 9.0, -1 / 9.0, -1 / 9.0]
    #expect(zip(column, expected).allSatisfy { ($0 - $1).magnitude < 1e-12 }, "\(column)")
  }
}
