import DescentCPU
import DescentDifferentiation
import DescentGraph
import Testing

/// A graph sixteen times as large takes about sixteen times as long to differentiate and to compile; `descent bench
/// --compile` has the figures of large ones.
@Suite("compile cost", .serialized)
struct CompileCostTests {
  /// A form of graph whose size can be chosen.
  enum Form: CaseIterable {
    case chain, layers, shared, branches, recurrent, tree, slices, appended, dense
  }

  private static let matrix = Dot(leftContracted: [1], rightContracted: [0])

  private func graph(_ form: Form, _ size: Int) throws -> Graph {
    let builder = GraphBuilder()
    let type = TensorType([8, 8], .float32)
    let x = builder.input(form == .slices || form == .recurrent ? TensorType([size, 8, 8], .float32) : type)
    func part(_ value: Symbol, _ index: Int) -> Symbol {
      value.apply(Slice(starts: [index, 0, 0], limits: [index + 1, 8, 8])).reshaped([8, 8])
    }
    let first = x.apply(Tanh())
    var result = first
    switch form {
    case .chain: for _ in 0..<size { result = (0.9 * result).apply(Sin()) }
    case .layers: for _ in 0..<size { result = result.apply(Self.matrix, builder.input(type)).apply(Tanh()) }
    case .shared:
      let weights = builder.input(type)
      for _ in 0..<size { result = result.apply(Self.matrix, weights).apply(Tanh()) }
    case .branches: for branch in 0..<size { result = result + (Double(branch) * first).apply(Sin()) }
    case .recurrent:
      let weights = [builder.input(type), builder.input(type)]
      result = part(x, 0)
      for step in 1..<size {
        let product = result.apply(Self.matrix, weights[0])
        result = (part(x, step).apply(Self.matrix, weights[1]) + product).apply(Tanh())
      }
    case .tree:
      var level = (0..<size).map { (Double($0) * first).apply(Exp()) }
      while level.count > 1 {
        level = stride(from: 0, to: level.count, by: 2).map { place in
          place + 1 < level.count ? level[place] + level[place + 1] : level[place]
        }
      }
      result = level[0]
    case .slices:
      let parts = (0..<size).map { part(first, $0).apply(Exp()) }
      result = builder.emit(Concatenate(axis: 0), parts)[0]
    case .appended:
      // A list that grows by one part at a time.
      for index in 0..<size {
        let next = (Double(index) * first).apply(Sin()).sum(axes: [0]).reshaped([1, 8])
        result = builder.emit(Concatenate(axis: 0), [result, next])[0]
      }
    case .dense:
      // A value that every step reads again.
      for _ in 0..<size { result = (result + first).apply(Sin()) }
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
    let (small, factor) = (64, 16)
    // The least of several, because others use the machine too.
    let short = try (0..<3).map { _ in try seconds(form, small) }.reduce(.infinity, min)
    let long = try seconds(form, small * factor)
    print("\(form): \(small) in \(short) s, \(small * factor) in \(long) s")
    let linear = Double(factor) * short
    // A quadratic cost would be sixteen times that.
    #expect(long < 3 * linear + 0.2, "\(form): \(short) s, \(long) s")
  }
}
