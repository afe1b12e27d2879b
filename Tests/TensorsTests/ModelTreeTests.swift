import DescentTensors
import Foundation
import Testing

/// Models of every form that `Codable` allows are taken apart and put together again.
@Suite("walking models")
struct ModelTreeTests {
  /// Takes a model apart, puts it together with the same tensors, and compares both through an ordinary encoder.
  private func walk<Model: Codable>(_ model: Model, paths: [String]) throws -> Model {
    let tree = try ModelTree(model)
    #expect(tree.leaves.map(\.path) == paths)
    let rebuilt = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(try encoder.encode([rebuilt]) == encoder.encode([model]))
    #expect(try ModelTree(rebuilt).leaves.map(\.path) == paths)

    // Other tensors go where the old ones were.
    let doubled = tree.leaves.map { leaf in leaf.tensor.map { $0 * 2.0 } }
    let other = try ModelTree(tree.rebuilt(Model.self, with: doubled))
    for (before, after) in zip(tree.leaves, other.leaves) {
      #expect(try after.tensor?.scalars() == before.tensor?.scalars().map { $0 * 2 })
      #expect(after.role == before.role)
    }
    return rebuilt
  }

  private enum Activation: String, Codable { case relu, tanh }

  private struct Layer: Codable {
    var weight = Parameter(Tensor([1, 2]))
    var bias: Parameter? = Parameter(Tensor([3]))
    var mean = Parameter(Tensor([4]), role: .statistic)
    var activation = Activation.tanh
    var rate = 0.1
    var isFrozen = false
    var name = "layer"
    var padding: Int? = nil
  }

  private struct Network: Codable {
    var first = Layer()
    var layers = [Layer(bias: nil), Layer(padding: 3)]
    var nothing: [Layer] = []
    var pair = [[Tensor([1])], [], [Tensor([2]), Tensor([3])]]
  }

  @Test func structsArraysAndOptionals() throws {
    let rebuilt = try walk(
      Network(),
      paths: [
        "first.weight", "first.bias", "first.mean", "layers.0.weight", "layers.0.mean", "layers.1.weight",
        "layers.1.bias",
        "layers.1.mean", "pair.0.0", "pair.2.0", "pair.2.1",
      ])
    #expect(rebuilt.first.weight.path == "first.weight")
    #expect(rebuilt.first.weight.layer == "first")
    #expect(rebuilt.layers[0].bias == nil && rebuilt.layers[1].padding == 3 && rebuilt.nothing.isEmpty)
    let roles = try ModelTree(Network()).leaves.map(\.isTrained)
    #expect(roles == [true, true, false, true, false, true, true, false, true, true, true])
  }

  private enum Block: Codable {
    case identity
    case scale(Tensor)
    case linear(weight: Tensor, bias: Tensor?)
    indirect case chain(Block, Block)
  }

  @Test func enumsWithPayloads() throws {
    _ = try walk(Block.identity, paths: [])
    _ = try walk(Block.scale(Tensor(2.0)), paths: ["scale._0"])
    _ = try walk(
      [Block.linear(weight: Tensor([1]), bias: nil), .linear(weight: Tensor([1]), bias: Tensor([2])), .identity],
      paths: ["0.linear.weight", "1.linear.weight", "1.linear.bias"])
    _ = try walk(
      Block.chain(.scale(Tensor(1.0)), .chain(.identity, .scale(Tensor(2.0)))),
      paths: ["chain._0.scale._0", "chain._1.chain._1.scale._0"])
  }

  private enum Key: String, Codable, CodingKeyRepresentable { case red, blue, green }
  private struct Place: Hashable, Codable { var x = 0 }

  /// The order of parameters must not depend on a dictionary's, which differs from run to run.
  @Test func dictionaries() throws {
    let names = (0..<20).map { "k\($0)" }
    let large = Dictionary(uniqueKeysWithValues: names.map { ($0, Tensor(1.0)) })
    _ = try walk(large, paths: names.sorted())
    let numbered = Dictionary(uniqueKeysWithValues: (0..<12).map { ($0, Tensor(Double($0))) })
    let rebuilt = try walk(numbered, paths: (0..<12).map(String.init))
    #expect(try rebuilt[11]?.item() == 11)
    _ = try walk([Key.red: Tensor(1.0), .blue: Tensor(2.0), .green: Tensor(3.0)], paths: ["blue", "green", "red"])
    _ = try walk(["b": ["y": Tensor(1.0)], "a": [:], "c": ["x": Tensor(2.0)]], paths: ["b.y", "c.x"])
    let optional: [String: Tensor?] = ["a": nil, "b": Tensor(2.0)]
    #expect(try walk(optional, paths: ["b"]).keys.sorted() == ["a", "b"])
    _ = try walk([String: Tensor](), paths: [])
    _ = try walk(["layer": Layer()], paths: ["layer.weight", "layer.bias", "layer.mean"])
    // Keys that are no names make a list of keys and values.
    _ = try walk([Place(x: 3): Tensor(1.0)], paths: ["1"])
    _ = try walk(["size": 3, "depth": 4], paths: [])
  }

