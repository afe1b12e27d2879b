import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import TestSupport
import Testing

/// Layers made of layers of any types.
@Suite struct ContainerTests {
  private let images = sample([2, 6, 6, 2])

  private func network() -> Sequential {
    Sequential {
      Conv2D(filters: 4, size: 3, padding: .same)
      relu
      Residual {
        BatchNorm()
        Conv2D(filters: 4, size: 3, padding: .same)
      }
      Parallel {
        Conv2D(filters: 2, size: 1)
        Sequential {
          Conv2D(filters: 3, size: 3, padding: .same)
          Lambda("halved") { $0 * 0.5 }
        }
      }
      Lambda { $0.flattened() }
      Dense(units: 5)
      RepeatedBlocks(3) {
        Residual {
          Dense(units: 5); tanh
        }
      }
      RepeatedBlocks(2, .copies) { Dense(units: 3) }
    }
  }

  private var paths: [String] {
    [
      "0.weight", "0.bias", "2.body.0.scale", "2.body.0.shift", "2.body.0.mean", "2.body.0.variance", "2.body.1.weight",
      "2.body.1.bias", "3.0.weight", "3.0.bias", "3.1.0.weight", "3.1.0.bias", "5.weight", "5.bias",
      "6.block.body.0.weight", "6.block.body.0.bias", "7.0.weight", "7.0.bias", "7.1.weight", "7.1.bias",
    ]
  }

