import DescentFiles
import DescentGraph
import DescentTensors
import Foundation
import Testing

@testable import DescentExplaining

/// The four functions of the README against the formulas on paper, and what the table and the files say of them.
@Suite("explanations")
struct ExplainTests {
  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private func derivative(_ name: String, _ explained: Explanation) throws -> Double {
    try #require(explained.derivatives.first { $0.name == name }?.value.number)
  }

  private func node(_ name: String, _ explained: Explanation) throws -> Explanation.Node {
    try #require(explained.nodes.first { $0.name == name })
  }

  /// Equal but for the order in which factors are multiplied: two units in the last place.
  private func same(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 2 * max(a.ulp, b.ulp) }

  /// o = x·w: the derivative is x, whatever w is.
  @Test func product() throws {
    for weight in [2.0, -7.5, 0] {
      let explained = try explain(["x": 3, "w": weight]) { $0["x"] * $0["w"] }
      #expect(try derivative("w", explained) == 3 && derivative("x", explained) == weight)
    }
    let explained = try explain(["x": 3, "w": 2]) { $0["x"] * $0["w"] }
    #expect(explained.description.hasPrefix("o = x·w = 6\n"))
    #expect(explained.description.hasSuffix("do/dx = w = 2\ndo/dw = x = 3"))
  }

  /// o = f(x·w): do/dw = f'·x.
  @Test func neuron() throws {
    let explained = try explain(["x": 0.5, "w": 0.8]) { tanh($0["x"] * $0["w"]) }
    let o = tanh(0.4)
    #expect(try node("o", explained).value.number == o)
    #expect(try same(derivative("w", explained), (1 - o * o) * 0.5))
    #expect(explained.description.contains("do/dw = f'·x = "))
    #expect(explained.functions.map { "\($0.letter) \($0.operation)" } == ["f tanh"])
  }

  /// o = g(f(x·w1)·w2): do/dw2 = g'·o1 and do/dw1 = g'·w2·f'·x.
  @Test func chain() throws {
    let explained = try explain(["x": 0.5, "w1": 0.8, "w2": -1.2]) { k in
      sigmoid(sigmoid(k["x"] * k["w1"]) * k["w2"])
    }
    let o1 = logistic(0.4)
    let o = logistic(o1 * -1.2)
    #expect(try same(#require(node("o1", explained).value.number), o1))
    #expect(try same(#require(node("o", explained).value.number), o))
    #expect(try same(derivative("w2", explained), o * (1 - o) * o1))
    #expect(try same(derivative("w1", explained), o * (1 - o) * -1.2 * (o1 * (1 - o1)) * 0.5))
    let path = try #require(explained.derivatives.first { $0.name == "w1" }?.paths.first)
    #expect(path.symbols == ["g'", "w2", "f'", "x"])
    #expect(try same(path.factors.reduce(1, *), derivative("w1", explained)))
    let text = explained.description
    #expect(text.hasPrefix("o = g(f(x·w1)·w2) = 0.32774\nwith f = sigmoid, g = sigmoid\n"))
    #expect(text.contains("do/dw1 = g'·w2·f'·x = 0.220326·(-1.2)·0.240261·0.5 = "))
    #expect(text.contains("o1 = f(z1)  0.598688   do1/dz1 = f' = 0.240261   -0.264392\n"))
    #expect(text.contains("1  ◀ enters here"))
    #expect(!text.contains("\u{1B}") && explained.text(color: true).contains("\u{1B}[34m"))
  }

  /// A neuron with two ways out collects the sum of what comes back.
  @Test func twoWaysOut() throws {
    let explained = try explain(["x": 0.5, "w1": 0.8, "w2": -1.2, "w3": 0.3]) { k in
      let neuron = tanh(k["x"] * k["w1"])
      return sigmoid(neuron * k["w2"]) + neuron * k["w3"]
    }
    let o1 = tanh(0.4)
    let g = logistic(o1 * -1.2)
    let (first, second) = (g * (1 - g) * -1.2, 0.3)
    let neuron = try #require(explained.nodes.firstIndex { $0.name == "o1" })
    let ways = explained.edges.filter { $0.from == neuron }.compactMap { $0.contribution?.number }
    #expect(ways.count == 2 && same(ways[0], first) && ways[1] == second)
    #expect(explained.nodes[neuron].derivative?.number == ways[0] + ways[1])
    #expect(try same(derivative("w1", explained), (first + second) * (1 - o1 * o1) * 0.5))
    #expect(explained.derivatives[1].pathCount == 2)
    #expect(explained.description.contains("do/dw1 = g'·w2·f'·x + w3·f'·x\n"))
    let sums = ["  -0.284934  from z2", "+ 0.3        from z3", "= 0.0150663"]
    #expect(sums.allSatisfy(explained.description.contains), "\(explained)")
  }

