import DescentGraph
import DescentTensors
import Foundation
import Testing

@Suite struct FreezingTests {
  private struct Block: Model {
    var weight = Parameter(Tensor([2, 3], .float64))
    var mean = Parameter(Tensor([4, 5], .float64), role: .statistic)
  }

  private struct Network: Model {
    var encoder = Block()
    var head = Block()
    var scale = Tensor(2, .float64)
    func callAsFunction(_ x: Tensor) -> Tensor {
      func part(_ block: Block, _ x: Tensor) -> Tensor {
        guard let weight = block.weight.tensor, let mean = block.mean.tensor else { return x }
        return weight * x + mean
      }
      return (part(head, part(encoder, x)) * scale).sum()
    }
  }

  private let x = Tensor([1, 2], .float64)

  @Test func partsAreChosenByWhatIsKnownOfThem() throws {
    var model = Network()
    #expect(model.parameters.map(\.path) == ["encoder.weight", "encoder.mean", "head.weight", "head.mean", "scale"])
    let chosen = model.freeze { $0.path.hasPrefix("encoder") }
    #expect(chosen.map(\.path) == ["encoder.weight", "encoder.mean"])
    #expect(chosen.map(\.role) == [.frozen, .frozen])
    #expect(chosen.map(\.isStatistic) == [false, true])
    #expect(model.parameters.map(\.role) == [.frozen, .frozen, .trained, .statistic, .trained])
    #expect(model.encoder.weight.role == .frozen && model.encoder.mean.isStatistic)
    #expect(try model.encoder.weight.tensor?.scalars() == [2, 3])
    // What is asked again changes nothing, and what is given back is what it was.
    model.freeze { $0.layer == "encoder" && $0.name == "weight" }
    let given = model.unfreeze { $0.isStatistic }
    #expect(given.map(\.role) == [.statistic, .statistic])
    #expect(model.parameters.map(\.role) == [.frozen, .statistic, .trained, .statistic, .trained])
    #expect(model.unfreezing().parameters.map(\.role) == Network().parameters.map(\.role))
    #expect(model.encoder.weight.isFrozen)
    let none = model.freeze { $0.path == "decoder" }
    #expect(none.isEmpty)
    let vectors = Network().freezing { $0.rank == 1 && $0.count == 2 }
    #expect(vectors.parameters.map(\.role) == [.frozen, .frozen, .frozen, .frozen, .trained])
  }

  @Test func anUnboundParameterIsFrozenToo() {
    struct Open: Model { var weight = Parameter() }
    let model = Open().freezing { !$0.isBound && $0.count == 0 && $0.rank == 0 }
    #expect(model.weight.role == .frozen && model.weight.tensor == nil)
  }

  @Test func aParameterMayBeFrozenFromTheStart() {
    let parameter = Parameter(Tensor([1]), role: .frozen)
    #expect(parameter.role == .frozen && parameter.isFrozen && !parameter.isStatistic)
    struct Fixed: Model { var table = Parameter(Tensor([1]), role: .frozen) }
    #expect(Fixed().unfreezing().table.role == .trained)
  }

  /// A frozen parameter is a constant for every derivative, as a running statistic is.
  @Test func frozenParametersHaveNoGradient() throws {
    let model = Network().freezing { $0.path.hasPrefix("encoder") }
    let (free, frozen) = try (gradient(at: Network()) { $0(x) }, gradient(at: model) { $0(x) })
    #expect(try free.encoder.weight.tensor?.scalars() != [0, 0])
    #expect(try frozen.encoder.weight.tensor?.scalars() == [0, 0])
    #expect(try frozen.encoder.mean.tensor?.scalars() == [0, 0])
    #expect(try frozen.head.weight.tensor?.scalars() == free.head.weight.tensor?.scalars())
    #expect(try frozen.scale.scalars() == free.scale.scalars())
    #expect(try hessianBlocks(at: model) { $0(x) }.paths == ["head.weight", "scale"])
    let tangent = try jacobianVectorProduct(at: model, along: model.map { $0 * 0 + 1 }) { $0(x) }.tangent
    let moved = zip(frozen, model.map { $0 * 0 + 1 }) { $0 * $1 }
    let sums = try [frozen.head.weight.tensor?.sum().item(), frozen.scale.item()].compactMap(\.self)
    #expect(try abs(tangent.item() - sums.reduce(0, +)) < 1e-9)
    #expect(try moved.encoder.mean.tensor?.scalars() == [1, 1])
  }

  /// A layer need not ask: what it reports of a frozen statistic is dropped.
  @Test func frozenStatisticsAreNotUpdated() throws {
    func after(_ model: Network) throws -> [Double] {
      let pass = try training(model, seed: 1) { $0.head.mean.update(to: Tensor([7, 8], .float64)) }
      return try #require(pass.model.head.mean.tensor).scalars()
    }
    #expect(try after(Network()) == [7, 8])
    #expect(try after(Network().freezing { $0.layer == "head" }) == [4, 5])
  }

  /// What is frozen is part of what a compiled function is compiled for.
  @Test func compiledFunctionsTellFrozenParts() throws {
    let x = x
    let slope = compiled { (model: Network) in try gradient(at: model) { $0(x) } }
    var model = Network()
    #expect(try slope(model).head.weight.tensor?.scalars() != [0, 0])
    model.freeze { $0.path == "head.weight" }
    let found = try slope(model)
    #expect(try found.head.weight.tensor?.scalars() == [0, 0])
    #expect(try slope(found).head.weight.role == .frozen)
  }

  @Test func aTensorThatIsNoParameterCannotBeFrozen() throws {
    let model = Network().freezing()
    #expect(model.scale.error?.description.hasPrefix("scale: is a tensor that the model holds as it is") == true)
    #expect(model.encoder.weight.tensor?.error == nil)
    struct Table: Model { var places = Tensor(integers: [1, 2]) }
    let table = Table().freezing()
    #expect(try table.places.integers() == [1, 2])
  }

  /// A model that cannot be put together carries the reason in what it does take.
  @Test func aModelThatLeavesTensorsOutSaysSo() {
    struct Wrong: Model {
      var weight = Parameter(Tensor([1]))
      var bias: Parameter
      init() { bias = Parameter(Tensor([2])) }
      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        weight = try container.decode(Parameter.self, forKey: .weight)
        bias = Parameter(Tensor([2]))
      }
    }
    let error = Wrong().freezing().weight.tensor?.error
    #expect(
      error?.description.hasPrefix("bias (Parameter): is written when the model is walked, but not read") == true
        || error?.description.hasPrefix("bias: is written when the model is walked, but not read") == true)
  }

  @Test func ordinaryCodersKeepRoles() throws {
    let model = Network().freezing { $0.path.hasPrefix("encoder") }.encoder
    let read = try JSONDecoder().decode(Block.self, from: JSONEncoder().encode(model))
    #expect(read.weight.role == .frozen && read.mean.role == .frozen && read.mean.isStatistic)
    #expect(read.unfreezing().parameters.map(\.role) == [.trained, .statistic])
  }
}