  @Test func parametersStandAtTheirLayers() throws {
    let model = try network().initialized(for: images, seed: 2)
    #expect(model.parameters.map(\.path) == paths)
    let shapes = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.shape) })
    #expect(shapes["6.block.body.0.weight"] == [3, 5, 5] && shapes["6.block.body.0.bias"] == [3, 5])
    #expect(shapes["7.0.weight"] == [5, 3] && shapes["7.1.weight"] == [3, 3])
    #expect(shapes["5.weight"] == [6 * 6 * 5, 5])
    #expect(model.summary.contains("2.body.1.weight") && model.summary.contains("Conv2D"))
    #expect(model(images).shape == [2, 3])
  }

  /// What holds of any model: it is walked, saved, loaded, frozen, trained, predicted with, and has a gradient.
  @Test func areModelsLikeOthers() throws {
    var model = try network().initialized(for: images, seed: 2)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("containers-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.save(to: path)
    let loaded = try network().loading(path)
    try expectClose(loaded(images).scalars(), model(images).scalars(), within: 0)
    try expectClose(model.predict(images, batchSize: 1).scalars(), model(images).scalars())
    try expectClose(model.predictor()(images).scalars(), model(images).scalars())
    try expectGradient(of: model) { model in try training(model, seed: 1) { square($0(images)).sum() }.result }
    try expectGradient(of: [images]) { square(model($0[0])).sum() }
    let trained = try training(model, seed: 1) { $0(images).sum() }.model
    let before = try namedTensors(of: model)["2.body.0.mean"]?.scalars()
    #expect(try namedTensors(of: trained)["2.body.0.mean"]?.scalars() != before)
    #expect(model.freeze { $0.path.hasPrefix("6.") }.count == 2)
    let slope = try gradient(at: model) { $0(images).sum() }
    #expect(try square(#require(namedTensors(of: slope)["7.0.weight"])).sum().item() > 0)
    let moved = zip(model, slope) { $0 - 0.1 * $1 }
    let (old, new) = try (namedTensors(of: model), namedTensors(of: moved))
    #expect(try old["6.block.body.0.weight"]?.scalars() == new["6.block.body.0.weight"]?.scalars())
    #expect(try old["5.weight"]?.scalars() != new["5.weight"]?.scalars())
  }

  @Test func namesTakeTheirPlacesInPaths() throws {
    let model: Sequential = ["stem": Dense(units: 3), "act": Lambda("tanh") { tanh($0) }, "head": Dense(units: 1)]
    let made = try model.initialized(for: sample([1, 2]))
    #expect(made.parameters.map(\.path) == ["stem.weight", "stem.bias", "head.weight", "head.bias"])
    #expect(made.names == ["stem", "act", "head"])
    let side = Parallel(.sum, named: ["left": Dense(units: 2), "right": Dense(units: 2)])
    #expect(try side.initialized(for: sample([1, 2])).parameters.first?.path == "left.weight")
    let list: Sequential = [Dense(units: 3), Dense(units: 1)]
    #expect(try list.initialized(for: sample([1, 2])).parameters.map(\.path).last == "1.bias")
    for wrong in [["a.b": Dense(units: 1)], ["": Dense(units: 1)], ["a": Dense(units: 1), "a": Dense(units: 1)]]
      as [Sequential]
    {
      #expect(fault { _ = try wrong.initialized(for: sample([1, 2])) }.hasPrefix("Sequential: "))
    }
  }

  @Test func layersAreReachedAndReplaced() throws {
    var model = try Sequential {
      Dense(units: 3); Dense(units: 2)
    }.initialized(for: sample([1, 4]))
    var first = try #require(model.layers[0] as? Dense)
    first.weight = Parameter(Tensor(ones: [4, 3]).converted(to: .float64))
    model.layers[0] = first
    #expect(try namedTensors(of: model)["0.weight"]?.scalars() == [Double](repeating: 1, count: 12))
    model.layers.removeLast()
    #expect(model.parameters.map(\.path) == ["0.weight", "0.bias"] && model.names == ["0"])
    #expect(model(sample([1, 4])).shape == [1, 3])
  }

  /// Layers that an `if` chooses and a `for` repeats.
  @Test func buildersTakeConditionsAndLoops() throws {
    func made(_ isDeep: Bool) -> Sequential {
      Sequential {
        if isDeep { Dense(units: 7) }
        for units in [3, 2] { Dense(units: units) }
        if isDeep { relu } else { tanh }
      }
    }
    #expect(made(true).layers.count == 4 && made(false).layers.count == 3)
    #expect(try Sequential {}.initialized(for: images)(images).scalars() == images.scalars())
  }

  @Test func parallelTakesItsOutputsTogether() throws {
    let x = sample([2, 3])
    func two(_ combination: Parallel.Combination) -> Parallel {
      Parallel(combination) {
        Lambda { $0 * 2 }
        Lambda { $0 + 1 }
      }
    }
    let (a, b) = (x * 2, x + 1)
    try expectClose(two(.sum)(x).scalars(), (a + b).scalars())
    try expectClose(two(.mean)(x).scalars(), ((a + b) / 2).scalars())
    try expectClose(two(.product)(x).scalars(), (a * b).scalars())
    try expectClose(two(.concatenated())(x).scalars(), concatenated([a, b], axis: -1).scalars())
    try expectClose(two(.concatenated(axis: 0))(x).scalars(), concatenated([a, b]).scalars())
    let odd = Parallel(.sum) {
      Lambda { $0 }
      Lambda { $0[.all, 0..<2] }
    }
    #expect(fault(of: odd(x)).contains("found [2, 3] of layer '0' and [2, 2] of layer '1'"))
    #expect(fault(of: Parallel {}(x)).contains("needs at least one"))
    #expect(fault(of: two(.concatenated(axis: 5))(x)).hasPrefix("Parallel: "))
    #expect(fault(of: Residual { Lambda { $0[.all, 0..<2] } }(x)).contains("gives [2, 2] for [2, 3]"))
  }

  /// A loop over stacked parameters computes what blocks of their own compute, and its graph does not grow.
  @Test func loopsComputeWhatCopiesDo() throws {
    let x = sample([3, 4])
    let loop = try RepeatedBlocks(5) {
      Residual {
        LayerNorm(); Dense(units: 4); tanh
      }
    }.initialized(for: x, seed: 7)
    var copies = try RepeatedBlocks(5, .copies) {
      Residual {
        LayerNorm(); Dense(units: 4); tanh
      }
    }.initialized(for: x)
    let stacks = try namedTensors(of: loop)
    var parts: [String: Tensor] = [:]
    for (path, tensor) in stacks {
      for number in 0..<5 { parts[path.replacingOccurrences(of: "block", with: "\(number)")] = tensor[number] }
    }
    copies = try replacingTensors(of: copies, with: parts, from: "")
    try expectClose(loop(x).scalars(), copies(x).scalars())
    try expectClose(
      gradient(at: x) { square(loop($0)).sum() }.scalars(), gradient(at: x) { square(copies($0)).sum() }.scalars())
    // Each block has begun with values of its own.
    let weights = try #require(stacks["block.body.1.weight"])
    #expect(try weights[0].scalars() != weights[1].scalars())
    #expect(try weights.variance().item() > 0.1)
    // The same seed gives the same, another path another.
    let again = try RepeatedBlocks(5) {
      Residual {
        LayerNorm(); Dense(units: 4); tanh
      }
    }.initialized(for: x, seed: 7)
    #expect(try again(x).scalars() == loop(x).scalars())
    let both = try Sequential {
      RepeatedBlocks(2) { Dense(units: 4) }; RepeatedBlocks(2) { Dense(units: 4) }
    }.initialized(for: x)
    let values = try namedTensors(of: both)
    #expect(try values["0.block.weight"]?.scalars() != values["1.block.weight"]?.scalars())
  }

  /// Dropout differs from block to block, and running statistics are each block's own.
  @Test func loopsTrain() throws {
    let x = sample([8, 4]) * 3
    let model = try RepeatedBlocks(3) {
      Dense(units: 4); BatchNorm(momentum: 0)
    }.initialized(for: x)
    let trained = try training(model, seed: 1) { $0(x) }.model
    let means = try #require(namedTensors(of: trained)["block.1.mean"])
    #expect(means.shape == [3, 4])
    #expect(try means[0].scalars() != means[1].scalars())
    let first = try RepeatedBlocks(1, .copies) { Dense(units: 4) }.initialized(for: x)
    let weight = try #require(namedTensors(of: model)["block.0.weight"])[0]
    let dense = try replacingTensors(
      of: first, with: ["0.weight": weight, "0.bias": Tensor(zeros: [4], .float64)], from: "")
    try expectClose(means[0].scalars(), dense(x).mean(axes: 0).scalars())
    let dropping = RepeatedBlocks(2) { Dropout(rate: 0.5) }
    let ones = Tensor(ones: [400])
    let left = try training(seed: 2) { try dropping(ones).scalars() }
    // Where both drew the same, a half would be left.
    #expect(abs(left.filter { $0 != 0 }.count - 100) < 40)
  }

  @Test func loopsTellWhatIsWrong() throws {
    let x = sample([3, 4])
    #expect(
      fault { _ = try RepeatedBlocks(2) { Dense(units: 3) }.initialized(for: x) }
        .contains("was made for")
        || fault { _ = try RepeatedBlocks(2) { Dense(units: 3) }.initialized(for: x) }
          .contains(".copies")
    )
    #expect(fault { _ = try RepeatedBlocks(-1) { Dense(units: 3) }.initialized(for: x) }.contains("-1 blocks"))
    #expect(fault(of: RepeatedBlocks(2) { Dense(units: 4) }(x)).contains("has no parameters yet"))
    let made = try RepeatedBlocks(2) { Dense(units: 4) }.initialized(for: x)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("repeated-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try made.save(to: path)
    let longer = try RepeatedBlocks(3) { Dense(units: 4) }.loading(path)
    #expect(fault(of: longer(x)).contains("has 3 blocks, found weight of the shape [2, 4, 4]"))
    #expect(
      fault {
        _ = try Sequential {
          Dense(units: 3); Dense(units: 4)
        }.loading(path)
      }.contains("0.weight"))
    #expect(try RepeatedBlocks(0) { Dense(units: 4) }(x).scalars() == x.scalars())
  }

  /// Plans are not shared by models of the same parameters and other layers.
  @Test func plansTellLayersApart() throws {
    let function = compiled { (model: Sequential, x: Tensor) in model(x) }
    let x = sample([4])
    let (a, b) = (Sequential { Lambda { $0 * 2 } }, Sequential { Lambda { $0 * 3 } })
    #expect(try function(a, x).scalars() == (x * 2).scalars())
    #expect(try function(b, x).scalars() == (x * 3).scalars())
    #expect(try function(a, x).scalars() == (x * 2).scalars())
    #expect(function.compilationCount == 2)
    #expect(try function(Sequential { tanh }, x).scalars() == tanh(x).scalars())
    #expect(try function(Sequential { Dropout(rate: 0.1) }, x).scalars() == x.scalars())
  }

  /// An ordinary coder writes names of types, and says why it cannot read them.
  @Test func filesHaveNoTypes() throws {
    let model = try Sequential { Dense(units: 2) }.initialized(for: sample([1, 2]))
    let data = try JSONEncoder().encode(model)
    #expect(String(decoding: data, as: UTF8.self).contains("Dense"))
    #expect(fault { _ = try JSONDecoder().decode(Sequential.self, from: data) }.contains("load the tensors"))
  }

  @Test func closuresSayTheirNameAndThrow() throws {
    let wrong = Lambda("squeezed") { x in
      guard x.rank > 2 else { throw TensorError("squeezed", "takes three axes, found \(x.shape)") }
      return x
    }
    #expect(fault(of: Sequential { wrong }(sample([2]))).hasPrefix("squeezed: takes three axes, found [2]"))
    #expect("\(wrong)" == "squeezed" && wrong.name == "squeezed")
  }

  @Test func numbersOfBlocksHaveALimit() {
    for form in [RepeatedBlocks.Form.loop, .copies] {
      for count in [-1, .max] {
        #expect(fault(of: RepeatedBlocks(count, form) { Dense(units: 2) }(sample([1, 2]))).contains("cannot have"))
      }
    }
  }
}