  /// What comes back agrees with `gradient` for a function of everything that has a formula of its own.
  @Test func formulas() throws {
    func function(_ a: Tensor, _ b: Tensor) -> Tensor {
      let first = pow(a, 2.0) / (b - a) - exp(-a) * maximum(a, b)
      return first + square(a * b) * pow(b, a) + relu(b)
    }
    let explained = try explain(["a": 3, "b": 2]) { function($0["a"], $0["b"]) }
    let (da, db) = try gradient(at: Tensor(3.0, .float64), Tensor(2.0, .float64), of: function)
    #expect(try abs(derivative("a", explained) - da.item()) < 1e-10)
    #expect(try abs(derivative("b", explained) - db.item()) < 1e-10)
    for derivative in explained.derivatives {
      let sum = derivative.paths.reduce(0) { $0 + $1.factors.reduce(1, *) }
      #expect(abs(sum - (derivative.value.number ?? .nan)) < 1e-9, "\(derivative.name)")
      #expect(!derivative.paths.isEmpty && Double(derivative.paths.count) == derivative.pathCount)
    }
    let heading = explained.description.split(separator: "\n")[0]
    #expect(
      heading.hasPrefix("o = a^2 / (b - a) - f(-a)·maximum(a, b) + (a·b)²·b^a + g(b) = "))
    let brackets = try explain(["a": 3, "b": 2]) { k in
      let (a, b) = (k["a"], k["b"])
      let quotient: Tensor = (b - a) * (a + 1.0)
      return a - quotient / (a * b)
    }
    #expect(brackets.description.hasPrefix("o = a - (b - a)·(a + 1) / (a·b) = "))
    let negative = try explain(["a": 3]) { k in
      let a = k["a"]
      return pow(-a, 2.0) + (-2.0) * a
    }
    #expect(negative.description.hasPrefix("o = (-a)^2 + (-2)·a = 3\n"), "\(negative)")
  }

  /// Paths multiply: of many only the number is told, and the walk does not follow each.
  @Test func manyPaths() throws {
    let explained = try explain(["x": 1]) { k in
      (0..<60).reduce(k["x"]) { (x: Tensor, _) -> Tensor in
        let halves: Tensor = x * 0.5 + tanh(x) * 0.0
        return halves + x * 0.5
      }
    }
    #expect(explained.derivatives[0].paths.isEmpty && explained.derivatives[0].pathCount > 1e17)
    #expect(try abs(derivative("x", explained) - 1) < 1e-12)
    #expect(explained.description.contains("(the sum over "))
    // A long way is told by its end: a chain of ten thousand nodes is walked all the same.
    let long = try explain(["x": 1]) { k in (0..<5_000).reduce(k["x"]) { (x: Tensor, _) -> Tensor in -(x * 1.0) } }
    #expect(try derivative("x", long) == 1 && long.derivatives[0].paths.isEmpty && long.nodes.count > 10_000)
    let few = try explain(["x": 2]) { $0["x"] * $0["x"] }
    #expect(few.description.contains("do/dx = x + x = 2 + 2 = 4"))
  }

  @Test func valuesThatStandStill() throws {
    let unused = try explain(["x": 2, "y": 3]) { square($0["x"]) }
    #expect(try derivative("y", unused) == 0)
    let itself = try explain(["x": 2]) { $0["x"] }
    #expect(try derivative("x", itself) == 1 && itself.resultName == "x")
    let stopped = try explain(["x": 2]) { stopGradient($0["x"]) * $0["x"] }
    #expect(try derivative("x", stopped) == 2)
    let named = try explain(["o": 2, "f": 1]) { tanh($0["o"]) * $0["f"] }
    #expect(named.resultName == "out" && named.functions[0].letter == "g")
  }

  /// Loops, branches, checkpoints, custom and nested derivatives are nodes like others: what comes back through them is
  /// their gradient, and what meets at a node is the sum of its ways.
  @Test func control() throws {
    let x = Tensor([0.5, -0.25], .float64)
    func check(_ operation: String, line: Int = #line, _ function: (Tensor) throws -> Tensor) throws {
      let explained = try explain(x) { try function($0) }
      let slope = try gradient(at: x) { try function($0) }.scalars()
      let found = try #require(explained.derivatives.first?.value.elements, "line \(line)")
      #expect(zip(found, slope).allSatisfy { abs($0 - $1) < 1e-14 }, "line \(line): \(found) is not \(slope)")
      #expect(explained.nodes.contains { $0.operation == operation }, "line \(line): \(explained)")
      let value = try function(x).item()
      #expect(explained.nodes[explained.result].value.number.map { abs($0 - value) < 1e-14 } == true, "line \(line)")
      for (index, node) in explained.nodes.enumerated() where index != explained.result {
        let ways = explained.edges.filter { $0.from == index }.compactMap(\.contribution?.elements)
        guard let sum = node.derivative?.elements, let first = ways.first else { continue }
        let met = ways.dropFirst().reduce(first) { zip($0, $1).map(+) }
        #expect(zip(met, sum).allSatisfy { abs($0 - $1) < 1e-14 }, "line \(line): \(node.name)")
      }
      #expect(!explained.description.isEmpty && explained.firstBreak == nil, "line \(line)")
      if Graphviz.version != nil { #expect(try explained.svg().hasSuffix("</svg>\n"), "line \(line)") }
    }
    let factors = Tensor([1, 2, 3], .float64)
    try check("scan") { x in
      let (last, states) = try scan(over: factors, from: x) { state, factor in (tanh(state * factor) + x, state) }
      return last.sum() + square(states).mean()
    }
    try check("cond") { x in try cond(x.sum() .> 0.0, then: { exp(x) }, else: { -x }).sum() + x.sum() }
    try check("cond") { x in try cond(x.sum() .> 1.0, then: { exp(x) }, else: { -x }).sum() + x.sum() }
    try check("checkpointed") { x in (x.checkpointed { tanh($0) * $0 } * x).sum() }
    try check("customGradient") { x in
      try customGradient(x) {
        (value: ($0 * $0).sum(), residuals: $0)
      } backward: { x, cotangent in
        7.0 * x * cotangent
      }
    }
    try check("multiply") { x in try gradient(at: x) { (tanh($0) * $0).sum() }.sum() }
    func wave(_ x: Tensor) throws -> Tensor { try scan(over: factors, from: x) { (sin($0 * $1), $0) }.state }
    try check("scan") { x in try gradient(at: x) { try wave($0).sum() }.sum() }
    try check("scan") { x in
      let each: (Tensor) throws -> Tensor = vectorized(over: 0) { try wave($0) }
      return try each(x).sum()
    }
    func repeated(_ x: Tensor) throws -> Tensor { try whileLoop(from: x, while: { $0.sum() .< 9.0 }, do: { $0 * 2.0 }) }
    let error = #expect(throws: TensorError.self) { try explain(x) { try repeated($0).sum() } }
    #expect(error?.message.hasPrefix("has no gradient") == true, "\(error.map { "\($0)" } ?? "none")")
  }

  @Test func tensorsAndModels() throws {
    struct Layer: Codable {
      var weight = Parameter(Tensor([[1, 2], [3, 4], [5, 6]]))
      var bias = Tensor([0.5, -0.5])
    }
    let x = Tensor([[1, 0, -1], [0.5, 0.25, 2]])
    let explained = try explain(Layer(), x) { layer, x in
      square(matmul(x, layer.weight.tensor ?? x) + layer.bias).sum()
    }
    let (slopes, dx) = try gradient(at: Layer(), x) { layer, x in
      square(matmul(x, layer.weight.tensor ?? x) + layer.bias).sum()
    }
    #expect(explained.derivatives.map(\.name) == ["weight", "bias", "x"])
    #expect(try explained.derivatives[0].value.elements == slopes.weight.tensor?.scalars())
    #expect(try explained.derivatives[1].value.elements == slopes.bias.scalars())
    #expect(try explained.derivatives[2].value.elements == dx.scalars())
    let weight = try node("weight", explained)
    #expect(weight.value.shape == [3, 2] && weight.value.minimum == 1 && weight.value.maximum == 6)
    #expect(abs(weight.value.norm - 91.0.squareRoot()) < 1e-12)
    #expect(weight.value.picture == [[1, 2], [3, 4], [5, 6]])
    #expect(explained.description.contains("  ░░\n▒▒▓▓\n████") || explained.description.contains("░░"))
    #expect(try explain(x, x) { ($0 * $1).sum() }.derivatives.map(\.name) == ["x1", "x2"])
    // A large picture is shown by the means of neighbors.
    let large = try explain(Tensor(ones: [100, 60])) { ($0 * 2.0).mean() }
    let picture = try #require(large.nodes[0].value.picture)
    #expect(picture.count == 28 && picture.allSatisfy { $0 == [Double](repeating: 1, count: 28) })
    #expect(try explain(Tensor(zeros: [0, 3])) { $0.sum() }.description.contains("[0, 3] empty"))
  }

  @Test func mistakes() {
    func told(_ message: String, line: Int = #line, _ body: () throws -> Explanation) {
      let error = #expect(throws: TensorError.self) { try body() }
      #expect(error.map { "\($0.operation): \($0.message)" } == "explain: \(message)", "line \(line)")
    }
    told("there is no value 'w3'; there are x, w") { try explain(["x": 1, "w": 2]) { $0["x"] * $0["w3"] } }
    told("there is no value 'x'; there are none") { try explain([:]) { $0["x"] } }
    told("there are two values of the name 'x'") { try explain(["x": 1, "x": 2]) { $0["x"] } }
    told("the function gives bool[], not one floating-point number; sum or average it") {
      try explain(["x": 1]) { $0["x"] .> 0.0 }
    }
    told("the function gives float32[2], not one floating-point number; sum or average it") {
      try explain(Tensor([1, 2])) { $0 * 2.0 }
    }
    #expect(throws: TensorError.self) { try explain(["x": 1]) { Tensor(try $0["x"].item()) } }
  }

  @Test func files() throws {
    let explained = try explain(["x": 0.5, "w": -.infinity]) { $0["x"] * $0["w"] }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let read = try decoder.decode(Explanation.self, from: Data(try explained.json().utf8))
    #expect(read.nodes.map(\.name) == ["x", "w", "o"] && read.nodes[2].value.number == -.infinity)
    #expect(read.description == explained.description)
    #expect(explained.firstBreak?.name == "w")
    let folder = FileManager.default.temporaryDirectory.path + "/descent-explain-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try explained.write(to: folder + "/table.txt")
    try explained.write(to: folder + "/table.json")
    #expect(try String(contentsOfFile: folder + "/table.txt", encoding: .utf8) == explained.description + "\n")
    let wrong = #expect(throws: FileError.self) { try explained.write(to: folder + "/table.png") }
    #expect(wrong?.fault == "the name of an explanation ends with .svg, .json or .txt")
    #expect(throws: FileError.self) { try explained.write(to: folder + "/none/table.txt") }
  }

  /// The drawing holds every node, both kinds of derivatives and the 1 that enters; without `dot` it says what to install.
  @Test func drawing() throws {
    let explained = try explain(["x": 0.5, "w<1>": 0.8]) { sigmoid($0["x"] * $0["w<1>"]) }
    guard Graphviz.version != nil else {
      let error = #expect(throws: DrawingError.self) { try explained.svg() }
      #expect(error?.description.contains("sudo apt-get install graphviz") == true)
      return
    }
    let svg = try explained.svg()
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    for text in ["z1 = x·w&lt;1&gt;", "o = f(z1)", "f' = 0.240261", "◀ 0.192209", ">1<"] {
      #expect(svg.contains(text), "\(text)")
    }
    #expect(!svg.contains("w<1>"))
    #expect(svg.matches(of: /<path d=/).count == 2 + 2 * 3 + 1, "two arrow heads, two lines an edge, the 1")
  }
}