  @Test func optionals() throws {
    _ = try walk(Tensor?.none, paths: [])
    _ = try walk(Tensor?.some(Tensor(1.0)), paths: [""])
    _ = try walk([Tensor(1.0), nil, Tensor(2.0), nil] as [Tensor?], paths: ["0", "2"])
    _ = try walk([1, nil, 3] as [Int?], paths: [])
    _ = try walk([nil, Layer()] as [Layer?], paths: ["1.weight", "1.bias", "1.mean"])
  }

  private class Base: Codable {
    var weight = Tensor([1])
  }

  private final class Derived: Base {
    var extra = Tensor([2])
    private enum CodingKeys: String, CodingKey { case extra }

    override init() { super.init() }
    required init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      extra = try container.decode(Tensor.self, forKey: .extra)
      try super.init(from: container.superDecoder())
    }
    override func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(extra, forKey: .extra)
      try super.encode(to: container.superEncoder())
    }
  }

  @Test func classesWithInheritance() throws {
    let model = Derived()
    let rebuilt = try walk(model, paths: ["extra", "super.weight"])
    #expect(rebuilt !== model)
  }

  /// A custom pair of functions: a renamed key, a nested container, a list, a value computed anew.
  private struct Custom: Codable {
    var kernel = Tensor([1, 2])
    var list = [Tensor(3.0), Tensor(4.0)]
    var computed = 7

    private enum Outer: String, CodingKey { case inner, list }
    private enum Inner: String, CodingKey { case k }

    init() {}
    init(from decoder: any Decoder) throws {
      let outer = try decoder.container(keyedBy: Outer.self)
      kernel = try outer.nestedContainer(keyedBy: Inner.self, forKey: .inner).decode(Tensor.self, forKey: .k)
      var elements = try outer.nestedUnkeyedContainer(forKey: .list)
      list = []
      while !elements.isAtEnd { list.append(try elements.decode(Tensor.self)) }
      computed = list.count + 5
    }
    func encode(to encoder: any Encoder) throws {
      var outer = encoder.container(keyedBy: Outer.self)
      var inner = outer.nestedContainer(keyedBy: Inner.self, forKey: .inner)
      try inner.encode(kernel, forKey: .k)
      var elements = outer.nestedUnkeyedContainer(forKey: .list)
      for tensor in list { try elements.encode(tensor) }
    }
  }

  /// What passes coding on to what it holds, as property wrappers do, leaves no trace in the path.
  @propertyWrapper private struct Wrapped: Codable {
    var wrappedValue: Tensor
    init(wrappedValue: Tensor) { self.wrappedValue = wrappedValue }
    init(from decoder: any Decoder) throws { wrappedValue = try Tensor(from: decoder) }
    func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
  }

  private struct Single: Codable {
    var parameter: Parameter
    init(_ parameter: Parameter) { self.parameter = parameter }
    init(from decoder: any Decoder) throws { parameter = try decoder.singleValueContainer().decode(Parameter.self) }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(parameter)
    }
  }

  private struct Holder: Codable {
    @Wrapped var weight = Tensor([1])
    var single = Single(Parameter(Tensor([2]), role: .statistic))
  }

  @Test func customCoding() throws {
    let rebuilt = try walk(Custom(), paths: ["inner.k", "list.0", "list.1"])
    #expect(rebuilt.computed == 7)
    _ = try walk(Holder(), paths: ["weight", "single"])
  }

  private struct Values: Codable {
    var date = Date(timeIntervalSince1970: 1_000)
    var link = URL(string: "https://swift.org/a?b")
    var data = Data([1, 2, 3])
    var identifier = UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")
    var range = 1..<4
    var set: Set<Int> = [5]
    var tiny: Int8 = -3
    var wide: UInt64 = .max
    var single: Float = 0.1
    var character = "é"
    var decimal = Decimal(string: "3.14")
    var shape: [Int] = [2, 3]
    var tensor = Tensor([1])
  }

  @Test func valuesOfAllKinds() throws {
    let rebuilt = try walk(Values(), paths: ["tensor"])
    #expect(rebuilt.wide == .max && rebuilt.single == 0.1 && rebuilt.data == Data([1, 2, 3]))
  }

  private struct Generic<Inner: Codable>: Codable { var inner: Inner }

  @Test func tensorsAndContainersThemselves() throws {
    _ = try walk(Tensor([1, 2]), paths: [""])
    _ = try walk([Tensor([1])], paths: ["0"])
    _ = try walk(Generic(inner: Generic(inner: [Tensor(1.0)])), paths: ["inner.inner.0"])
    _ = try walk([[[Tensor]]](), paths: [])
  }

  @Test func unboundParametersStayUnbound() throws {
    struct Model: Codable { var a = Parameter(); var b = Parameter(role: .statistic) }
    let tree = try ModelTree(Model())
    #expect(tree.leaves.map(\.path) == ["a", "b"])
    #expect(tree.leaves.allSatisfy { $0.tensor == nil })
    let rebuilt = try tree.rebuilt(Model.self, with: [nil, Tensor(1.0)])
    #expect(rebuilt.a.tensor == nil && rebuilt.a.path == "a")
    #expect(try rebuilt.b.tensor?.item() == 1 && rebuilt.b.role == .statistic)
  }

  @Test func modelsThatContradictThemselvesAreToldSo() throws {
    struct Odd: Codable {
      var tensor = Tensor(1.0)
      init() {}
      private enum CodingKeys: String, CodingKey { case tensor, other }
      init(from decoder: any Decoder) throws {
        tensor = try decoder.container(keyedBy: CodingKeys.self).decode(Tensor.self, forKey: .other)
      }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tensor, forKey: .tensor)
      }
    }
    struct Confused: Codable {
      var value = 1
      init() {}
      init(from decoder: any Decoder) throws { _ = try Tensor(from: decoder) }
    }
    func message<Model: Codable>(_ model: Model) throws -> String? {
      let tree = try ModelTree(model)
      let error = #expect(throws: DecodingError.self) {
        try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
      }
      guard case .dataCorrupted(let context) = error else { return nil }
      return context.debugDescription
    }
    #expect(
      try message(Odd()) == "the model's init(from:) asks for a field other, which its encode(to:) did not write")
    #expect(
      try message(Confused()) == "the model's init(from:) asks for Tensor, which its encode(to:) did not write")
  }

  /// What Swift makes of `let layer = Layer()`: written, and not read back. (The compiler warns of it, so that the coding
  /// is written out here.)
  @Test func constantsWithInitialValuesAreToldApart() throws {
    struct Inner: Codable {
      var weight = Parameter(Tensor([1, 2]))
      var bias = Parameter()
    }
    struct Model: Codable {
      var first = Inner()
      let second: Inner
      let scale: Tensor
      private enum CodingKeys: CodingKey { case first, second, scale }
      init() { (second, scale) = (Inner(), Tensor([3])) }
      init(from decoder: any Decoder) throws {
        self.init()
        first = try decoder.container(keyedBy: CodingKeys.self).decode(Inner.self, forKey: .first)
      }
    }
    struct Outer: Codable { var models = [Model()] }
    func message(_ model: some Codable) throws -> String {
      func rebuild<M: Codable>(_ model: M) throws {
        let tree = try ModelTree(model)
        _ = try tree.rebuilt(M.self, with: tree.leaves.map(\.tensor))
      }
      let error = #expect(throws: TensorError.self) { try rebuild(model) }
      return "\(error.map { "\($0.operation): \($0.message)" } ?? "")"
    }
    #expect(
      try message(Model()) == "second (Inner): is written when the model is walked, but not read back, as happens to"
        + " `let second = …`: Swift's Codable never decodes a `let` that has a value already; declare it with `var`, or"
        + " give the `let` its value in `init`")
    #expect(try message(Outer()).hasPrefix("models.0.second (Inner): is written"))
    struct Constant: Codable {
      let scale: Tensor
      private enum CodingKeys: CodingKey { case scale }
      init() { scale = Tensor([3]) }
      init(from decoder: any Decoder) throws { self.init() }
    }
    #expect(try message(Constant()).hasPrefix("scale: is written"))
    // A `let` without a value of its own is read.
    struct Good: Codable {
      let inner: Inner
      init() { inner = Inner() }
    }
    let tree = try ModelTree(Good())
    #expect(try tree.rebuilt(Good.self, with: tree.leaves.map(\.tensor)).inner.weight.path == "inner.weight")
  }

  /// Thirty-two tensors walk and rebuild in a fraction of a millisecond; here only that it is no catastrophe.
  @Test func walkingIsFast() throws {
    struct Model: Codable { var layers = [Layer](repeating: Layer(), count: 11) }
    let duration = try ContinuousClock().measure {
      for _ in 0..<10 {
        let tree = try ModelTree(Model())
        _ = try tree.rebuilt(Model.self, with: tree.leaves.map(\.tensor))
      }
    }
    print("walking and rebuilding 33 tensors: \(duration / 10)")
    #expect(duration < .seconds(2))
  }
}
