import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import Testing

@Suite struct InitializerTests {
  private let key = RandomKey(seed: 4)

  @Test func scaledVariances() throws {
    let shape: Shape = [3, 3, 20, 40]
    let fans: [(Initializer.Fan, Double)] = [(.input, 180), (.output, 360), (.average, 270)]
    for (fan, count) in fans {
      for distribution: Initializer.Distribution in [.uniform, .normal, .truncatedNormal] {
        let initializer = Initializer.varianceScaling(gain: 1.5, fan: fan, distribution: distribution)
        let values = initializer.values(shape, key: key, .float64)
        let wanted = 2.25 / count
        #expect(abs(try values.variance().item() - wanted) < 0.05 * wanted, "\(initializer)")
        // 0.8796 is the standard deviation of a normal distribution that is cut at ±2.
        let bound = distribution == .uniform ? 3.0.squareRoot() : 2 / 0.8796
        let largest = try abs(values).max().item() / wanted.squareRoot()
        if distribution == .normal { #expect(largest > 3) } else { #expect(largest < bound && largest > 0.95 * bound) }
      }
    }
    // The named ones are such.
    let pairs: [(Initializer, Initializer)] = [
      (.heNormal, .varianceScaling(gain: Activation.relu.gain, fan: .input, distribution: .normal)),
      (.glorotUniform, .varianceScaling(fan: .average, distribution: .uniform)),
      (.lecunNormal, .varianceScaling(distribution: .normal)),
    ]
    for (named, scaled) in pairs {
      expectClose(
        try named.values(shape, key: key).scalars(), try scaled.values(shape, key: key).scalars(), within: 1e-6)
    }
    let cut = try Initializer.truncatedNormal(standardDeviation: 0.1).values([5000], key: key).scalars()
    #expect(cut.allSatisfy { abs($0) <= 0.2 } && (cut.map(abs).max() ?? 0) > 0.19)
    #expect(try Initializer.truncatedNormal(standardDeviation: 0).values([2], key: key).scalars() == [0, 0])
  }

  @Test func orthogonalMatrices() throws {
    for shape: Shape in [[6, 6], [3, 8], [8, 3], [2, 2, 3, 5]] {
      let values = Initializer.orthogonal(gain: 2).values(shape, key: key, .float64)
      #expect(values.shape == shape && values.elementType == .float64)
      let columns = shape[shape.rank - 1]
      let matrix = values.reshaped([shape.count / columns, columns])
      let small =
        shape.count / columns >= columns
        ? matmul(matrix.transposed(), matrix) : matmul(matrix, matrix.transposed())
      try expectClose(small.scalars(), (Tensor(identity: small.shape[0], .float64) * 4.0).scalars(), within: 1e-12)
    }
    let narrow = Initializer.orthogonal().values([4, 4], key: key, .bfloat16)
    #expect(narrow.elementType == .bfloat16 && narrow.error == nil)
    #expect(
      fault(of: Initializer.orthogonal().values([4], key: key)).contains("orthogonal: initial values take a matrix"))
    #expect(fault(of: Initializer.orthogonal().values([0, 4], key: key)).contains("with elements, not [0, 4]"))
    let layer = Dense(units: 4, initializer: .orthogonal())
    #expect(try layer.initialized(for: Tensor(zeros: [1, 4])).weight.tensor?.shape == [4, 4])
  }

  @Test func identities() throws {
    #expect(try Initializer.identity(gain: 3).values([2, 3], key: key).scalars() == [3, 0, 0, 0, 3, 0])
    // A convolution that changes nothing, whatever its kernel's size.
    let images = sample([2, 5, 6, 3])
    for sizes in [[3, 3], [1, 5], [2, 4]] {
      let layer = Conv2D(Filters(3, sizes: sizes, padding: .same, initializer: .identity()), bias: false)
      #expect(try layer.initialized(for: images)(images).scalars() == images.scalars(), "\(sizes)")
    }
    #expect(fault(of: Initializer.identity().values([4], key: key)).contains("identity: initial values take a matrix"))
  }

  @Test func gains() {
    let wanted: [(Activation, Double)] = [
      (.identity, 1), (.sigmoid, 1), (.tanh, 5.0 / 3), (.relu, 2.0.squareRoot()), (.selu, 0.75),
      (.leakyRelu(slope: 0.2), (2 / 1.04).squareRoot()),
    ]
    for (activation, gain) in wanted { #expect(activation.gain == gain) }
  }

  @Test func areCoded() throws {
    for initializer: Initializer in [
      .varianceScaling(gain: 2, fan: .output, distribution: .uniform), .orthogonal(gain: 0.5), .identity(),
      .truncatedNormal(standardDeviation: 0.02),
    ] {
      let data = try JSONEncoder().encode(initializer)
      #expect(try JSONDecoder().decode(Initializer.self, from: data) == initializer)
    }
  }

  /// Where a layer keeps outputs before inputs, matrices are turned, of each group for itself.
  @Test func matricesOfTurnedWeights() throws {
    let images = sample([1, 4, 4, 3])
    let layer = TransposedConv2D(Filters(2, sizes: [3], padding: .same, initializer: .identity()), bias: false)
    try expectClose(
      layer.initialized(for: images)(images).scalars(), images.sliced(0..<2, axis: -1).scalars(), within: 0)
    let filters = Filters(4, sizes: [1], groups: 2, initializer: .orthogonal())
    let grouped = try TransposedConv1D(filters, bias: false).initialized(for: sample([1, 3, 6]))
    let weight = try #require(grouped.weight.tensor)
    #expect(weight.shape == [1, 2, 6])
    // Drawn as 3 inputs by 4 outputs, whose rows are orthonormal: filter f of group g is output 2 g + f.
    let turned = weight.reshaped([2, 2, 3]).transposed([2, 1, 0]).reshaped([3, 4])
    try expectClose(
      matmul(turned, turned.transposed()).scalars(), Tensor(identity: 3, turned.elementType).scalars(), within: 1e-12)
    let table = try #require(
      Embedding(count: 3, size: 5, initializer: .identity(gain: 2)).initialized(for: Tensor(integers: [0])).weight
        .tensor)
    #expect(try table.scalars() == (Tensor(identity: 3, columns: 5, .float32) * 2).scalars())
    let vectors = try #require(
      Embedding(count: 3, size: 5, initializer: .orthogonal()).initialized(for: Tensor(integers: [0])).weight.tensor)
    try expectClose(
      matmul(vectors, vectors.transposed()).scalars(), Tensor(identity: 3, .float32).scalars(), within: 1e-6)
  }
}
