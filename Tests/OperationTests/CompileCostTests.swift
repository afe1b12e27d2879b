import DescentCPU
import DescentDifferentiation
import DescentGraph
import Testing

/// A graph eight times as large takes about eight times as long to differentiate and to compile; `descent bench
/// --compile` has the figures of large ones.
@Suite("compile cost", .serialized)
struct CompileCostTests {
  /// A form of graph whose size can be chosen.
  enum Form: CaseIterable {
    case chain, layers, shared, branches, slices
  }

  private static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  private func graph(_ form: Form, _ size: Int) throws -> Graph {
    let builder = GraphBuilder()
    let type = TensorType([8, 8], .float32)
    let x = builder.input(form == .slices ? TensorType([size, 8], .float32) : type)
    let first = x.apply(Tanh())
    var result = first
    switch form {
    case .chain: for _ in 0..<size { result = (0.9 * result).apply(Sin()) }
    case .layers: for _ in 0..<size { result = result.apply(Self.matrix, builder.input(type)).apply(Tanh()) }
    case .shared:
      let weights = builder.input(type)
      for _ in 0..<size { result = result.apply(Self.matrix, weights).apply(Tanh()) }
    case .branches: for branch in 0..<size { result = result + (Double(branch) * first).apply(Sin()) }
    case .slices:
      let parts = (0..<size).map { first.apply(Slice(starts: [$0, 0], limits: [$0 + 1, 8])).apply(Exp()) }
      result = builder.emit(Concatenate(axis: 0), parts)[0]
    }
    return try builder.graph(outputs: [result.sum(axes: [0, 1])])
  }

  private func seconds(_ form: Form, _ size: Int) throws -> Double {
    let graph = try graph(form, size)
    let start = ContinuousClock.now
    _ = try CPUBackend().compile(try graph.gradient(parameters: Array(graph.inputs.indices)))
    return start.duration(to: .now) / .seconds(1)
  }

  @Test(arguments: Form.allCases)
  func growsWithTheGraph(_ form: Form) throws {
    let (small, factor) = (100, 8)
    // The least of several, because others use the machine too.
    let short = try (0..<3).map { _ in try seconds(form, small) }.reduce(.infinity, min)
    let long = try seconds(form, small * factor)
    print("\(form): \(small) in \(short) s, \(small * factor) in \(long) s")
    let linear = Double(factor) * short
    // A quadratic cost would be eight times that.
    #expect(long < 3 * linear + 0.2, "\(form): \(short) s, \(long) s")
  }
}
